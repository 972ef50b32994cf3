"""Reads about what stands elsewhere: for pages, for the gate, and for one model."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, visible
from models_registry.catalog import governed
from models_registry.catalog.governed import Cover, Elsewhere
from models_registry.catalog.models import Clearance, RegisteredModel
from models_registry.outside.models import Placement, Violation
from models_registry.telemetry.models import SourceKind, TelemetryEvent
from models_registry.telemetry.placed import Mark
from models_registry.telemetry.poll_models import Polling

SAYS_NOTHING: Final = {
    (SourceKind.WANDB.value, Mark.ALIAS.value): "W&B sends nothing when an alias is taken off.",
    (SourceKind.MLFLOW.value, Mark.STAGE.value): "MLflow sends nothing when a version leaves a stage.",
}
"""What registries do not tell, by the kind of source and by what stands there."""
EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stand:
    """What stands at one slot: the newest statement, what covers it, and its violation if there is one."""

    placement: Placement
    cover: Cover
    violation: Violation | None

    @property
    def url(self) -> str:
        """The page of the violation, empty where there is none."""
        return reverse("outside:violation", args=[self.violation.pk]) if self.violation else ""

    @property
    def since(self) -> datetime:
        """From when on it has stood there, as far as anybody said."""
        began: datetime = self.placement.run_began  # type: ignore[attr-defined]
        return self.violation.began_at if self.violation else began


def unanswered(*, model: RegisteredModel) -> list[Violation]:
    """Return the model's violations that go on and that nobody answered for, the earliest first."""
    going_on = Violation.objects.filter(model=model, ended_at__isnull=True, answered_at__isnull=True)
    return list(going_on.select_related("placement__source").order_by("began_at", "pk"))


def newest(*, actor: Account, at: datetime | None) -> QuerySet[Placement]:
    """Return the newest statement of each slot whose model the actor may read; those of unknown models for people
    who may read sources."""
    seen = visible(actor, Permission.MODEL_READ, Placement.objects.filter(model__isnull=False), through="model")
    mine = Q(pk__in=seen.values("pk"))
    if can(actor, Permission.SOURCE_READ):
        mine |= Q(model__isnull=True)
    return last_of_slots(Placement.objects.filter(mine), at=at)


def last_of_slots(rows: QuerySet[Placement], *, at: datetime | None) -> QuerySet[Placement]:
    """Return the statement that counts for each slot at a moment.

    With it come the key of the violation that is open then (``open_violation``) and the moment from which on
    nothing else was said (``run_began``).
    """
    if at is not None:
        rows = rows.filter(observed_at__lte=at)
    last = rows.order_by("slot", "-observed_at", "-on", "-version_name", "-pk").distinct("slot").values("pk")
    open_then = Violation.objects.filter(placement__slot=OuterRef("slot"), began_at__lte=at or F("began_at"))
    open_then = open_then.filter(Q(ended_at__isnull=True) | (Q(ended_at__gt=at) if at is not None else Q(pk__in=[])))
    same = {"slot": OuterRef("slot"), "on": OuterRef("on"), "version_name": OuterRef("version_name")}
    earlier = Placement.objects.filter(slot=OuterRef("slot"), observed_at__lte=OuterRef("observed_at"))
    other = earlier.exclude(on=OuterRef("on"), version_name=OuterRef("version_name")).order_by("-observed_at")
    run = Placement.objects.filter(**same, observed_at__gte=Coalesce(OuterRef("other_until"), EVER)).order_by(
        "observed_at"
    )
    return (
        Placement.objects.filter(pk__in=last)
        .annotate(
            open_violation=Subquery(open_then.order_by("-began_at").values("pk")[:1]),
            other_until=Subquery(other.values("observed_at")[:1]),
        )
        .annotate(run_began=Subquery(run.values("observed_at")[:1]))
        .select_related("source", "model")
    )


def stands(rows: Iterable[Placement], *, at: datetime | None = None) -> list[Stand]:
    """Return these statements with what covers them at a moment, in their order."""
    found = list(rows)
    on = [one for one in found if one.on and one.model_id is not None]
    asked = [Elsewhere(one.model_id, one.target, one.version_name, one.digest, one.link) for one in on if one.model_id]
    covers = {
        one.pk: cover for one, cover in zip(on, governed.covers(asked), strict=True) if at is None or cover.at(at)
    }
    keys = [one.open_violation for one in found if one.open_violation]  # type: ignore[attr-defined]
    violations = Violation.objects.filter(pk__in=keys).select_related("answered_by", "placement__source").in_bulk()
    return [
        Stand(one, covers.get(one.pk, Cover()), violations.get(one.open_violation))  # type: ignore[attr-defined]
        for one in found
    ]


def of_model(*, model: RegisteredModel, at: datetime | None = None) -> list[Stand]:
    """Return what stands elsewhere on versions of a model, violations first."""
    rows = last_of_slots(Placement.objects.filter(model=model), at=at).filter(on=True)
    found = stands(rows.order_by("name", "pk"), at=at)
    return sorted(found, key=lambda one: one.violation is None)


def violations_for(*, actor: Account) -> QuerySet[Violation]:
    """Return the violations of models that the actor may read."""
    rows = Violation.objects.select_related("model__owner", "version", "placement__source", "answered_by", "clearance")
    return visible(actor, Permission.MODEL_READ, rows, through="model")


def narrowed(rows: QuerySet[Violation], *, state: str = "", model: str = "") -> QuerySet[Violation]:
    """Return the violations in this state and of this model."""
    states = {
        "OPEN": Q(ended_at__isnull=True),
        "UNANSWERED": Q(ended_at__isnull=True, answered_at__isnull=True),
        "ENDED": Q(ended_at__isnull=False),
    }
    found = rows.filter(states.get(state, Q()))
    return found.filter(model__slug=model) if model else found


def missing(violation: Violation) -> str:
    """Return in one sentence why nothing covered it when it was put there."""
    first = violation.placement
    [cover] = governed.covers(
        [Elsewhere(violation.model_id, first.target, first.version_name, first.digest, first.link)]
    )
    return why_uncovered(first, cover)


def how_learnt(violation: Violation) -> str:
    """Return in one sentence how it becomes known that it was taken off there."""
    first, source = violation.placement, violation.placement.source
    silent = SAYS_NOTHING.get((source.kind, first.mark))
    if silent is None:
        return f"{source} tells it when it is taken off."
    polling = Polling.objects.filter(source=source).first()
    if polling is None:
        return f"{silent} {source} is not swept, so nobody learns of it until sweeps are set up on the source's page."
    if polling.paused_at is not None:
        return f"{silent} The sweeps of {source} are paused, so nobody learns of it until they are resumed."
    return f"{silent} The next sweep of {source} finds it."


def why_uncovered(placement: Placement, cover: Cover) -> str:
    """Return what is missing, in one sentence."""
    if cover.version_id is None:
        there = placement.version_name or placement.link or "this"
        return f"No version on record is what {placement.source} calls {there}."
    if placement.digest and cover.digest != placement.digest:
        return f"The artifact there is not the one that v{cover.number} was registered with."
    return f"No used gate decision covers v{cover.number} for {placement.what}."


def is_kept(event: int) -> bool:
    """Say whether the event that told of it is still there to be shown."""
    return TelemetryEvent.objects.filter(pk=event).exists()


def decision_of(clearance: Clearance | None) -> str:
    """Return the identifier of the gate decision behind a clearance, empty for none."""
    return str(clearance.decision_id) if clearance else ""
