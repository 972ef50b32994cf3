"""What happened to a model, told from the trail in sentences."""

from dataclasses import dataclass
from datetime import datetime

from models_registry.audit.models import AuditEntry
from models_registry.audit.telling import sentence

LATEST = 40
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


def happenings(*, model_id: int, until: datetime) -> list[Happening]:
    """Return the newest entries about a model at ``until``, newest first."""
    rows = AuditEntry.objects.of_model(model_id=model_id).filter(at__lte=until).exclude(action__in=TOLD_ELSEWHERE)
    return [_happening(row) for row in rows.newest_first()[:LATEST]]


def _happening(row: AuditEntry) -> Happening:
    body = row.body
    return Happening(
        at=row.at,
        kind=row.actor_kind,
        text=sentence(row.action, body),
        detail=" ".join(
            filter(None, (f"By {row.actor_name}." if row.actor_name else "", str(body.get("explanation", ""))))
        ),
        hash=bytes(row.leaf).hex(),
        url=f"/audit/{row.pk}/",
    )
