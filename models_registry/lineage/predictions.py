"""Reads of predictions, shaped for pages, programs and other rooms; what a reader may not see is not found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible
from models_registry.lineage.models import ArtifactKind, ArtifactVersion
from models_registry.lineage.prediction_models import Prediction, PredictionTally, PredictionTerms
from models_registry.telemetry.models import Source

SHOWN = 100
DAYS = timedelta(days=30)
LIGHT = ("input_hash", "output_hash", "input_sealed", "output_sealed", "documents")
"""What lists do not show."""


def predictions_for(*, actor: Account) -> QuerySet[Prediction]:
    """Return the predictions of the models that the actor may read; those of unknown models are for readers of all."""
    rows = Prediction.objects.select_related("source", "model__unit", "version")
    return visible(actor, Permission.MODEL_READ, rows, through="model")


@dataclass(frozen=True, slots=True)
class Page:
    """Up to a hundred predictions, newest first, and the key after which the rest follows (empty at the end)."""

    rows: Sequence[Prediction]
    after: str


def page_of(rows: QuerySet[Prediction], *, after: str = "", size: int = SHOWN) -> Page:
    """Return the predictions after the one whose key is given; every page costs the same, however far down it is."""
    last = Prediction.objects.filter(pk=int(after)).values_list("observed_at", "pk").first() if after else None
    if last is not None:
        at, pk = last
        rows = rows.filter(observed_at__lte=at).exclude(Q(observed_at=at) & Q(pk__lte=pk))
    found = list(rows.defer(*LIGHT).order_by("-observed_at", "pk")[: size + 1])
    return Page(found[:size], str(found[size - 1].pk) if len(found) > size else "")


def prompt_of(prediction: Prediction) -> ArtifactVersion | None:
    """Return the prompt that the prediction names, with its text, where it is on record."""
    rows = ArtifactVersion.objects.filter(artifact__kind=ArtifactKind.PROMPT_TEMPLATE).select_related("artifact")
    if prediction.prompt_digest:
        named = rows.filter(digest=prediction.prompt_digest)
        return named.order_by("pk").first()
    if prediction.prompt_name and prediction.prompt_label:
        return rows.filter(artifact__name=prediction.prompt_name, label=prediction.prompt_label).first()
    return None


def why_orphan(prediction: Prediction) -> str:
    """Say in words why the version of a prediction is not known; empty where it is."""
    if prediction.version_id is not None:
        return ""
    if prediction.model_id is None:
        return f"No model on record is called {prediction.model_name}."
    if prediction.alias:
        return f"The alias {prediction.alias} pointed at no version at that time."
    return f"No version {prediction.version_name} of this model is on record."


@dataclass(frozen=True, slots=True)
class Books:
    """What has come from one source in thirty days, and whether its texts are kept."""

    source: Source
    kept: int
    duplicates: int
    refused: int
    keeps_text: bool
    decided_at: datetime | None
    decided_by: Account | None

    @property
    def in_use(self) -> bool:
        """Say whether it sends predictions, or somebody decided about their texts."""
        return bool(self.kept or self.duplicates or self.refused or self.decided_at)


def books(*, at: datetime) -> list[Books]:
    """Return the books of every source that may send predictions, by name. Two queries."""
    since = at.astimezone(UTC).date() - DAYS
    rows = PredictionTally.objects.filter(day__gt=since).values("source_id").order_by()
    sums = {row["source_id"]: row for row in rows.annotate(Sum("kept"), Sum("duplicate"), Sum("refused"))}
    sources = Source.objects.filter(disabled_at__isnull=True) | Source.objects.filter(pk__in=sums)
    return [
        _books(source, sums.get(source.pk, {}))
        for source in sources.select_related("prediction_terms__changed_by").order_by("name")
    ]


def _books(source: Source, sums: Mapping[str, Any]) -> Books:
    terms: PredictionTerms | None = getattr(source, "prediction_terms", None)
    return Books(
        source=source,
        kept=sums.get("kept__sum", 0),
        duplicates=sums.get("duplicate__sum", 0),
        refused=sums.get("refused__sum", 0),
        keeps_text=bool(terms and terms.keeps_text),
        decided_at=terms.changed_at if terms else None,
        decided_by=terms.changed_by if terms else None,
    )
