"""How models stand, now or at a past moment, in one shape for every page.

Now is read from `Posture`, the past from its history: the newest row of each model at that moment,
found by one probe of an index per model, so that the cost does not grow with the history. A page
about many models has the database count them (`lineup`) and reads the whole standing of the few it lists.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from governance.scoring.models import Posture, PostureBase, PostureChange
from governance.scoring.room import CLOSE_POINTS
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible
from models_registry.catalog.models import RegisteredModel


@dataclass(frozen=True)
class Standing:
    """One model at one moment. ``room`` is in points, None while nothing is known; scores are 0–100."""

    model: RegisteredModel
    level: str = ""
    risk_score: float | None = None
    room: float | None = None
    health: float | None = None
    health_redline: float | None = None
    coverage: float = 0.0
    in_the_red: bool = False
    quiet: bool = True
    accepted: bool = False
    why: str = ""
    way_out: str = ""
    since: datetime | None = None

    @property
    def group(self) -> str:
        """Where the board lists it: ``past``, ``quiet``, ``close`` or ``steady``; quiet is never steady."""
        return group_of(in_the_red=self.in_the_red, quiet=self.quiet, room=self.room)


def group_of(*, in_the_red: bool, quiet: bool, room: float | None) -> str:
    """Return where the board lists a model; quiet is never steady. `lineup` says the same to the database."""
    if in_the_red:
        return "past"
    if quiet or room is None:
        return "quiet"
    return "close" if room <= CLOSE_POINTS else "steady"


def models_at(*, actor: Account, at: datetime | None) -> QuerySet[RegisteredModel]:
    """Return the models the actor may read that were on record, and not archived, at ``at`` (None: now)."""
    models = visible(actor, Permission.MODEL_READ, RegisteredModel.objects.all())
    if at is None:
        return models.filter(archived_at__isnull=True)
    return models.filter(Q(archived_at__isnull=True) | Q(archived_at__gt=at), created_at__lte=at)


def standings(*, models: QuerySet[RegisteredModel], at: datetime | None) -> list[Standing]:
    """Return how these models stood, in whole, furthest past the line first, then by name."""
    listed = models.select_related("owner", "unit")
    if at is None:
        rows = listed.select_related("posture")
        found = [_standing(model, getattr(model, "posture", None)) for model in rows]
    else:
        then = changes_at(models=models, at=at)
        found = [_standing(model, then.get(model.pk)) for model in listed]
    return sorted(found, key=_order)


def changes_at(*, models: QuerySet[RegisteredModel] | Iterable[int], at: datetime) -> dict[int, PostureChange]:
    """Return the newest recorded posture of each model at ``at``, by the model's key."""
    asked: QuerySet[RegisteredModel] = (
        models if isinstance(models, QuerySet) else RegisteredModel.objects.filter(pk__in=models)
    )
    return {row.model_id: row for row in _newest_changes(asked, at)}


def _newest_changes(models: QuerySet[RegisteredModel], at: datetime) -> QuerySet[PostureChange]:
    newest = PostureChange.objects.filter(model=OuterRef("pk"), changed_at__lte=at).order_by("-changed_at", "-id")
    keys = models.annotate(newest_change=Subquery(newest.values("pk")[:1])).values("newest_change")
    return PostureChange.objects.filter(pk__in=keys)


def _standing(model: RegisteredModel, row: PostureBase | None) -> Standing:
    if row is None:
        return Standing(model)
    known = row.health is not None or row.risk_score > 0
    return Standing(
        model=model,
        level=row.level,
        risk_score=row.risk_score,
        room=row.room if known or not row.quiet else None,
        health=row.health,
        health_redline=row.health_redline,
        coverage=row.coverage,
        in_the_red=row.in_the_red,
        quiet=row.quiet,
        accepted=row.accepted,
        why=row.why,
        way_out=row.way_out,
        since=row.red_since if isinstance(row, Posture) else None,
    )


def _order(one: Standing) -> tuple[float, str]:
    return (1000.0 if one.room is None else one.room, one.model.name)
