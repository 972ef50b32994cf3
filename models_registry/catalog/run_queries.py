"""Reads of runs and sweeps, shaped for lists, comparisons and drawings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Max, Min, Q, QuerySet, When

from models_registry.catalog.models import ModelVersion, RegisteredModel
from models_registry.catalog.run_models import Goal, Run, RunStatus, Sweep

MOST_COMPARED = 6


@dataclass(frozen=True)
class Row:
    """One parameter or metric across several runs; ``differs`` when not all are the same."""

    name: str
    values: Sequence[Any]
    differs: bool


def runs_of(*, model: RegisteredModel) -> QuerySet[Run]:
    """Return the runs of a model with their sweep and version."""
    return Run.objects.filter(model=model).select_related("sweep", "version")


def run_of(*, version: ModelVersion) -> Run | None:
    """Return the run that became a version, as somebody said."""
    return Run.objects.filter(version=version).first()


def sweeps_of(*, model: RegisteredModel) -> QuerySet[Sweep]:
    """Return the sweeps of a model, newest first, with how many runs each has and the best value reached."""
    reached = Case(
        When(goal=Goal.MAXIMIZE, then=Max("runs__objective", filter=_DONE)),
        default=Min("runs__objective", filter=_DONE),
    )
    counted = Sweep.objects.filter(model=model).annotate(
        run_count=Count("runs"), best=reached, last_started_at=Max("runs__started_at")
    )
    return counted.order_by(F("last_started_at").desc(nulls_last=True), "-pk")


def by_objective(*, sweep: Sweep) -> QuerySet[Run]:
    """Return the runs of a sweep, the best first; those without a value of the objective come last."""
    order = F("objective").desc(nulls_last=True) if sweep.goal == Goal.MAXIMIZE else F("objective").asc(nulls_last=True)
    return sweep.runs.select_related("version").order_by(order, "pk")


def winner(runs: Iterable[Run]) -> Run | None:
    """Return the run that became a version, or else the first finished one that has a value."""
    listed = list(runs)
    linked = next((run for run in listed if run.version_id is not None), None)
    best = (run for run in listed if run.objective is not None and run.status == RunStatus.FINISHED)
    return linked or next(best, None)


def last_values(run: Run) -> dict[str, float]:
    """Return the last value of each metric of a run."""
    return {name: told["last"] for name, told in run.metrics.items()}


def side_by_side(runs: Sequence[Run]) -> tuple[list[Row], list[Row]]:
    """Return the parameters and the metrics of several runs, each as rows that differ first."""
    return _rows([run.parameters for run in runs]), _rows([last_values(run) for run in runs])


def varied(runs: Sequence[Run]) -> list[str]:
    """Return the parameters that are not the same in all runs, by name; what most runs have comes first."""
    rows = _rows([run.parameters for run in runs])
    return [row.name for row in rows if row.differs]


def _rows(columns: Sequence[Mapping[str, Any]]) -> list[Row]:
    names = sorted({name for column in columns for name in column})
    rows = [Row(name, values := [column.get(name) for column in columns], _differ(values)) for name in names]
    return sorted(rows, key=lambda row: not row.differs)


def _differ(values: Sequence[Any]) -> bool:
    return any(value != values[0] or type(value) is not type(values[0]) for value in values[1:])


_DONE = Q(runs__status=RunStatus.FINISHED)
