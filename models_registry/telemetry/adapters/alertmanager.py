"""Prometheus Alertmanager's webhook, version "4" (notify/webhook and template/template.go, 0.34).

A delivery says that alerts fire or are resolved; the number behind an alert is
there only when its rule annotates it as `value`. So each alert gives one
`alert_firing` reading (1 or 0), and a firing one with a `metric` label and a
`value` annotation gives that metric too. A resolved alert's annotation still
holds the last firing value, which is not a reading of the moment it ended.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry import readings
from models_registry.telemetry.adapters import generic_json
from models_registry.telemetry.adapters.fields import (
    Fields,
    as_items,
    as_object,
    each_readable,
    environment,
    metric_and_unit,
)
from models_registry.telemetry.readings import Problem, Reading, Unreadable, pointer
from models_registry.telemetry.strict_json import loads

KIND: Final = "alertmanager"
VERSION: Final = "4"
LIMIT: Final = 1000
MODEL_LABELS: Final = ("model_id", "model", "model_name")
_IDENTITY: Final = ("fingerprint", "startsAt", "endsAt", "status", "labels", "annotations")


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of every alert. A body with a custom template needs a mapping and is read by it."""
    document = loads(body)
    if mapping and not _is_version_4(document):
        return generic_json.read_document(document, mapping=mapping, received_at=received_at, kind=KIND)
    delivery = as_object(document, "")
    if delivery.get("version") != VERSION:
        raise Unreadable.because("E_SHAPE", "/version", 'the version must be "4"; other bodies need a mapping')
    alerts = as_items(delivery.get("alerts"), "/alerts", limit=LIMIT)
    return each_readable(alerts, "/alerts", lambda alert, path: _readings(alert, path, received_at))


def content_id(document: Any) -> str | None:
    """Return an id over the group and its alerts' identity and state, or None for another shape.

    The two members of a highly available pair differ in `externalURL` and order
    only, so both give the same id; a changed annotation gives a new one.
    """
    if not _is_version_4(document) or not all(isinstance(alert, dict) for alert in document["alerts"]):
        return None
    alerts = sorted(json.dumps([alert.get(key) for key in _IDENTITY], sort_keys=True) for alert in document["alerts"])
    told = json.dumps([document.get("receiver"), document.get("groupKey"), alerts], sort_keys=True)
    return "alerts:sha256:" + hashlib.sha256(told.encode()).hexdigest()


def _is_version_4(document: Any) -> bool:
    return (
        isinstance(document, dict) and document.get("version") == VERSION and isinstance(document.get("alerts"), list)
    )


def _readings(alert: Any, path: str, received_at: datetime) -> list[Reading]:
    fields = Fields(as_object(alert, path), path, received_at=received_at)
    labels = _object_of(fields, "labels")
    annotations = _object_of(fields, "annotations")
    status = fields.source.get("status")
    if status not in ("firing", "resolved"):
        fields.problems.append(Problem("E_CHOICE", path + pointer("status"), "must be firing or resolved"))
    alertname = labels.required("metric", "alertname")
    segment = labels.segment("segment")
    firing = fields.finish(
        Reading(
            model=labels.required("model", *MODEL_LABELS),
            version=labels.optional("version", "model_version", "version") or None,
            metric="alert_firing",
            value=1.0 if status == "firing" else 0.0,
            unit="flag",
            environment=environment(labels.optional("environment", "environment", "env")),
            segment=",".join(part for part in (f"alertname={alertname}", segment) if part),
            observed_at=fields.moment("startsAt" if status == "firing" else "endsAt"),
            attributes=_facts(fields, labels),
        )
    )
    if status == "resolved" or labels.first("metric")[1] is None or annotations.first("value")[1] is None:
        return [firing]
    return [firing, _measured(fields, firing, labels, annotations, segment)]


def _measured(fields: Fields, firing: Reading, labels: Fields, annotations: Fields, segment: str) -> Reading:
    path, text = annotations.first("value")
    value = fields.attempt(lambda: readings.number_in_text(text, path=path), 0.0)
    metric, unit = metric_and_unit(labels.required("metric", "metric"), labels.optional("unit", "unit"), kind=KIND)
    if fields.problems:
        raise Unreadable(fields.problems, [firing])
    return Reading(
        model=firing.model,
        version=firing.version,
        metric=metric,
        value=value,
        unit=unit,
        environment=firing.environment,
        segment=segment,
        observed_at=firing.observed_at,
        attributes=firing.attributes,
    )


def _object_of(fields: Fields, name: str) -> Fields:
    """Return the named object's fields, noting their problems with the alert's own."""
    path, value = fields.first(name)
    inner = Fields(
        fields.attempt(lambda: as_object({} if value is None else value, path), {}),
        path,
        received_at=fields.received_at,
    )
    inner.problems = fields.problems
    return inner


def _facts(fields: Fields, labels: Fields) -> dict[str, str]:
    facts = {
        "alertname": labels.source.get("alertname"),
        "severity": labels.source.get("severity"),
        "fingerprint": fields.source.get("fingerprint"),
        "generator_url": fields.source.get("generatorURL"),
    }
    return {name: text[:1000] for name, text in facts.items() if isinstance(text, str) and text}
