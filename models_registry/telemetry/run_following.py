"""Finished runs that a sweep brought, put on record with their model when their event is measured.

The line hands over the events that it has measured (`settings.EVENT_FOLLOWERS`), in the same transaction. A run
belongs to the model whose version names it, else to the model that is called as its experiment; one of neither is
counted at its source and left alone. Whoever set the polling up stands for what it records.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from models_registry.access.models import Account
from models_registry.audit.actor import TELEMETRY
from models_registry.catalog.models import ExternalName, RegisteredModel
from models_registry.catalog.run_actions import take_in_runs
from models_registry.catalog.run_models import RunSource
from models_registry.catalog.run_statement import StatedRun, StatedRuns, StatedSweep
from models_registry.telemetry import noting
from models_registry.telemetry.adapters import mlflow_runs, wandb_runs
from models_registry.telemetry.models import SourceKind, TelemetryEvent
from models_registry.telemetry.notices import Notice
from models_registry.telemetry.poll_models import Polling
from models_registry.telemetry.readings import Unreadable
from models_registry.telemetry.strict_json import loads

type Told = tuple[StatedRun, tuple[str, ...], StatedSweep | None]
"""A run, the names of the models that it may belong to, and its search where that is told beside it."""


def _of_mlflow(document: Any) -> Told | None:
    told = mlflow_runs.stated(document)
    return None if told is None else (*told, None)


READERS: Mapping[str, tuple[Callable[[Any], Told | None], RunSource]] = {
    SourceKind.MLFLOW: (_of_mlflow, RunSource.MLFLOW),
    SourceKind.WANDB: (wandb_runs.stated, RunSource.WANDB),
}
"""By kind of source: what reads a run out of a body, and where it was tracked."""


def take_in(*, events: Sequence[TelemetryEvent], at: dt.datetime) -> None:
    """Record the runs that these measured events tell, in the caller's transaction."""
    for event in events:
        if event.source.kind not in READERS:
            continue
        read, tracked_in = READERS[event.source.kind]
        try:
            told = read(loads(bytes(event.raw)))
        except Unreadable:
            continue  # the adapter has held it back with its reason
        if told is not None:
            _record(event, *told, tracked_in=tracked_in, at=at)


def _record(
    event: TelemetryEvent,
    run: StatedRun,
    names: Sequence[str],
    sweep: StatedSweep | None,
    *,
    tracked_in: RunSource,
    at: dt.datetime,
) -> None:
    subject = names[0] if names else run.external_id
    model = _model(event.source.kind, names)
    if model is None:
        noting.note([(event, (Notice("N_UNKNOWN_MODEL", subject),))])
        return
    keeper = _keeper(event, model)
    try:
        with transaction.atomic():
            told = StatedRuns(tracked_in.value, [run], sweep)
            take_in_runs(by=TELEMETRY, recorded_by=keeper, at=at, model=model, told=told)
    except ValidationError:
        noting.note([(event, (Notice("N_NOT_KEPT", subject),))])


def _model(kind: str, names: Sequence[str]) -> RegisteredModel | None:
    """Return the first model that one of the names means; a slug wins over a name in the other system."""
    for name in names:
        own = RegisteredModel.objects.filter(slug=name).first()
        other = ExternalName.objects.filter(system=kind, name=name).select_related("model").first()
        if own is not None or other is not None:
            return own or (other.model if other else None)
    return None


def _keeper(event: TelemetryEvent, model: RegisteredModel) -> Account:
    polling = Polling.objects.select_related("set_by").filter(source_id=event.source_id).first()
    owner: Account = model.owner
    return polling.set_by if polling is not None and polling.set_by is not None else owner
