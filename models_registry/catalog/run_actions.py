"""Put experiment runs and sweeps on record as their platforms tell them, and say which run became a version."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import Actor
from models_registry.catalog import metric_names
from models_registry.catalog.models import ModelVersion, RegisteredModel
from models_registry.catalog.run_models import Goal, Run, RunSource, Sweep
from models_registry.catalog.run_statement import (
    LOGGED_MODEL,
    MOST_RUNS,
    RunUnreadable,
    StatedRun,
    StatedRuns,
    StatedSweep,
    settled,
)
from models_registry.catalog.verdicts import Way

TOLD = (
    "name", "status", "author", "url", "sweep_id", "parameters", "metrics", "artifacts", "objective", "started_at",
    "ended_at",
)  # fmt: skip
"""What a run may tell anew."""


class RunAlreadyLinked(Exception):
    """This run is on record as the origin of another version, or the version has another run."""

    http_status = 409


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to."""

    runs: Sequence[Run]
    fresh_count: int
    changed_count: int


@transaction.atomic
def import_runs(*, by: Account, at: dt.datetime, model: RegisteredModel, told: StatedRuns) -> Imported:
    """Record runs, or what is new about them; what is told again changes nothing.

    A run that a version of the model names as its origin is linked to it. Raises AccessDenied, RunUnreadable, and
    ValidationError for values that do not fit.
    """
    require(by, Permission.VERSION_REGISTER, on=model)
    return take_in_runs(by=by, recorded_by=by, at=at, model=model, told=told)


@transaction.atomic
def take_in_runs(
    *, by: Actor, recorded_by: Account, at: dt.datetime, model: RegisteredModel, told: StatedRuns
) -> Imported:
    """Record runs as `import_runs` does, for a part of the house that read them where they were tracked.

    ``recorded_by`` is who let it read there. Raises RunUnreadable and ValidationError.
    """
    source = told.source
    keys = {one.external_id for one in told.runs}
    if len(told.runs) > MOST_RUNS:
        raise RunUnreadable(f"At most {MOST_RUNS} runs come in one call.")
    if len(keys) != len(told.runs):
        raise RunUnreadable("A run is there twice.")
    RegisteredModel.registry.select_for_update(no_key=True).only("pk").get(pk=model.pk)
    sweeps, sweeps_changed = _sweeps(recorded_by, at, model, told)
    held = {one.external_id: one for one in Run.objects.filter(model=model, source=source, external_id__in=keys)}
    fresh, changed, found = [], [], []
    for stated in told.runs:
        of = sweeps.get(stated.sweep or (told.sweep.external_id if told.sweep else ""))
        facts = _facts(stated, of)
        run = held.get(stated.external_id)
        if run is None:
            run = Run(
                model=model,
                source=source,
                external_id=stated.external_id,
                recorded_by=recorded_by,
                recorded_at=at,
                **facts,
            )
            run.clean_fields(exclude=["model", "recorded_by", "sweep", "version", "linked_by"])
            fresh.append(run)
        elif any(getattr(run, name) != value for name, value in facts.items()):
            for name, value in facts.items():
                setattr(run, name, value)
            run.changed_at = at
            run.clean_fields(exclude=["model", "recorded_by", "sweep", "version", "linked_by"])
            changed.append(run)
        found.append(run)
    if fresh or changed or sweeps_changed:
        body = {
            "at": at,
            "source": RunSource(source).label,
            "runs": len(fresh),
            "changed": len(changed),
            "sweeps": sorted(sweeps),
        }
        record(by=by, action="runs.imported", on=model, body=body, model_id=model.pk)
    Run.objects.bulk_create(fresh, batch_size=200)
    Run.objects.bulk_update(changed, [*TOLD, "changed_at"], batch_size=200)
    _link_named(by, recorded_by, at, model, found)
    return Imported(found, len(fresh), len(changed))


@transaction.atomic
def link_run(*, by: Account, at: dt.datetime, run: Run, version: ModelVersion) -> Run:
    """Say that this run became that version. Raises AccessDenied and RunAlreadyLinked."""
    held = Run.objects.select_for_update(of=("self",)).select_related("model").get(pk=run.pk)
    require(by, Permission.VERSION_REGISTER, on=held.model)
    if version.model_id != held.model_id:
        raise RunAlreadyLinked("The version belongs to another model.")
    if held.version_id == version.pk:
        return held
    if held.version_id is not None:
        raise RunAlreadyLinked("This run is on record as the origin of another version.")
    if Run.objects.filter(version=version).exists():
        raise RunAlreadyLinked(f"v{version.number} has another run on record as its origin.")
    _link(by, by, at, held, version)
    return held


@transaction.atomic
def link_origin(*, by: Account, at: dt.datetime, version: ModelVersion) -> Run | None:
    """Link the run that a new version names, or that logged the model it names, where one is on record and free."""
    runs = Run.objects.filter(model_id=version.model_id)
    if version.run_id:
        found = runs.filter(external_id=version.run_id)
    elif version.logged_model_id:
        found = runs.filter(artifacts__contains=[{"uri": LOGGED_MODEL + version.logged_model_id}])
    else:
        return None
    free = found.filter(version__isnull=True).select_for_update(of=("self",))
    run = min(free, key=lambda one: one.pk, default=None)  # a limit in SQL would walk the keys of all runs
    if run is not None:
        _link(by, by, at, run, version)
    return run


def _link(by: Actor, linked_by: Account, at: dt.datetime, run: Run, version: ModelVersion) -> None:
    run.version, run.linked_by, run.linked_at = version, linked_by, at
    run.save(update_fields=["version", "linked_by", "linked_at"])
    body = {"at": at, "run": run.external_id, "name": run.name, "number": version.number}
    record(by=by, action="run.linked", on=run, body=body, model_id=run.model_id)


def _link_named(by: Actor, linked_by: Account, at: dt.datetime, model: RegisteredModel, runs: Iterable[Run]) -> None:
    """Link the runs that versions name, as a registry client told it when it registered them."""
    free = {run.external_id: run for run in runs if run.version_id is None}
    places = ((one.get("uri", ""), run) for run in free.values() for one in run.artifacts)
    made = {uri: run for uri, run in places if uri.startswith(LOGGED_MODEL)}
    by_model = Q(run_id="", logged_model_id__in=[uri.removeprefix(LOGGED_MODEL) for uri in made])
    named = model.versions.filter(Q(run_id__in=free) | by_model, runs__isnull=True).order_by("number")
    for version in named:
        run = free.get(version.run_id) or made.get(LOGGED_MODEL + version.logged_model_id)
        if run is not None and run.version_id is None:
            _link(by, linked_by, at, run, version)


def _sweeps(by: Account, at: dt.datetime, model: RegisteredModel, told: StatedRuns) -> tuple[Mapping[str, Sweep], bool]:
    """Return the sweeps that are spoken of by their external id, unknown ones made, and whether anything is new."""
    stated, source = told.sweep, told.source
    keys = {one.sweep for one in told.runs if one.sweep} | ({stated.external_id} if stated else set())
    found = {one.external_id: one for one in Sweep.objects.filter(model=model, source=source, external_id__in=keys)}
    touched = False
    for key in sorted(keys):
        facts = _told_of(stated if stated is not None and stated.external_id == key else StatedSweep(key))
        sweep = found.get(key) or Sweep(
            model=model, source=source, external_id=key, name=key[:200], recorded_by=by, recorded_at=at
        )
        if sweep.pk is not None and all(getattr(sweep, name) == value for name, value in facts.items()):
            continue
        for name, value in facts.items():
            setattr(sweep, name, value)
        sweep.clean_fields(exclude=["model", "recorded_by"])
        sweep.save()
        found[key], touched = sweep, True
    return found, touched


def _told_of(sweep: StatedSweep) -> dict[str, Any]:
    """Return what is said of a sweep; what is left out stays as it was."""
    said = {
        "name": sweep.name,
        "method": sweep.method,
        "space": dict(sweep.space),
        "objective": sweep.objective,
        "goal": sweep.goal,
    }
    return {name: value for name, value in said.items() if value}


def _facts(told: StatedRun, sweep: Sweep | None) -> dict[str, Any]:
    metrics = {name: settled(one, upwards=_upwards(name, sweep)) for name, one in told.metrics.items()}
    objective = metrics.get(sweep.objective) if sweep else None
    reached = None if objective is None else objective.last if objective.best is None else objective.best
    return {
        "name": told.name,
        "status": told.status,
        "author": told.author,
        "url": told.url,
        "sweep_id": sweep.pk if sweep else None,
        "parameters": dict(told.parameters),
        "metrics": {name: _written(asdict(one)) for name, one in metrics.items()},
        "artifacts": [dict(one) for one in told.artifacts],
        "objective": reached,
        "started_at": told.started_at,
        "ended_at": told.ended_at,
    }


def _written(metric: Mapping[str, Any]) -> dict[str, Any]:
    """Return a metric as it is kept: what is not known is left out."""
    kept = {name: value for name, value in metric.items() if value is not None and value != ()}
    if "history" in kept:
        kept["history"] = [list(point) for point in kept["history"]]
    return kept


def _upwards(name: str, sweep: Sweep | None) -> bool | None:
    if sweep is not None and sweep.objective == name:
        return bool(sweep.goal == Goal.MAXIMIZE)
    way = metric_names.way(name)
    return None if way in (None, Way.NEITHER) else way == Way.HIGHER_IS_BETTER
