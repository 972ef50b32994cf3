"""Plan work: promise steps, complete them with evidence, and have somebody else verify them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from governance.risks import answered, lifecycle
from governance.risks.accepting import withdraw_open
from governance.risks.judged import RiskConflict, locked, move, note, require_judged, start_of
from governance.risks.lifecycle import Action
from governance.risks.models import MitigationPlan, PlanState, PlanStep, Risk, RiskState
from governance.vocabulary import RiskLevel
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied, can, require
from models_registry.catalog.models import ModelVersion

LONGEST_STEP = timedelta(days=730)
"""How far ahead a step may end."""


class PlanNotFit(ValueError):
    """A plan has at least one step, each with words and a day that is not over.

    ``position`` counts from 1 and ``part`` is ``text`` or ``due_on``; 0 and empty for the whole plan.
    """

    http_status = 400

    def __init__(self, text: str, *, position: int = 0, part: str = "") -> None:
        super().__init__(text)
        self.position, self.part = position, part


class StepAlreadyDone(RiskConflict):
    """This step is done."""


class StepNotDone(RiskConflict):
    """Only a step that somebody completed can be verified or returned."""


class StepAlreadyVerified(RiskConflict):
    """This step is verified."""


@dataclass(frozen=True, slots=True)
class Step:
    """One promise of a plan: what, who, and the last day."""

    text: str
    owner: Account
    due_on: date


@transaction.atomic
def submit_plan(
    *,
    by: Account,
    at: datetime,
    risk_id: int,
    judged_digest: str,
    summary: str,
    steps: Sequence[Step],
    version: ModelVersion | None = None,
    answers: str = "",
) -> MitigationPlan:
    """Promise steps; an earlier plan is replaced and an acceptance withdrawn. The next step's day is the clock.

    ``answers`` is the `judged.standing` that was read, so that nobody's newer plan is replaced unseen.
    Raises AccessDenied, PlanNotFit, TransitionNotAllowed, StaleState, AnsweredMeanwhile.
    """
    risk = locked(risk_id)
    require(by, Permission.RISK_MITIGATE, on=risk)
    require_judged(risk, judged_digest, answers=answers)
    _require_fit(steps, at)
    move(risk, Action.PLAN, at=at)
    withdraw_open(risk=risk, by=by, at=at)
    risk.plans.filter(state=PlanState.ACTIVE).update(state=PlanState.REPLACED)
    plan = MitigationPlan.objects.create(
        risk=risk, summary=summary, version=version, judged_digest=judged_digest, created_by=by, created_at=at
    )
    PlanStep.objects.bulk_create(
        PlanStep(plan=plan, position=place, text=step.text, owner=step.owner, due_on=step.due_on)
        for place, step in enumerate(steps, start=1)
    )
    _set_step_clock(risk, plan)
    risk.save()
    promised = [{"text": one.text, "owner": one.owner.username, "due_on": one.due_on.isoformat()} for one in steps]
    note(risk, by=by, at=at, action="risk.plan_submitted", plan=plan.pk, summary=summary, steps=promised)
    answered.tell(risk.model, by=by, at=at)
    return plan


@transaction.atomic
def complete_step(*, by: Account, at: datetime, step_id: int, evidence: str, evidence_url: str = "") -> PlanStep:
    """Say how a step was done; who promised it may, and who may plan. Raises AccessDenied, StepAlreadyDone."""
    risk, step = _locked_step(step_id)
    if step.owner_id != by.pk:
        require(by, Permission.RISK_MITIGATE, on=risk)
    if step.done_at is not None:
        raise StepAlreadyDone(f"Step {step.position} is done since {step.done_at:%d %B %Y}.")
    step.done_at, step.done_by, step.evidence, step.evidence_url = at, by, evidence, evidence_url
    step.save()
    _follow_steps(risk, step)
    note(risk, by=by, at=at, action="risk.step_completed", evidence=evidence, **_step_facts(step))
    return step


@transaction.atomic
def verify_step(*, by: Account, at: datetime, step_id: int) -> PlanStep:
    """Confirm that a step was done as it says. Raises AccessDenied, StepNotDone, StepAlreadyVerified."""
    risk, step = _locked_step(step_id)
    _require_verifiable(step, by)
    step.verified_at, step.verified_by = at, by
    step.save()
    note(risk, by=by, at=at, action="risk.step_verified", **_step_facts(step))
    return step


@transaction.atomic
def return_step(*, by: Account, at: datetime, step_id: int, reason: str) -> PlanStep:
    """Say that a step is not done as it says: it is owed again, and a risk in verification goes back with it.

    Raises AccessDenied, StepNotDone, StepAlreadyVerified.
    """
    risk, step = _locked_step(step_id)
    _require_verifiable(step, by)
    step.done_at = step.done_by = None
    step.returned_at, step.returned_by, step.return_reason = at, by, reason
    step.save()
    if risk.state == RiskState.VERIFYING:
        move(risk, Action.SEND_BACK, at=at)
    _follow_steps(risk, step, not_before=at + lifecycle.ANSWER_WITHIN[RiskLevel(risk.level)])
    note(risk, by=by, at=at, action="risk.step_returned", reason=reason, **_step_facts(step))
    return step


@transaction.atomic
def move_step(*, by: Account, at: datetime, step_id: int, due_on: date, reason: str) -> PlanStep:
    """Promise another day for an open step, and say why. Raises AccessDenied, PlanNotFit, StepAlreadyDone."""
    risk, step = _locked_step(step_id)
    require(by, Permission.RISK_MITIGATE, on=risk)
    if step.done_at is not None:
        raise StepAlreadyDone(f"Step {step.position} is done since {step.done_at:%d %B %Y}.")
    _require_day(step.position, due_on, at)
    before, step.due_on = step.due_on, due_on
    step.save(update_fields=["due_on"])
    _follow_steps(risk, step)
    note(
        risk, by=by, at=at, action="risk.step_moved", reason=reason, was_due_on=before.isoformat(), **_step_facts(step)
    )
    return step


# ---- shared ----


def why_not_verify(step: PlanStep, risk: Risk, by: Account) -> str:
    """Return why this person may not verify or return the step, empty when they may."""
    if by.pk in (step.done_by_id, step.owner_id):
        return "You promised or completed this step. Someone else must verify it."
    allowed = can(by, Permission.RISK_MITIGATE, on=risk)
    return "" if allowed else can(by, Permission.RISK_RELEASE, on=risk).reason


def _locked_step(step_id: int) -> tuple[Risk, PlanStep]:
    """Lock a risk, then the step of its plan; raises RiskConflict for a step that nobody owes any more."""
    risk = locked(PlanStep.objects.values_list("plan__risk_id", flat=True).get(pk=step_id))
    rows = PlanStep.objects.select_for_update(of=("self",)).select_related("plan", "owner")
    step = rows.get(pk=step_id)
    if step.plan.state != PlanState.ACTIVE:
        raise RiskConflict("This plan is done or was replaced; its steps are no longer owed.")
    return risk, step


def _require_verifiable(step: PlanStep, by: Account) -> None:
    refusal = why_not_verify(step, step.plan.risk, by)
    if refusal:
        raise AccessDenied(refusal)
    if step.done_at is None:
        raise StepNotDone(f"Step {step.position} is not done yet.")
    if step.verified_at is not None:
        raise StepAlreadyVerified(f"Step {step.position} was verified on {step.verified_at:%d %B %Y}.")


def _follow_steps(risk: Risk, step: PlanStep, *, not_before: datetime | None = None) -> None:
    """Set the clock of a risk in mitigation by its open steps; after a return there is time to do better."""
    if risk.state != RiskState.MITIGATING:
        return
    _set_step_clock(risk, step.plan)
    if not_before is not None and risk.due_at is not None:
        risk.due_at = max(risk.due_at, not_before)
    risk.save()


def _step_facts(step: PlanStep) -> dict[str, object]:
    return {
        "step": step.position,
        "step_id": step.pk,
        "text": step.text,
        "owner": step.owner.username,
        "due_on": step.due_on.isoformat(),
        "evidence_url": step.evidence_url,
    }


def _require_fit(steps: Sequence[Step], at: datetime) -> None:
    if not steps:
        raise PlanNotFit("A plan needs at least one step.")
    for place, step in enumerate(steps, start=1):
        if not step.text.strip():
            raise PlanNotFit(f"Step {place} has no words.", position=place, part="text")
        _require_day(place, step.due_on, at)


def _require_day(place: int, due_on: date, at: datetime) -> None:
    today = at.astimezone(UTC).date()
    if due_on < today:
        raise PlanNotFit(f"Step {place} is due on {due_on:%d %B %Y}, which is over.", position=place, part="due_on")
    if due_on > today + LONGEST_STEP:
        latest = today + LONGEST_STEP
        text = f"Step {place} ends in {due_on.year}. Choose {latest.day} {latest:%b %Y} or earlier."
        raise PlanNotFit(text, position=place, part="due_on")


def _set_step_clock(risk: Risk, plan: MitigationPlan) -> None:
    """Owe the next open step by the end of its day; with none left, the clock of the last day stands."""
    open_days = plan.steps.filter(done_at__isnull=True).order_by("due_on").values_list("due_on", flat=True)
    following = open_days.first() or plan.steps.order_by("-due_on").values_list("due_on", flat=True)[0]
    risk.due_at = start_of(following + timedelta(days=1))
