"""Exports of OpenTelemetry as its senders make them, by the published messages."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

AT = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
PROTOBUF = "application/x-protobuf"
NOW = int(AT.timestamp()) * 10**9
DELTA, CUMULATIVE = 1, 2


def pairs(**facts: Any) -> list[KeyValue]:
    """Attributes; `__` in a name is a full stop."""
    return [KeyValue(key=name.replace("__", "."), value=_any(value)) for name, value in facts.items()]


def _any(value: Any) -> AnyValue:
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
    return AnyValue(string_value=value)


def metrics(*instruments: dict[str, Any], **resource: Any) -> bytes:
    """An export of one resource: instruments as fields of `Metric`."""
    return metrics_of([(resource, instruments)])


def metrics_of(resources: Iterable[tuple[dict[str, Any], Iterable[dict[str, Any]]]]) -> bytes:
    """An export of several resources."""
    request = ExportMetricsServiceRequest()
    for resource, instruments in resources:
        block = request.resource_metrics.add()
        block.resource.attributes.extend(pairs(**resource))
        scope = block.scope_metrics.add()
        for instrument in instruments:
            scope.metrics.add(**instrument)
    return request.SerializeToString()


def gauge(name: str, *values: float, unit: str = "", at: int = NOW, **facts: Any) -> dict[str, Any]:
    """A gauge with one point per value."""
    points = [{"as_double": value, "time_unix_nano": at, "attributes": pairs(**facts)} for value in values]
    return {"name": name, "unit": unit, "gauge": {"data_points": points}}


def counter(
    name: str, *values: int, temporality: int = DELTA, monotonic: bool = True, unit: str = "{request}", **facts: Any
) -> dict[str, Any]:
    """A sum with one point per value."""
    points = [{"as_int": value, "time_unix_nano": NOW, "attributes": pairs(**facts)} for value in values]
    held = {"data_points": points, "aggregation_temporality": temporality, "is_monotonic": monotonic}
    return {"name": name, "unit": unit, "sum": held}


def histogram(name: str, *points: dict[str, Any], unit: str = "s", temporality: int = DELTA) -> dict[str, Any]:
    """A histogram of points made by `bucketed`."""
    return {"name": name, "unit": unit,
            "histogram": {"data_points": points, "aggregation_temporality": temporality}}  # fmt: skip


def bucketed(bounds: list[float], counts: list[int], total: float, **facts: Any) -> dict[str, Any]:
    """One histogram point; `min` and `max` among the facts are the point's own."""
    own = {name: facts.pop(name) for name in ("min", "max") if name in facts}
    return {"time_unix_nano": NOW, "explicit_bounds": bounds, "bucket_counts": counts, "count": sum(counts),
            "sum": total, "attributes": pairs(**facts), **own}  # fmt: skip


def evaluation(name: str, score: float | None = None, label: str = "", at: int = NOW, **facts: Any) -> dict[str, Any]:
    """A log record with the result of an evaluation."""
    told: dict[str, Any] = {"gen_ai__evaluation__name": name, **facts}
    if score is not None:
        told["gen_ai__evaluation__score__value"] = score
    if label:
        told["gen_ai__evaluation__score__label"] = label
    return {"event_name": "gen_ai.evaluation.result", "time_unix_nano": at, "attributes": pairs(**told)}


def logs(*records: dict[str, Any], **resource: Any) -> bytes:
    """An export of log records of one resource."""
    request = ExportLogsServiceRequest()
    block = request.resource_logs.add()
    block.resource.attributes.extend(pairs(**resource))
    scope = block.scope_logs.add()
    for record in records:
        scope.log_records.add(**record)
    return request.SerializeToString()


def span(*, milliseconds: int = 100, failed: bool = False, number: int = 1, **facts: Any) -> dict[str, Any]:
    """A span that ended at `NOW`."""
    return {
        "trace_id": number.to_bytes(16),
        "span_id": number.to_bytes(8),
        "name": "chat",
        "start_time_unix_nano": NOW - milliseconds * 10**6,
        "end_time_unix_nano": NOW,
        "status": {"code": 2 if failed else 0},
        "attributes": pairs(**facts),
    }


def traces(*spans: dict[str, Any], **resource: Any) -> bytes:
    """An export of spans of one resource."""
    request = ExportTraceServiceRequest()
    block = request.resource_spans.add()
    block.resource.attributes.extend(pairs(**resource))
    scope = block.scope_spans.add()
    for one in spans:
        scope.spans.add(**one)
    return request.SerializeToString()
