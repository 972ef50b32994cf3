"""The list of models: how each stands, filtered and sorted in the database, now or at a past moment."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import (
    BooleanField,
    CharField,
    DateTimeField,
    Exists,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Lower, NullIf
from django.http import QueryDict

from governance.dashboards.standing import models_at
from governance.health.models import HealthScore
from governance.scoring.models import PostureChange
from governance.vocabulary import RiskLevel
from models_registry.access.listing import ListFilters, one_of, searched, several
from models_registry.access.models import Account
from models_registry.access.saved import SavedList
from models_registry.catalog.models import Kind, Materiality, RegisteredModel, Stage
from models_registry.catalog.queries import numbers_in
from models_registry.templatetags.figures import words

SHOWN: Mapping[str, Any] = {
    "level": CharField(),
    "risk_score": FloatField(),
    "room": FloatField(),
    "health": FloatField(),
    "health_redline": FloatField(),
    "coverage": FloatField(),
    "in_the_red": BooleanField(),
    "quiet": BooleanField(),
    "accepted": BooleanField(),
    "why": CharField(),
}
"""What the list shows of a posture, each under ``at_<name>``."""
UNKNOWN = 1000.0
HEADS = (
    ("Model", "name"), ("Risk", "-risk"), ("Room", "room"), ("Health", "health"), ("Measured", "coverage"),
    ("Owner", "owner"),
)  # fmt: skip
HEADER = (
    "slug", "name", "kind", "unit", "owner", "materiality", "regulatory_class",
    "level", "risk_score", "room", "health", "health_redline", "coverage", "in_the_red", "quiet", "accepted", "why",
    "observed_at", "production_version",
)  # fmt: skip


class ModelFilters(ListFilters):
    """Narrow the list; a value that is not known narrows nothing."""

    q = searched("Name of a model", method="named")
    level = several("Level", RiskLevel.choices()[::-1], field_name="at_level")
    kind = several("Kind", [(kind, words(kind)) for kind in Kind.values])
    materiality = several("Materiality", Materiality.choices)
    owner = one_of("Owner", method="owned")
    unit = one_of("Unit", field_name="unit__slug")
    stage = one_of("Stage", Stage.choices, method="staged")
    in_red = one_of("Line", [("true", "Past the line"), ("false", "Not past")], method="past")
    quiet = one_of("Telemetry", [("true", "Quiet"), ("false", "Heard")], method="silent")

    SORTS: ClassVar[Mapping[str, Any]] = {
        "room": Coalesce(F("at_room"), Value(UNKNOWN)),
        "name": Lower("name"),
        "risk": Coalesce(F("at_risk_score"), Value(-1.0)),
        "health": Coalesce(F("at_health"), Value(UNKNOWN)),
        "coverage": Coalesce(F("at_coverage"), Value(-1.0)),
        "owner": Lower(Coalesce(NullIf(F("owner__display_name"), Value("")), F("owner__username"))),
    }
    SORT = "room"

    class Meta:
        model = RegisteredModel
        fields: Sequence[str] = ()

    def __init__(self, asked: QueryDict, *, actor: Account, at: datetime | None) -> None:
        self.actor, self.at = actor, at
        self.seen = models_at(actor=actor, at=at)
        super().__init__(asked, queryset=with_standing(self.seen, at=at).select_related("owner", "unit"))

    def prepare(self) -> None:
        """Offer the owners and units that the reader sees."""
        names = ("owner__username", "owner__display_name", "unit__slug", "unit__name")
        found = set(self.seen.values_list(*names).distinct())
        owners = sorted({(shown or name, name) for name, shown, _, _ in found})
        units = sorted({(shown, slug) for _, _, slug, shown in found})
        self.filters["owner"].extra["choices"] = [("me", "Me"), *((name, shown) for shown, name in owners)]
        self.filters["unit"].extra["choices"] = [(slug, shown) for shown, slug in units]

    def named(self, models: QuerySet[RegisteredModel], _: str, text: str) -> QuerySet[RegisteredModel]:
        """Keep models whose name or slug contains the text."""
        return models.filter(Q(name__icontains=text) | Q(slug__icontains=text))

    def owned(self, models: QuerySet[RegisteredModel], _: str, name: str) -> QuerySet[RegisteredModel]:
        """Keep one person's models; `me` counts those one deputises for."""
        if name == "me":
            return models.filter(Q(owner=self.actor) | Q(deputy=self.actor))
        return models.filter(owner__username=name)

    def staged(self, models: QuerySet[RegisteredModel], _: str, stage: str) -> QuerySet[RegisteredModel]:
        """Keep models that have a version in this stage, at the moment shown."""
        return models.filter(Exists(numbers_in(stage, model=OuterRef("pk"), at=self.at)))

    def past(self, models: QuerySet[RegisteredModel], _: str, word: str) -> QuerySet[RegisteredModel]:
        """Keep models in the red, or those that are not; a model never scored is not."""
        red = Q(at_in_the_red=True)
        return models.filter(red if word == "true" else Q(at_in_the_red=False) | Q(at_in_the_red__isnull=True))

    def silent(self, models: QuerySet[RegisteredModel], _: str, word: str) -> QuerySet[RegisteredModel]:
        """Keep quiet models, or those that are not; a model never scored is quiet."""
        quiet = Q(at_quiet=True) | Q(at_quiet__isnull=True)
        return models.filter(quiet if word == "true" else Q(at_quiet=False))


def filters(*, actor: Account, at: datetime | None, asked: QueryDict) -> ModelFilters:
    """Return the filters over what the actor may see, now or at ``at``."""
    return ModelFilters(asked, actor=actor, at=at)


def with_standing(models: QuerySet[RegisteredModel], *, at: datetime | None) -> QuerySet[RegisteredModel]:
    """Add how each model stands: columns of its posture, or of the newest change at ``at``."""
    if at is None:
        return models.annotate(**{f"at_{name}": F(f"posture__{name}") for name in SHOWN})
    newest = PostureChange.objects.filter(model=OuterRef("pk"), changed_at__lte=at).order_by("-changed_at", "-id")
    return models.annotate(
        **{f"at_{name}": Subquery(newest.values(name)[:1], output_field=kind) for name, kind in SHOWN.items()}
    )


def observed(models: QuerySet[RegisteredModel], *, at: datetime | None) -> QuerySet[RegisteredModel]:
    """Add which version serves, and when the model was last heard of; for the past, when its health was computed."""
    serving = numbers_in(Stage.PRODUCTION, model=OuterRef("pk"), at=at)[:1]
    models = models.annotate(serving=Subquery(serving))
    if at is None:
        return models.annotate(observed_at=F("posture__last_observed_at"))
    scores = HealthScore.objects.filter(model=OuterRef("pk"), scored_at__lte=at).order_by("-scored_at", "-id")
    return models.annotate(observed_at=Subquery(scores.values("scored_at")[:1], output_field=DateTimeField()))


def page_of(found: ModelFilters) -> tuple[Sequence[Any], str]:
    """Return a hundred models, and after which one the rest follows."""
    part = found.slice_of(found.qs, key="slug", detail=lambda models: observed(models, at=found.at))
    return part.rows, part.after


def csv_rows(found: ModelFilters) -> Iterator[Sequence[object]]:
    """Return every matching model as cells in the order of `HEADER`."""
    models: Any = found.ordered(observed(found.qs, at=found.at), key="slug")
    for model in models.iterator(chunk_size=500):
        facts = [getattr(model, f"at_{name}") for name in HEADER[7:-2]]
        yield [
            model.slug, model.name, model.kind, model.unit.slug, model.owner.username,
            model.materiality, model.regulatory_class, *facts,
            model.observed_at.isoformat() if model.observed_at else None, model.serving,
        ]  # fmt: skip


def _tidy(actor: Account, query: str) -> str:
    return ModelFilters(QueryDict(query), actor=actor, at=None).query


LIST = SavedList(
    name="models",
    route="dashboards:models",
    tidy=_tidy,
    presets=(
        ("All", ""),
        ("Past the line", "in_red=true"),
        ("Mine", "owner=me"),
        ("Quiet", "quiet=true"),
    ),
)
