"""The promotion gate: each fault, the order of reasons, and an oracle of its own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from governance.gates.promotion import (
    Approval,
    ApprovalOutcome,
    Code,
    Decision,
    Facts,
    Posture,
    Reading,
    RuleAnswer,
    RuleOutcome,
    decide,
    unavailable,
)
from governance.vocabulary import Materiality, RiskLevel, Verdict

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
A, B = "a" * 64, "b" * 64
FRESH = Reading("psi", 0.1, NOW - timedelta(hours=1), DAY)
CALM = Posture(10, RiskLevel.LOW, 39, 59, 1.0, factors=(("Performance", 10.0, RiskLevel.LOW),))
APPROVED = Approval(ApprovalOutcome.APPROVED, A, NOW + DAY)
CLEAN = Facts(
    now=NOW,
    paused=False,
    available=True,
    version_known=True,
    artifact_digest=A,
    asked_digest=A,
    policy="policy v1",
    materiality=Materiality.MEDIUM,
    regulated=False,
    evidence=(FRESH,),
    rules=(RuleAnswer("drift", RuleOutcome.PASSED),),
    posture=CALM,
    approval=APPROVED,
    audit_intact=True,
)
RED = replace(CALM, score=70.0, level=RiskLevel.HIGH)

FAULTS: list[tuple[str, dict[str, Any], Verdict, Code]] = [
    ("evaluation error", {"errors": ("boom",)}, Verdict.BLOCK, Code.EVALUATION_ERROR),
    ("unknown version", {"version_known": False}, Verdict.BLOCK, Code.VERSION_UNKNOWN),
    ("no digest", {"asked_digest": ""}, Verdict.BLOCK, Code.DIGEST_MISSING),
    ("another digest", {"asked_digest": B}, Verdict.BLOCK, Code.DIGEST_DIFFERS),
    ("no policy", {"policy": None}, Verdict.BLOCK, Code.POLICY_UNRESOLVED),
    (
        "stale evidence",
        {"evidence": (replace(FRESH, observed_at=NOW - 2 * DAY),)},
        Verdict.REVIEW_REQUIRED,
        Code.EVIDENCE_STALE,
    ),
    (
        "missing evidence",
        {"evidence": (replace(FRESH, observed_at=None),)},
        Verdict.REVIEW_REQUIRED,
        Code.EVIDENCE_MISSING,
    ),
    (
        "not a number",
        {"evidence": (replace(FRESH, value=float("nan")),)},
        Verdict.REVIEW_REQUIRED,
        Code.EVIDENCE_NOT_A_NUMBER,
    ),
    (
        "unevaluable rule",
        {"rules": (RuleAnswer("drift", RuleOutcome.ERROR),)},
        Verdict.BLOCK,
        Code.RULE_ERROR,
    ),
    ("paused automation", {"paused": True}, Verdict.REVIEW_REQUIRED, Code.AUTOMATION_PAUSED),
    (
        "expired approval",
        {"approval": replace(APPROVED, expires_at=NOW)},
        Verdict.REVIEW_REQUIRED,
        Code.APPROVAL_EXPIRED,
    ),
    ("records out of reach", {"available": False}, Verdict.BLOCK, Code.UNAVAILABLE),
    ("pause state unknown", {"paused": None}, Verdict.REVIEW_REQUIRED, Code.AUTOMATION_PAUSED),
    ("broken trail", {"audit_intact": False}, Verdict.BLOCK, Code.AUDIT_CHAIN_BROKEN),
    ("no score", {"posture": None}, Verdict.BLOCK, Code.SCORE_UNKNOWN),
    ("in the red", {"posture": RED}, Verdict.BLOCK, Code.IN_THE_RED),
    (
        "accepted red",
        {"posture": replace(RED, accepted=True)},
        Verdict.REVIEW_REQUIRED,
        Code.IN_THE_RED,
    ),
    (
        "accepted Critical",
        {"posture": replace(RED, score=80.0, level=RiskLevel.CRITICAL, accepted=True)},
        Verdict.BLOCK,
        Code.RISK_CRITICAL,
    ),
    ("amber", {"posture": replace(CALM, score=45.0)}, Verdict.REVIEW_REQUIRED, Code.ABOVE_APPETITE),
    (
        "partial view",
        {"posture": replace(CALM, coverage=0.7)},
        Verdict.REVIEW_REQUIRED,
        Code.COVERAGE_TOO_LOW,
    ),
    (
        "approval of another artifact",
        {"approval": replace(APPROVED, digest=B)},
        Verdict.REVIEW_REQUIRED,
        Code.APPROVAL_FOR_ANOTHER_DIGEST,
    ),
    (
        "rejected",
        {"approval": Approval(ApprovalOutcome.REJECTED)},
        Verdict.BLOCK,
        Code.APPROVAL_REJECTED,
    ),
    ("nothing required", {"evidence": ()}, Verdict.REVIEW_REQUIRED, Code.EVIDENCE_NOT_REQUIRED),
    (
        "observed tomorrow",
        {"evidence": (replace(FRESH, observed_at=NOW + DAY),)},
        Verdict.REVIEW_REQUIRED,
        Code.EVIDENCE_FROM_FUTURE,
    ),
]


def test_clean_facts_are_approved_without_reasons() -> None:
    assert decide(CLEAN) == Decision(Verdict.APPROVE, ())


@pytest.mark.parametrize(("change", "verdict", "code"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_one_fault_alone_is_never_approved(change: dict[str, Any], verdict: Verdict, code: Code) -> None:
    found = decide(replace(CLEAN, **change))

    assert found.verdict is verdict
    assert {reason.code for reason in found.reasons if reason.verdict is verdict} == {code}
    assert all(reason.text.endswith(".") and reason.path for reason in found.reasons)


@pytest.mark.parametrize("value", [True, "0.1", float("inf"), None, [0.1]])
def test_what_is_not_a_finite_number_is_not_evidence(value: object) -> None:
    found = decide(replace(CLEAN, evidence=(replace(FRESH, value=value),)))

    assert [reason.code for reason in found.reasons] == [Code.EVIDENCE_NOT_A_NUMBER]


@pytest.mark.parametrize(
    "strict",
    [
        {"materiality": Materiality.HIGH},
        {"regulated": True},
        {"materiality": None},
        {"regulated": None},
    ],
)
def test_doubtful_evidence_blocks_where_much_hangs_on_the_model(strict: dict[str, Any]) -> None:
    stale = replace(FRESH, observed_at=NOW - 2 * DAY)

    assert decide(replace(CLEAN, evidence=(stale,), **strict)).verdict is Verdict.BLOCK


def test_reasons_come_in_the_fixed_order_and_all_at_once() -> None:
    found = decide(
        replace(
            CLEAN,
            paused=True,
            asked_digest=B,
            policy=None,
            evidence=(replace(FRESH, observed_at=None),),
            rules=(RuleAnswer("drift", RuleOutcome.FAILED),),
            posture=RED,
            approval=None,
        )
    )

    assert [reason.code for reason in found.reasons] == [
        Code.AUTOMATION_PAUSED,
        Code.DIGEST_DIFFERS,
        Code.POLICY_UNRESOLVED,
        Code.EVIDENCE_MISSING,
        Code.RULE_FAILED,
        Code.IN_THE_RED,
        Code.APPROVAL_MISSING,
    ]


def test_an_answer_that_could_not_be_made_is_block() -> None:
    found = unavailable("the database does not answer")

    assert found.verdict is Verdict.BLOCK
    assert found.reasons[0].code is Code.UNAVAILABLE


def oracle(facts: Facts) -> Verdict:
    """Judge by one flat list of conditions, sharing nothing with the code under test."""
    doubt = (
        "block"
        if facts.materiality not in ("LOW", "MEDIUM")
        or facts.regulated
        in (
            None,
            True,
        )
        else "review"
    )
    found: set[str] = set()
    if facts.errors or not facts.available or not facts.version_known or not facts.policy:
        found.add("block")
    if facts.paused is None or facts.paused:
        found.add("review")
    if not (facts.artifact_digest and facts.artifact_digest == facts.asked_digest):
        found.add("block")
    if facts.audit_intact in (None, False):
        found.add("block")
    if len(facts.evidence) == 0:
        found.add(doubt)
    for one in facts.evidence:
        good = type(one.value) in (int, float) and one.value == one.value
        good = good and abs(one.value) < float("inf")  # type: ignore[arg-type]
        good = good and one.observed_at is not None and not one.quarantined
        if not (good and NOW - one.max_age <= one.observed_at <= NOW):  # type: ignore[operator]
            found.add(doubt)
    if {answer.outcome.value for answer in facts.rules} - {"PASSED"}:
        found.add("block")
    found |= oracle_of_risk(facts.posture, doubt)
    found |= oracle_of_approval(facts)
    if "block" in found:
        return Verdict.BLOCK
    return Verdict.REVIEW_REQUIRED if found else Verdict.APPROVE


def oracle_of_risk(posture: Posture | None, doubt: str) -> set[str]:
    if posture is None:
        return {"block"}
    numbers = [posture.score, posture.coverage * 100, *(row[1] for row in posture.factors)]
    if not all(0 <= number <= 100 for number in numbers):
        return {"block"}
    found = {doubt} if posture.coverage < 0.8 else set()
    if "CRITICAL" in [posture.level.value, *(row[2].value for row in posture.factors)]:
        found.add("block")
    if posture.score > posture.tolerance and not posture.accepted:
        found.add("block")
    if max([posture.score, *(row[1] for row in posture.factors)]) > posture.appetite:
        found.add("review")
    return found


def oracle_of_approval(facts: Facts) -> set[str]:
    approval = facts.approval
    if approval is None or approval.outcome.value == "PENDING":
        return {"review"}
    if approval.outcome.value == "REJECTED":
        return {"block"}
    if approval.outcome.value == "NOT_REQUIRED":
        return set()
    valid = approval.digest == facts.artifact_digest and approval.expires_at is not None
    return set() if valid and approval.expires_at > NOW else {"review"}  # type: ignore[operator]


def mostly(good: Any, *bad: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([good] * 12 + list(bad))


scores = st.one_of(st.floats(0, 20), mostly(10.0, 39.0, 39.1, 59.0, 59.1, 80.0, float("nan"), -1.0))
levels = mostly(RiskLevel.LOW, *RiskLevel)
postures = st.builds(
    Posture,
    score=scores,
    level=levels,
    appetite=st.just(39.0),
    tolerance=st.just(59.0),
    coverage=mostly(1.0, 0.8, 0.79, 0.0, float("nan")),
    accepted=st.booleans(),
    factors=st.lists(st.tuples(st.just("Cost"), scores, levels), max_size=2).map(tuple),
)
readings = st.builds(
    Reading,
    name=st.just("psi"),
    value=mostly(0.1, float("nan"), float("-inf"), True, "0.1", None),
    observed_at=mostly(NOW - timedelta(hours=1), None, NOW, NOW - DAY, NOW - 2 * DAY, NOW + timedelta(seconds=1)),
    max_age=st.just(DAY),
    quarantined=mostly(False, True),
)
states = st.builds(
    Facts,
    now=st.just(NOW),
    paused=mostly(False, True, None),
    available=mostly(True, False),
    version_known=mostly(True, False),
    artifact_digest=mostly(A, "", B),
    asked_digest=mostly(A, "", B),
    policy=mostly("policy v1", None, ""),
    materiality=mostly(Materiality.MEDIUM, *Materiality, None),
    regulated=mostly(False, True, None),
    evidence=st.lists(readings, max_size=2).map(tuple),
    rules=st.lists(
        st.builds(RuleAnswer, st.just("drift"), mostly(RuleOutcome.PASSED, *RuleOutcome)),
        max_size=2,
    ).map(tuple),
    posture=st.one_of(postures, postures, postures, mostly(CALM, None)),
    approval=mostly(
        APPROVED,
        None,
        replace(APPROVED, digest=B),
        replace(APPROVED, expires_at=NOW),
        replace(APPROVED, expires_at=None),
        *(Approval(outcome) for outcome in ApprovalOutcome),
    ),
    audit_intact=mostly(True, False, None),
    errors=mostly((), ("boom",)),
)


@given(states)
@settings(max_examples=8800, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_gate_agrees_with_an_independent_oracle(facts: Facts) -> None:
    found = decide(facts)

    event(found.verdict)
    assert found.verdict is oracle(facts)
    assert (found.verdict is Verdict.APPROVE) == (not found.reasons)


@given(states, st.sampled_from([row[1] for row in FAULTS[:12]]))
@settings(max_examples=1200, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_state_with_a_fault_is_approved(facts: Facts, fault: dict[str, Any]) -> None:
    assert decide(replace(facts, **fault)).verdict is not Verdict.APPROVE


def test_evidence_is_named_as_people_say_it() -> None:
    reading = replace(FRESH, name="p95_latency_ms", label="p95 latency", observed_at=None)

    (reason,) = decide(replace(CLEAN, evidence=(reading,))).reasons

    assert (reason.text, reason.path) == ("P95 latency was never observed.", "evidence/p95_latency_ms")
