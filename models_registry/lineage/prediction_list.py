"""The list of predictions: found by id, model, version, time and outcome, in the database."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_date

from models_registry.access.listing import ListFilters, several, whole_number
from models_registry.access.models import Account
from models_registry.access.widgets import Day
from models_registry.catalog.models import ModelVersion, RegisteredModel
from models_registry.lineage.prediction_models import Outcome, Prediction
from models_registry.lineage.prediction_reading import version_text
from models_registry.lineage.predictions import predictions_for

HEADS = (
    ("Prediction", ""), ("Model", ""), ("Outcome", ""), ("Latency", ""), ("Tokens", ""), ("Cost", ""), ("Observed", ""),
)  # fmt: skip
MOST_VERSIONS = 2_000
"""A number alone means the version of that number of every model, up to so many."""


class PredictionFilters(ListFilters):
    """Narrow the list; a value that is not known narrows nothing, a version or day that is none finds nothing."""

    id = django_filters.CharFilter(
        label="Id",
        method="by_id",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Id of a prediction or trace"}),
    )
    model = django_filters.CharFilter(
        label="Model", method="by_model", widget=forms.TextInput(attrs={"placeholder": "Model", "size": "14"})
    )
    version = django_filters.CharFilter(
        label="Version",
        method="by_version",
        widget=forms.TextInput(attrs={"placeholder": "Version", "inputmode": "numeric", "size": "6"}),
    )
    outcome = several("Outcome", Outcome.choices)
    since = django_filters.CharFilter(label="From", method="from_day", widget=Day())
    until = django_filters.CharFilter(label="To", method="to_day", widget=Day())
    orphan = several("Version on record", [("true", "Not on record")], method="by_orphanage")

    HIDDEN = ("orphan",)

    class Meta:
        model = Prediction
        fields: Sequence[str] = ()

    def __init__(self, asked: QueryDict, *, actor: Account) -> None:
        super().__init__(asked, queryset=predictions_for(actor=actor))

    @property
    def orphans_only(self) -> bool:
        """Say whether only predictions without a version are shown."""
        return self.data.getlist("orphan") == ["true"]

    def by_id(self, rows: QuerySet[Prediction], name: str, value: str) -> QuerySet[Prediction]:
        """Keep what goes by this id: that of the prediction, or of its trace."""
        return rows.filter(Q(prediction_id=value) | Q(trace_id=value, trace_id__gt=""))

    def by_model(self, rows: QuerySet[Prediction], name: str, value: str) -> QuerySet[Prediction]:
        """Keep those of one model: by its slug, or by the name of one that is not on record."""
        model = RegisteredModel.objects.filter(slug=value).values_list("pk", flat=True).first()
        return rows.filter(model=model) if model else rows.filter(model__isnull=True, model_name=value)

    def by_version(self, rows: QuerySet[Prediction], name: str, value: str) -> QuerySet[Prediction]:
        """Keep those of one version; of an orphan, what its sender said."""
        text = version_text(value)
        if self.orphans_only or not whole_number(text):
            return rows.filter(version__isnull=True, version_name=text)
        versions = ModelVersion.objects.filter(number=int(text))
        model = str(self.data.get("model", ""))
        versions = versions.filter(model__slug=model) if model else versions
        keys = list(versions.values_list("pk", flat=True)[:MOST_VERSIONS])
        return rows.filter(version=keys[0]) if len(keys) == 1 else rows.filter(version__in=keys)  # one: in index order

    def from_day(self, rows: QuerySet[Prediction], name: str, value: str) -> QuerySet[Prediction]:
        """Keep those observed on this day (UTC) or later."""
        start = _start(value)
        return rows.filter(observed_at__gte=start) if start else rows.none()

    def to_day(self, rows: QuerySet[Prediction], name: str, value: str) -> QuerySet[Prediction]:
        """Keep those observed on this day (UTC) or earlier."""
        start = _start(value)
        return rows.filter(observed_at__lt=start + timedelta(days=1)) if start else rows.none()

    def by_orphanage(self, rows: QuerySet[Any], name: str, value: Iterable[str]) -> QuerySet[Any]:
        """Keep those whose version is not on record."""
        return rows.filter(version__isnull=True) if "true" in value else rows


def _start(text: str) -> datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), UTC) if day and 1970 <= day.year < 9999 else None
