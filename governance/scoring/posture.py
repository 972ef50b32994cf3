"""How every model stands against its line: derived here, and nowhere else.

In the red means room < 0, whether the risk is accepted or not; an acceptance is a mark beside it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from governance.health.models import HealthScore
from governance.health.sentence import words
from governance.risks.method import LIMITS, Factor, level_of, model_score
from governance.risks.models import Risk, RiskState
from governance.scoring import room as rooms
from governance.scoring.models import Posture, PostureBase, PostureChange
from governance.vocabulary import Materiality, RiskCategory, rounded
from models_registry.audit.actions import Entry, record_all
from models_registry.audit.actor import SCORING, Actor
from models_registry.audit.canonical import digest
from models_registry.catalog.actions import bump_epoch
from models_registry.catalog.models import RegisteredModel

SHOWN = [field.name for field in PostureBase._meta.get_fields()]
MOVING = [*SHOWN, "digest", "red_since", "quiet_since", "formula_version", "updated_at"]
QUIET_COVERAGE = 0.6
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
    scores = {model.pk: health} if health else {}
    refresh_all(postures=[posture], health=scores, quiet={model.pk: quiet}, at=at, by=by, events={model.pk: event_id})
    return posture


@transaction.atomic(savepoint=False)
def refresh_all(
    *,
    postures: Collection[Posture],
    health: Mapping[int, HealthScore],
    quiet: Mapping[int, bool],
    at: datetime,
    events: Mapping[int, int | None],
    by: Actor = SCORING,
) -> None:
    """Derive many models' posture and record those that moved; the caller holds their locks.

    ``health``, ``quiet`` and ``events`` (what caused it) are by model. A posture's ``model`` must be fetched
    with its unit. The number of queries does not grow with the number of models.
    """
    risks = _risks([posture.model_id for posture in postures])
    moved: list[Posture] = []
    entries: list[Entry] = []
    for posture in postures:
        pk = posture.model_id
        actions = _moved(posture, risks[pk], health.get(pk), quiet=quiet[pk], at=at)
        if actions:
            moved.append(posture)
            body = _body(posture)
            entries += [Entry(by, action, posture.model, body, cause_event_id=events.get(pk)) for action in actions]
    if not moved:
        return
    Posture.objects.bulk_create(moved, update_conflicts=True, unique_fields=["model"], update_fields=MOVING)
    PostureChange.objects.bulk_create([_change(posture, at) for posture in moved])
    bump_epoch(model_ids=[posture.model_id for posture in moved])
    record_all(entries)


def locked(*, model: RegisteredModel, at: datetime) -> Posture:
    """Return the model's posture row, made if missing; the model is locked for this transaction."""
    return lock(model_ids=[model.pk], at=at)[model.pk]


def lock(*, model_ids: Iterable[int], at: datetime, skip_locked: bool = False) -> dict[int, Posture]:
    """Lock these models in order of their keys and return their postures, made if missing.

    The model's row is the one lock under which its risks, health and posture move; whoever needs several
    locks takes this one first. With ``skip_locked`` models that somebody else works on are left out.
    """
    rows = RegisteredModel.objects.select_for_update(no_key=True, of=("self",), skip_locked=skip_locked)
    models = {model.pk: model for model in rows.select_related("unit").filter(pk__in=[*model_ids]).order_by("pk")}
    postures = Posture.objects.in_bulk(list(models))
    if missing := models.keys() - postures.keys():
        Posture.objects.bulk_create(
            [Posture(model_id=pk, updated_at=at) for pk in sorted(missing)], ignore_conflicts=True
        )
        postures |= Posture.objects.in_bulk(list(missing))
    for pk, posture in postures.items():
        posture.model = models[pk]
    return {pk: postures[pk] for pk in models}


def is_quiet(health: HealthScore | None) -> bool:
    """Return whether too little of what the formula requires is fresh."""
    return health is None or health.coverage < QUIET_COVERAGE


def _risks(model_ids: Collection[int]) -> dict[int, list[Risk]]:
    found: dict[int, list[Risk]] = defaultdict(list)
    for risk in Risk.objects.filter(model__in=model_ids).order_by("-score", "id"):
        found[risk.model_id].append(risk)
    return found


def _moved(
    posture: Posture, risks: Sequence[Risk], health: HealthScore | None, *, quiet: bool, at: datetime
) -> list[str]:
    """Derive the posture anew; return the actions the trail must name, none when it stands as it stood."""
    before, was_red, was_quiet, is_new = posture.digest, posture.in_the_red, posture.quiet, not posture.digest
    _derive(posture, risks, health, quiet)
    facts = _facts(posture)
    posture.digest = digest({"model": posture.model_id, "facts": facts, "risks": [risk.digest for risk in risks]})
    if posture.digest == before:
        return []
    posture.updated_at = at
    posture.red_since = (posture.red_since or at) if posture.in_the_red else None
    posture.quiet_since = (posture.quiet_since or at) if posture.quiet else None
    return _transitions(posture, was_red=was_red, was_quiet=was_quiet and not is_new)


def _change(posture: Posture, at: datetime) -> PostureChange:
    return PostureChange(model_id=posture.model_id, changed_at=at, **{name: getattr(posture, name) for name in SHOWN})


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
    lost = [(words(part["name"]), float(part["lost"])) for part in (health.components if health else [])]
    room = rooms.room(
        risk_score=posture.risk_score, tolerance=limits.tolerance, health=posture.health, health_redline=redline
    )
    posture.room = 0.0 if room.points is None else room.points
    posture.in_the_red = room.in_the_red
    grave = [risk for risk in risks if risk.score > limits.appetite]
    posture.accepted = bool(grave) and all(risk.state == RiskState.ACCEPTED for risk in grave)
    posture.why = _why(posture, risks, room, lost)
    ways = rooms.way_out(
        factors=factors, tolerance=limits.tolerance, health=posture.health, health_redline=redline, points_lost=lost
    )
    posture.way_out = " ".join(way.sentence for way in ways)


def _why(posture: Posture, risks: Sequence[Risk], room: rooms.Room, lost: Sequence[tuple[str, float]]) -> str:
    """Say why a model is past its line or close to it: its health with what took most of it, then its gravest risk."""
    parts = []
    if room.health_points is not None and room.health_points <= rooms.CLOSE_POINTS:
        side = "past" if room.health_points < 0 else "from"
        standing = f"{posture.health:g}, {abs(room.health_points):g} {side} its redline of {posture.health_redline:g}"
        parts.append(f"Health is {standing}{_taker(lost)}.")
    if risks and risks[0].score > posture.appetite:
        worst = risks[0]
        parts.append(f"{worst.get_category_display()}: {worst.explanation}")
    return " ".join(parts)


def _taker(lost: Sequence[tuple[str, float]]) -> str:
    """Say which component took most of the points that health lost."""
    name, most = max(lost, key=lambda part: part[1], default=("", 0.0))
    every = sum(points for _, points in lost)
    if not most:
        return ""
    share = "all" if most == every else f"{rounded(most):g}"
    return f": {name} took {share} of the {rounded(every):g} points lost"


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
        "at": posture.updated_at,
        **_facts(posture),
    }
