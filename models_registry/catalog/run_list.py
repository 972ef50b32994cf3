"""The list of a model's runs: found by name, source, status, sweep and link, in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Lower
from django.http import QueryDict

from models_registry.access.listing import ListFilters, one_of, searched, several
from models_registry.catalog import run_queries
from models_registry.catalog.models import RegisteredModel
from models_registry.catalog.run_models import Run, RunSource, RunStatus, Sweep

HEADS = (
    ("Run", "name"), ("Status", "status"), ("Sweep", ""), ("Objective", "-objective"), ("Version", ""),
    ("Started", "-started"),
)  # fmt: skip
LINKED = (("true", "Became a version"),)


class RunFilters(ListFilters):
    """Narrow the list; a value that is not known narrows nothing."""

    q = searched("Name of a run", field_name="name", lookup_expr="icontains")
    source = several("Source", RunSource.choices)
    status = several("Status", RunStatus.choices)
    sweep = one_of("Sweep", field_name="sweep_id")
    linked = one_of("Version", LINKED, method="became_a_version")

    SORTS: ClassVar[Mapping[str, Any]] = {
        "name": Lower("name"),
        "status": F("status"),
        "objective": Coalesce(F("objective"), float("-inf")),
        "started": Coalesce(F("started_at"), F("recorded_at")),
    }
    SORT = "-started"

    class Meta:
        model = Run
        fields: Sequence[str] = ()

    def __init__(self, asked: QueryDict, *, model: RegisteredModel, at: datetime | None) -> None:
        self.registered, self.at = model, at
        rows: QuerySet[Run] = run_queries.runs_of(model=model)
        super().__init__(asked, queryset=rows.filter(recorded_at__lte=at) if at else rows)

    def prepare(self) -> None:
        """Offer the sweeps of this model."""
        known = Sweep.objects.filter(model=self.registered).order_by("name", "pk").values_list("pk", "name")[:200]
        self.filters["sweep"].extra["choices"] = [(str(key), name) for key, name in known]

    def became_a_version(self, rows: QuerySet[Run], _name: str, _value: str) -> QuerySet[Run]:
        """Keep the runs that became a version."""
        return rows.filter(version__isnull=False)
