"""How people answer a risk, through the actions alone."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest, ApprovalState, Vote
from governance.risks import accepting, actions, planning
from governance.risks.judged import StaleState
from governance.risks.lifecycle import AcceptanceTooLong, TransitionNotAllowed
from governance.risks.models import Acceptance, AcceptanceState, Contribution, PlanState, Release, Risk, RiskState
from governance.risks.settling import settle
from models_registry.access.models import Account
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from tests.journeys.builders import NOON, a_model, a_person, people

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def a_raised_risk(points: float = 60) -> Risk:
    """Return an open risk of Olive's model, raised at noon by a scorer: High unless told otherwise."""
    model = a_model()
    earlier = NOON - HOUR
    risk = Risk.objects.create(model=model, category="PERFORMANCE", level_since=earlier, created_at=earlier)
    Contribution.objects.create(risk=risk, cause="scorer:drift:a", points=points, explanation="Drift.", began_at=NOON)
    settle(model=model, categories=["PERFORMANCE"], at=NOON)
    risk.refresh_from_db()
    return risk


def acknowledged(risk: Risk) -> Risk:
    actions.acknowledge(by=olive(), at=NOON + HOUR, risk_id=risk.pk, judged_digest=risk.digest)
    risk.refresh_from_db()
    return risk


def olive() -> Account:
    return people().olive


def cora() -> Account:
    return people().cora


def bo() -> Account:
    """Bo sits on the governance board."""
    return a_person("bo", "Bo Board", "governance_board")


def proposed(risk: Risk, days: int = 20) -> Acceptance:
    return accepting.propose_acceptance(
        by=olive(),
        at=NOON + HOUR,
        risk_id=risk.pk,
        judged_digest=risk.digest,
        justification="The season ends soon.",
        compensating_control="An adjuster reads every claim.",
        expires_on=(NOON + timedelta(days=days)).date(),
    )


def agree(acceptance: Acceptance, voter: Account, *, approves: bool = True, comment: str = "") -> ApprovalRequest:
    return approvals.vote(
        by=voter,
        at=NOON + 2 * HOUR,
        request_id=acceptance.approval.pk,
        approves=approves,
        judged_digest=acceptance.approval.digest,
        comment=comment,
    )


def accepted(risk: Risk, days: int = 20) -> Acceptance:
    acceptance = proposed(acknowledged(risk), days)
    agree(acceptance, cora())
    agree(acceptance, bo())
    acceptance.refresh_from_db()
    return acceptance


def said(action: str) -> int:
    return AuditEntry.objects.filter(action=action).count()


@pytest.mark.django_db(transaction=True)
def test_acknowledging_starts_the_clock_to_answer_and_leaves_a_trail(governed_tables: None) -> None:
    risk = a_raised_risk()

    acknowledged(risk)

    assert risk.state == RiskState.ACKNOWLEDGED
    assert risk.due_at == NOON + HOUR + timedelta(days=5)
    entry = AuditEntry.objects.get(action="risk.acknowledged")
    assert entry.body["model"] == "claims-triage"
    assert entry.body["to_level"] == "HIGH"
    assert entry.body["reference"] == risk.reference


def test_an_answer_to_a_state_that_moved_is_refused() -> None:
    risk = a_raised_risk()

    with pytest.raises(StaleState, match="moved while you were reading"):
        actions.acknowledge(by=olive(), at=NOON, risk_id=risk.pk, judged_digest="sha256:old")


@pytest.mark.parametrize("who", ["otto", "stella", "cora"])
def test_only_the_owner_acknowledges(who: str) -> None:
    risk = a_raised_risk()

    with pytest.raises(AccessDenied, match="acknowledge"):
        actions.acknowledge(by=getattr(people(), who), at=NOON, risk_id=risk.pk, judged_digest=risk.digest)


def test_a_risk_is_acknowledged_once() -> None:
    risk = acknowledged(a_raised_risk())

    with pytest.raises(TransitionNotAllowed):
        actions.acknowledge(by=olive(), at=NOON, risk_id=risk.pk, judged_digest=risk.digest)


def planned(risk: Risk) -> Risk:
    steps = [
        planning.Step("Pin the index", olive(), (NOON + timedelta(days=2)).date()),
        planning.Step("Rebuild it", people().otto, (NOON + timedelta(days=4)).date()),
    ]
    planning.submit_plan(
        by=olive(), at=NOON + HOUR, risk_id=risk.pk, judged_digest=risk.digest, summary="Fix.", steps=steps
    )
    risk.refresh_from_db()
    return risk


@pytest.mark.django_db(transaction=True)
def test_a_mitigation_runs_from_plan_to_closing(governed_tables: None) -> None:
    risk = planned(acknowledged(a_raised_risk()))
    first, second = risk.plans.get().steps.order_by("position")
    assert risk.due_at.date() == first.due_on + timedelta(days=1)

    with pytest.raises(actions.StepsStillOpen):
        actions.submit_evidence(by=olive(), at=NOON, risk_id=risk.pk, judged_digest=risk.digest, evidence="Soon.")
    planning.complete_step(by=olive(), at=NOON + HOUR, step_id=first.pk, evidence="PR 12")
    planning.complete_step(by=people().otto, at=NOON + HOUR, step_id=second.pk, evidence="Build 40")
    risk = actions.submit_evidence(
        by=olive(), at=NOON + 2 * HOUR, risk_id=risk.pk, judged_digest=risk.digest, evidence="Recovered."
    )
    assert risk.state == RiskState.VERIFYING
    with pytest.raises(actions.CausesStillHold, match="scorer:drift:a"):
        actions.release(by=cora(), at=NOON + 2 * HOUR, risk_id=risk.pk, judged_digest=risk.digest, reason="Fine.")
    Contribution.objects.update(cleared_at=NOON + 3 * HOUR)
    risk = actions.release(
        by=cora(), at=NOON + 4 * HOUR, risk_id=risk.pk, judged_digest=risk.digest, reason="Read the dashboards."
    )

    assert risk.state == RiskState.CLOSED
    assert risk.due_at is None
    assert risk.plans.get().state == PlanState.DONE
    assert Release.objects.filter(risk=risk, released_by=cora()).exists()


def test_evidence_that_is_not_enough_goes_back() -> None:
    risk = planned(acknowledged(a_raised_risk()))
    for step in risk.plans.get().steps.all():
        planning.complete_step(by=olive(), at=NOON + HOUR, step_id=step.pk, evidence="Done")
    actions.submit_evidence(by=olive(), at=NOON + HOUR, risk_id=risk.pk, judged_digest=risk.digest, evidence="Done")

    risk = actions.send_back(
        by=cora(), at=NOON + 2 * HOUR, risk_id=risk.pk, judged_digest=risk.digest, reason="One segment is missing."
    )

    assert risk.state == RiskState.MITIGATING
    assert risk.due_at == NOON + 2 * HOUR + timedelta(days=5)


@pytest.mark.parametrize("steps", [[], [("", 1)], [("Late", -3)]])
def test_a_plan_needs_steps_with_words_and_days_to_come(steps: list[tuple[str, int]]) -> None:
    risk = acknowledged(a_raised_risk())
    given = [planning.Step(text, olive(), (NOON + timedelta(days=days)).date()) for text, days in steps]

    with pytest.raises(planning.PlanNotFit):
        planning.submit_plan(by=olive(), at=NOON, risk_id=risk.pk, judged_digest=risk.digest, summary="x", steps=given)


@pytest.mark.django_db(transaction=True)
def test_a_high_risk_is_accepted_by_compliance_and_the_board_together(governed_tables: None) -> None:
    risk = acknowledged(a_raised_risk())
    acceptance = proposed(risk)

    assert agree(acceptance, cora()).state == ApprovalState.PENDING
    assert agree(acceptance, bo()).state == ApprovalState.APPROVED

    risk.refresh_from_db()
    acceptance.refresh_from_db()
    assert (risk.state, acceptance.state) == (RiskState.ACCEPTED, AcceptanceState.ACTIVE)
    assert risk.due_at.date() == acceptance.expires_on
    assert said("risk.acceptance_activated") == 1


def test_a_rejection_ends_the_proposal_and_moves_nothing() -> None:
    risk = acknowledged(a_raised_risk())
    acceptance = proposed(risk)

    agree(acceptance, cora(), approves=False, comment="The control is not in place.")

    risk.refresh_from_db()
    acceptance.refresh_from_db()
    assert (risk.state, acceptance.state) == (RiskState.ACKNOWLEDGED, AcceptanceState.REJECTED)


def test_who_proposes_an_acceptance_cannot_approve_it() -> None:
    acceptance = proposed(acknowledged(a_raised_risk()))

    with pytest.raises(AccessDenied, match="Someone else must"):
        agree(acceptance, olive())
    with pytest.raises(IntegrityError, match="cannot vote on it"), transaction.atomic():
        Vote.objects.create(
            request=acceptance.approval,
            voter=olive(),
            as_role="governance_board",
            approves=True,
            digest=acceptance.approval.digest,
            voted_at=NOON,
        )


def test_an_acceptance_lasts_no_longer_than_its_level_allows() -> None:
    risk = acknowledged(a_raised_risk())

    with pytest.raises(AcceptanceTooLong, match="for 90 days at most"):
        proposed(risk, days=100)


def test_a_rise_past_the_accepted_level_makes_the_acceptance_stale_and_opens_the_risk() -> None:
    risk = a_raised_risk()
    acceptance = accepted(risk)
    Contribution.objects.create(risk=risk, cause="scorer:drift:b", points=95, began_at=NOON + 3 * HOUR)

    settle(model=risk.model, categories=[risk.category], at=NOON + 3 * HOUR)

    risk.refresh_from_db()
    acceptance.refresh_from_db()
    assert (risk.level, risk.state, acceptance.state) == ("CRITICAL", RiskState.OPEN, AcceptanceState.STALE)


def test_an_acceptance_warns_once_before_it_ends_and_then_reopens_the_risk() -> None:
    risk = a_raised_risk()
    acceptance = accepted(risk)

    assert accepting.expire_acceptances(at=NOON + timedelta(days=5)) == 0
    assert said("risk.acceptance_ends_soon") == 0
    accepting.expire_acceptances(at=NOON + timedelta(days=7))
    accepting.expire_acceptances(at=NOON + timedelta(days=8))
    assert said("risk.acceptance_ends_soon") == 1
    assert accepting.expire_acceptances(at=NOON + timedelta(days=20)) == 1

    risk.refresh_from_db()
    acceptance.refresh_from_db()
    assert (risk.state, acceptance.state) == (RiskState.OPEN, AcceptanceState.EXPIRED)
    assert risk.due_at == NOON + timedelta(days=21)


def test_a_dispute_is_settled_by_somebody_else() -> None:
    risk = a_raised_risk()
    dispute = actions.dispute(
        by=olive(), at=NOON, risk_id=risk.pk, judged_digest=risk.digest, reason="Test data.", disputed_input="drift"
    )
    risk.refresh_from_db()
    assert risk.disputed

    with pytest.raises(AccessDenied):
        actions.settle_dispute(by=olive(), at=NOON, dispute_id=dispute.pk, settlement="Right.")
    actions.settle_dispute(by=cora(), at=NOON + HOUR, dispute_id=dispute.pk, settlement="The input is right.")

    risk.refresh_from_db()
    assert not risk.disputed


def test_an_assessment_moves_the_score_at_once() -> None:
    risk = a_raised_risk(points=10)

    actions.assess(by=cora(), at=NOON + HOUR, risk_id=risk.pk, likelihood=5, impact=5, reason="New use.")

    risk.refresh_from_db()
    assert risk.level == "CRITICAL"


def test_a_late_answer_is_recorded_once_per_due_time() -> None:
    risk = a_raised_risk()

    assert actions.mark_overdue(at=NOON + HOUR) == 0
    assert actions.mark_overdue(at=risk.due_at) == 1
    assert actions.mark_overdue(at=risk.due_at + HOUR) == 0
    acknowledged(risk)
    assert actions.mark_overdue(at=risk.due_at + HOUR) == 1


def test_a_withdrawn_request_withdraws_the_acceptance() -> None:
    acceptance = proposed(acknowledged(a_raised_risk()))

    approvals.withdraw(by=olive(), at=NOON + HOUR, request_id=acceptance.approval.pk)

    acceptance.refresh_from_db()
    assert acceptance.state == AcceptanceState.WITHDRAWN


def test_a_plan_takes_the_place_of_an_acceptance() -> None:
    risk = a_raised_risk()
    acceptance = accepted(risk)
    risk.refresh_from_db()

    planned(risk)

    acceptance.refresh_from_db()
    assert acceptance.state == AcceptanceState.WITHDRAWN
