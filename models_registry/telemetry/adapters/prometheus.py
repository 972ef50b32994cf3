"""A stock Prometheus: its alerts as it posts them to an Alertmanager, its samples by remote write, and its answers.

The content type tells the first two apart; an answer is what a sweep asked for, and names the query. Alerts:
alertmanager `api/v2/openapi.yaml`, postableAlerts. A firing alert is sent again every minute with a later `endsAt`;
one is resolved when its `endsAt` is past at its receipt. All alerts of the server arrive, so those that name no
model are counted and left alone.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry import readings
from models_registry.telemetry.adapters import generic_json, remote_write
from models_registry.telemetry.adapters.alertmanager import begins
from models_registry.telemetry.adapters.alerts import LIMIT, annotated_value, names_a_model, read_alert
from models_registry.telemetry.adapters.fields import Fields, as_items, as_object, each_readable
from models_registry.telemetry.adapters.series_mapping import is_of_series
from models_registry.telemetry.notices import Findings, no_model
from models_registry.telemetry.readings import Reading, Unreadable
from models_registry.telemetry.strict_json import loads

KIND: Final = "prometheus"
POLLED: Final = "query_range"
"""What a sweep writes into the body that it makes of an answer."""


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of a batch of alerts, or of a remote write."""
    if headers.get("content-type", "").lower().startswith(remote_write.PROTOBUF):
        return remote_write.read(body, headers=headers, mapping=mapping, received_at=received_at)
    document = loads(body)
    if isinstance(document, dict) and document.get("polled") == POLLED:
        return _polled(document, mapping, received_at)
    if mapping and not isinstance(document, list) and not is_of_series(mapping):
        return generic_json.read_document(document, mapping=mapping, received_at=received_at, kind=KIND)
    return _alerts(document, received_at)


def _polled(document: Mapping[str, Any], mapping: Mapping[str, Any] | None, received_at: datetime) -> Findings:
    """Read the series of a query that a sweep asked: labels, and pairs of seconds and a number in a text."""

    def series() -> Iterator[remote_write.Series]:
        for index, one in enumerate(as_items(document.get("series"), "/series", limit=remote_write.SERIES_LIMIT)):
            path = f"/series/{index}"
            told = as_object(one, path)
            labels = as_object(told.get("labels"), f"{path}/labels")
            pairs = as_items(told.get("values"), f"{path}/values", limit=LIMIT)
            samples = [_sample(pair, f"{path}/values/{place}") for place, pair in enumerate(pairs)]
            yield remote_write.Series(tuple((str(k), str(v)) for k, v in labels.items()), samples, 0, 0)

    return remote_write.read_series(series(), mapping=mapping, received_at=received_at)


def _sample(pair: Any, path: str) -> tuple[float, int]:
    try:
        seconds, text = pair
        return float(text), round(readings.number(seconds, path=path) * 1000)
    except (TypeError, ValueError):
        raise Unreadable.because("E_SHAPE", path, "seconds and a number in a text are required") from None


def content_id(document: Any, received_at: datetime) -> str | None:
    """Return an id over the labels, the beginning and the state of each alert, or None for another shape.

    A firing alert's moving `endsAt` is left out, so that the same news every minute is the same event. An alert
    without its beginning, which is then its receipt, is news each time.
    """
    if not isinstance(document, list) or not all(map(begins, document)):
        return None
    told = sorted(json.dumps(_identity(alert, received_at), sort_keys=True) for alert in document)
    return "alerts:sha256:" + hashlib.sha256("\n".join(told).encode()).hexdigest()


def _identity(alert: Mapping[str, Any], received_at: datetime) -> list[Any]:
    fields = Fields(alert, "", received_at=received_at)
    firing, _ = _state(fields)
    told = [alert.get(key) for key in ("labels", "annotations", "startsAt")]
    return [*told, "firing" if firing and not fields.problems else alert.get("endsAt")]


def _alerts(document: Any, received_at: datetime) -> Findings:
    if not isinstance(document, list):
        raise Unreadable.because("E_SHAPE", "", "an array of alerts is required; other bodies need a mapping")
    if len(document) > LIMIT:
        raise Unreadable.because("E_TOO_MANY", "", f"more than {LIMIT} alerts")
    strangers: Counter[str] = Counter()

    def one(alert: Any, path: str) -> list[Reading]:
        if not names_a_model(alert):
            strangers[str(alert["labels"].get("alertname", ""))] += 1
            return []
        return read_alert(alert, path, received_at, kind=KIND, state=_state, value=annotated_value)

    told = each_readable(document, "", one)
    return Findings(told, no_model(strangers))


def _state(fields: Fields) -> tuple[bool, datetime]:
    """Return that an alert fires since its start, now when it does not say; or that it ended, when its end is past."""
    path, end = fields.first("endsAt")
    if end is not None and end != "0001-01-01T00:00:00Z":
        ended = fields.attempt(lambda: _end(end, path, fields.received_at), None)
        if ended is not None:
            return False, ended
    return True, fields.moment_or_received("startsAt")


def _end(text: Any, path: str, received_at: datetime) -> datetime | None:
    """Return when an alert ended, or None when that lies ahead."""
    try:
        ended = readings.moment(text, path=path, received_at=received_at)
    except Unreadable as error:
        if error.problems[0].code == "E_FUTURE":
            return None
        raise
    return ended if ended <= received_at else None
