"""The storm breaker counts models, not firings, within ten minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.scoring.storm import RuleChange, limit_of, trips

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def changes(models: int, *, rule: str = "DI-1", minutes_ago: int = 1) -> list[RuleChange]:
    at = NOON - timedelta(minutes=minutes_ago)
    return [RuleChange(rule, f"model {count}", at) for count in range(models)]


@pytest.mark.parametrize(
    ("portfolio", "changed", "opens"),
    [(38, 4, False), (38, 5, True), (10, 5, True), (100, 10, False), (100, 11, True)],
)
def test_more_than_a_tenth_and_at_least_five_models_trip(portfolio: int, changed: int, opens: bool) -> None:
    assert bool(trips(changes(changed), portfolio_count=portfolio, now=NOON)) is opens
    assert opens is (changed > limit_of(portfolio))


def test_many_firings_on_one_model_are_no_storm() -> None:
    repeated = changes(1) * 1000

    assert trips(repeated, portfolio_count=38, now=NOON) == ()


def test_changes_older_than_the_window_do_not_count() -> None:
    assert trips(changes(30, minutes_ago=10), portfolio_count=38, now=NOON) == ()


def test_each_rule_has_its_own_breaker_and_says_why() -> None:
    mixed = [*changes(4, rule="COST-1"), *reversed(changes(6))]

    (trip,) = trips(mixed, portfolio_count=38, now=NOON)

    assert trip.sentence == (
        "Rule DI-1 changed 6 of 38 models in 10 minutes; it may change 4. It is held until a person looks."
    )
