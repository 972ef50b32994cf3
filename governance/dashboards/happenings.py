"""What happened to a model, told from the trail in sentences."""

from dataclasses import dataclass
from datetime import datetime

from models_registry.audit.models import AuditEntry
from models_registry.audit.telling import sentence

LATEST = 40
LATE = 200
"""How many entries written after the moment asked for are looked at for acts before it."""
MOMENTS = ("effective_at", "at", "used_at", "decided_at")
TOLD_ELSEWHERE = ("model.posture_moved", "risk.score_moved")
"""Too many and too small to tell; the charts show them."""


@dataclass(frozen=True)
class Happening:
    """One line of the timeline."""

    at: datetime
    kind: str
    text: str
    detail: str
    hash: str
    url: str


def happenings(*, model_id: int, until: datetime | None) -> list[Happening]:
    """Return the newest of what happened to a model by ``until``, newest first; by now, when None.

    The moment is the one that the act names, which may be earlier than the entry: evidence that came late, a
    history that was brought along. Such entries count from their moment on.
    """
    rows = AuditEntry.objects.of_model(model_id=model_id).exclude(action__in=TOLD_ELSEWHERE)
    if until is None:
        told = list(rows.newest_first()[:LATEST])
    else:
        later = rows.filter(at__gt=until).order_by("id")[:LATE]
        told = [*rows.filter(at__lte=until).newest_first()[:LATEST], *(row for row in later if _moment(row) <= until)]
    found = sorted(((_moment(row), row.pk, row) for row in told), key=lambda one: one[:2], reverse=True)
    return [_happening(row, at) for at, _, row in found[:LATEST]]


def _moment(row: AuditEntry) -> datetime:
    """Return when the act happened, by its own account; when it was written, without one."""
    body = row.body
    named = next((body[key] for key in MOMENTS if isinstance(body.get(key), str)), "")
    try:
        moment = datetime.fromisoformat(named)
    except ValueError:
        return row.at
    return min(moment, row.at) if moment.tzinfo else row.at


def _happening(row: AuditEntry, at: datetime) -> Happening:
    body = row.body
    return Happening(
        at=at,
        kind=row.actor_kind,
        text=sentence(row.action, body),
        detail=" ".join(
            filter(None, (f"By {row.actor_name}." if row.actor_name else "", str(body.get("explanation", ""))))
        ),
        hash=bytes(row.leaf).hex(),
        url=f"/audit/{row.pk}/",
    )
