"""Accept a risk for a time: proposed by the owner, decided by others, watched by the clock."""

from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest, ApprovalState, Subject
from governance.risks import answered, lifecycle
from governance.risks.judged import RiskConflict, locked, move, note, require_judged, start_of
from governance.risks.lifecycle import Action, State
from governance.risks.models import Acceptance, AcceptanceState, Risk, RiskState
from governance.vocabulary import RiskLevel
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actor import CLOCK, Actor
from models_registry.audit.canonical import digest

DECIDE_WITHIN = timedelta(days=7)
WARN_BEFORE = timedelta(days=14)
OPEN_STATES = (AcceptanceState.PROPOSED, AcceptanceState.ACTIVE)
ENDS: dict[str, tuple[AcceptanceState, str]] = {
    ApprovalState.REJECTED: (AcceptanceState.REJECTED, "risk.acceptance_rejected"),
    ApprovalState.EXPIRED: (AcceptanceState.REJECTED, "risk.acceptance_not_decided"),
    ApprovalState.WITHDRAWN: (AcceptanceState.WITHDRAWN, "risk.acceptance_withdrawn"),
}


class AcceptanceUnfounded(ValueError):
    """An acceptance says why the risk may stand."""

    http_status = 400


class AcceptanceAlreadyOpen(RiskConflict):
    """At most one acceptance of a risk is proposed or active."""


def quorum_for(level: RiskLevel) -> dict[str, object]:
    """Return who must agree: one person up to Medium; compliance and the board from High."""
    if level >= RiskLevel.HIGH:
        return {"required": 2, "roles": ["compliance_officer", "governance_board"]}
    return {"required": 1, "roles": []}


@transaction.atomic
def propose_acceptance(
    *,
    by: Account,
    at: datetime,
    risk_id: int,
    judged_digest: str,
    justification: str,
    expires_on: date,
    compensating_control: str = "",
    answers: str = "",
) -> Acceptance:
    """Ask others to let this risk stand, in the judged state, until the day `expires_on` begins (UTC).

    Raises AccessDenied, TransitionNotAllowed, StaleState, AnsweredMeanwhile, AcceptanceTooLong,
    AcceptanceEndsTooEarly, AcceptanceUnfounded, AcceptanceAlreadyOpen.
    """
    risk = locked(risk_id)
    require(by, Permission.RISK_ACCEPT, on=risk)
    require_judged(risk, judged_digest, answers=answers)
    if not justification.strip():
        raise AcceptanceUnfounded("An acceptance says why the risk may stand.")
    lifecycle.next_state(State(risk.state), Action.ACCEPT)
    level = RiskLevel(risk.level)
    lifecycle.require_acceptance_term(level=level, begins_at=at, ends_at=start_of(expires_on))
    if risk.acceptances.filter(state__in=OPEN_STATES).exists():
        raise AcceptanceAlreadyOpen("An acceptance of this risk is proposed or active.")
    proposed = Acceptance.objects.create(
        risk=risk,
        justification=justification,
        compensating_control=compensating_control,
        accepted_level=level.value,
        expires_on=expires_on,
        judged_digest=judged_digest,
        proposed_by=by,
        proposed_at=at,
    )
    proposed.approval = _ask(proposed, by=by, at=at)
    proposed.save(update_fields=["approval"])
    note(risk, by=by, at=at, action="risk.acceptance_proposed", **_facts(proposed))
    return proposed


@transaction.atomic
def decide_acceptance(request: ApprovalRequest, *, by: Actor, at: datetime) -> None:
    """Do what the approvers decided; an approval of a state that is gone leaves the acceptance stale."""
    found = Acceptance.objects.get(approval=request)
    risk = locked(found.risk_id)
    acceptance = Acceptance.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if acceptance.state != AcceptanceState.PROPOSED:
        return
    acceptance.risk = risk
    if request.state == ApprovalState.APPROVED:
        _activate(acceptance, by=by, at=at)
    else:
        state, action = ENDS[request.state]
        _end(acceptance, state, action, by=by, at=at)


def expire_acceptances(*, at: datetime) -> int:
    """Warn once, 14 days before an acceptance ends, and reopen the risks of those that ended; return how many ended.

    Only rows on which something is due are read, so that it may be asked each second.
    """
    today = at.astimezone(UTC).date()
    active = Acceptance.objects.filter(state=AcceptanceState.ACTIVE, expires_on__lte=today + WARN_BEFORE)
    running = active.filter(Q(warned_at__isnull=True) | Q(expires_on__lte=today))
    return sum(_watch(pk, at) for pk in running.order_by("expires_on", "pk").values_list("pk", flat=True))


def withdraw_open(*, risk: Risk, by: Actor, at: datetime) -> None:
    """End what was proposed or active because another answer took its place; the caller holds the risk's lock."""
    for acceptance in risk.acceptances.filter(state__in=OPEN_STATES).select_related("approval"):
        acceptance.risk = risk
        _end(acceptance, AcceptanceState.WITHDRAWN, "risk.acceptance_withdrawn", by=by, at=at)
        approvals.overtake(by=by, at=at, subject=Subject.ACCEPTANCE, object_id=str(acceptance.pk))


def outgrow(*, risk: Risk, by: Actor, at: datetime) -> None:
    """Mark stale what was proposed or accepted below the level the risk has now; the caller holds the risk's lock.

    A request for approval that still waits is withdrawn with it: nobody approves a state that is gone.
    """
    for acceptance in risk.acceptances.filter(state__in=OPEN_STATES).select_related("approval"):
        if RiskLevel(acceptance.accepted_level) < RiskLevel(risk.level):
            acceptance.risk = risk
            _end(acceptance, AcceptanceState.STALE, "risk.acceptance_went_stale", by=by, at=at)
            approvals.overtake(by=by, at=at, subject=Subject.ACCEPTANCE, object_id=str(acceptance.pk))


def _ask(proposed: Acceptance, *, by: Account, at: datetime) -> ApprovalRequest:
    risk = proposed.risk
    level = RiskLevel(risk.level)
    return approvals.request(
        by=by,
        at=at,
        subject=Subject.ACCEPTANCE,
        object_id=str(proposed.pk),
        title=f"Accept {risk.reference} of {risk.model.name} at {level.label} until {proposed.expires_on:%d %B %Y}",
        summary=proposed.justification,
        url=f"/risks/{risk.reference}/",
        digest=digest({**_facts(proposed), "risk": risk.pk, "judged": proposed.judged_digest}),
        policy=quorum_for(level),
        expires_at=at + DECIDE_WITHIN,
        model=risk.model,
    )


def _activate(acceptance: Acceptance, *, by: Actor, at: datetime) -> None:
    risk = acceptance.risk
    covers = RiskLevel(acceptance.accepted_level) >= RiskLevel(risk.level)
    if not covers or not lifecycle.is_allowed(State(risk.state), Action.ACCEPT):
        _end(acceptance, AcceptanceState.STALE, "risk.acceptance_went_stale", by=by, at=at)
        return
    acceptance.state, acceptance.decided_at = AcceptanceState.ACTIVE, at
    acceptance.save()
    move(risk, Action.ACCEPT, at=at)
    risk.due_at = start_of(acceptance.expires_on)
    risk.save()
    note(risk, by=by, at=at, action="risk.acceptance_activated", **_facts(acceptance))
    answered.tell(risk.model, by=by, at=at)


def _end(acceptance: Acceptance, state: AcceptanceState, action: str, *, by: Actor, at: datetime) -> None:
    acceptance.state, acceptance.decided_at = state, at
    acceptance.save(update_fields=["state", "decided_at"])
    note(acceptance.risk, by=by, at=at, action=action, **_facts(acceptance))


@transaction.atomic
def _watch(pk: int, at: datetime) -> bool:
    risk = locked(Acceptance.objects.values_list("risk_id", flat=True).get(pk=pk))
    acceptance = Acceptance.objects.select_for_update(of=("self",)).get(pk=pk)
    if acceptance.state != AcceptanceState.ACTIVE:
        return False
    acceptance.risk = risk
    if start_of(acceptance.expires_on) > at:
        _warn_once(acceptance, at)
        return False
    if risk.state == RiskState.ACCEPTED:
        move(risk, Action.REOPEN, at=at)
        risk.raised_at = at
        risk.save()
    _end(acceptance, AcceptanceState.EXPIRED, "risk.acceptance_expired", by=CLOCK, at=at)
    answered.tell(risk.model, by=CLOCK, at=at)
    return True


def _warn_once(acceptance: Acceptance, at: datetime) -> None:
    if acceptance.warned_at is None:
        acceptance.warned_at = at
        acceptance.save(update_fields=["warned_at"])
        note(acceptance.risk, by=CLOCK, at=at, action="risk.acceptance_ends_soon", **_facts(acceptance))


def _facts(acceptance: Acceptance) -> dict[str, object]:
    return {
        "acceptance": acceptance.pk,
        "accepted_level": str(acceptance.accepted_level),
        "expires_on": acceptance.expires_on.isoformat(),
        "justification": acceptance.justification,
        "compensating_control": acceptance.compensating_control,
    }
