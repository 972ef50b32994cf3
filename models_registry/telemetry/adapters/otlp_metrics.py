"""OTLP metrics: data points of one subject added up, then told as measurements.

A gauge and an up-down counter give their value. A counter gives what was added since the last export (delta);
a cumulative one gives its running total under `<name>.total`, because a total is no observation of its moment.
Histograms give p50, p95, p99 and mean, and with delta temporality their count; the durations and token usage
of the GenAI conventions (semantic-conventions-genai) and of HTTP servers give the canonical metrics instead.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, DataPointFlags

from models_registry.telemetry import readings
from models_registry.telemetry.adapters import otlp_facts, otlp_histograms
from models_registry.telemetry.adapters.otlp_facts import Attributes, Subject
from models_registry.telemetry.adapters.otlp_histograms import Distribution
from models_registry.telemetry.adapters.otlp_wire import attributes
from models_registry.telemetry.notices import Findings, no_model
from models_registry.telemetry.readings import Problem, Reading, Unreadable

DURATIONS: Final = frozenset(
    {
        "gen_ai.client.operation.duration",
        "gen_ai.server.request.duration",
        "http.server.request.duration",
        "http.server.duration",
        "rpc.server.duration",
    }
)
"""Histograms of whole requests: latency, how many there were, and how many failed."""
WAITS: Final = {
    "gen_ai.server.time_to_first_token": "time_to_first_token_ms",
    "gen_ai.client.operation.time_to_first_chunk": "time_to_first_token_ms",
    "gen_ai.server.time_per_output_token": "time_per_output_token_ms",
    "gen_ai.client.operation.time_per_output_chunk": "time_per_output_token_ms",
}
TOKENS: Final = "gen_ai.client.token.usage"
GENERATIVE_PREFIX: Final = "gen_ai."
SHARES: Final = (("p50", 0.50), ("p95", 0.95), ("p99", 0.99))
_DELTA: Final = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
_NOT_RECORDED: Final = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK
_LISTS: Final = {
    "gauge": "gauge",
    "sum": "sum",
    "histogram": "histogram",
    "exponential_histogram": "exponentialHistogram",
    "summary": "summary",
}


@dataclass(frozen=True, slots=True)
class Stream:
    """What is added up: one instrument's points of one subject at one moment."""

    name: str
    unit: str
    subject: Subject
    at: datetime
    delta: bool
    shape: tuple[Any, ...] = ()


@dataclass(slots=True)
class Usage:
    """The distributions of one stream: of all points, of those that failed, and by the kind of token."""

    whole: Distribution
    failed: int = 0
    by_type: dict[str, float] = field(default_factory=dict)


class MetricsReader:
    """Collects the readings of an export, and every problem with its place."""

    def __init__(self, *, received_at: datetime) -> None:
        self.received_at = received_at
        self.readings: list[Reading] = []
        self.problems: list[Problem] = []
        self._strangers: Counter[str] = Counter()
        self._sums: dict[Stream, float] = {}
        self._histograms: dict[Stream, Usage] = {}

    def read(self, message: Any) -> list[Reading]:
        """Return the readings of all data points; those that name no model are counted. Raises Unreadable."""
        for path, resource, metric in _metrics(message):
            kind = metric.WhichOneof("data")
            if kind is not None:
                self._metric(metric, getattr(metric, kind), kind, resource, f"{path}/{_LISTS[kind]}")
        self._tell()
        if self.problems:
            raise Unreadable(self.problems, self.readings)
        return Findings(self.readings, no_model(self._strangers)) if self._strangers else self.readings

    def _metric(self, metric: Any, held: Any, kind: str, resource: Attributes, path: str) -> None:
        for index, point in enumerate(held.data_points):
            where = f"{path}/dataPoints/{index}"
            if point.flags & _NOT_RECORDED:
                continue
            try:
                self._point(metric, held, kind, point, resource, where)
            except Unreadable as error:
                self.problems.extend(error.problems)

    def _point(self, metric: Any, held: Any, kind: str, point: Any, resource: Attributes, path: str) -> None:
        own = attributes(point.attributes)
        subject = otlp_facts.subject(own, resource, path=path)
        if subject is None or not (subject.explicit or _is_known(metric.name)):
            self._strangers[metric.name] += 1
            return
        name = readings.name(metric.name, field_name="metric", path=path)
        at = otlp_facts.moment(point.time_unix_nano, path=path + "/timeUnixNano", received_at=self.received_at)
        delta = kind in ("sum", "histogram", "exponential_histogram") and held.aggregation_temporality == _DELTA
        stream = Stream(name, metric.unit, subject, at, delta)
        match kind:
            case "gauge":
                self._keep(stream, name, metric.unit, _value(point, path))
            case "sum":
                told = stream if delta or not held.is_monotonic else _running(stream)
                self._sums[told] = self._sums.get(told, 0.0) + _value(point, path)
            case "summary":
                self._summary(stream, point, path)
            case _:
                read = otlp_histograms.explicit if kind == "histogram" else otlp_histograms.exponential
                self._histogram(stream, own, read(point, path=path))

    def _histogram(self, stream: Stream, own: Attributes, found: Distribution) -> None:
        if not found.count:
            return
        key = Stream(stream.name, stream.unit, stream.subject, stream.at, stream.delta, found.shape)
        usage = self._histograms.setdefault(key, Usage(Distribution(found.shape)))
        usage.whole.add(found)
        usage.failed += found.count if _has_failed(own) else 0
        token = own.get("gen_ai.token.type")
        if isinstance(token, str):
            usage.by_type[token] = usage.by_type.get(token, 0.0) + found.sum

    def _summary(self, stream: Stream, point: Any, path: str) -> None:
        for index, each in enumerate(point.quantile_values):
            where = f"{path}/quantileValues/{index}"
            share = readings.number(each.quantile, path=where)
            value = readings.number(each.value, path=where)
            self._keep(stream, f"{stream.name}.p{share * 100:g}", stream.unit, value)

    def _tell(self) -> None:
        for stream, value in self._sums.items():
            self._keep(stream, stream.name, stream.unit, value)
        for stream, usage in self._histograms.items():
            if stream.name in DURATIONS:
                self._tell_requests(stream, usage)
            elif stream.name in WAITS:
                self._tell_shares(stream, usage.whole, WAITS[stream.name])
            elif stream.name == TOKENS:
                self._tell_tokens(stream, usage)
            else:
                self._tell_any(stream, usage.whole)

    def _tell_requests(self, stream: Stream, usage: Usage) -> None:
        self._tell_shares(stream, usage.whole, "latency_ms")
        self._keep(stream, "error_rate", "", usage.failed / usage.whole.count)
        self._keep(stream, _counted(stream, "request_count"), "{count}", float(usage.whole.count))

    def _tell_shares(self, stream: Stream, whole: Distribution, name: str) -> None:
        """Tell p50, p95 and p99 of a duration in milliseconds; without a unit it is in seconds, as the conventions."""
        for word, share in SHARES:
            if (found := whole.quantile(share)) is not None:
                _, value = otlp_facts.in_unit(found.value, otlp_facts.plain_unit(stream.unit) or "s", "ms")
                self._keep(stream, f"{word}_{name}", "ms", value, bucket=f"{found.lower:g} to {found.upper:g}")

    def _tell_tokens(self, stream: Stream, usage: Usage) -> None:
        self._keep(stream, _counted(stream, "token_count"), "{count}", usage.whole.sum)
        for word in ("input", "output"):
            if word in usage.by_type:
                self._keep(stream, _counted(stream, f"{word}_token_count"), "{count}", usage.by_type[word])

    def _tell_any(self, stream: Stream, whole: Distribution) -> None:
        known = otlp_facts.known_metric(stream.name)
        self._keep(stream, stream.name if known else f"{stream.name}.mean", stream.unit, whole.mean)
        for word, share in SHARES:
            if (found := whole.quantile(share)) is not None:
                bucket = f"{found.lower:g} to {found.upper:g}"
                self._keep(stream, f"{stream.name}.{word}", stream.unit, found.value, bucket=bucket)
        self._keep(stream, _counted(stream, f"{stream.name}.count"), "{count}", float(whole.count))

    def _keep(self, stream: Stream, name: str, unit: str, value: float, **facts: str) -> None:
        metric, unit, value = otlp_facts.measured(name, unit, value)
        if not math.isfinite(value):
            self.problems.append(Problem("E_NOT_FINITE", "", f"{name} is too large"))
            return
        subject = stream.subject
        self.readings.append(
            Reading(
                model=subject.model,
                version=subject.version,
                metric=metric,
                value=value,
                unit=unit,
                environment=subject.environment,
                segment=subject.segment,
                observed_at=stream.at,
                attributes={"instrument": stream.name, **facts},
                also=subject.also,
            )
        )


def read(message: Any, *, received_at: datetime) -> list[Reading]:
    """Return the readings of an export of metrics. Raises Unreadable with every problem."""
    return MetricsReader(received_at=received_at).read(message)


def _metrics(message: Any) -> Iterator[tuple[str, Attributes, Any]]:
    """Yield every metric with its JSON pointer and its resource's attributes."""
    for block_at, block in enumerate(message.resource_metrics):
        resource = attributes(block.resource.attributes)
        for scope_at, scope in enumerate(block.scope_metrics):
            for index, metric in enumerate(scope.metrics):
                yield f"/resourceMetrics/{block_at}/scopeMetrics/{scope_at}/metrics/{index}", resource, metric


def _is_known(name: str) -> bool:
    return name.startswith(GENERATIVE_PREFIX) or otlp_facts.known_metric(name) is not None


def _value(point: Any, path: str) -> float:
    held = point.WhichOneof("value")
    if held is None:
        raise Unreadable.because("E_MISSING", path, "the value is missing")
    return readings.number(getattr(point, held), path=path)


def _running(stream: Stream) -> Stream:
    """Return the stream of a cumulative counter under a name that says so."""
    return Stream(f"{stream.name}.total", stream.unit, stream.subject, stream.at, stream.delta)


def _counted(stream: Stream, name: str) -> str:
    """Return the name of a count: of the time since the last export, or of all time when it is cumulative."""
    return name if stream.delta else f"{name}.total"


def _has_failed(own: Attributes) -> bool:
    status = own.get("http.response.status_code", own.get("http.status_code"))
    return bool(own.get("error.type")) or (isinstance(status, int) and status >= 500)
