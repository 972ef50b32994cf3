"""What is owed by when: proposals that a rise overtakes, clocks, and four eyes on every step."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from governance.approvals.models import ApprovalState
from governance.risks import actions, planning, tasks
from governance.risks.judged import AnsweredMeanwhile, standing
from governance.risks.models import AcceptanceState, Contribution, PlanState, PlanStep, Risk, RiskState
from governance.risks.settling import settle
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from tests.governance.risks.test_answers import (
    HOUR,
    a_raised_risk,
    accepted,
    acknowledged,
    cora,
    olive,
    planned,
    proposed,
    said,
)
from tests.journeys.builders import NOON, a_person, people

pytestmark = pytest.mark.django_db

SECONDS = (0, 1, 2, 31, 59)


def raised_further(risk: Risk) -> Risk:
    Contribution.objects.create(risk=risk, cause="scorer:drift:b", points=95, began_at=NOON + 3 * HOUR)
    settle(model=risk.model, categories=[risk.category], at=NOON + 3 * HOUR)
    risk.refresh_from_db()
    return risk


def test_a_rise_voids_a_proposal_and_the_request_for_its_approval() -> None:
    risk = acknowledged(a_raised_risk())
    acceptance = proposed(risk)

    raised_further(risk)

    acceptance.refresh_from_db()
    acceptance.approval.refresh_from_db()
    assert (risk.level, risk.state) == ("CRITICAL", RiskState.OPEN)
    assert (acceptance.state, acceptance.approval.state) == (AcceptanceState.STALE, ApprovalState.WITHDRAWN)
    entry = AuditEntry.objects.get(action="risk.acceptance_went_stale")
    assert (entry.body["state"], entry.body["digest"]) == ("OPEN", risk.digest)


def test_an_acceptance_that_covers_the_new_level_stands() -> None:
    risk = a_raised_risk(points=95)
    acceptance = accepted(risk)
    Contribution.objects.create(risk=risk, cause="scorer:drift:b", points=97, began_at=NOON + 3 * HOUR)

    settle(model=risk.model, categories=[risk.category], at=NOON + 3 * HOUR)

    acceptance.refresh_from_db()
    risk.refresh_from_db()
    assert (risk.state, acceptance.state) == (RiskState.ACCEPTED, AcceptanceState.ACTIVE)


@pytest.mark.parametrize("second", SECONDS)
def test_the_clock_marks_what_is_late_in_any_second_and_only_once(second: int) -> None:
    risk = a_raised_risk()
    late = risk.due_at + timedelta(minutes=5, seconds=second)

    assert tasks.tick(late) == 1
    assert tasks.tick(late + timedelta(seconds=1)) == 0
    assert said("risk.overdue") == 1


def test_the_clock_catches_up_after_a_standstill() -> None:
    risk = a_raised_risk()
    accepted(risk)

    assert tasks.tick(NOON + timedelta(days=90, seconds=17)) == 1

    risk.refresh_from_db()
    assert risk.state == RiskState.OPEN
    assert risk.raised_at == NOON + timedelta(days=90, seconds=17)
    assert risk.due_at == risk.raised_at + timedelta(days=1)


def test_a_second_of_the_clock_costs_three_queries_when_nothing_is_due(django_assert_num_queries: object) -> None:
    a_raised_risk()

    with django_assert_num_queries(3):  # type: ignore[operator]
        assert tasks.tick(NOON + timedelta(seconds=7)) == 0


def test_a_late_step_is_named_with_who_promised_it() -> None:
    risk = planned(acknowledged(a_raised_risk()))

    actions.mark_overdue(at=NOON + timedelta(days=3))

    body = AuditEntry.objects.get(action="risk.overdue").body
    assert body["duty"] == "STEP"
    assert [(late["step"], late["owner"]) for late in body["steps"]] == [(1, "olive")]
    assert risk.plans.get().steps.count() == 2


def test_a_step_is_verified_by_another_person_than_who_did_it() -> None:
    step = done_step()

    with pytest.raises(AccessDenied, match="Someone else must verify"):
        planning.verify_step(by=olive(), at=NOON, step_id=step.pk)
    with pytest.raises(AccessDenied, match="release"):
        planning.verify_step(by=people().stella, at=NOON, step_id=step.pk)
    planning.verify_step(by=cora(), at=NOON + 2 * HOUR, step_id=step.pk)

    step.refresh_from_db()
    assert step.verified_by == cora()
    with pytest.raises(planning.StepAlreadyVerified):
        planning.return_step(by=cora(), at=NOON, step_id=step.pk, reason="No.")


def test_the_database_refuses_a_step_verified_by_who_did_it() -> None:
    step = done_step()

    with pytest.raises(IntegrityError, match="verified_by_another"), transaction.atomic():
        PlanStep.objects.filter(pk=step.pk).update(verified_at=NOON, verified_by=olive())


def test_a_returned_step_is_owed_again_with_time_to_do_better() -> None:
    step = done_step()

    planning.return_step(by=cora(), at=NOON + timedelta(days=30), step_id=step.pk, reason="Only half was pinned.")

    step.refresh_from_db()
    risk = step.plan.risk
    risk.refresh_from_db()
    assert (step.done_at, step.return_reason) == (None, "Only half was pinned.")
    assert risk.due_at == NOON + timedelta(days=35)


def test_returning_a_step_takes_a_risk_out_of_verification() -> None:
    risk = in_verification()
    step = risk.plans.get().steps.get(position=1)

    planning.return_step(by=cora(), at=NOON + 3 * HOUR, step_id=step.pk, reason="No proof.")

    risk.refresh_from_db()
    assert risk.state == RiskState.MITIGATING


def test_who_did_a_part_does_not_close() -> None:
    carl = a_person("carl", "Carl Cole", "compliance_officer", "ml_engineer")
    risk = acknowledged(a_raised_risk())
    step = planning.Step("Pin the index", carl, (NOON + timedelta(days=2)).date())
    planning.submit_plan(
        by=olive(), at=NOON + HOUR, risk_id=risk.pk, judged_digest=risk.digest, summary="Fix.", steps=[step]
    )
    planning.complete_step(by=carl, at=NOON + HOUR, step_id=risk.plans.get().steps.get().pk, evidence="PR 12")
    actions.submit_evidence(by=olive(), at=NOON + HOUR, risk_id=risk.pk, judged_digest=risk.digest, evidence="Done.")
    Contribution.objects.update(cleared_at=NOON + 2 * HOUR)

    with pytest.raises(AccessDenied, match="You did a part"):
        actions.release(by=carl, at=NOON + 3 * HOUR, risk_id=risk.pk, judged_digest=risk.digest, reason="Fine.")
    actions.release(by=cora(), at=NOON + 3 * HOUR, risk_id=risk.pk, judged_digest=risk.digest, reason="Read it.")

    assert risk.plans.get().steps.get().verified_by == cora()


def test_a_plan_in_work_is_replaced_by_a_better_one_but_never_unseen() -> None:
    risk = acknowledged(a_raised_risk())
    read = standing(risk)
    planned(risk)
    step = planning.Step("Rebuild", olive(), (NOON + timedelta(days=3)).date())
    better = {"by": olive(), "at": NOON + HOUR, "risk_id": risk.pk, "judged_digest": risk.digest, "steps": [step]}

    with pytest.raises(AnsweredMeanwhile, match="Somebody answered"):
        planning.submit_plan(**better, summary="Mine.", answers=read)
    risk.refresh_from_db()
    planning.submit_plan(**better, summary="Better.", answers=standing(risk))

    assert sorted(risk.plans.values_list("state", flat=True)) == [PlanState.ACTIVE, PlanState.REPLACED]


def test_another_day_for_a_step_is_promised_with_a_reason_and_moves_the_clock() -> None:
    risk = planned(acknowledged(a_raised_risk()))
    step = risk.plans.get().steps.get(position=1)
    later = (NOON + timedelta(days=9)).date()

    planning.move_step(by=olive(), at=NOON + HOUR, step_id=step.pk, due_on=later, reason="The index is rebuilt first.")

    risk.refresh_from_db()
    assert risk.due_at.date() == (NOON + timedelta(days=5)).date()  # the second step is the next one now
    assert said("risk.step_moved") == 1
    with pytest.raises(planning.PlanNotFit, match="or earlier"):
        planning.move_step(by=olive(), at=NOON, step_id=step.pk, due_on=later.replace(year=9999), reason="Never.")


def test_an_upheld_dispute_ends_what_the_scorer_said() -> None:
    risk = a_raised_risk()
    dispute = actions.dispute(
        by=olive(),
        at=NOON,
        risk_id=risk.pk,
        judged_digest=risk.digest,
        reason="Test data.",
        disputed_input="scorer:drift:a",
    )

    actions.settle_dispute(by=cora(), at=NOON + HOUR, dispute_id=dispute.pk, settlement="It was a test.", upheld=True)

    assert risk.contributions.get().cleared_at == NOON + HOUR
    assert actions.holding_causes(risk) == []


def test_many_are_acknowledged_each_as_one_is() -> None:
    risk = a_raised_risk()
    judged = {risk.pk: risk.digest}

    done, refused = actions.acknowledge_each(by=cora(), at=NOON, judged=judged)
    assert (done, "acknowledge" in refused[0].reason) == ([], True)
    done, refused = actions.acknowledge_each(by=olive(), at=NOON, judged=judged, note_text="Seen.")
    assert (len(done), refused) == (1, [])
    done, refused = actions.acknowledge_each(by=olive(), at=NOON, judged=judged)
    assert (done, len(refused)) == ([], 1)


def done_step() -> PlanStep:
    risk = planned(acknowledged(a_raised_risk()))
    step = risk.plans.get().steps.get(position=1)
    return planning.complete_step(
        by=olive(), at=NOON + HOUR, step_id=step.pk, evidence="PR 12", evidence_url="https://git.example/12"
    )


def in_verification() -> Risk:
    risk = planned(acknowledged(a_raised_risk()))
    for step in risk.plans.get().steps.all():
        planning.complete_step(by=olive(), at=NOON + HOUR, step_id=step.pk, evidence="Done")
    return actions.submit_evidence(
        by=olive(), at=NOON + 2 * HOUR, risk_id=risk.pk, judged_digest=risk.digest, evidence="Recovered."
    )
