"""The list of models: how each stands, filtered and sorted in the database, now or at a past moment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import BooleanField, CharField, F, FloatField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict

from governance.dashboards.standing import models_at
from governance.scoring.models import PostureChange
from governance.vocabulary import RiskLevel
from models_registry.access.models import Account, BusinessUnit
from models_registry.catalog.models import Kind, Materiality, RegisteredModel

PER_PAGE = 100
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
SORTS: Mapping[str, tuple[str, Any]] = {
    "": ("Least room first", Coalesce(F("at_room"), Value(UNKNOWN))),
    "name": ("Name", F("name")),
    "risk": ("Highest risk first", -Coalesce(F("at_risk_score"), Value(-UNKNOWN))),
    "health": ("Lowest health first", Coalesce(F("at_health"), Value(UNKNOWN))),
}
HEADER = (
    "slug", "name", "kind", "unit", "owner", "materiality", "regulatory_class",
    "level", "risk_score", "room", "health", "health_redline", "coverage", "in_the_red", "quiet", "accepted", "why",
)  # fmt: skip
VIEWS: tuple[tuple[str, dict[str, str]], ...] = (
    ("All", {}),
    ("Past the line", {"in_red": "true"}),
    ("Mine", {"owner": "me"}),
    ("Quiet", {"quiet": "true"}),
)
FACT_WORDS = (("", "Any"), ("true", "Yes"), ("false", "No"))


@dataclass(frozen=True)
class Slice:
    """Up to a hundred models, how many match in all, and the slug after which the rest follows."""

    models: Sequence[RegisteredModel]
    count: int
    after: str


class ModelFilters(django_filters.FilterSet):
    """Narrow the list; a value that is not known narrows nothing."""

    q = django_filters.CharFilter(label="Name", method="named", widget=forms.TextInput(attrs={"type": "search"}))
    level = django_filters.MultipleChoiceFilter(label="Level", field_name="at_level", choices=RiskLevel.choices())
    unit = django_filters.ModelChoiceFilter(
        label="Unit", queryset=BusinessUnit.objects.order_by("name"), to_field_name="slug", empty_label="Any"
    )
    kind = django_filters.ChoiceFilter(label="Kind", choices=Kind.choices, empty_label="Any")
    materiality = django_filters.ChoiceFilter(label="Materiality", choices=Materiality.choices, empty_label="Any")
    owner = django_filters.ChoiceFilter(label="Owner", choices=[("me", "Me")], method="owned", empty_label="Anybody")
    in_red = django_filters.BooleanFilter(
        label="Past the line", field_name="at_in_the_red", widget=forms.Select(choices=FACT_WORDS)
    )
    quiet = django_filters.BooleanFilter(label="Quiet", method="silent", widget=forms.Select(choices=FACT_WORDS))
    sort = django_filters.ChoiceFilter(
        label="Sort",
        method="sorted_by",
        choices=[(key, words) for key, (words, _) in SORTS.items() if key],
        empty_label=SORTS[""][0],
    )

    class Meta:
        model = RegisteredModel
        fields: Sequence[str] = ()

    def named(self, models: QuerySet[RegisteredModel], _: str, text: str) -> QuerySet[RegisteredModel]:
        """Keep models whose name or slug contains the text."""
        return models.filter(Q(name__icontains=text) | Q(slug__icontains=text))

    def owned(self, models: QuerySet[RegisteredModel], _: str, __: str) -> QuerySet[RegisteredModel]:
        """Keep the models that the reader owns or deputises for."""
        return models.filter(Q(owner=self.actor) | Q(deputy=self.actor))

    def silent(self, models: QuerySet[RegisteredModel], _: str, quiet: bool) -> QuerySet[RegisteredModel]:
        """Keep quiet models, or those that are not; a model never scored is quiet."""
        return models.filter(Q(at_quiet=True) | Q(at_quiet__isnull=True) if quiet else Q(at_quiet=False))

    def sorted_by(self, models: QuerySet[RegisteredModel], _: str, key: str) -> QuerySet[RegisteredModel]:
        """Order by the chosen key; the slug breaks ties."""
        return models.annotate(sort_key=SORTS[key][1])

    @property
    def qs(self) -> QuerySet[RegisteredModel]:
        """Return the models that match, in order. What is not valid falls back without breaking."""
        found: QuerySet[RegisteredModel] = super().qs
        if "sort_key" not in found.query.annotations:
            found = found.annotate(sort_key=SORTS[""][1])
        return found.order_by("sort_key", "slug")  # type: ignore[misc]  # annotated above


def filters(*, actor: Account, at: datetime | None, asked: QueryDict) -> ModelFilters:
    """Return the filters over what the actor may see, now or at ``at``."""
    models = with_standing(models_at(actor=actor, at=at), at=at).select_related("owner", "unit")
    found = ModelFilters(asked, queryset=models)
    found.actor = actor
    return found


def with_standing(models: QuerySet[RegisteredModel], *, at: datetime | None) -> QuerySet[RegisteredModel]:
    """Add how each model stands: columns of its posture, or of the newest change at ``at``."""
    if at is None:
        return models.annotate(**{f"at_{name}": F(f"posture__{name}") for name in SHOWN})
    newest = PostureChange.objects.filter(model=OuterRef("pk"), changed_at__lte=at).order_by("-changed_at", "-id")
    return models.annotate(
        **{f"at_{name}": Subquery(newest.values(name)[:1], output_field=kind) for name, kind in SHOWN.items()}
    )


def slice_of(found: ModelFilters, *, after: str) -> Slice:
    """Return the hundred models that follow the model ``after``; an unknown slug means the first hundred."""
    models = found.qs
    rows = models
    last = models.filter(slug=after).first() if after else None
    if last is not None:
        key = last.sort_key  # type: ignore[attr-defined]
        rows = models.filter(Q(sort_key__gt=key) | Q(sort_key=key, slug__gt=last.slug))
    listed = list(rows[: PER_PAGE + 1])
    more = listed[PER_PAGE - 1].slug if len(listed) > PER_PAGE else ""
    return Slice(models=listed[:PER_PAGE], count=models.count(), after=more)


def csv_rows(found: ModelFilters) -> Iterator[Sequence[object]]:
    """Return every matching model as cells in the order of `HEADER`."""
    for model in found.qs.iterator(chunk_size=500):
        facts = [getattr(model, f"at_{name}") for name in HEADER[7:]]
        yield [
            model.slug, model.name, model.kind, model.unit.slug, model.owner.username,
            model.materiality, model.regulatory_class, *facts,
        ]  # fmt: skip


def saved_views(asked: QueryDict) -> list[dict[str, object]]:
    """Return the views everybody shares; each keeps the moment asked for."""
    moment: dict[str, str] = {"as_of": str(asked["as_of"])} if asked.get("as_of") else {}
    keys = {key: asked[key] for key in ("in_red", "owner", "quiet") if asked.get(key)}
    views = []
    for label, wanted in VIEWS:
        query = QueryDict(mutable=True)
        query.update({**wanted, **moment})
        views.append({"label": label, "url": f"?{query.urlencode()}", "current": keys == wanted})
    return views
