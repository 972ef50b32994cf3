"""What every answer to a risk has in common: the lock, the state that was judged, the body of its entry."""

from datetime import UTC, date, datetime, time

from governance.risks import lifecycle
from governance.risks.lifecycle import Action, State
from governance.risks.models import Risk
from governance.vocabulary import RiskLevel
from models_registry.audit.actions import record
from models_registry.audit.actor import Actor


class RiskConflict(Exception):
    """The risk does not stand where this answer needs it."""

    http_status = 409


class StaleState(RiskConflict):
    """The risk moved after it was read, so the answer judged something else."""

    def __init__(self, risk: Risk) -> None:
        super().__init__(
            f"This was not saved. {risk.reference} moved while you were reading: it is now "
            f"{RiskLevel(risk.level).label}, {risk.score:g} points. Your text is kept below."
        )
        self.risk = risk


def locked(risk_id: int) -> Risk:
    """Return the risk with its model and unit, locked for this transaction."""
    rows = Risk.objects.select_for_update(of=("self",)).select_related("model__unit", "model__owner")
    return rows.get(pk=risk_id)


def require_judged(risk: Risk, digest: str) -> None:
    """Raise StaleState unless the digest is that of the risk as it stands."""
    if digest != risk.digest:
        raise StaleState(risk)


def move(risk: Risk, action: Action, *, at: datetime) -> None:
    """Take the risk along the road of `lifecycle` and set the clock of the state it enters."""
    risk.state = lifecycle.next_state(State(risk.state), action).value
    risk.due_at = lifecycle.due_at(state=State(risk.state), level=RiskLevel(risk.level), since=at)


def note(risk: Risk, *, by: Actor, action: str, **more: object) -> int:
    """Record an entry about the risk; ``more`` joins the facts that every such entry carries."""
    model = risk.model
    body = {
        "risk": risk.pk,
        "reference": risk.reference,
        "model": model.slug,
        "model_name": model.name,
        "unit": model.unit.slug,
        "materiality": model.materiality,
        "category": risk.category,
        "level": str(risk.level),
        "to_level": str(risk.level),
        "score": risk.score,
        "state": str(risk.state),
        "due_at": risk.due_at.isoformat() if risk.due_at else None,
        "digest": risk.digest,
        **more,
    }
    return record(by=by, action=action, on=risk, body=body)


def start_of(day: date) -> datetime:
    """Return the midnight, UTC, with which a day begins."""
    return datetime.combine(day, time.min, tzinfo=UTC)
