"""The payload of an event envelope that says its numbers plainly: one measurement, or a list of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry.adapters.fields import (
    Fields,
    as_items,
    as_object,
    each_readable,
    environment,
    metric_and_unit,
)
from models_registry.telemetry.readings import Reading, Unreadable, pointer

LIMIT: Final = 10_000
MODEL: Final = ("model", "model_id", "model_name")
METRIC: Final = ("metric", "metric_name")
VALUE: Final = ("value", "metric_value", "score")
TIME: Final = ("observed_at", "timestamp", "time")


def readings_of(
    envelope: Mapping[str, Any], *, subject: str, time: str, facts: tuple[str, ...], kind: str, received_at: datetime
) -> list[Reading]:
    """Return the readings of the envelope's `data`: `metric` and `value`, or `measurements` with several.

    ``subject`` and ``time`` name the fields of the envelope that stand in for the model and the moment.
    Raises Unreadable; E_SHAPE when there is neither, which a mapping may read.
    """
    data = as_object(envelope.get("data"), "/data") if envelope.get("data") is not None else {}
    behind = {"model": envelope.get(subject), "time": envelope.get(time)}
    told = {name: text[:1000] for name in facts if isinstance(text := envelope.get(name), str)}

    def one(item: Any, path: str) -> list[Reading]:
        return [_reading(as_object(item, path), path, behind, told, kind, received_at)]

    if isinstance(data.get("measurements"), list):
        path = "/data" + pointer("measurements")
        return each_readable(as_items(data["measurements"], path, limit=LIMIT), path, one)
    if not any(data.get(name) is not None for name in METRIC):
        raise Unreadable.because("E_SHAPE", "/data", "neither metric and value nor measurements; a mapping may help")
    return one(data, "/data")


def _reading(
    item: Mapping[str, Any],
    path: str,
    behind: Mapping[str, Any],
    told: Mapping[str, str],
    kind: str,
    received_at: datetime,
) -> Reading:
    """Return one measurement. What the item leaves out, the envelope says."""
    filled = dict(item)
    if behind["model"] is not None and not any(item.get(name) is not None for name in MODEL):
        filled["model"] = behind["model"]
    if behind["time"] is not None and not any(item.get(name) is not None for name in TIME):
        filled["time"] = behind["time"]
    fields = Fields(filled, path, received_at=received_at)
    metric, unit = metric_and_unit(fields.required("metric", *METRIC), fields.optional("unit", "unit"), kind=kind)
    return fields.finish(
        Reading(
            model=fields.required("model", *MODEL),
            version=fields.optional("version", "model_version", "version") or None,
            metric=metric,
            value=fields.number(*VALUE),
            unit=unit,
            environment=environment(fields.optional("environment", "environment", "env")),
            segment=fields.segment("segment"),
            observed_at=fields.moment_or_received(*TIME),
            attributes=told,
        )
    )
