"""A risk's state as a fold of its evidence: the published timeline and its laws."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.risks.fold import (
    Assessment,
    Change,
    Condition,
    FactorState,
    Span,
    decayed,
    fold,
)
from governance.vocabulary import RiskLevel, rounded

VECTORS: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "payloads" / "scoring-vectors.yaml").read_text())
START = datetime(2026, 5, 1, tzinfo=UTC)
LOW, MEDIUM, HIGH, CRITICAL = RiskLevel


def day(count: float) -> datetime:
    return START + timedelta(days=count)


def drift(points: float, began: float, cleared: float | None = None, **more: Any) -> Condition:
    return Condition("drift", points, day(began), None if cleared is None else day(cleared), **more)


ASSESSED = [Assessment(16, START)]
TIMELINE = [drift(20 + 20 * 0.02 / 0.15, 3, 4), drift(43.5, 4, 6)]
RELEASED = [day(13)]


def state(now: float, **changes: Any) -> FactorState:
    evidence: dict[str, Any] = {
        "assessments": ASSESSED,
        "conditions": TIMELINE,
        "releases": RELEASED,
    }
    return fold(**{**evidence, **changes}, now=day(now))


@pytest.mark.parametrize("row", VECTORS["timeline"]["daily"], ids=lambda row: f"day {row['day']}")
def test_the_published_timeline(row: dict[str, Any]) -> None:
    found = state(row["day"])

    live = {one.cause: rounded(one.points) for one in found.contributions}
    assert live.get("drift", 0.0) == row["contribution"]
    assert found.score == row["raw_score"]
    assert found.level is RiskLevel.from_word(row["level"])
    assert found.effective == row["effective_score"]


def test_the_published_transitions() -> None:
    found = [
        (-(-(change.at - START) // timedelta(hours=1)), change.before.word, change.after.word)
        for change in state(30).changes
    ]

    assert found == [(row["hour"], row["before"], row["after"]) for row in VECTORS["timeline"]["transitions"]]


@pytest.mark.parametrize("vector", VECTORS["decay"], ids=str)
def test_decay_gives_the_published_points(vector: dict[str, Any]) -> None:
    since = timedelta(hours=vector["hours_since_clear"])

    assert rounded(decayed(vector["start"], since_clear=since)) == vector["expect"]


def test_below_five_points_nothing_is_left() -> None:
    assert decayed(20, since_clear=timedelta(hours=24 + 96)) == 5
    assert decayed(20, since_clear=timedelta(hours=24 + 97)) == 0
    assert decayed(3, since_clear=timedelta(hours=24)) == 3


def test_a_condition_that_holds_does_not_fade() -> None:
    found = state(90, conditions=[drift(43.5, 3)])

    assert found.score == 45.8
    assert found.next_change is None


def test_a_silent_source_stops_the_fading() -> None:
    silent = drift(43.5, 4, 6, quiet=(Span(day(7)), Span(day(8), day(9))))

    assert state(40, conditions=[silent]).contributions[0].points == 43.5
    assert state(40, conditions=[silent]).level is HIGH


def test_fading_goes_on_after_the_silence() -> None:
    silent = drift(43.5, 4, 6, quiet=(Span(day(8), day(10)),))

    at_ten = state(10, conditions=[silent]).contributions[0].points
    assert rounded(at_ten) == 34.5
    assert rounded(state(11, conditions=[silent]).contributions[0].points) == 27.4


def test_high_waits_for_a_person_and_says_so() -> None:
    found = state(30, releases=[])

    assert (found.score, found.level, found.effective) == (16.0, HIGH, 40)
    assert found.awaits_release
    assert found.next_change is None
    assert found.explanation == ("Low (16.0): assessed baseline 16. Held at High (40) until a person releases it.")


def test_a_release_while_the_condition_holds_releases_nothing() -> None:
    assert state(30, releases=[day(5)]).level is HIGH


def test_a_release_during_the_fading_counts_when_the_dwell_is_over() -> None:
    found = state(30, releases=[day(7)])

    down = found.changes[2]
    assert (down.before, down.after) == (HIGH, MEDIUM)
    assert day(11) < down.at < day(12)


def test_a_condition_that_returns_voids_the_release() -> None:
    found = state(60, conditions=[*TIMELINE, drift(43.5, 9, 10)], releases=[day(7)])

    assert found.level is HIGH and found.awaits_release


def test_each_step_from_critical_and_high_needs_its_own_release() -> None:
    critical = [Condition("breach", 80, day(0), day(1))]

    assert state(60, conditions=critical, releases=[day(30)]).level is HIGH
    assert state(60, conditions=critical, releases=[day(30), day(31)]).level is LOW


def test_a_new_assessment_changes_the_baseline_and_releases() -> None:
    found = state(40, assessments=[Assessment(48, START), Assessment(8, day(20))], conditions=[], releases=[])

    assert found.changes == (
        Change(day(23), HIGH, MEDIUM),
        Change(day(24), MEDIUM, LOW),
    )


def test_the_next_change_is_told_before_it_comes() -> None:
    ahead = state(14).next_change

    assert ahead == state(20).changes[-1]
    assert ahead is not None and (ahead.before, ahead.after) == (MEDIUM, LOW)


def test_a_dance_on_the_threshold_raises_once() -> None:
    dance = [drift(20.5, hour / 24, (hour + 1) / 24) for hour in range(0, 96, 2)]

    found = state(4, assessments=[], conditions=dance, releases=[])

    assert found.changes == (Change(START, LOW, MEDIUM),) or found.level is MEDIUM
    assert len(found.changes) <= 1


def test_evidence_after_the_moment_is_not_looked_at() -> None:
    later = [drift(90, 10), *TIMELINE]

    assert state(5, conditions=later) == state(5)


hours = st.integers(0, 480)
stretches = st.builds(
    lambda cause, points, began, held: Condition(
        cause,
        points,
        START + timedelta(hours=began),
        None if held is None else START + timedelta(hours=began + held),
    ),
    st.sampled_from(["drift", "latency", "nulls"]),
    st.floats(0, 100),
    hours,
    st.none() | st.integers(0, 96),
)
evidence = st.fixed_dictionaries(
    {
        "assessments": st.lists(st.builds(Assessment, st.floats(0, 100), hours.map(lambda h: day(h / 24))), max_size=3),
        "conditions": st.lists(stretches, max_size=6),
        "releases": st.lists(hours.map(lambda h: day(h / 24)), max_size=4),
    }
)


@given(evidence, hours, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_order_and_repetition_of_evidence_do_not_matter(
    known: dict[str, list[Any]], hour: int, chance: random.Random
) -> None:
    expected = fold(**known, now=day(hour / 24))
    shuffled = {name: chance.sample(rows * 2, len(rows) * 2) for name, rows in known.items()}

    assert fold(**shuffled, now=day(hour / 24)) == expected


@given(evidence, hours, stretches)
@settings(max_examples=300, deadline=None)
def test_more_evidence_never_lowers_the_state(known: dict[str, list[Any]], hour: int, more: Condition) -> None:
    before = fold(**known, now=day(hour / 24))

    after = fold(**{**known, "conditions": [*known["conditions"], more]}, now=day(hour / 24))

    assert after.score >= before.score
    assert after.level >= before.level
    assert after.effective >= before.effective


@given(evidence, hours, hours)
@settings(max_examples=150, deadline=None)
def test_the_past_is_the_same_from_every_later_moment(known: dict[str, list[Any]], one: int, other: int) -> None:
    early, late = sorted((one, other))
    known = {**known, "conditions": [c for c in known["conditions"] if c.cleared_at is not None]}
    then = fold(**known, now=day(early / 24))

    later = fold(**known, now=day(late / 24))

    assert [change for change in later.changes if change.at <= day(early / 24)] == list(then.changes)


@given(evidence, hours)
@settings(max_examples=150, deadline=None)
def test_the_held_level_never_lies_below_the_score(known: dict[str, list[Any]], hour: int) -> None:
    found = fold(**known, now=day(hour / 24))

    assert found.level >= RiskLevel.of_points(found.score)
    assert found.effective >= max(found.score, found.level.entry_points)
    for change in found.changes:
        assert change.after > change.before or change.before.order - change.after.order == 1
