"""The gate over real records: every fault, the epoch, one use, and who may."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest
from governance.gates import actions
from governance.gates.facts import request_key
from governance.gates.models import GateDecision
from governance.gates.targets import TargetUnknown, target_of
from governance.health.models import FormulaVersion
from governance.rules.models import Episode, RuleVersion
from governance.scoring import switch
from governance.scoring.models import Posture, RuleTrip
from models_registry.access.models import AccountKind
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.catalog import actions as catalog
from models_registry.catalog import clearance_actions as clearances
from models_registry.catalog.models import Clearance, ModelVersion, RegisteredModel, Stage
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from tests.governance.gates.world import (
    ARTIFACT,
    AT,
    HOUR,
    a_clean_version,
    a_person,
    a_rule,
    a_score,
    codes,
    otto,
)

pytestmark = pytest.mark.django_db


def asked(version: ModelVersion, **facts: object) -> GateDecision:
    return actions.ask(**{"by": otto(), "at": AT, "version": version, "target": "PRODUCTION", **facts})


def test_a_clean_version_is_approved_and_moves_once() -> None:
    version = a_clean_version()

    decision = asked(version)
    moved = actions.promote(by=otto(), at=AT, decision=decision)

    assert (decision.verdict, decision.reasons, decision.target) == ("APPROVE", [], "stage:PRODUCTION")
    assert decision.expires_at - AT == timedelta(minutes=10)
    assert moved.stage == Stage.PRODUCTION
    assert list(AuditEntry.objects.filter(action__startswith="gate.").values_list("action", flat=True)) == [
        "gate.decided",
        "gate.decision_used",
    ]
    with pytest.raises(actions.DecisionUsed):
        actions.promote(by=otto(), at=AT, decision=decision)
    assert Clearance.objects.count() == 1


def no_digest(version: ModelVersion) -> None:
    ModelVersion.objects.filter(pk=version.pk).update(artifact_digest="")


def no_formula(version: ModelVersion) -> None:
    FormulaVersion.objects.update(state="RETIRED")


def stale_evidence(version: ModelVersion) -> None:
    a_score(version.model, FormulaVersion.objects.get(), at=AT, observed_at=(AT - 25 * HOUR).isoformat())


def missing_evidence(version: ModelVersion) -> None:
    a_score(version.model, FormulaVersion.objects.get(), at=AT, observed_at=None, value=None)


def evidence_from_the_future(version: ModelVersion) -> None:
    a_score(version.model, FormulaVersion.objects.get(), at=AT, observed_at=(AT + HOUR).isoformat())


def text_for_a_number(version: ModelVersion) -> None:
    a_score(version.model, FormulaVersion.objects.get(), at=AT, value="0.93")


def quarantined_evidence(version: ModelVersion) -> None:
    source = Source.objects.create(slug="s", name="S", kind="measurements", path_token="p", created_at=AT)
    read = TelemetryEvent.objects.create(
        source=source, event_id="1", received_at=AT - HOUR, raw=b"{}", state=EventState.DONE
    )
    Measurement.objects.create(
        event=read,
        ordinal=0,
        model=version.model,
        metric="accuracy",
        value=0.93,
        environment="production",
        observed_at=AT - HOUR,
        received_at=AT - HOUR,
    )
    TelemetryEvent.objects.create(source=source, event_id="2", received_at=AT, raw=b"?", state=EventState.QUARANTINED)


def unreadable_rule(version: ModelVersion) -> None:
    a_rule(text="rule: broken\nwhen: [", slug="broken")


def rule_with_an_error(version: ModelVersion) -> None:
    a_rule(error="a reading was not a number")


def tripped_rule(version: ModelVersion) -> None:
    RuleTrip.objects.create(rule_version=a_rule(), model_count=30, tripped_at=AT)


def firing_restriction(version: ModelVersion) -> None:
    Episode.objects.create(
        rule_version=a_rule(),
        model=version.model,
        environment="production",
        category="PRIVACY",
        points=40,
        steps=[{"at": AT.isoformat(), "points": 40, "value": 0.01, "text": "Leaks at 1%."}],
        began_at=AT,
    )


def paused(version: ModelVersion) -> None:
    switch.pause(by=a_person("Cora", "compliance_officer"), at=AT, reason="Looking into it")


def never_scored(version: ModelVersion) -> None:
    Posture.objects.all().delete()


def changed_posture(**facts: object) -> Callable[[ModelVersion], None]:
    return lambda version: Posture.objects.filter(model=version.model).update(**facts) and None


def prohibited(version: ModelVersion) -> None:
    RegisteredModel.objects.update(regulatory_class="PROHIBITED")


def heavy(version: ModelVersion) -> None:
    RegisteredModel.objects.update(materiality="HIGH")


def expired_approval(version: ModelVersion) -> None:
    an_approval(version, expires_at=AT)


def approval_of_another_artifact(version: ModelVersion) -> None:
    an_approval(version, digest="sha256:" + "b" * 64)


def rejected(version: ModelVersion) -> None:
    an_approval(version, state="REJECTED")


def an_approval(version: ModelVersion, **changed: object) -> None:
    facts = {"digest": ARTIFACT, "state": "APPROVED", "expires_at": AT + HOUR, **changed}
    ApprovalRequest.objects.create(
        subject="PROMOTION",
        object_id=request_key(version=version, target="stage:PRODUCTION"),
        title="Promote",
        policy={"required": 1, "roles": ["compliance_officer"]},
        model=version.model,
        requested_by=a_person("Olive"),
        requested_at=AT - HOUR,
        decided_at=AT,
        **facts,
    )


FAULTS = [
    (no_digest, "BLOCK", "DIGEST_MISSING"),
    (no_formula, "BLOCK", "POLICY_UNRESOLVED"),
    (stale_evidence, "REVIEW_REQUIRED", "EVIDENCE_STALE"),
    (missing_evidence, "REVIEW_REQUIRED", "EVIDENCE_MISSING"),
    (evidence_from_the_future, "REVIEW_REQUIRED", "EVIDENCE_FROM_FUTURE"),
    (text_for_a_number, "REVIEW_REQUIRED", "EVIDENCE_NOT_A_NUMBER"),
    (quarantined_evidence, "REVIEW_REQUIRED", "EVIDENCE_QUARANTINED"),
    (unreadable_rule, "BLOCK", "RULE_ERROR"),
    (rule_with_an_error, "BLOCK", "RULE_ERROR"),
    (tripped_rule, "BLOCK", "RULE_ERROR"),
    (firing_restriction, "BLOCK", "RULE_FAILED"),
    (paused, "REVIEW_REQUIRED", "AUTOMATION_PAUSED"),
    (never_scored, "BLOCK", "SCORE_UNKNOWN"),
    (prohibited, "BLOCK", "RULE_FAILED"),
    (heavy, "REVIEW_REQUIRED", "APPROVAL_MISSING"),
    (expired_approval, "REVIEW_REQUIRED", "APPROVAL_EXPIRED"),
    (approval_of_another_artifact, "REVIEW_REQUIRED", "APPROVAL_FOR_ANOTHER_DIGEST"),
    (rejected, "BLOCK", "APPROVAL_REJECTED"),
    (changed_posture(risk_score=70, level="HIGH"), "BLOCK", "IN_THE_RED"),
    (changed_posture(risk_score=45, level="HIGH"), "REVIEW_REQUIRED", "ABOVE_APPETITE"),
    (changed_posture(risk_score=80, level="CRITICAL", accepted=True), "BLOCK", "RISK_CRITICAL"),
    (changed_posture(coverage=0.5), "REVIEW_REQUIRED", "COVERAGE_TOO_LOW"),
    (changed_posture(health=52), "BLOCK", "RULE_FAILED"),
    (changed_posture(dirty_since=AT), "BLOCK", "EVALUATION_ERROR"),
]


@pytest.mark.parametrize(("break_it", "verdict", "code"), FAULTS)
def test_one_fault_in_the_records_is_never_approved(
    break_it: Callable[[ModelVersion], None], verdict: str, code: str
) -> None:
    version = a_clean_version()
    break_it(version)

    decision = asked(version)

    assert (decision.verdict, codes(decision) >= {code}) == (verdict, True)
    with pytest.raises(actions.NotApproved):
        actions.promote(by=otto(), at=AT, decision=decision)


def test_what_a_breaker_holds_is_said_of_the_rule_and_not_of_the_model() -> None:
    version = a_clean_version()
    firing_restriction(version)
    Episode.objects.update(held=True)
    assert "RULE_FAILED" not in codes(asked(version))

    RuleTrip.objects.create(rule_version=RuleVersion.objects.get(), model_count=30, tripped_at=AT)
    held = asked(version)
    assert "RULE_ERROR" in codes(held)
    assert "RULE_FAILED" not in codes(held)


def test_another_artifact_than_the_registered_one_is_blocked() -> None:
    version = a_clean_version()

    assert codes(asked(version, digest="sha256:" + "b" * 64)) == {"DIGEST_DIFFERS"}
    assert codes(asked(version, digest="")) == {"DIGEST_MISSING"}
    assert AuditEntry.objects.filter(action="gate.blocked", model_id=version.model_id).count() == 2


def test_doubtful_evidence_blocks_a_model_on_which_much_hangs() -> None:
    version = a_clean_version(materiality="HIGH")
    stale_evidence(version)

    assert asked(version).verdict == "BLOCK"


def test_complete_approvals_of_this_artifact_let_a_heavy_model_pass() -> None:
    version = a_clean_version(materiality="HIGH")
    an_approval(version)

    assert asked(version).verdict == "APPROVE"


def test_a_missing_approval_is_asked_of_compliance_and_opens_the_gate() -> None:
    version = a_clean_version(materiality="HIGH")
    first = asked(version)

    request = actions.request_approval(by=a_person("Olive"), at=AT, decision=first)
    with pytest.raises(actions.NoApprovalNeeded):
        actions.request_approval(by=a_person("Olive"), at=AT, decision=first)
    with pytest.raises(AccessDenied):
        approvals.vote(by=a_person("Olive"), at=AT, request_id=request.pk, approves=True, judged_digest=request.digest)
    cora = a_person("Cora", "compliance_officer")
    approvals.vote(by=cora, at=AT, request_id=request.pk, approves=True, judged_digest=request.digest)

    assert (first.verdict, codes(first)) == ("REVIEW_REQUIRED", {"APPROVAL_MISSING"})
    assert asked(version).verdict == "APPROVE"


def test_automation_may_ask_for_an_approval_and_never_give_it() -> None:
    decision = asked(a_clean_version(materiality="HIGH"))

    request = actions.request_approval(by=otto(), at=AT, decision=decision)

    with pytest.raises(AccessDenied):
        approvals.vote(by=otto(), at=AT, request_id=request.pk, approves=True, judged_digest=request.digest)
    decision.reasons = []
    with pytest.raises(actions.NoApprovalNeeded):
        actions.request_approval(by=otto(), at=AT, decision=decision)


def test_a_quarantined_event_that_a_newer_reading_followed_is_no_doubt() -> None:
    version = a_clean_version()
    quarantined_evidence(version)
    TelemetryEvent.objects.filter(state=EventState.QUARANTINED).update(received_at=AT - 2 * HOUR)

    assert asked(version).verdict == "APPROVE"


def test_a_risk_raised_after_the_decision_makes_it_stale() -> None:
    version = a_clean_version()
    decision = asked(version)

    catalog.bump_epoch(model_ids=[version.model_id])

    with pytest.raises(clearances.StaleDecision):
        actions.promote(by=otto(), at=AT, decision=decision)
    assert ModelVersion.objects.get().stage == Stage.STAGING


def test_a_rule_enforced_after_the_decision_makes_it_stale() -> None:
    decision = asked(a_clean_version())
    a_rule()

    with pytest.raises(clearances.StaleDecision):
        actions.promote(by=otto(), at=AT, decision=decision)


def test_a_decision_ends_after_ten_minutes_or_with_its_evidence() -> None:
    version = a_clean_version()
    soon = AT - 24 * HOUR + timedelta(minutes=4)
    a_score(version.model, FormulaVersion.objects.get(), at=AT, observed_at=soon.isoformat())

    decision = asked(version)

    assert decision.expires_at == AT + timedelta(minutes=4)
    with pytest.raises(actions.DecisionExpired):
        actions.promote(by=otto(), at=decision.expires_at, decision=decision)


def test_automation_does_not_use_a_decision_while_paused_and_a_person_may() -> None:
    version = a_clean_version()
    decision = asked(version)
    paused(version)

    with pytest.raises(actions.AutomationPaused):
        actions.promote(by=otto(), at=AT, decision=decision)
    moved = actions.promote(by=a_person("Olive"), at=AT, decision=decision)

    assert moved.stage == Stage.PRODUCTION


@pytest.mark.parametrize(
    ("role", "may_ask", "may_use"),
    [
        ("automation_ci", True, True),
        ("compliance_officer", True, False),
        ("automation_scorer", False, False),
        ("administrator", False, False),
        ("", False, False),
    ],
)
def test_who_may_ask_and_who_may_use(role: str, may_ask: bool, may_use: bool) -> None:
    version = a_clean_version()
    decision = asked(version)
    kind = AccountKind.AUTOMATION if role.startswith("automation") else AccountKind.PERSON
    somebody = a_person("Stella", role, kind=kind)

    if may_ask:
        assert asked(version, by=somebody).verdict == "APPROVE"
    else:
        with pytest.raises(AccessDenied):
            asked(version, by=somebody)
    if may_use:
        assert actions.promote(by=somebody, at=AT, decision=decision).stage == Stage.PRODUCTION
    else:
        with pytest.raises(AccessDenied):
            actions.promote(by=somebody, at=AT, decision=decision)


def test_an_alias_is_asked_for_and_pointed() -> None:
    version = a_clean_version()

    actions.promote(by=otto(), at=AT, decision=asked(version, target="alias:champion"))

    assert version.model.aliases.get().version == version


@pytest.mark.parametrize("text", ["staging", "alias:", "alias:a b", "", "stage:", "production "])
def test_what_is_not_guarded_is_no_target(text: str) -> None:
    with pytest.raises(TargetUnknown):
        target_of(text)


def test_an_unknown_version_is_blocked_and_on_the_trail() -> None:
    model = a_clean_version().model

    answer = actions.ask_for_unknown(by=otto(), at=AT, model=model, number=9, target="production")

    assert (answer.verdict, answer.reasons[0].code) == ("BLOCK", "VERSION_UNKNOWN")
    assert AuditEntry.objects.filter(action="gate.blocked", model_id=model.pk).count() == 1


def test_a_decision_costs_a_bounded_number_of_queries(django_assert_max_num_queries: Any) -> None:
    version = a_clean_version()
    for number in range(5):
        a_rule(slug=f"rule-{number}")

    with django_assert_max_num_queries(30):
        asked(version)
