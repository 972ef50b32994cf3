"""Grafana's webhook contact point: Alertmanager's delivery with additions, its version "1".

Source: grafana/alerting, `receivers/webhook/v1` and `templates/template_data.go`. An alert tells the numbers of
its expressions in `values`, by the letter of each. Which of them is meant: the annotation `value` when the rule
writes one, the letter in the label `value_ref`, else the first letter, which is the query's own number or its
reduction; threshold expressions, which are 0 or 1, come after it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry import readings
from models_registry.telemetry.adapters.alertmanager import read_delivery, told_id
from models_registry.telemetry.adapters.alerts import (
    annotated_value,
    object_of,
)
from models_registry.telemetry.adapters.fields import Fields
from models_registry.telemetry.readings import Reading, pointer

KIND: Final = "grafana"
VERSION: Final = "1"
_IDENTITY: Final = ("fingerprint", "startsAt", "endsAt", "status", "labels", "annotations", "values")


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of every alert. A custom payload needs a mapping and is read by it."""
    return read_delivery(body, kind=KIND, version=VERSION, value=_value, mapping=mapping, received_at=received_at)


def content_id(document: Any, received_at: datetime) -> str | None:
    """Return an id over the group and its alerts, their numbers included; None for another shape."""
    return told_id(document, version=VERSION, identity=_IDENTITY)


def _value(fields: Fields, labels: Fields, annotations: Fields) -> float | None:
    annotated = annotated_value(fields, labels, annotations)
    if annotated is not None:
        return annotated
    values = object_of(fields, "values")
    if not values.source:
        return None
    letter = labels.optional("metric", "value_ref") or min(values.source)
    if letter not in values.source:
        fields.missing(values.path + pointer(letter), f"value {letter!r}")
        return None
    number = values.source[letter]
    return fields.attempt(lambda: readings.number(number, path=values.path + pointer(letter)), 0.0)
