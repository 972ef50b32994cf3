"""Take an acknowledgement back: within a minute, by who gave it, before anything else was answered.

Nothing is deleted: the acknowledgement stays on record, the undo stands beside it, and the clock
that ran before runs again as if it had never stopped.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from governance.risks import answered, lifecycle
from governance.risks.judged import RiskConflict, locked, note, remember
from governance.risks.lifecycle import UNDO_WITHIN, Action, State
from governance.risks.models import AcceptanceState, Acknowledgement, Risk, undo_cause
from governance.vocabulary import RiskLevel
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied, require
from models_registry.audit.models import AuditEntry


class NothingToUndo(RiskConflict):
    """This acknowledgement can no longer be undone."""


@transaction.atomic
def undo_acknowledgement(*, by: Account, at: datetime, acknowledgement_id: int) -> Risk:
    """Make the risk owe its acknowledgement again, by the time it was owed before.

    Raises AccessDenied unless ``by`` gave it and still may, NothingToUndo when a minute is over, the risk
    moved on, or it is undone already.
    """
    risk = locked(Acknowledgement.objects.values_list("risk_id", flat=True).get(pk=acknowledgement_id))
    seen = Acknowledgement.objects.with_undone().select_related("by").get(pk=acknowledgement_id)
    require(by, Permission.RISK_ACKNOWLEDGE, on=risk)
    if seen.by_id != by.pk:
        raise AccessDenied(f"Only {seen.by} can undo this: they acknowledged {risk.reference}.")
    reason = _why_not(risk, seen, at)
    if reason:
        raise NothingToUndo(reason)
    risk.state = lifecycle.next_state(State(risk.state), Action.UNDO_ACKNOWLEDGEMENT).value
    risk.due_at = _was_due_at(risk)
    risk.save()
    remember(risk, cause=undo_cause(seen.pk), at=at)
    given = {"acknowledgement": seen.pk, "given_at": seen.at.isoformat()}
    note(risk, by=by, at=at, action="risk.acknowledgement_undone", **given)
    answered.tell(risk.model, by=by, at=at)
    return risk


def undo_each(*, by: Account, at: datetime, acknowledgement_ids: Iterable[int]) -> tuple[list[Risk], list[str]]:
    """Undo many, each by `undo_acknowledgement` alone; return what was undone, and in words why the others were not."""
    done: list[Risk] = []
    refused: list[str] = []
    for one in acknowledgement_ids:
        try:
            done.append(undo_acknowledgement(by=by, at=at, acknowledgement_id=one))
        except (AccessDenied, RiskConflict) as reason:
            refused.append(str(reason))
    return done, refused


def _why_not(risk: Risk, seen: Acknowledgement, at: datetime) -> str:
    if seen.undone_at is not None:
        return f"The acknowledgement of {risk.reference} is undone already."
    newest = risk.acknowledgements.order_by("-at", "-pk").values_list("pk", flat=True).first()
    if risk.state == State.OPEN or newest != seen.pk:
        return f"{risk.reference} rose after it was acknowledged, and its clock began anew: nothing is left to undo."
    if risk.state != State.ACKNOWLEDGED:
        label = State(risk.state).label.lower()
        return f"{risk.reference} was answered after it was acknowledged and is {label} now. An answer is not undone."
    if risk.acceptances.filter(state=AcceptanceState.PROPOSED).exists():
        return f"An acceptance of {risk.reference} was proposed after it was acknowledged. Withdraw that first."
    if risk.disputes.filter(settled_at__isnull=True, raised_at__gte=seen.at).exists():
        return f"{risk.reference} was disputed after it was acknowledged. An answer is not undone."
    if at - seen.at > UNDO_WITHIN:
        seconds = int(UNDO_WITHIN.total_seconds())
        return f"{risk.reference} was acknowledged more than {seconds} seconds ago. Undo is gone, the record stays."
    return ""


def _was_due_at(risk: Risk) -> datetime | None:
    """Return the time by which the acknowledgement was owed, as the entry of the acknowledgement keeps it."""
    about = AuditEntry.objects.about(object_type="risk", object_id=str(risk.pk)).filter(action="risk.acknowledged")
    entry = about.newest_first().first()
    kept = entry.body.get("was_due_at") if entry else None
    if kept:
        return datetime.fromisoformat(kept)
    since = risk.raised_at or risk.level_since
    return lifecycle.due_at(state=State.OPEN, level=RiskLevel(risk.level), since=since)
