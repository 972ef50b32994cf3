"""OTLP/HTTP bodies (opentelemetry-proto 1.x, docs/specification.md): one message for protobuf and for JSON.

JSON differs from protobuf's own JSON mapping in its identifiers, which are hex. Both are strict here: what
decodes to nothing because every field is unknown is no export, and is said so.
"""

import base64
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from google.protobuf.json_format import Error as JsonFormatError
from google.protobuf.json_format import ParseDict
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from models_registry.telemetry.readings import Unreadable, pointer
from models_registry.telemetry.strict_json import loads

SIGNAL_HEADER: Final = "otlp-signal"
"""Under which the door keeps the signal with the body: a protobuf export does not say what it is."""
PROTOBUF: Final = ("application/x-protobuf", "application/protobuf")
_IDS: Final = frozenset({"traceId", "spanId", "parentSpanId"})


class Signal(StrEnum):
    """What an export tells of; the last part of its address."""

    METRICS = "metrics"
    LOGS = "logs"
    TRACES = "traces"


_REQUESTS: Final[Mapping[Signal, tuple[str, type[Message]]]] = {
    Signal.METRICS: ("resourceMetrics", ExportMetricsServiceRequest),
    Signal.LOGS: ("resourceLogs", ExportLogsServiceRequest),
    Signal.TRACES: ("resourceSpans", ExportTraceServiceRequest),
}


class Undecodable(Unreadable):
    """The bytes are no export of this signal at all."""


def list_name(signal: Signal) -> str:
    """Return the JSON name of the list that an export of this signal consists of."""
    return _REQUESTS[signal][0]


def media_type(content_type: str) -> str:
    """Return the media type alone, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def decode(body: bytes, *, headers: Mapping[str, str]) -> tuple[Signal, Any]:
    """Return the signal and its message.

    Raises Undecodable with E_PROTOBUF, E_SHAPE, or a reason of strict JSON.
    """
    if media_type(headers.get("content-type", "")) in PROTOBUF:
        signal = _told(headers)
        if signal is None:
            raise Undecodable.because("E_MISSING", "", "nothing says whether these are metrics, logs or traces")
        return signal, _from_protobuf(signal, body)
    try:
        document = loads(body)
    except Unreadable as error:
        raise Undecodable(error.problems) from None
    if not isinstance(document, dict):
        raise Undecodable.because("E_SHAPE", "", "an object is required")
    signal = _told(headers) or _named_in(document)
    if signal is None:
        raise Undecodable.because("E_SHAPE", "", "neither resourceMetrics, resourceLogs nor resourceSpans is present")
    return signal, _from_json(signal, document)


def _told(headers: Mapping[str, str]) -> Signal | None:
    told = headers.get(SIGNAL_HEADER, "")
    return Signal(told) if told in {signal.value for signal in Signal} else None


def _named_in(document: Mapping[str, Any]) -> Signal | None:
    return next((signal for signal, (name, _) in _REQUESTS.items() if name in document), None)


def _from_protobuf(signal: Signal, body: bytes) -> Message:
    message = _REQUESTS[signal][1]()
    try:
        message.ParseFromString(body)
    except (DecodeError, RecursionError):
        raise Undecodable.because("E_PROTOBUF", "", f"the body is no protobuf export of {signal}") from None
    if not message.ListFields() and len(UnknownFieldSet(message)):
        raise Undecodable.because("E_SHAPE", "", f"the body holds nothing of an export of {signal}")
    return message


def _from_json(signal: Signal, document: Mapping[str, Any]) -> Message:
    name, request = _REQUESTS[signal]
    if document and name not in document:
        raise Undecodable.because("E_SHAPE", pointer(name), f"an export of {signal} has {name}")
    try:
        return ParseDict(_with_bytes(document), request(), ignore_unknown_fields=True)
    except (JsonFormatError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Undecodable.because("E_SHAPE", "", f"not an export of {signal}: {error}") from None


def _with_bytes(value: Any) -> Any:
    """Return the document with its identifiers as protobuf's JSON mapping has bytes: base64 in place of hex."""
    match value:
        case dict():
            return {key: _id(each) if key in _IDS else _with_bytes(each) for key, each in value.items()}
        case list():
            return [_with_bytes(each) for each in value]
    return value


def _id(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("an identifier is hex in text")
    return base64.b64encode(bytes.fromhex(value)).decode()


def plain(value: Any) -> Any:
    """Return an AnyValue as text, number, boolean, list or dict; None when it holds nothing."""
    if text := value.string_value:
        return text
    match value.WhichOneof("value"):
        case "string_value" | "bool_value" | "int_value" | "double_value" as held:
            return getattr(value, held)
        case "array_value":
            return [plain(each) for each in value.array_value.values]
        case "kvlist_value":
            return attributes(value.kvlist_value.values)
        case "bytes_value":
            return value.bytes_value.hex()
    return None


def attributes(pairs: Any) -> dict[str, Any]:
    """Return attributes by name. Of a name that stands twice, which OTLP forbids, the last one counts."""
    return {pair.key: plain(pair.value) for pair in pairs}


def item_count(signal: Signal, message: Any) -> int:
    """Return how many data points, log records or spans an export has."""
    return sum(1 for _ in _items(signal, message))


def _items(signal: Signal, message: Any) -> Iterator[Any]:
    match signal:
        case Signal.METRICS:
            for metric in (each for block in message.resource_metrics for scope in block.scope_metrics
                           for each in scope.metrics):  # fmt: skip
                kind = metric.WhichOneof("data")
                yield from getattr(metric, kind).data_points if kind else ()
        case Signal.LOGS:
            for block in message.resource_logs:
                for scope in block.scope_logs:
                    yield from scope.log_records
        case Signal.TRACES:
            for block in message.resource_spans:
                for scope in block.scope_spans:
                    yield from scope.spans
