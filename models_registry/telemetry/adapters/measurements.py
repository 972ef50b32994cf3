"""Bulk measurements in our own shape: `{"measurements": [...]}`, up to 10,000 of them."""

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
from models_registry.telemetry.readings import Reading
from models_registry.telemetry.strict_json import loads

KIND: Final = "measurements"
LIMIT: Final = 10_000


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return one reading per measurement.

    Each needs `model`, `metric`, `value` and `observed_at`, and may have
    `version`, `unit`, `environment` (production when absent), `segment` and
    `attributes`. Other fields are kept with the body only.
    """
    document = as_object(loads(body), "")
    items = as_items(document.get("measurements"), "/measurements", limit=LIMIT)
    return each_readable(items, "/measurements", lambda item, path: [_reading(item, path, received_at)])


def _reading(item: Any, path: str, received_at: datetime) -> Reading:
    fields = Fields(as_object(item, path), path, received_at=received_at)
    metric, unit = metric_and_unit(fields.required("metric", "metric"), fields.optional("unit", "unit"), kind=KIND)
    return fields.finish(
        Reading(
            model=fields.required("model", "model"),
            version=fields.optional("version", "version") or None,
            metric=metric,
            value=fields.number("value"),
            unit=unit,
            environment=environment(fields.optional("environment", "environment")),
            segment=fields.segment("segment"),
            observed_at=fields.moment("observed_at"),
            attributes=fields.attributes("attributes"),
        )
    )
