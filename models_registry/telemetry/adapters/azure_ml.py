"""Azure Machine Learning by Event Grid: an array of events in Event Grid's schema, or one CloudEvent.

Source: MicrosoftDocs/azure-docs `articles/event-grid/event-schema-machine-learning.md`. Drift that was detected
gives `data_drift`; a model that was registered or deployed, and a run that ended,
give `registry_change_count`. Who is not registered here is counted and left alone.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry.adapters.alerts import object_of
from models_registry.telemetry.adapters.fields import PRODUCTION, Fields, as_object, each_readable
from models_registry.telemetry.notices import Findings, Notice, merged
from models_registry.telemetry.readings import Problem, Reading, Unreadable, pointer
from models_registry.telemetry.strict_json import loads

KIND: Final = "azure_ml"
LIMIT: Final = 1_000
PREFIX: Final = "Microsoft.MachineLearningServices."
VALIDATION: Final = "Microsoft.EventGrid.SubscriptionValidationEvent"
DRIFT: Final = "DatasetDriftDetected"
CHANGES: Final = frozenset({"ModelRegistered", "ModelDeployed"})
RUNS: Final = frozenset({"RunCompleted", "RunStatusChanged"})


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of every event."""
    document = loads(body)
    events = document if isinstance(document, list) else [as_object(document, "")]
    if not 1 <= len(events) <= LIMIT:
        raise Unreadable.because("E_TOO_MANY" if events else "E_EMPTY_LIST", "", f"1 to {LIMIT} events are required")
    aside: list[Notice] = []
    place = "" if isinstance(document, list) else None
    found = (
        each_readable(events, place, lambda item, path: _event(item, path, received_at, aside))
        if place is not None
        else _event(events[0], "", received_at, aside)
    )
    return Findings(found, merged(aside), lenient=all(each.metric == "registry_change_count" for each in found))


def content_id(document: Any, received_at: datetime) -> str | None:
    """Return the events' own ids, which Event Grid repeats on each retry."""
    events = document if isinstance(document, list) else [document]
    found = [event.get("id") if isinstance(event, dict) else None for event in events]
    ids = [each for each in found if isinstance(each, str) and each]
    if not ids or len(ids) < len(found):
        return None
    return "body:sha256:" + hashlib.sha256("\n".join(sorted(ids)).encode("utf-8", "surrogatepass")).hexdigest()


def validation_code(body: bytes) -> str | None:
    """Return what a new subscription wants to hear back, or None for any other body."""
    try:
        document = loads(body)
    except Unreadable:
        return None
    for event in document if isinstance(document, list) else []:
        if isinstance(event, dict) and event.get("eventType") == VALIDATION and isinstance(event.get("data"), dict):
            code = event["data"].get("validationCode")
            return code if isinstance(code, str) and len(code) <= 200 else None
    return None


def _event(item: Any, path: str, received_at: datetime, aside: list[Notice]) -> list[Reading]:
    fields = Fields(as_object(item, path), path, received_at=received_at)
    name = fields.required("segment", "eventType", "type")
    if name == VALIDATION:
        return []
    sort = name.removeprefix(PREFIX)
    if name and (sort == name or sort not in CHANGES | RUNS | {DRIFT}):
        fields.problems.append(Problem("E_CHOICE", fields.first("eventType", "type")[0], "an event that is not known"))
    at, data = fields.moment("eventTime", "time"), object_of(fields, "data")
    if fields.problems:
        raise Unreadable(fields.problems)
    if sort == DRIFT:
        return [_drift(data, at)]
    if sort in RUNS:
        aside.append(Notice("N_NO_MODEL", sort))
        return []
    return _changes(data, sort, at, path)


def _drift(data: Fields, at: datetime) -> Reading:
    return data.finish(
        Reading(
            model=data.required("model", "DataDriftName"),
            version=None,
            metric="data_drift",
            value=data.number("DriftCoefficient"),
            unit="index",
            environment=PRODUCTION,
            segment="",
            observed_at=data.moment("EndTime") if data.first("EndTime")[1] is not None else at,
            attributes=_facts(data, "DataDriftId", "RunId", "BaseDatasetId", "TargetDatasetId", "StartTime"),
        )
    )


def _changes(data: Fields, sort: str, at: datetime, path: str) -> list[Reading]:
    """Return one change for each model: a deployment names several as `name:version`, with commas between them."""
    if sort == "ModelRegistered":
        pairs = [(data.required("model", "ModelName"), data.optional("version", "ModelVersion"))]
    else:
        named = data.source.get("ModelIds")
        if not isinstance(named, str) or not named.strip():
            raise Unreadable.because("E_MISSING", data.path + pointer("ModelIds"), "the models are missing")
        pairs = [(name.strip(), version) for name, _, version in (each.partition(":") for each in named.split(","))]
    facts = _facts(data, "ServiceName")
    told = [
        Reading(name, version or None, "registry_change_count", 1.0, "count", PRODUCTION, f"change={sort}", at, facts)
        for name, version in pairs
    ]
    if data.problems:
        raise Unreadable(data.problems)
    return told


def _facts(data: Fields, *names: str) -> dict[str, str]:
    found = {name: data.source.get(name) for name in names}
    return {name: text[:1000] for name, text in found.items() if isinstance(text, str) and text}
