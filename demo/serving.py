"""What the company's collector exports by OpenTelemetry: how long people wait for the language models' answers."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from random import Random

from django.db import transaction
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric

from demo import story
from demo.telemetry import DAY, HOUR
from models_registry.access.models import Account
from models_registry.telemetry import source_actions, splitting
from models_registry.telemetry.actions import receive
from models_registry.telemetry.models import SourceKind

NAME = "Serving collector"
HOURS = 24
CALLS_AN_HOUR = 150
BOUNDS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds, as the GenAI conventions advise: each the double of the one before."""
SLOW = {"slow": 2.2}
"""How many times as long people wait under a plot."""
HEADERS = {"content-type": "application/x-protobuf", "user-agent": "OTel Collector", "otlp-signal": "metrics"}


@transaction.atomic
def report(*, by: Account, models: Sequence[story.ModelStory], present: datetime, seed: int) -> int:
    """Connect the collector and keep its exports of the last day; return how many events that made."""
    source, _ = source_actions.create_source(
        by=by, at=present - 2 * DAY, name=NAME, kind=SourceKind.OPENTELEMETRY, expected_interval_s=None
    )
    serving = [model for model in models if ("LLM" in model.kind or "RAG" in model.kind) and model.plot != "quiet"]
    chance, kept = Random(seed), 0  # noqa: S311 - made-up numbers
    for number in range(HOURS, 0, -1):
        at = present - number * HOUR
        for part in splitting.blocks(_export(serving, at, chance), HEADERS):
            receive(source=source, body=part.body, headers=part.headers, at=at)
            kept += 1
    return kept


def _export(models: Iterable[story.ModelStory], at: datetime, chance: Random) -> bytes:
    request = ExportMetricsServiceRequest()
    for model in models:
        block = request.resource_metrics.add()
        block.resource.attributes.extend(
            [_said("redline.model", model.slug), _said("service.name", f"{model.slug}-serving")]
        )
        scope = block.scope_metrics.add()
        scope.scope.name = "vllm"
        usual = (0.25 + 0.1 * (len(model.slug) % 5)) * SLOW.get(model.plot, 1.0)
        scope.metrics.append(_waits("gen_ai.server.time_to_first_token", usual, at, chance))
        scope.metrics.append(_waits("gen_ai.server.time_per_output_token", usual / 12, at, chance))
    serialized: bytes = request.SerializeToString()
    return serialized


def _waits(name: str, usual: float, at: datetime, chance: Random) -> Metric:
    """Return a histogram of waits around a usual one, in seconds."""
    waits = [chance.lognormvariate(math.log(usual), 0.45) for _ in range(CALLS_AN_HOUR)]
    edges = (-math.inf, *BOUNDS, math.inf)
    metric = Metric(name=name, unit="s")
    metric.histogram.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
    point = metric.histogram.data_points.add()
    point.start_time_unix_nano = int((at - HOUR).timestamp() * 1e9)
    point.time_unix_nano = int(at.timestamp() * 1e9)
    point.explicit_bounds.extend(BOUNDS)
    point.bucket_counts.extend(sum(low < wait <= high for wait in waits) for low, high in pairwise(edges))
    point.count, point.sum, point.min, point.max = len(waits), sum(waits), min(waits), max(waits)
    return metric


def _said(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))
