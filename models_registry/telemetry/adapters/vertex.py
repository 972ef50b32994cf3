"""Vertex AI by Cloud Logging and Pub/Sub: a push subscription's envelope around a log entry.

Source: cloud.google.com, "Push subscriptions" (`{"message": {"data": <base64>, "messageId", "publishTime"},
"subscription"}`) and "LogEntry". Google publishes no schema for the entries of Model Monitoring. Read is an entry
whose `jsonPayload` names a model, a metric and a value; every other one is held until a mapping reads it, and the
mapping sees what was inside the envelope.
"""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry.adapters import generic_json
from models_registry.telemetry.adapters.alerts import object_of
from models_registry.telemetry.adapters.fields import Fields, as_object, environment, metric_and_unit
from models_registry.telemetry.readings import Reading, Unreadable
from models_registry.telemetry.strict_json import loads

KIND: Final = "vertex"


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of one pushed message. A mapping reads what is inside the envelope."""
    entry = loads(_inside(as_object(loads(body), "")))
    if mapping:
        return generic_json.read_document(entry, mapping=mapping, received_at=received_at, kind=KIND)
    outer = Fields(as_object(entry, ""), "", received_at=received_at)
    fields = object_of(outer, "jsonPayload") if "jsonPayload" in outer.source else outer
    if not {"metric", "value"} <= fields.source.keys():
        raise Unreadable.because("E_SHAPE", fields.path, "no metric with its value; a mapping reads other entries")
    metric, unit = metric_and_unit(fields.required("metric", "metric"), fields.optional("unit", "unit"), kind=KIND)
    at = fields.moment("observed_at") if "observed_at" in fields.source else outer.moment_or_received("timestamp")
    return [
        fields.finish(
            Reading(
                model=fields.required("model", "model", "model_id", "deployedModelId", "endpoint"),
                version=fields.optional("version", "version", "modelVersionId") or None,
                metric=metric,
                value=fields.number("value"),
                unit=unit,
                environment=environment(fields.optional("environment", "environment")),
                segment=fields.segment("segment"),
                observed_at=at,
            )
        )
    ]


def content_id(document: Any, received_at: datetime) -> str | None:
    """Return the message's id, the same on each redelivery."""
    message = document.get("message") if isinstance(document, dict) else None
    found = message.get("messageId") if isinstance(message, dict) else None
    return (
        f"body:{found}"[:255] if isinstance(found, str) and found.isascii() and found.isprintable() and found else None
    )


def _inside(envelope: Mapping[str, Any]) -> bytes:
    message = envelope.get("message")
    if not isinstance(message, dict) or not isinstance(message.get("data"), str):
        raise Unreadable.because("E_SHAPE", "/message/data", "a pushed message with its data is required")
    try:
        return base64.b64decode(message["data"], validate=True)
    except ValueError:
        raise Unreadable.because("E_TYPE", "/message/data", "the data is not base64") from None
