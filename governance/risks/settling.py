"""Make the register say what the evidence says: fold, compare, write what moved.

The score and level are a function of the stored evidence and the moment. People's answers are
never undone here; a risk that rises past what was answered opens again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from governance.risks import fold as folding
from governance.risks.accepting import outgrow
from governance.risks.gathering import gather, key_of
from governance.risks.lifecycle import State, tightened
from governance.risks.method import level_of
from governance.risks.models import Acceptance, AcceptanceState, Risk, RiskChange, RiskState
from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.audit.actions import Entry, record_all
from models_registry.audit.actor import SCORING, Actor
from models_registry.audit.canonical import digest
from models_registry.catalog.models import RegisteredModel

MOVING = ["factor", "score", "level", "explanation", "digest", "level_since", "next_change_at"]
_AT_REST = Q(score=0) | Q(level=RiskLevel.LOW.value, state=RiskState.CLOSED)
"""What only evidence moves, and no time that passes."""
ANSWERS = ["state", "raised_at", "due_at", "evidence", "evidence_by", "evidence_at"]


@dataclass(frozen=True, slots=True)
class _Move:
    """A risk that is to stand differently, and where it stood."""

    risk: Risk
    state: folding.FactorState
    before_level: RiskLevel
    before_score: float
    tier: int | None


@transaction.atomic
def settle(
    *,
    model: RegisteredModel,
    categories: Iterable[str],
    at: datetime,
    by: Actor = SCORING,
    event_id: int | None = None,
) -> list[Risk]:
    """Bring the model's risks of these categories up to date at ``at``; return those that moved."""
    wanted = {RiskCategory(category).value for category in categories}
    risks = _locked({model.pk: model}, Q(category__in=wanted))
    return _settle(_among(risks, {model.pk: model}, {model.pk: wanted}, at), at, by, {model.pk: event_id})


@transaction.atomic(savepoint=False)
def settle_all(
    *,
    models: Mapping[int, RegisteredModel],
    fresh: Mapping[int, Collection[str]],
    at: datetime,
    events: Mapping[int, int | None],
    by: Actor = SCORING,
) -> list[Risk]:
    """Bring many models' risks up to date at ``at``; return those that moved.

    Weighed are the categories in ``fresh``, and what may have moved with time alone: risks that are due to
    change, and scores that fade. ``events`` names what caused it, by model. The caller holds the models' locks,
    and the number of queries does not grow with the number of models.
    """
    wanted = {pk: set(fresh.get(pk, ())) for pk in models}
    spoken_of = {category for categories in wanted.values() for category in categories}
    risks = _locked(models, Q(category__in=spoken_of) | Q(next_change_at__lte=at) | ~_AT_REST)
    for risk in risks:
        due = risk.next_change_at is not None and risk.next_change_at <= at
        at_rest = risk.score == 0 or (risk.level == RiskLevel.LOW and risk.state == RiskState.CLOSED)
        if due or not at_rest:
            wanted[risk.model_id].add(risk.category)
    return _settle(_among(risks, models, wanted, at), at, by, events)


def current_state(risk: Risk, *, at: datetime) -> folding.FactorState:
    """Derive the state of a risk at any moment from evidence alone, writing nothing."""
    return gather([risk])[key_of(risk)].state(at=at)


def _locked(models: Mapping[int, RegisteredModel], which: Q) -> list[Risk]:
    rows = Risk.objects.select_for_update().filter(which, model__in=list(models))
    risks = list(rows.order_by("model_id", "category"))
    for risk in risks:
        risk.model = models[risk.model_id]
    return risks


def _among(
    risks: Iterable[Risk], models: Mapping[int, RegisteredModel], wanted: Mapping[int, Collection[str]], at: datetime
) -> list[Risk]:
    """Return the wanted risks, one that is not in the register yet as a new row that is not written."""
    known = {key_of(risk): risk for risk in risks}
    return [
        known.get((pk, category)) or Risk(model=models[pk], category=category, level_since=at, created_at=at)
        for pk in sorted(wanted)
        for category in sorted(wanted[pk])
    ]


def _settle(risks: Sequence[Risk], at: datetime, by: Actor, events: Mapping[int, int | None]) -> list[Risk]:
    if not risks:
        return []
    evidence = gather(risks)
    moves: list[_Move] = []
    rescheduled: list[Risk] = []
    for risk in risks:
        state = evidence[key_of(risk)].state(at=at)
        due = state.next_change.at if state.next_change else None
        move = _Move(risk, state, RiskLevel(risk.level), risk.score, evidence[key_of(risk)].tier)
        if _differs(risk, state):
            moves.append(move)
        elif risk.pk and risk.next_change_at != due:
            rescheduled.append(risk)
        risk.next_change_at = due
    Risk.objects.bulk_update(rescheduled, ["next_change_at"])
    Risk.objects.bulk_create([move.risk for move in moves if not move.risk.pk])
    for move in moves:
        _apply(move, at, by)
    _write(moves, at, by, events)
    return [move.risk for move in moves]


def _differs(risk: Risk, state: folding.FactorState) -> bool:
    if not risk.pk and state.level is RiskLevel.LOW and not state.effective:
        return False  # nothing speaks for a risk that is not in the register
    return state.level != risk.level or state.effective != risk.score or state.explanation != risk.explanation


def _apply(move: _Move, at: datetime, by: Actor) -> None:
    risk, state = move.risk, move.state
    risk.factor, risk.score, risk.level = state.score, state.effective, state.level.value
    risk.explanation = state.explanation
    risk.digest = risk_digest(risk)
    if state.level != move.before_level:
        risk.level_since = at
        _answer_again(risk, move.before_level, at, by)


def _write(moves: Sequence[_Move], at: datetime, by: Actor, events: Mapping[int, int | None]) -> None:
    """Write risks, their history and their trail, each with one statement."""
    Risk.objects.bulk_create(
        [move.risk for move in moves], update_conflicts=True, unique_fields=["id"], update_fields=[*MOVING, *ANSWERS]
    )
    RiskChange.objects.bulk_create([_change(move, at) for move in moves])
    record_all([_entry(move, at, by, events.get(move.risk.model_id)) for move in moves])


# ---- what is written ----


def risk_digest(risk: Risk) -> str:
    """Return the digest of what a decision about this risk judges: its level and why."""
    return digest(
        {
            "risk": risk.pk,
            "level": str(risk.level),
            "score": risk.score,
            "explanation": risk.explanation,
        }
    )


def _answer_again(risk: Risk, before: RiskLevel, at: datetime, by: Actor) -> None:
    """Start or tighten the owner's clock when the level rose; an acceptance covers only its level."""
    level = RiskLevel(risk.level)
    if level <= before:
        return
    if not _is_covered(risk):
        reopened = risk.state != RiskState.OPEN
        risk.state, risk.raised_at = RiskState.OPEN, at
        risk.evidence, risk.evidence_by, risk.evidence_at = "", None, None
        current = None if reopened else risk.due_at
        risk.due_at = tightened(state=State.OPEN, level=level, since=at, raised_at=at, current=current)
    outgrow(risk=risk, by=by, at=at)


def _is_covered(risk: Risk) -> bool:
    """Return whether an acceptance in force covers the level that the risk has now."""
    if risk.state != RiskState.ACCEPTED:
        return False
    accepted = Acceptance.objects.filter(risk=risk, state=AcceptanceState.ACTIVE).first()
    return accepted is not None and RiskLevel(accepted.accepted_level) >= RiskLevel(risk.level)


def _change(move: _Move, at: datetime) -> RiskChange:
    risk, live = move.risk, move.state.contributions
    return RiskChange(
        risk=risk,
        from_level=move.before_level.value,
        to_level=risk.level,
        from_score=move.before_score,
        to_score=risk.score,
        state=risk.state,
        cause=live[0].cause if live else "",
        explanation=risk.explanation,
        contributions=[
            {"cause": one.cause, "points": one.points, "text": one.text, "rule": one.rule, "evidence": one.evidence}
            for one in live
        ],
        changed_at=at,
    )


def _entry(move: _Move, at: datetime, by: Actor, event_id: int | None) -> Entry:
    risk, model = move.risk, move.risk.model
    level = level_of(risk.score)
    if level == move.before_level:
        action = "risk.score_moved"
    else:
        action = "risk.level_raised" if level > move.before_level else "risk.level_lowered"
    return Entry(
        by=by,
        action=action,
        on=risk,
        model_id=risk.model_id,
        cause_event_id=event_id,
        body={
            "risk": risk.pk,
            "reference": risk.reference,
            "model": model.slug,
            "model_name": model.name,
            "unit": model.unit.slug,
            "materiality": model.materiality,
            "category": risk.category,
            "from_level": move.before_level.value,
            "to_level": risk.level,
            "from_score": move.before_score,
            "score": risk.score,
            "explanation": risk.explanation,
            "state": str(risk.state),
            "due_at": risk.due_at.isoformat() if risk.due_at else None,
            "alert_tier": move.tier,
            "effective_at": at.isoformat(),
            "digest": risk.digest,
        },
    )
