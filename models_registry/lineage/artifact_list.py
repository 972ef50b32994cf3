"""The list of artifacts: found by name, kind and licence, in the database."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Lower
from django.http import QueryDict

from models_registry.access.listing import ListFilters, searched, several
from models_registry.access.models import Account
from models_registry.lineage import queries
from models_registry.lineage.models import Artifact, ArtifactKind

HEADS = (
    ("Artifact", "name"), ("Kind", "kind"), ("Newest version", "-newest"), ("Licence", "licence"),
    ("Used by", "-models"),
)  # fmt: skip
HEADER = ("id", "kind", "name", "newest_version", "licence", "versions", "models", "recorded_by", "newest_at")


class ArtifactFilters(ListFilters):
    """Narrow the list; a value that is not known narrows nothing."""

    q = searched("Name of an artifact", field_name="name", lookup_expr="icontains")
    kind = several("Kind", ArtifactKind.choices)
    licence = django_filters.CharFilter(
        label="Licence",
        field_name="newest_licence",
        lookup_expr="icontains",
        widget=forms.TextInput(attrs={"placeholder": "Licence"}),
    )

    SORTS: ClassVar[Mapping[str, Any]] = {
        "name": Lower("name"),
        "kind": F("kind"),
        "newest": Coalesce(F("newest_at"), F("created_at")),
        "licence": Lower(Coalesce(F("newest_licence"), F("kind"))),
        "models": F("model_count"),
    }
    SORT = "-newest"

    class Meta:
        model = Artifact
        fields: Sequence[str] = ()

    def __init__(self, asked: QueryDict, *, actor: Account, at: datetime | None, most: int | None = None) -> None:
        """Take an address; ``most`` ends the count of an artifact's versions."""
        self.actor, self.at = actor, at
        seen: QuerySet[Artifact] = queries.artifacts_for(actor=actor)
        if at is not None:
            seen = seen.filter(created_at__lte=at)
        super().__init__(asked, queryset=queries.with_newest(seen, actor=actor, at=at, most=most))


def csv_rows(filters: ArtifactFilters) -> Iterator[Sequence[object]]:
    """Return all rows of the list, as a file shows them."""
    for one in filters.ordered(filters.qs).iterator(chunk_size=500):
        yield (
            one.pk, one.kind, one.name, one.newest_label, one.newest_licence, one.version_count, one.model_count,
            one.created_by.username, one.newest_at.isoformat() if one.newest_at else "",
        )  # fmt: skip
