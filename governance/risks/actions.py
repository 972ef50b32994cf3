"""What people answer to a risk: acknowledge, plan, show evidence, dispute, assess, release.

Every answer names the digest of the state it judged. Acceptances are in `accepting`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from governance.risks import answered, lifecycle
from governance.risks.accepting import withdraw_open
from governance.risks.judged import RiskConflict, locked, move, note, require_judged, start_of
from governance.risks.lifecycle import Action, State
from governance.risks.models import (
    Acknowledgement,
    Assessment,
    Contribution,
    Dispute,
    MitigationPlan,
    PlanState,
    PlanStep,
    Release,
    Risk,
    RiskState,
)
from governance.risks.settling import settle
from governance.rules.models import Episode, VersionState
from governance.vocabulary import RiskLevel
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied, require
from models_registry.audit.actor import CLOCK
from models_registry.audit.models import AuditEntry
from models_registry.catalog.models import ModelVersion


class PlanNotFit(ValueError):
    """A plan has at least one step, each with words and a day that is not over."""

    http_status = 400


class StepsStillOpen(RiskConflict):
    """Evidence is handed over when every step of the plan is done."""


class StepAlreadyDone(RiskConflict):
    """This step is done."""


class CausesStillHold(RiskConflict):
    """A level is released after its causes ended, not before."""


class DisputeAlreadyOpen(RiskConflict):
    """At most one dispute of a risk is open."""


class DisputeAlreadySettled(RiskConflict):
    """This dispute is settled."""


@dataclass(frozen=True, slots=True)
class Step:
    """One promise of a plan: what, who, and the last day."""

    text: str
    owner: Account
    due_on: date


@transaction.atomic
def acknowledge(*, by: Account, at: datetime, risk_id: int, judged_digest: str, note_text: str = "") -> Acknowledgement:
    """Say that the owner has seen this state of the risk; the clock to answer begins.

    Raises AccessDenied, TransitionNotAllowed, StaleState.
    """
    risk = _opened(by, Permission.RISK_ACKNOWLEDGE, risk_id, judged_digest)
    move(risk, Action.ACKNOWLEDGE, at=at)
    risk.save()
    seen = Acknowledgement.objects.create(risk=risk, by=by, at=at, note=note_text, judged_digest=judged_digest)
    note(risk, by=by, action="risk.acknowledged", note=note_text)
    answered.tell(risk.model, by=by, at=at)
    return seen


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
) -> MitigationPlan:
    """Promise steps; an earlier plan is replaced and an acceptance withdrawn. The next step's day is the clock.

    Raises AccessDenied, PlanNotFit, TransitionNotAllowed, StaleState.
    """
    risk = _opened(by, Permission.RISK_MITIGATE, risk_id, judged_digest)
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
    note(risk, by=by, action="risk.plan_submitted", plan=plan.pk, summary=summary, steps=promised)
    answered.tell(risk.model, by=by, at=at)
    return plan


@transaction.atomic
def complete_step(*, by: Account, at: datetime, step_id: int, evidence: str) -> PlanStep:
    """Say how a step was done; who promised it may, and who may plan. Raises AccessDenied, StepAlreadyDone."""
    found = PlanStep.objects.select_related("plan").get(pk=step_id)
    risk = locked(found.plan.risk_id)
    step = PlanStep.objects.select_for_update(of=("self",)).select_related("plan").get(pk=step_id)
    if step.owner_id != by.pk:
        require(by, Permission.RISK_MITIGATE, on=risk)
    if step.done_at is not None:
        raise StepAlreadyDone(f"Step {step.position} is done since {step.done_at:%d %B %Y}.")
    if step.plan.state != PlanState.ACTIVE:
        raise RiskConflict("This plan was replaced; its steps are no longer owed.")
    step.done_at, step.done_by, step.evidence = at, by, evidence
    step.save()
    if risk.state == RiskState.MITIGATING:
        _set_step_clock(risk, step.plan)
        risk.save()
    note(risk, by=by, action="risk.step_completed", step=step.position, text=step.text, evidence=evidence)
    return step


@transaction.atomic
def submit_evidence(*, by: Account, at: datetime, risk_id: int, judged_digest: str, evidence: str) -> Risk:
    """Hand the risk over for verification. Raises AccessDenied, StepsStillOpen, TransitionNotAllowed, StaleState."""
    risk = _opened(by, Permission.RISK_MITIGATE, risk_id, judged_digest)
    was_mitigating = risk.state == RiskState.MITIGATING
    move(risk, Action.SUBMIT_EVIDENCE, at=at)
    open_count = PlanStep.objects.filter(plan__risk=risk, plan__state=PlanState.ACTIVE, done_at__isnull=True).count()
    if was_mitigating and open_count:
        raise StepsStillOpen(f"{open_count} {'step is' if open_count == 1 else 'steps are'} still open in the plan.")
    withdraw_open(risk=risk, by=by, at=at)
    risk.save()
    note(risk, by=by, action="risk.evidence_submitted", evidence=evidence)
    answered.tell(risk.model, by=by, at=at)
    return risk


@transaction.atomic
def send_back(*, by: Account, at: datetime, risk_id: int, judged_digest: str, reason: str) -> Risk:
    """Say that the evidence is not enough; the owner has the time of an answer for more."""
    risk = _opened(by, Permission.RISK_RELEASE, risk_id, judged_digest)
    move(risk, Action.SEND_BACK, at=at)
    risk.due_at = at + lifecycle.ANSWER_WITHIN[RiskLevel(risk.level)]
    risk.save()
    note(risk, by=by, action="risk.sent_back", reason=reason)
    return risk


@transaction.atomic
def release(*, by: Account, at: datetime, risk_id: int, judged_digest: str, reason: str) -> Risk:
    """Release a held level after verifying; a risk in verification is closed with it.

    Four eyes: not the owner of the model. Raises AccessDenied, CausesStillHold, StaleState.
    """
    risk = _opened(by, Permission.RISK_RELEASE, risk_id, judged_digest)
    if by.pk in (risk.model.owner_id, risk.model.deputy_id):
        raise AccessDenied("You own this model. Someone else must verify and release.")
    holding = holding_causes(risk)
    if holding:
        raise CausesStillHold(f"This still holds: {', '.join(holding)}. A level is released after its causes end.")
    if risk.state == RiskState.VERIFYING:
        move(risk, Action.CLOSE, at=at)
        risk.plans.filter(state=PlanState.ACTIVE).update(state=PlanState.DONE)
        risk.save()
    Release.objects.create(risk=risk, reason=reason, released_by=by, released_at=at)
    note(risk, by=by, action="risk.released", reason=reason)
    return _settled(risk, by, at)


@transaction.atomic
def assess(*, by: Account, at: datetime, risk_id: int, likelihood: int, impact: int, reason: str) -> Assessment:
    """Judge residual likelihood and impact, 1–5 each; the score follows at once. Raises AccessDenied."""
    risk = locked(risk_id)
    require(by, Permission.RISK_ASSESS, on=risk)
    if not (1 <= likelihood <= 5 and 1 <= impact <= 5):
        raise ValueError("Likelihood and impact go from 1 to 5.")
    risk.baseline_likelihood, risk.baseline_impact = likelihood, impact
    risk.save()
    judged = Assessment.objects.create(
        risk=risk, likelihood=likelihood, impact=impact, reason=reason, assessed_by=by, assessed_at=at
    )
    note(risk, by=by, action="risk.assessed", likelihood=likelihood, impact=impact, reason=reason)
    _settled(risk, by, at)
    return judged


@transaction.atomic
def dispute(
    *, by: Account, at: datetime, risk_id: int, judged_digest: str, reason: str, disputed_input: str
) -> Dispute:
    """Say that an input is wrong; the score is held and its clock runs on. Raises DisputeAlreadyOpen, StaleState."""
    risk = _opened(by, Permission.RISK_DISPUTE, risk_id, judged_digest)
    lifecycle.next_state(State(risk.state), Action.DISPUTE)
    if risk.disputes.filter(settled_at__isnull=True).exists():
        raise DisputeAlreadyOpen("A dispute of this risk is open. It is settled before another begins.")
    risk.disputed = True
    risk.save()
    opened = Dispute.objects.create(
        risk=risk,
        reason=reason,
        disputed_input=disputed_input,
        judged_digest=judged_digest,
        raised_by=by,
        raised_at=at,
    )
    note(risk, by=by, action="risk.disputed", reason=reason, disputed_input=disputed_input, dispute=opened.pk)
    return opened


@transaction.atomic
def settle_dispute(*, by: Account, at: datetime, dispute_id: int, settlement: str) -> Dispute:
    """Answer a dispute; not by who raised it. Raises AccessDenied, DisputeAlreadySettled."""
    risk = locked(Dispute.objects.values_list("risk_id", flat=True).get(pk=dispute_id))
    opened = Dispute.objects.select_for_update(of=("self",)).get(pk=dispute_id)
    require(by, Permission.RISK_ASSESS, on=risk)
    if opened.raised_by_id == by.pk:
        raise AccessDenied("You raised this dispute. Someone else must settle it.")
    if opened.settled_at is not None:
        raise DisputeAlreadySettled(f"This dispute was settled on {opened.settled_at:%d %B %Y}.")
    opened.settled_at, opened.settled_by, opened.settlement = at, by, settlement
    opened.save()
    risk.disputed = False
    risk.save()
    note(risk, by=by, action="risk.dispute_settled", settlement=settlement, dispute=opened.pk)
    _settled(risk, by, at)
    return opened


def mark_overdue(*, at: datetime) -> int:
    """Record once per due time that an answer is late; return how many were recorded."""
    late = Risk.objects.filter(due_at__lte=at).exclude(state__in=[RiskState.CLOSED, RiskState.ACCEPTED])
    ids = list(late.order_by("due_at", "pk").values_list("pk", flat=True))
    return sum(_mark_one(pk, at) for pk in ids)


@transaction.atomic
def _mark_one(pk: int, at: datetime) -> bool:
    risk = locked(pk)
    if risk.due_at is None or risk.due_at > at or risk.state in {RiskState.CLOSED, RiskState.ACCEPTED}:
        return False
    said = AuditEntry.objects.filter(action="risk.overdue", object_type="risk", object_id=str(pk))
    if said.filter(canon__contains=f'"due_at":"{risk.due_at.isoformat()}"').exists():
        return False
    owed = lifecycle.DUTIES.get(State(risk.state))
    note(risk, by=CLOCK, action="risk.overdue", duty=(owed[0] if owed else "STEP"))
    return True


# ---- shared ----


def holding_causes(risk: Risk) -> list[str]:
    """Return what still holds: the enforced rules whose episode is open, and what scorers say."""
    rules = Episode.objects.filter(
        model_id=risk.model_id,
        category=risk.category,
        cleared_at__isnull=True,
        rule_version__state=VersionState.ENFORCED,
    ).values_list("rule_version__rule__slug", flat=True)
    scorers = Contribution.objects.filter(risk=risk, cleared_at__isnull=True).values_list("cause", flat=True)
    return sorted({*rules, *scorers})


def _opened(by: Account, permission: Permission, risk_id: int, digest: str) -> Risk:
    risk = locked(risk_id)
    require(by, permission, on=risk)
    require_judged(risk, digest)
    return risk


def _require_fit(steps: Sequence[Step], at: datetime) -> None:
    if not steps:
        raise PlanNotFit("A plan needs at least one step.")
    for place, step in enumerate(steps, start=1):
        if not step.text.strip():
            raise PlanNotFit(f"Step {place} has no words.")
        if step.due_on < at.astimezone(UTC).date():
            raise PlanNotFit(f"Step {place} is due on {step.due_on:%d %B %Y}, which is over.")


def _set_step_clock(risk: Risk, plan: MitigationPlan) -> None:
    """Owe the next open step by the end of its day; with none left, the clock of the last day stands."""
    open_days = plan.steps.filter(done_at__isnull=True).order_by("due_on").values_list("due_on", flat=True)
    following = open_days.first() or plan.steps.order_by("-due_on").values_list("due_on", flat=True)[0]
    risk.due_at = start_of(following + timedelta(days=1))


def _settled(risk: Risk, by: Account, at: datetime) -> Risk:
    settle(model=risk.model, categories=[risk.category], at=at, by=by)
    answered.tell(risk.model, by=by, at=at)
    risk.refresh_from_db()
    return risk
