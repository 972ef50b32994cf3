"""What every answer to a risk has in common: the lock, the state that was judged, the body of its entry."""

from datetime import UTC, date, datetime, time

from governance.risks import lifecycle
from governance.risks.lifecycle import Action, State
from governance.risks.models import AcceptanceState, PlanState, Risk, RiskChange
from governance.vocabulary import RiskLevel
from models_registry.audit.actions import record
from models_registry.audit.actor import Actor
from models_registry.audit.canonical import digest as digest_of
from models_registry.catalog.models import RegisteredModel


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


class AnsweredMeanwhile(RiskConflict):
    """Somebody else answered the risk after it was read; saving would replace their answer unseen."""

    def __init__(self, risk: Risk) -> None:
        super().__init__(
            f"This was not saved. Somebody answered {risk.reference} while you were writing. Your text is kept below."
        )
        self.risk = risk


def locked(risk_id: int) -> Risk:
    """Return the risk with its model and unit, locked for this transaction.

    The model is locked first, as scoring does: one order for all, so that neither waits for the other in a ring.
    """
    model = RegisteredModel.objects.select_for_update(no_key=True, of=("self",)).filter(risks=risk_id)
    list(model.values_list("pk"))
    rows = Risk.objects.select_for_update(of=("self",)).select_related("model__unit", "model__owner")
    return rows.get(pk=risk_id)


def standing(risk: Risk) -> str:
    """Return the digest of everything an answer would join or replace: the risk, its state, what is open on it."""
    plan = risk.plans.filter(state=PlanState.ACTIVE).values_list("pk", flat=True).first()
    acceptance = risk.acceptances.filter(state__in=[AcceptanceState.PROPOSED, AcceptanceState.ACTIVE])
    dispute = risk.disputes.filter(settled_at__isnull=True).values_list("pk", flat=True).first()
    return digest_of(
        {
            "judged": risk.digest,
            "state": str(risk.state),
            "plan": plan,
            "acceptance": list(acceptance.values_list("pk", "state").first() or ()),
            "dispute": dispute,
        }
    )


def require_judged(risk: Risk, digest: str, *, answers: str = "") -> None:
    """Raise StaleState unless the digest is that of the risk as it stands.

    ``answers`` is the `standing` that was read, where saving could replace another's answer; when it
    differs, raise AnsweredMeanwhile.
    """
    if digest != risk.digest:
        raise StaleState(risk)
    if answers and answers != standing(risk):
        raise AnsweredMeanwhile(risk)


def move(risk: Risk, action: Action, *, at: datetime) -> None:
    """Take the risk along the road of `lifecycle` and set the clock of the state it enters."""
    risk.state = lifecycle.next_state(State(risk.state), action).value
    risk.due_at = lifecycle.due_at(state=State(risk.state), level=RiskLevel(risk.level), since=at)
    remember(risk, cause=f"answer:{action.word}", at=at)


def remember(risk: Risk, *, cause: str, at: datetime) -> None:
    """Add the answer to the risk's history: level and score stand, the state is what ``as_of`` must know."""
    RiskChange.objects.create(
        risk=risk,
        from_level=risk.level,
        to_level=risk.level,
        from_score=risk.score,
        to_score=risk.score,
        state=risk.state,
        cause=cause,
        explanation=risk.explanation,
        changed_at=at,
    )


def note(risk: Risk, *, by: Actor, at: datetime, action: str, **more: object) -> int:
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
        "effective_at": at.isoformat(),
        **more,
    }
    return record(by=by, action=action, on=risk, body=body)


def start_of(day: date) -> datetime:
    """Return the midnight, UTC, with which a day begins."""
    return datetime.combine(day, time.min, tzinfo=UTC)
