"""Arize: drift alerts, monitor alerts, monitors as its REST API shows them, and subscription events.

The body of a monitor's webhook is not published, so three shapes are read by
themselves and any other through the source's mapping. A monitor that tells its
status and no number gives `alert_firing`. Subscription events (prompt and
evaluator versions, online tasks) carry no number and give none; the header
`X-Arize-Webhook-Event` names them where the body does not.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry import readings
from models_registry.telemetry.adapters.fields import Fields, as_object, environment, metric_and_unit
from models_registry.telemetry.notices import Findings, Notice
from models_registry.telemetry.readings import Reading, Unreadable
from models_registry.telemetry.strict_json import loads

KIND: Final = "arize"
POLLED: Final = "monitor.polled"
"""The event under which a sweep tells a monitor; Arize sends none of this name."""
DRIFT_KIND: Final = "arize_drift"
NUMBERS: Final = frozenset({"drift_score", "metric_value", "latest_computed_value"})
FIRING: Final = {"TRIGGERED": 1.0, "CLEARED": 0.0}
EVENTS_WITHOUT_NUMBERS: Final = ("prompt.", "evaluator.", "online_task.", "online.task.")
_MODEL: Final = ("model_id", "model_name", "model", "project_id", "project_name")
_DRIFT_METRICS: Final = frozenset({"PSI", "KL", "JS", "KS", "EUCLIDEAN_DISTANCE", "COSINE_SIMILARITY"})


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of one delivery."""
    document = loads(body)
    delivery = as_object(document, "")
    if _carries_no_number(delivery.get("event") or headers.get("x-arize-webhook-event")):
        return []
    place, path = _monitor_in(delivery)
    fields = Fields(place, path, received_at=received_at)
    if fields.source.get("status") == "NO_DATA" and not NUMBERS & fields.source.keys():
        return Findings(notices=[Notice("N_NO_NUMBER", _monitor_name(fields))])
    found = [_read_shape(fields)]
    return Findings(found, lenient=True) if delivery.get("event") == POLLED else found


def _read_shape(fields: Fields) -> Reading:
    if "drift_score" in fields.source:
        return _drift_alert(fields)
    if "metric_value" in fields.source:
        return _monitor_alert(fields)
    if "latest_computed_value" in fields.source:
        return _monitor(fields)
    if str(fields.source.get("status")) in FIRING:
        return _status(fields)
    raise Unreadable.because(
        "E_SHAPE", fields.path, "neither drift_score, metric_value, latest_computed_value nor a status is present"
    )


def _carries_no_number(event: Any) -> bool:
    return isinstance(event, str) and event.startswith(EVENTS_WITHOUT_NUMBERS)


def _monitor_in(delivery: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """Return the object that holds the number: the body, or its `monitor` or `data`."""
    for name in ("monitor", "data"):
        if isinstance(delivery.get(name), dict):
            return delivery[name], f"/{name}"
    return delivery, ""


def _drift_alert(fields: Fields) -> Reading:
    """Read `model_id, metric_name, drift_score, segment, timestamp`. The score is drift, whatever the name says."""
    return _reading(fields, fields.required("metric", "metric_name"), "drift_score", ("timestamp",), kind=DRIFT_KIND)


def _monitor_alert(fields: Fields) -> Reading:
    """Read `monitor_name, severity, metric_value, segment`; the metric is named, or else the monitor is its name."""
    metric = fields.required("metric", "metric_name", "metric", "monitor_name")
    return _reading(fields, metric, "metric_value", ("timestamp", "triggered_at", "evaluated_at"), kind=KIND)


def _monitor(fields: Fields) -> Reading:
    """Read a monitor of REST v2: `metric`, `latest_computed_value`, `evaluated_at`, `dimension`."""
    metric = fields.required("metric", "metric", "name")
    kind = DRIFT_KIND if fields.source.get("type") == "DRIFT" and metric in _DRIFT_METRICS else KIND
    return _reading(fields, metric, "latest_computed_value", ("evaluated_at", "updated_at"), kind=kind)


def _status(fields: Fields) -> Reading:
    """Read a monitor that changed its status and tells no number, because it never computed one or does not say."""
    name = _monitor_name(fields)
    if not name:
        fields.missing(f"{fields.path}/name", "monitor")
    told = Reading(
        model=fields.required("model", *_MODEL),
        version=fields.optional("version", "model_version") or None,
        metric="alert_firing",
        value=FIRING[fields.source["status"]],
        unit="flag",
        environment=environment(fields.optional("environment", "environment", "model_environment")),
        segment=fields.attempt(lambda: readings.segment({"monitor": name}, path=fields.path + "/name"), ""),
        observed_at=fields.moment_or_received("timestamp", "triggered_at", "evaluated_at", "updated_at"),
        attributes=_facts(fields),
        also=_further_names(fields),
    )
    return fields.finish(told)


def _monitor_name(fields: Fields) -> str:
    return fields.optional("metric", "monitor_name", "name", "id")


def _reading(fields: Fields, metric: str, value: str, times: tuple[str, ...], *, kind: str) -> Reading:
    name, unit = metric_and_unit(metric, fields.optional("unit", "unit"), kind=kind)
    return fields.finish(
        Reading(
            model=fields.required("model", *_MODEL),
            version=fields.optional("version", "model_version") or None,
            metric=name,
            value=fields.number(value),
            unit=unit,
            environment=environment(fields.optional("environment", "environment", "model_environment")),
            segment=fields.segment("segment") or _dimension(fields),
            observed_at=fields.moment_or_received(*times),
            attributes=_facts(fields),
            also=_further_names(fields),
        )
    )


def _further_names(fields: Fields) -> tuple[str, ...]:
    """Return what else the model may be known by, in their order."""
    told = (fields.source.get(name) for name in _MODEL)
    names = [text.strip()[:200] for text in told if isinstance(text, str) and text.strip()]
    return tuple(dict.fromkeys(names))[1:]


def _dimension(fields: Fields) -> str:
    dimension = fields.source.get("dimension")
    return fields.segment("dimension") if isinstance(dimension, dict) else ""


def _facts(fields: Fields) -> dict[str, str]:
    names = ("monitor_name", "severity", "status", "type", "id", "uri")
    found = {name: fields.source.get(name) for name in names}
    return {name: text[:1000] for name, text in found.items() if isinstance(text, str) and text}
