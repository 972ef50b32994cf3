"""What an entry is about, how loud it is, what it says and which route it takes: all pure."""

from typing import Any

import pytest

from alerts.routing.budget import Budget
from alerts.routing.fingerprint import ALERTABLE, SUBJECTS, TELLS, Facts, fingerprint, read
from alerts.routing.matching import RouteRule, UnknownCondition, check, first_match
from alerts.routing.sentences import TITLES, message
from alerts.routing.tiers import BY_ACTION, tier_of
from governance.vocabulary import Tier


def facts(action: str = "risk.level_raised", **body: Any) -> Facts:
    known = {
        "model": "claims-triage",
        "model_name": "Claims triage",
        "category": "DATA_INTEGRITY",
        "from_level": "LOW",
        "to_level": "HIGH",
        "score": 42.5,
        "materiality": "HIGH",
        "unit": "claims",
        "risk": 9,
    }
    return read(action=action, object_type="risk", object_id="9", model_id=4, body={**known, **body})


@pytest.mark.parametrize(
    ("action", "body", "tier"),
    [
        ("risk.level_raised", {"to_level": "CRITICAL", "materiality": "LOW"}, 1),
        ("risk.level_raised", {"to_level": "HIGH", "materiality": "HIGH"}, 1),
        ("risk.level_raised", {"to_level": "HIGH", "materiality": "MEDIUM"}, 2),
        ("risk.level_raised", {"to_level": "MEDIUM"}, 2),
        ("risk.level_raised", {"to_level": "LOW"}, 3),
        ("risk.level_raised", {"to_level": "CRITICAL", "alert_tier": 3}, 3),
        ("risk.overdue", {"to_level": "CRITICAL"}, 1),
        ("risk.overdue", {"to_level": "HIGH"}, 2),
        ("model.went_red", {"materiality": "HIGH"}, 1),
        ("model.went_red", {"materiality": "LOW"}, 2),
        ("source.went_quiet", {}, 2),
        ("telemetry.quarantined_first", {}, 2),
        ("telemetry.died", {}, 2),
        ("rule.tripped", {}, 2),
        ("approval.requested", {}, 3),
        ("gate.blocked", {}, 3),
    ],
)
def test_tier_of(action: str, body: dict[str, Any], tier: int) -> None:
    assert tier_of(facts(action, **body))[0] == Tier(tier)


def test_a_raise_a_lowering_and_an_overdue_answer_are_one_thing() -> None:
    actions = ("risk.level_raised", "risk.level_lowered", "risk.overdue")

    assert {fingerprint(facts(action)) for action in actions} == {"risk:4:DATA_INTEGRITY"}


def test_every_alertable_action_has_a_subject_and_fits_the_column() -> None:
    assert set(SUBJECTS) == ALERTABLE
    long = read(action="rule.tripped", object_type="rule", object_id="r" * 200, model_id=None, body={"name": "x"})
    assert len(fingerprint(long)) <= 80


def test_the_sentence_begins_with_the_subject_and_ends_without_a_shout() -> None:
    said = message(facts())

    assert said.title == "Claims triage: data integrity risk Low → High"
    assert said.body == "Risk score 42.5 of 100 points."
    assert said.path == "/risks/R-9/"
    assert not any("!" in message(facts(action)).title for action in ALERTABLE)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("stage:PRODUCTION", "Claims triage v3 was refused by the gate to production"),
        ("alias:champion", "Claims triage v3 was refused by the gate to the alias champion"),
        ("", "Claims triage v3 was refused by the gate"),
    ],
)
def test_a_refusal_of_the_gate_names_the_version_and_where_it_wanted_to_go(target: str, said: str) -> None:
    assert message(facts("gate.blocked", number=3, target=target)).title == said


def test_hostile_members_are_read_as_unknown() -> None:
    odd = facts(to_level={"a": 1}, materiality=7, alert_tier="1", risk="DROP", score=True)

    assert (odd.level, odd.materiality, odd.alert_tier) == (None, None, None)
    assert tier_of(odd)[0] == Tier.DIGEST
    assert message(odd).title


def test_the_first_route_all_of_whose_conditions_hold_wins() -> None:
    routes = [
        RouteRule(1, "Other unit", {"units": ["payments"]}, Tier.PAGE),
        RouteRule(2, "Grave", {"units": ["CLAIMS"], "levels": ["high", "critical"]}, Tier.POST),
        RouteRule(3, "All", {}, Tier.DIGEST),
    ]

    assert first_match(routes, facts=facts(), tier=Tier.PAGE) == routes[1]
    assert first_match(routes, facts=facts(to_level="LOW"), tier=Tier.DIGEST) == routes[2]
    assert first_match([], facts=facts(), tier=Tier.PAGE) is None


def test_an_unknown_condition_is_refused_and_never_matches() -> None:
    with pytest.raises(UnknownCondition):
        check({"colour": ["red"]})

    odd = RouteRule(1, "Odd", {"colour": ["red"]}, Tier.PAGE)
    assert first_match([odd], facts=facts(), tier=Tier.PAGE) is None


def test_the_budget_lets_ten_pages_through_and_counts_each_person_alone() -> None:
    budget = Budget({(("person", 1), Tier.PAGE): 4})

    taken = [budget.spend(party=("person", 1), tier=Tier.PAGE) for _ in range(8)]

    assert taken == [True] * 6 + [False] * 2
    assert budget.spend(party=("person", 2), tier=Tier.PAGE)


@pytest.mark.parametrize(
    ("action", "begins", "path"),
    [
        ("risk.acceptance_ends_soon", "Claims: the acceptance of R-9 ends on 1 Dec 2026", "/risks/R-9/"),
        ("risk.acceptance_expired", "Claims: the acceptance of R-9 has ended", "/risks/R-9/"),
        ("risk.step_returned", "Claims: part of the answer to R-9 was sent back", "/risks/R-9/"),
        ("automation.paused", "Automatic scoring is paused: deploy", "/scoring/"),
        ("trail.break_found", "An entry of the audit trail no longer fits", "/audit/"),
        ("approval.requested", "Approval is asked for: Accept R-9", "/approvals/9/"),
    ],
)
def test_every_kind_of_entry_says_what_it_is_and_where_to_go(action: str, begins: str, path: str) -> None:
    about_a_risk = action.startswith("risk.")
    body = {"model_name": "Claims", "risk": 9, "expires_on": "2026-12-01"} if about_a_risk else {"title": "Accept R-9"}
    entry = {"object_type": "risk", "object_id": "9", "model_id": None}

    said = message(read(action=action, **entry, body={**body, "reason": "deploy"}))

    assert said.title.startswith(begins)
    assert said.path == path


def test_every_entry_that_disturbs_has_words_a_tier_and_a_subject() -> None:
    assert set(SUBJECTS) == ALERTABLE
    assert set(TITLES) == TELLS
    assert set(BY_ACTION) | {"risk.level_raised", "model.went_red", "risk.overdue"} == TELLS
