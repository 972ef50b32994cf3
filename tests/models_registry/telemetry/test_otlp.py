"""Exports of OpenTelemetry read into measurements: values, quantiles, subjects, evaluations and spans."""

import datetime as dt
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_registry.telemetry.adapters import opentelemetry, otlp_spans, otlp_wire
from models_registry.telemetry.adapters.otlp_histograms import Distribution
from models_registry.telemetry.readings import Reading, Unreadable
from tests.models_registry.telemetry import otlp
from tests.models_registry.telemetry.otlp import (
    AT,
    CUMULATIVE,
    NOW,
    PROTOBUF,
    bucketed,
    counter,
    evaluation,
    gauge,
    histogram,
    span,
)

RECORDED = Path(__file__).parents[2] / "payloads" / "otlp" / "metrics_requests.json"
SCORER = {"redline__model": "credit-scorer"}


def read(body: bytes, signal: str = "metrics", content_type: str = PROTOBUF, at: dt.datetime = AT) -> list[Reading]:
    headers = {"content-type": content_type, "otlp-signal": signal}
    return opentelemetry.read(body, headers=headers, mapping=None, received_at=at)


def values(body: bytes, signal: str = "metrics") -> dict[str, float]:
    return {reading.metric: reading.value for reading in read(body, signal)}


def reasons(body: bytes, signal: str = "metrics", content_type: str = PROTOBUF) -> list[str]:
    with pytest.raises(Unreadable) as refusal:
        read(body, signal, content_type)
    return [problem.reason for problem in refusal.value.problems]


# ---- metrics ----


def test_what_the_stock_python_exporter_sent_is_read_whole() -> None:
    message = json.loads(RECORDED.read_text())[0]["message"]
    at = dt.datetime.fromtimestamp(1_795_225_800, tz=dt.UTC)

    found = read(json.dumps(message).encode(), content_type="application/json", at=at)

    told = {(each.metric, each.segment): round(each.value, 4) for each in found}
    assert {each.model for each in found} == {"credit-scorer"}
    assert told["embedding_cosine_drift", "Zürich 東京"] == 0.2
    assert told["hallucination_rate", ""] == 0.031
    assert told["llm.requests.total", ""] == 50
    assert told["llm.inflight", ""] == 0
    assert told["request_count.total", ""] == 50
    assert told["error_rate", ""] == 0
    assert 0 < told["p50_latency_ms", ""] < told["p95_latency_ms", ""] <= 2450
    assert told["llm.exp.mean", ""] == 0.255
    assert 0.2 < told["llm.exp.p50", ""] < 0.3
    assert all(abs(each.observed_at.timestamp() - 1_795_225_798.2492355) < 1e-5 for each in found)


def test_the_example_of_the_integration_reference_is_read() -> None:
    body = {"resourceMetrics": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "bot"}}]},
            "scopeMetrics": [{"scope": {"name": "gov"}, "metrics": [{"name": "ai.drift.psi", "unit": "1", "gauge": {
                "dataPoints": [{"asDouble": 0.31, "timeUnixNano": str(NOW), "attributes": [
                    {"key": "model.id", "value": {"stringValue": "credit-scorer"}}]}]}}]}]}]}  # fmt: skip

    [reading] = read(json.dumps(body).encode(), content_type="application/json; charset=utf-8")

    assert (reading.model, reading.also) == ("credit-scorer", ("bot",))
    assert (reading.metric, reading.value, reading.unit, reading.observed_at) == ("psi", 0.31, "index", AT)


def test_counters_are_added_over_their_attributes_and_running_totals_say_so() -> None:
    delta = otlp.metrics({**counter("llm.requests", 3, 4)}, **SCORER)
    total = otlp.metrics(counter("llm.requests", 3, 4, temporality=CUMULATIVE), **SCORER)
    level = otlp.metrics(counter("queue", 3, 4, temporality=CUMULATIVE, monotonic=False, unit="1"), **SCORER)

    assert values(delta) == {"request_count": 7}
    assert values(total) == {"llm.requests.total": 7}
    assert values(level) == {"queue": 7}


def test_durations_give_latency_in_milliseconds_requests_and_failures_over_all_operations() -> None:
    sound = bucketed([0.1, 0.2, 0.4], [10, 80, 0, 0], 12.0, gen_ai__operation__name="chat")
    failed = bucketed([0.1, 0.2, 0.4], [0, 0, 10, 0], 3.0, error__type="timeout")
    body = otlp.metrics(histogram("gen_ai.client.operation.duration", sound, failed), **SCORER)

    found = values(body)

    assert found["request_count"] == 100
    assert found["error_rate"] == pytest.approx(0.1)
    assert found["p50_latency_ms"] == pytest.approx(150.0)
    assert found["p95_latency_ms"] == pytest.approx(300.0)
    assert found["p99_latency_ms"] == pytest.approx(380.0)


def test_a_quantile_in_the_last_bucket_is_narrowed_by_the_largest_value_and_else_its_lower_edge() -> None:
    known = bucketed([1.0], [0, 4], 20.0, min=2.0, max=6.0)
    unknown = bucketed([1.0], [0, 4], 20.0)

    assert values(otlp.metrics(histogram("rpc.server.duration", known, unit="ms"), **SCORER))["p50_latency_ms"] == 4
    assert values(otlp.metrics(histogram("rpc.server.duration", unknown, unit="ms"), **SCORER))["p50_latency_ms"] == 1


def test_token_usage_gives_tokens_read_written_and_together() -> None:
    read_ = bucketed([], [5], 500.0, gen_ai__token__type="input")
    written = bucketed([], [5], 70.0, gen_ai__token__type="output")
    body = otlp.metrics(histogram("gen_ai.client.token.usage", read_, written, unit="{token}"), **SCORER)

    assert values(body) == {"token_count": 570, "input_token_count": 500, "output_token_count": 70}


def test_the_wait_for_the_first_token_and_any_other_histogram() -> None:
    waits = histogram("gen_ai.server.time_to_first_token", bucketed([0.5, 1.0], [0, 10, 0], 7.0))
    other = histogram("batch.size", bucketed([10.0, 20.0], [0, 10, 0], 150.0), unit="{row}")

    found = values(otlp.metrics(waits, other, **SCORER))

    assert found["p50_time_to_first_token_ms"] == 750
    assert {name: found[name] for name in found if name.startswith("batch")} == {
        "batch.size.mean": 15, "batch.size.p50": 15, "batch.size.p95": 19.5, "batch.size.p99": 19.9,
        "batch.size.count": 10,
    }  # fmt: skip


def test_a_histogram_of_exponents_estimates_inside_its_buckets() -> None:
    point = {"time_unix_nano": NOW, "count": 10, "sum": 30.0, "scale": 0, "zero_count": 1,
             "positive": {"offset": 1, "bucket_counts": [8]},
             "negative": {"offset": 0, "bucket_counts": [1]}}  # fmt: skip
    held = {"data_points": [point], "aggregation_temporality": 1}
    body = otlp.metrics({"name": "size", "exponential_histogram": held}, **SCORER)

    found = values(body)

    assert found["size.mean"] == 3
    assert found["size.p50"] == pytest.approx(2 + 2 * 3 / 8)


@given(
    st.lists(st.floats(0, 1000, allow_nan=False), min_size=1, max_size=50),
    st.sampled_from([0.5, 0.95, 0.99]),
)
def test_an_estimate_lies_in_the_bucket_of_the_true_quantile(numbers: list[float], share: float) -> None:
    bounds = [1.0, 10.0, 100.0, 500.0]
    edges = list(zip([-math.inf, *bounds], [*bounds, math.inf], strict=True))
    counts = {edge: sum(edge[0] < each <= edge[1] for each in numbers) for edge in edges}
    told = Distribution(("explicit", *bounds), counts, len(numbers), math.fsum(numbers), min(numbers), max(numbers))
    true = otlp_spans.nearest_rank(sorted(numbers), share)

    estimate = told.quantile(share)

    assert estimate is not None
    assert estimate.lower <= true <= estimate.upper
    assert estimate.lower <= estimate.value <= estimate.upper


def test_whoever_is_named_more_particularly_is_meant_first_and_redline_model_alone() -> None:
    named = gauge("psi", 0.3, gen_ai__request__model="gpt", redline__segment="eu", model__version="7")
    resource = {"service__name": "bot", "deployment__environment__name": "prod"}

    [reading] = read(otlp.metrics(named, **resource))
    [ours] = read(otlp.metrics(gauge("psi", 0.3, model="x"), **SCORER, **resource))

    assert (reading.model, reading.also) == ("gpt", ("bot",))
    assert (reading.segment, reading.version, reading.environment) == ("eu", "7", "production")
    assert (ours.model, ours.also) == ("credit-scorer", ())


def test_a_name_is_a_text_or_a_whole_number_and_true_is_neither() -> None:
    told = [read(otlp.metrics(gauge("psi", 0.3, model=value), service__name="bot"))[0].model for value in (1, True, 1)]

    assert told == ["1", "bot", "1"]


def test_what_speaks_of_no_model_is_passed_over() -> None:
    machine = gauge("process.cpu.utilization", 0.4)

    assert read(otlp.metrics(machine, gauge("psi", 0.3), service__name="bot"))[0].metric == "psi"
    assert len(read(otlp.metrics(machine, gauge("psi", 0.3), service__name="bot"))) == 1
    assert len(read(otlp.metrics(machine, **SCORER))) == 1
    assert read(otlp.metrics(gauge("psi", 0.3))) == []


def test_what_names_no_model_is_counted_by_what_it_is_called() -> None:
    machine, call = gauge("process.memory", 5.0, 6.0), span(gen_ai__operation__name="chat")

    told = [
        read(otlp.metrics(machine, gauge("psi", 0.3), service__name="bot")),
        read(otlp.metrics(machine, gauge("psi", 0.3))),
        read(otlp.traces(call, span()), "traces"),
    ]

    assert [[(each.code, each.subject, each.count) for each in getattr(found, "notices", ())] for found in told] == [
        [("N_NO_MODEL", "process.memory", 2)],
        [("N_NO_MODEL", "process.memory", 2), ("N_NO_MODEL", "psi", 1)],
        [("N_NO_MODEL", "chat", 1)],
    ]
    assert [len(found) for found in told] == [1, 0, 0]


@pytest.mark.parametrize(
    ("instrument", "reason"),
    [
        (gauge("psi", math.nan), "E_NOT_FINITE:/resourceMetrics/0/scopeMetrics/0/metrics/0/gauge/dataPoints/0"),
        (gauge("psi", math.inf), "E_NOT_FINITE:/resourceMetrics/0/scopeMetrics/0/metrics/0/gauge/dataPoints/0"),
        (gauge("psi", 0.1, at=0),
         "E_MISSING:/resourceMetrics/0/scopeMetrics/0/metrics/0/gauge/dataPoints/0/timeUnixNano"),
        (gauge("psi", 0.1, at=NOW + 400 * 10**9),
         "E_FUTURE:/resourceMetrics/0/scopeMetrics/0/metrics/0/gauge/dataPoints/0/timeUnixNano"),
        (gauge("a" * 81, 0.1), "E_TOO_LONG:/resourceMetrics/0/scopeMetrics/0/metrics/0/gauge/dataPoints/0"),
        (gauge("a\x00", 0.1), "E_CONTROL:/resourceMetrics/0/scopeMetrics/0/metrics/0/gauge/dataPoints/0"),
        (histogram("x", bucketed([1.0], [1, 1, 1], 3.0)),
         "E_SHAPE:/resourceMetrics/0/scopeMetrics/0/metrics/0/histogram/dataPoints/0/bucketCounts"),
        (histogram("x", bucketed([2.0, 1.0], [1, 1, 1], 3.0)),
         "E_SHAPE:/resourceMetrics/0/scopeMetrics/0/metrics/0/histogram/dataPoints/0/explicitBounds"),
        (histogram("x", bucketed([1.0], [1, 1], 3.0) | {"count": 9}),
         "E_SHAPE:/resourceMetrics/0/scopeMetrics/0/metrics/0/histogram/dataPoints/0/count"),
        ({"name": "x", "exponential_histogram": {"data_points": [{"time_unix_nano": NOW, "scale": -(2**31)}]}},
         "E_SHAPE:/resourceMetrics/0/scopeMetrics/0/metrics/0/exponentialHistogram/dataPoints/0/scale"),
    ],
)  # fmt: skip
def test_a_point_that_cannot_be_read_is_named_by_its_place(instrument: dict[str, Any], reason: str) -> None:
    assert reasons(otlp.metrics(instrument, **SCORER)) == [reason]


def test_a_point_without_a_recorded_value_gives_none() -> None:
    missing = gauge("psi", 0.1)
    missing["gauge"]["data_points"][0]["flags"] = 1

    assert read(otlp.metrics(missing, **SCORER)) == []


# ---- the wire ----


def test_bytes_that_are_no_export_are_named() -> None:
    assert reasons(b"\xff\xff\xff") == ["E_PROTOBUF"]
    assert reasons(b"\x7a\x03abc") == ["E_SHAPE"]
    assert reasons(otlp.traces(span(**SCORER)), signal="metrics") in (["E_PROTOBUF"], ["E_SHAPE"])
    assert reasons(b'{"resourceSpans": []}', content_type="application/json") == ["E_SHAPE:/resourceMetrics"]
    assert reasons(b'{"resourceMetrics": 5}', content_type="application/json") == ["E_SHAPE"]
    assert reasons(b"[]", content_type="application/json") == ["E_SHAPE"]
    assert read(b"") == []
    assert read(b"{}", content_type="application/json") == []


@given(body=st.binary(max_size=200), signal=st.sampled_from(["metrics", "logs", "traces", "other"]))
def test_any_bytes_are_read_or_unreadable(body: bytes, signal: str) -> None:
    try:
        found = read(body, signal)
    except Unreadable as refusal:
        assert refusal.reason.startswith("E_")
    else:
        assert all(math.isfinite(each.value) for each in found)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "0" * 32, "1772366400000000000", "abc"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from("resourceMetrics resource scopeMetrics metrics gauge dataPoints attributes traceId spans "
                        "resourceSpans scopeSpans resourceLogs scopeLogs logRecords key value stringValue".split()),
        inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@given(body=anything, signal=st.sampled_from(["metrics", "logs", "traces"]))
def test_any_json_is_read_or_unreadable(body: Any, signal: str) -> None:
    try:
        read(json.dumps(body).encode(), signal, "application/json")
    except Unreadable as refusal:
        assert refusal.reason.startswith("E_")


def test_identifiers_in_json_are_hex() -> None:
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [{
        "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "chat",
        "startTimeUnixNano": str(NOW - 10**9), "endTimeUnixNano": NOW, "kind": 3, "unknown": {"a": 1},
        "attributes": [{"key": "redline.model", "value": {"stringValue": "credit-scorer"}}]}]}]}]}  # fmt: skip

    [found] = otlp_spans.model_spans(
        json.dumps(body).encode(), headers={"content-type": "application/json"}, received_at=AT
    )

    assert (found.trace_id, found.span_id) == ("5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174")
    assert found.duration_ms == 1000


# ---- logs ----


def test_an_evaluation_is_its_score_under_the_canonical_name() -> None:
    body = otlp.logs(
        evaluation("faithfulness", 0.8, gen_ai__request__model="gpt"),
        evaluation("policy check", label="Pass"),
        evaluation("tone", label="friendly"),
        {"body": {"string_value": "a line of a log"}, "time_unix_nano": NOW},
        service__name="bot",
    )

    found = read(body, "logs")

    assert [(each.model, each.metric, each.value) for each in found] == [
        ("gpt", "groundedness", 0.8), ("bot", "policy check", 1.0),
    ]  # fmt: skip
    assert found[0].unit == "ratio"


def test_an_evaluation_of_nobody_or_without_a_name_is_held() -> None:
    nameless = {"event_name": "gen_ai.evaluation.result", "time_unix_nano": NOW,
                "attributes": otlp.pairs(gen_ai__evaluation__score__value=0.5, **SCORER)}  # fmt: skip
    place = "E_MISSING:/resourceLogs/0/scopeLogs/0/logRecords/0/attributes"

    assert reasons(otlp.logs(evaluation("x", 0.5)), "logs") == [place]
    assert reasons(otlp.logs(nameless), "logs") == [place]


def test_an_older_event_by_its_attribute_without_a_time_is_of_its_receipt() -> None:
    record = evaluation("toxicity", 0.2, event__name="gen_ai.evaluation.result") | {
        "event_name": "",
        "time_unix_nano": 0,
    }

    [reading] = read(otlp.logs(record, **SCORER), "logs")

    assert (reading.metric, reading.observed_at) == ("toxicity_rate", AT)


# ---- traces ----

CALL = {"gen_ai__operation__name": "chat", "gen_ai__request__model": "gpt"}


def test_a_batch_of_spans_gives_latency_failures_and_traced_counts() -> None:
    calls = [
        span(milliseconds=100 * number, failed=number == 10, number=number, gen_ai__usage__input_tokens=10, **CALL)
        for number in range(1, 11)
    ]
    outer = span(milliseconds=9000, gen_ai__operation__name="invoke_agent", gen_ai__request__model="gpt")

    found = values(otlp.traces(*calls, outer, span(milliseconds=5), service__name="bot"), "traces")

    assert found == {
        "p50_latency_ms": 500, "p95_latency_ms": 1000, "p99_latency_ms": 1000, "error_rate": 0.1,
        "traced_request_count": 10, "traced_input_token_count": 100,
    }  # fmt: skip


def test_a_span_is_told_as_plain_facts_in_either_convention() -> None:
    old = span(gen_ai__system="openai", gen_ai__usage__prompt_tokens=7, error__type="429", **CALL)
    inference = span(
        openinference__span__kind="LLM", llm__model_name="gpt", llm__token_count__completion=3.0, session__id="s1"
    )
    body = otlp.traces(old, inference, service__name="bot")
    headers = {"content-type": PROTOBUF, "otlp-signal": "traces"}

    first, second = otlp_spans.model_spans(body, headers=headers, received_at=AT)

    assert (first.provider, first.request_model, first.error, first.input_tokens) == ("openai", "gpt", "429", 7)
    assert (first.output_tokens, first.subject.model, first.subject.also) == (None, "gpt", ("bot",))
    assert (first.ended_at, first.duration_ms, first.parent_span_id) == (AT, 100.0, "")
    assert (second.operation, second.output_tokens, second.conversation_id) == ("LLM", 3, "s1")
    assert otlp_spans.model_spans(otlp.logs(), headers=headers | {"otlp-signal": "logs"}, received_at=AT) == []


def test_a_span_that_ends_before_it_starts_is_held() -> None:
    backwards = span(**CALL) | {"start_time_unix_nano": NOW + 10**9}

    assert reasons(otlp.traces(backwards), "traces") == ["E_TIME:/resourceSpans/0/scopeSpans/0/spans/0/endTimeUnixNano"]


def test_items_of_an_export_are_counted() -> None:
    body = otlp.metrics(gauge("psi", 0.1, 0.2), counter("x", 1), **SCORER)

    signal, message = otlp_wire.decode(body, headers={"content-type": PROTOBUF, "otlp-signal": "metrics"})

    assert otlp_wire.item_count(signal, message) == 3
