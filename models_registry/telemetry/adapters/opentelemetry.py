"""OpenTelemetry: exports of metrics, logs and traces by OTLP/HTTP, protobuf or JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry.adapters import otlp_facts, otlp_logs, otlp_metrics, otlp_spans
from models_registry.telemetry.adapters.otlp_wire import Signal, decode, item_count
from models_registry.telemetry.readings import Reading, Unreadable

KIND: Final = otlp_facts.KIND
LIMIT: Final = otlp_facts.LIMIT
MOST_ITEMS: Final = 50_000
_READERS: Final = {Signal.METRICS: otlp_metrics.read, Signal.LOGS: otlp_logs.read, Signal.TRACES: otlp_spans.read}


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of one export. Raises Unreadable with every problem."""
    signal, message = decode(body, headers=headers)
    if item_count(signal, message) > MOST_ITEMS:
        raise Unreadable.because("E_TOO_MANY", "", f"more than {MOST_ITEMS} data points, log records or spans")
    found = _READERS[signal](message, received_at=received_at)
    if len(found) > LIMIT:
        raise Unreadable.because("E_TOO_MANY", "", f"more than {LIMIT} measurements")
    return found
