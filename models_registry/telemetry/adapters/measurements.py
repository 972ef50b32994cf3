"""Bulk measurements in our own shape: `{"measurements": [...]}`, up to 10,000 of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from models_registry.telemetry import readings
from models_registry.telemetry.adapters.fields import (
    Fields,
    as_items,
    as_object,
    each_readable,
    environment,
    metric_and_unit,
)
from models_registry.telemetry.readings import Reading, Unreadable
from models_registry.telemetry.strict_json import loads

KIND: Final = "measurements"
LIMIT: Final = 10_000
_ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)
_new = tuple.__new__
"""Makes a named tuple of values in their order: half the cost of naming them, for every measurement."""


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
    return _quickly(items, received_at) or each_readable(
        items, "/measurements", lambda item, path: [_reading(item, path, received_at)]
    )


def _quickly(items: Sequence[Any], received_at: datetime) -> list[Reading] | None:
    """Return the readings when every item is sound and of the usual form, None to have them read one by one.

    The names of a measurement are checked once for all measurements that bear the same ones.
    """
    found = []
    try:
        for item in items:
            get = item.get
            value, observed_at = get("value"), get("observed_at")
            if type(value) is not float and type(value) is not int:
                return None
            given = (get("model"), get("version"), get("metric"), get("unit"), get("environment"), get("segment"))
            model, version, metric, unit, where, segment = _named(*given)
            moment = readings.moment(observed_at, path="", received_at=received_at)
            said = get("attributes")
            attributes = {} if said is None else readings.attributes(said, path="")
            found.append(
                _new(Reading, (model, version, metric, float(value), unit, where, segment, moment, attributes, "", ()))
            )
    except (Unreadable, AttributeError, TypeError, OverflowError):
        return None
    return found


type _Names = tuple[str, str | None, str, str, str, str]


@lru_cache(maxsize=8_192, typed=True)
def _named(model: Any, version: Any, metric: Any, unit: Any, environment: Any, segment: Any) -> _Names:
    """Return the names as a reading bears them. Raises Unreadable, and TypeError for a segment that is an object."""
    given = {
        "model": model,
        "version": version,
        "metric": metric,
        "unit": unit,
        "environment": environment,
        "segment": segment,
    }
    whole = _reading({**given, "value": 0, "observed_at": _ANY_TIME.timestamp()}, "", _ANY_TIME)
    return whole.model, whole.version, whole.metric, whole.unit, whole.environment, whole.segment


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
