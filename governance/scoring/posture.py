"""How every model stands against its line: derived here, and nowhere else.

In the red means room < 0, whether the risk is accepted or not; an acceptance is a mark beside it.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from governance.health.models import HealthScore
from governance.risks.method import LIMITS, Factor, level_of, model_score
from governance.risks.models import Risk, RiskState
from governance.scoring import room as rooms
from governance.scoring.models import Posture, PostureBase, PostureChange
from governance.vocabulary import Materiality, RiskCategory, rounded
from models_registry.audit.actions import record
from models_registry.audit.actor import SCORING, Actor
from models_registry.audit.canonical import digest
from models_registry.catalog.actions import bump_epoch
from models_registry.catalog.models import RegisteredModel

SHOWN = [field.name for field in PostureBase._meta.get_fields()]
DEFAULT_REDLINE = 60.0
"""The health redline of a model that no formula covers yet; it has no effect while health is unknown."""


@transaction.atomic
def refresh(
    *,
    model: RegisteredModel,
    at: datetime,
    health: HealthScore | None,
    quiet: bool,
    by: Actor = SCORING,
    event_id: int | None = None,
) -> Posture:
    """Derive the model's posture from its risks and health, and record it if it moved."""
    posture = locked(model=model, at=at)
    risks = list(Risk.objects.filter(model=model).order_by("-score", "id"))
    before = _facts(posture)
    was_red, was_quiet, is_new = posture.in_the_red, posture.quiet, not posture.digest
    _derive(posture, risks, health, quiet)
    after = _facts(posture)
    if after == before and not is_new:
        return posture
    posture.updated_at = at
    posture.red_since = (posture.red_since or at) if posture.in_the_red else None
    posture.quiet_since = (posture.quiet_since or at) if posture.quiet else None
    posture.digest = digest({"model": model.pk, "facts": after, "risks": [risk.digest for risk in risks]})
    posture.save()
    PostureChange.objects.create(model=model, changed_at=at, **{name: getattr(posture, name) for name in SHOWN})
    bump_epoch(model_ids=[model.pk])
    for action in _transitions(posture, was_red=was_red, was_quiet=was_quiet and not is_new):
        record(by=by, action=action, on=model, cause_event_id=event_id, body=_body(posture))
    return posture


def locked(*, model: RegisteredModel, at: datetime) -> Posture:
    """Return the model's posture row, made if missing, locked for this transaction."""
    Posture.objects.get_or_create(model=model, defaults={"updated_at": at})
    return Posture.objects.select_for_update(of=("self",)).select_related("model__unit").get(model=model)


def _derive(posture: Posture, risks: Sequence[Risk], health: HealthScore | None, quiet: bool) -> None:
    limits = LIMITS[Materiality(posture.model.materiality)]
    factors = [Factor(RiskCategory(risk.category), risk.score) for risk in risks]
    posture.risk_score = rounded(model_score(factors))
    posture.level = level_of(posture.risk_score).value
    posture.appetite, posture.tolerance = limits.appetite, limits.tolerance
    posture.health = health.score if health else None
    posture.health_redline = health.redline if health else None
    posture.coverage = health.coverage if health else 0.0
    posture.formula_version_id = health.formula_version_id if health else None
    posture.quiet = quiet
    redline = DEFAULT_REDLINE if posture.health_redline is None else posture.health_redline
    lost = [(str(part["name"]), float(part["lost"])) for part in (health.components if health else [])]
    room = rooms.room(
        risk_score=posture.risk_score, tolerance=limits.tolerance, health=posture.health, health_redline=redline
    )
    posture.room = 0.0 if room.points is None else room.points
    posture.in_the_red = room.in_the_red
    grave = [risk for risk in risks if risk.score > limits.appetite]
    posture.accepted = bool(grave) and all(risk.state == RiskState.ACCEPTED for risk in grave)
    posture.why = _why(posture, risks, room)
    ways = rooms.way_out(
        factors=factors, tolerance=limits.tolerance, health=posture.health, health_redline=redline, points_lost=lost
    )
    posture.way_out = " ".join(way.sentence for way in ways)


def _why(posture: Posture, risks: Sequence[Risk], room: rooms.Room) -> str:
    """Say first what is nearest to the line, or furthest past it."""
    parts = []
    if room.health_points is not None and room.health_points < 0:
        parts.append(
            f"Health is {posture.health:g}, {-room.health_points:g} past its redline of {posture.health_redline:g}."
        )
    if risks and risks[0].score > posture.appetite:
        worst = risks[0]
        parts.append(f"{worst.get_category_display()}: {worst.explanation}")
    return " ".join(parts)


def _facts(posture: Posture) -> dict[str, object]:
    return {name: getattr(posture, name) for name in SHOWN}


def _transitions(posture: Posture, *, was_red: bool, was_quiet: bool) -> list[str]:
    actions = []
    if posture.in_the_red != was_red:
        actions.append("model.went_red" if posture.in_the_red else "model.left_red")
    if posture.quiet != was_quiet:
        actions.append("model.went_quiet" if posture.quiet else "model.came_back")
    return actions or ["model.posture_moved"]


def _body(posture: Posture) -> dict[str, object]:
    model = posture.model
    return {
        "model": model.slug,
        "model_name": model.name,
        "unit": model.unit.slug,
        "materiality": model.materiality,
        "digest": posture.digest,
        **_facts(posture),
    }
