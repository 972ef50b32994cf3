"""What people answer to a risk: acknowledge, plan, show evidence, dispute, assess, release.

Every answer names the digest of the state it judged. Acceptances are in `accepting`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import F, Q

from governance.risks import answered, lifecycle
from governance.risks.accepting import withdraw_open
from governance.risks.judged import RiskConflict, locked, move, note, require_judged
from governance.risks.lifecycle import Action, State
from governance.risks.models import (
    Acknowledgement,
    Assessment,
    Contribution,
    Dispute,
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
from models_registry.access.rights import AccessDenied, can, require
from models_registry.audit.actor import CLOCK

NOTHING_OWED = (RiskState.CLOSED, RiskState.ACCEPTED)


class StepsStillOpen(RiskConflict):
    """Evidence is handed over when every step of the plan is done."""


class CausesStillHold(RiskConflict):
    """A level is released after its causes ended, not before."""


class DisputeAlreadyOpen(RiskConflict):
    """At most one dispute of a risk is open."""


class DisputeAlreadySettled(RiskConflict):
    """This dispute is settled."""


@transaction.atomic
def acknowledge(*, by: Account, at: datetime, risk_id: int, judged_digest: str, note_text: str = "") -> Acknowledgement:
    """Say that the owner has seen this state of the risk; the clock to answer begins.

    Raises AccessDenied, TransitionNotAllowed, StaleState.
    """
    risk = _opened(by, Permission.RISK_ACKNOWLEDGE, risk_id, judged_digest)
    was_due_at = risk.due_at.isoformat() if risk.due_at else None
    move(risk, Action.ACKNOWLEDGE, at=at)
    risk.save()
    seen = Acknowledgement.objects.create(risk=risk, by=by, at=at, note=note_text, judged_digest=judged_digest)
    note(risk, by=by, at=at, action="risk.acknowledged", note=note_text, was_due_at=was_due_at)
    answered.tell(risk.model, by=by, at=at)
    return seen


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one of many was not done."""

    risk_id: int
    reason: str


def acknowledge_each(
    *, by: Account, at: datetime, judged: Mapping[int, str], note_text: str = ""
) -> tuple[list[Acknowledgement], list[Refusal]]:
    """Acknowledge many risks, each by `acknowledge` alone; ``judged`` maps a risk to the digest that was read.

    What one may not is refused with its reason and stops none of the others.
    """
    done: list[Acknowledgement] = []
    refused: list[Refusal] = []
    for risk_id, digest in judged.items():
        try:
            seen = acknowledge(by=by, at=at, risk_id=risk_id, judged_digest=digest, note_text=note_text)
        except (AccessDenied, RiskConflict, lifecycle.TransitionNotAllowed) as reason:
            refused.append(Refusal(risk_id, str(reason)))
        else:
            done.append(seen)
    return done, refused


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
    risk.evidence, risk.evidence_by, risk.evidence_at = evidence, by, at
    risk.save()
    note(risk, by=by, at=at, action="risk.evidence_submitted", evidence=evidence)
    answered.tell(risk.model, by=by, at=at)
    return risk


@transaction.atomic
def send_back(*, by: Account, at: datetime, risk_id: int, judged_digest: str, reason: str) -> Risk:
    """Say that the evidence is not enough; the owner has the time of an answer for more."""
    risk = _opened(by, Permission.RISK_RELEASE, risk_id, judged_digest)
    move(risk, Action.SEND_BACK, at=at)
    risk.due_at = at + lifecycle.ANSWER_WITHIN[RiskLevel(risk.level)]
    risk.save()
    note(risk, by=by, at=at, action="risk.sent_back", reason=reason)
    return risk


@transaction.atomic
def release(*, by: Account, at: datetime, risk_id: int, judged_digest: str, reason: str) -> Risk:
    """Release a held level after verifying; a risk in verification is closed with it.

    Four eyes: neither the owner of the model nor anybody who did what is verified. Steps not yet verified
    are verified with it. Raises AccessDenied, CausesStillHold, StaleState.
    """
    risk = _opened(by, Permission.RISK_RELEASE, risk_id, judged_digest)
    refusal = why_not_release(risk, by)
    if refusal:
        raise AccessDenied(refusal)
    holding = holding_causes(risk)
    if holding:
        raise CausesStillHold(f"This still holds: {', '.join(holding)}. A level is released after its causes end.")
    if risk.state == RiskState.VERIFYING:
        move(risk, Action.CLOSE, at=at)
        PlanStep.objects.filter(_active_steps(risk), done_at__isnull=False, verified_at__isnull=True).update(
            verified_at=at, verified_by=by
        )
        risk.plans.filter(state=PlanState.ACTIVE).update(state=PlanState.DONE)
        risk.save()
    Release.objects.create(risk=risk, reason=reason, released_by=by, released_at=at)
    note(risk, by=by, at=at, action="risk.released", reason=reason)
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
    note(risk, by=by, at=at, action="risk.assessed", likelihood=likelihood, impact=impact, reason=reason)
    _settled(risk, by, at)
    return judged


@transaction.atomic
def dispute(
    *,
    by: Account,
    at: datetime,
    risk_id: int,
    judged_digest: str,
    reason: str,
    disputed_input: str,
    answers: str = "",
) -> Dispute:
    """Say that an input is wrong; the score is held and its clock runs on. Raises DisputeAlreadyOpen, StaleState."""
    risk = _opened(by, Permission.RISK_DISPUTE, risk_id, judged_digest, answers)
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
    note(risk, by=by, at=at, action="risk.disputed", reason=reason, disputed_input=disputed_input, dispute=opened.pk)
    return opened


@transaction.atomic
def settle_dispute(
    *, by: Account, at: datetime, dispute_id: int, settlement: str, upheld: bool | None = None
) -> Dispute:
    """Answer a dispute; not by who raised it. Upheld against a scorer's contribution, that contribution ends.

    What a rule found stays: a rule that errs is corrected or retired. Raises AccessDenied, DisputeAlreadySettled.
    """
    risk = locked(Dispute.objects.values_list("risk_id", flat=True).get(pk=dispute_id))
    opened = Dispute.objects.select_for_update(of=("self",)).get(pk=dispute_id)
    require(by, Permission.RISK_ASSESS, on=risk)
    if opened.raised_by_id == by.pk:
        raise AccessDenied("You raised this dispute. Someone else must settle it.")
    if opened.settled_at is not None:
        raise DisputeAlreadySettled(f"This dispute was settled on {opened.settled_at:%d %B %Y}.")
    opened.settled_at, opened.settled_by, opened.settlement, opened.upheld = at, by, settlement, upheld
    opened.save()
    if upheld:
        risk.contributions.filter(cause=opened.disputed_input, cleared_at__isnull=True).update(cleared_at=at)
    risk.disputed = False
    risk.save()
    note(risk, by=by, at=at, action="risk.dispute_settled", settlement=settlement, upheld=upheld, dispute=opened.pk)
    _settled(risk, by, at)
    return opened


def mark_overdue(*, at: datetime) -> int:
    """Record once per due time that an answer is late; return how many were recorded.

    Rows that were recorded are not read again, so that it may be asked each second.
    """
    late = Risk.objects.filter(due_at__lte=at).exclude(state__in=NOTHING_OWED)
    unsaid = late.filter(Q(overdue_for__isnull=True) | ~Q(overdue_for=F("due_at")))
    return sum(_mark_one(pk, at) for pk in list(unsaid.order_by("due_at", "pk").values_list("pk", flat=True)))


@transaction.atomic
def _mark_one(pk: int, at: datetime) -> bool:
    risk = locked(pk)
    if risk.due_at is None or risk.due_at > at or risk.state in NOTHING_OWED or risk.overdue_for == risk.due_at:
        return False
    risk.overdue_for = risk.due_at
    risk.save(update_fields=["overdue_for"])
    owed = lifecycle.DUTIES.get(State(risk.state))
    note(risk, by=CLOCK, at=at, action="risk.overdue", duty=(owed[0] if owed else "STEP"), steps=_late_steps(risk, at))
    return True


def _late_steps(risk: Risk, at: datetime) -> list[dict[str, object]]:
    """Return the open steps whose day is over, with who promised them."""
    if risk.state != RiskState.MITIGATING:
        return []
    rows = PlanStep.objects.filter(_active_steps(risk), done_at__isnull=True, due_on__lt=at.astimezone(UTC).date())
    return [
        {"step": row.position, "text": row.text, "owner": row.owner.username, "due_on": row.due_on.isoformat()}
        for row in rows.select_related("owner").order_by("position")
    ]


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


def why_not_release(risk: Risk, by: Account) -> str:
    """Return why this person may not verify and release the risk, empty when they may."""
    answer = can(by, Permission.RISK_RELEASE, on=risk)
    if not answer:
        return answer.reason
    if by.pk in (risk.model.owner_id, risk.model.deputy_id):
        return "You own this model. Someone else must verify and release."
    if risk.evidence_by_id == by.pk or PlanStep.objects.filter(_active_steps(risk), done_by=by).exists():
        return "You did a part of what is verified here. Someone else must verify and release."
    return ""


def _active_steps(risk: Risk) -> Q:
    return Q(plan__risk=risk, plan__state=PlanState.ACTIVE)


def _opened(by: Account, permission: Permission, risk_id: int, digest: str, answers: str = "") -> Risk:
    risk = locked(risk_id)
    require(by, permission, on=risk)
    require_judged(risk, digest, answers=answers)
    return risk


def _settled(risk: Risk, by: Account, at: datetime) -> Risk:
    settle(model=risk.model, categories=[risk.category], at=at, by=by)
    answered.tell(risk.model, by=by, at=at)
    risk.refresh_from_db()
    return risk
