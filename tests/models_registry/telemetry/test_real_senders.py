"""Stock senders against a running web process: what people paste makes OpenTelemetry, CloudEvents and webhooks arrive."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from cloudevents.core.bindings import http
from cloudevents.core.v1.event import CloudEvent
from django.utils import timezone

from models_registry.telemetry import connecting, source_actions
from models_registry.telemetry.adapters import otlp_spans
from models_registry.telemetry.models import EventState, Measurement, TelemetryEvent
from tests.models_registry.telemetry import otlp, world
from tests.wire import say, web_process

EXPORTERS = """
import time
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

meters = MeterProvider(metric_readers=[PeriodicExportingMetricReader(OTLPMetricExporter(), 3_600_000)])
meter = meters.get_meter("test")
requests = meter.create_counter("llm.requests", "{request}")
duration = meter.create_histogram("gen_ai.client.operation.duration", "s")
meter.create_gauge("ai.drift.psi").set(0.31)
for number in range(20):
    requests.add(1)
    duration.record(0.2 + number / 100, {"gen_ai.operation.name": "chat"})
assert meters.force_flush()

tracers = TracerProvider()
tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
with tracers.get_tracer("test").start_as_current_span("chat gpt") as span:
    span.set_attributes({"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 7})
assert tracers.force_flush()

loggers = LoggerProvider()
loggers.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter()))
loggers.get_logger("test").emit(
    timestamp=time.time_ns(), event_name="gen_ai.evaluation.result",
    attributes={"gen_ai.evaluation.name": "faithfulness", "gen_ai.evaluation.score.value": 0.83},
)
assert loggers.force_flush()
"""


@dataclass(frozen=True)
class Web:
    """A running web process."""

    port: int

    def source(self, kind: str) -> tuple[str, str]:
        """Create a source; return where it sends to and its secret."""
        made, secret = source_actions.create_source(
            by=world.OPERATOR, at=timezone.now(), name=f"A source of {kind}", kind=kind
        )
        path = "otlp/" if kind == "opentelemetry" else "api/v1/telemetry/"
        end = "" if kind == "opentelemetry" else "/"
        return f"http://127.0.0.1:{self.port}/{path}{made.path_token}{end}", secret


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[Web]:
    world.claims_model()
    with web_process(place=tmp_path) as port:
        yield Web(port)


def pasted(kind: str, address: str, secret: str) -> str:
    """What the source's page says to paste, with the model filled in."""
    return connecting.setups(kind=kind, address=address, secret=secret)[0].text.replace("MODEL", "claims-triage")


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_the_stock_exporters_of_opentelemetry_with_what_the_page_says(
    web: Web, run_line: Callable[[], None], compression: str
) -> None:
    address, secret = web.source("opentelemetry")
    variables = dict(line.split("=", 1) for line in pasted("opentelemetry", address, secret).splitlines())
    environment = {**os.environ, **variables, "OTEL_EXPORTER_OTLP_COMPRESSION": compression}

    done = subprocess.run(
        [sys.executable, "-c", EXPORTERS], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    run_line()

    assert (done.returncode, done.stderr) == (0, "")
    assert set(TelemetryEvent.objects.values_list("state", flat=True)) == {EventState.DONE}
    found = {(each.metric, each.value) for each in Measurement.objects.all()}
    assert {("psi", 0.31), ("request_count", 20.0), ("error_rate", 0.0), ("groundedness", 0.83)} <= found
    assert {"p50_latency_ms", "p95_latency_ms", "traced_input_token_count"} <= {metric for metric, _ in found}
    assert {each.environment for each in Measurement.objects.all()} == {"production"}
    traces = TelemetryEvent.objects.get(headers__contains={"otlp-signal": "traces"})
    [span] = otlp_spans.model_spans(bytes(traces.raw), headers=traces.headers, received_at=traces.received_at)
    assert (span.subject.model, span.name, span.input_tokens) == ("claims-triage", "chat gpt", 7)


def test_an_export_of_three_mebibytes_is_kept_whole_and_one_that_ended_early_is_not(web: Web) -> None:
    address, secret = web.source("opentelemetry")
    body = otlp.metrics(otlp.gauge("psi", *[0.1] * 160_000), redline__model="claims-triage")
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": otlp.PROTOBUF}

    whole = requests.post(f"{address}/v1/metrics", data=body, headers=headers, timeout=60)
    path = address.partition(str(web.port))[2].encode() + b"/v1/metrics"
    lines = [f"{name}: {text}".encode() for name, text in {**headers, "Host": "127.0.0.1"}.items()]
    head = b"\r\n".join([b"POST " + path + b" HTTP/1.1", *lines, b"Content-Length: %d" % len(body), b"", b""])
    cut = say(web.port, head + body[:-1000], done=True)

    assert len(body) > 3 * 1_048_576
    assert (whole.status_code, b"E_TOO_MANY" in whole.content) == (200, True)
    assert [bytes(raw) for raw in TelemetryEvent.objects.values_list("raw", flat=True)] == [body]
    assert cut.status in (0, 400)


def an_event(number: int, value: float = 0.31) -> CloudEvent:
    return CloudEvent(
        attributes={
            "id": f"e{number}", "source": "/monitors/Zürich 42", "type": "com.example.drift.detected",
            "subject": "claims-triage", "datacontenttype": "application/json",
        },
        data={"metric": "psi", "value": value},
    )  # fmt: skip


def test_the_cloudevents_sdk_in_each_mode_makes_one_event_of_one_source_and_id(
    web: Web, run_line: Callable[[], None]
) -> None:
    address, secret = web.source("cloudevents")
    key = {"Authorization": f"Bearer {secret}"}
    event = an_event(1)
    binary, structured = http.to_binary_event(event), http.to_structured_event(event)
    batch = [json.loads(http.to_structured_event(an_event(number, number / 10)).body) for number in (1, 2, 3)]

    answers = [
        requests.post(address, data=binary.body, headers={**binary.headers, **key}, timeout=10),
        requests.post(address, data=binary.body, headers={**binary.headers, **key}, timeout=10),
        requests.post(
            address,
            data=json.dumps(batch[1:]),
            headers={"Content-Type": "application/cloudevents-batch+json; charset=utf-8", **key},
            timeout=10,
        ),
        requests.post(
            address,
            data=json.dumps(batch[2]),
            headers={"Content-Type": structured.headers["content-type"], **key},
            timeout=10,
        ),
    ]
    run_line()

    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 4
    events = TelemetryEvent.objects.order_by("pk")
    assert [event.event_id for event in events][1:] == [one.event_id for one in events.exclude(pk=events[0].pk)]
    assert [(event.state, event.duplicate_count) for event in events] == [("DONE", 1), ("DONE", 0), ("DONE", 1)]
    assert sorted(Measurement.objects.values_list("metric", "value")) == [("psi", 0.2), ("psi", 0.3), ("psi", 0.31)]


def test_a_sender_of_cloudevents_asks_beforehand_and_is_told_that_it_may(web: Web) -> None:
    address, _ = web.source("cloudevents")
    asked = {"WebHook-Request-Origin": "eventgrid.example.com", "WebHook-Request-Rate": "120"}

    known = requests.options(address, headers=asked, timeout=10)
    unknown = requests.options(address.replace("/telemetry/", "/telemetry/x"), headers=asked, timeout=10)

    assert known.status_code == 200
    assert known.headers["WebHook-Allowed-Origin"] == "eventgrid.example.com"
    assert known.headers["WebHook-Allowed-Rate"] == "*"
    assert (unknown.status_code, "WebHook-Allowed-Origin" in unknown.headers) == (404, False)


def test_the_command_of_the_page_sends_a_cloudevent(web: Web, run_line: Callable[[], None]) -> None:
    address, secret = web.source("cloudevents")

    done = subprocess.run(
        ["bash", "-c", pasted("cloudevents", address, secret) + " -w '%{http_code}'"],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    run_line()

    assert done.stdout == "202"
    assert Measurement.objects.get().value == 0.31


def test_the_standard_webhooks_sdk_as_the_page_says_and_through_a_rotation(
    web: Web, run_line: Callable[[], None]
) -> None:
    address, secret = web.source("standard_webhooks")
    made = source_actions.Source.objects.get()
    upcoming = source_actions.prepare_secret(by=world.OPERATOR, at=timezone.now(), source=made)

    for key in (secret, upcoming):
        exec(compile(pasted("standard_webhooks", address, key), "pasted", "exec"), {})
    run_line()

    assert list(Measurement.objects.values_list("metric", "value")) == [("psi", 0.31)] * 2
    bearer = requests.post(address, data=b"{}", headers={"Authorization": f"Bearer {secret}"}, timeout=10)
    assert (bearer.status_code, bearer.json()["code"]) == (401, "E_AUTH_MISSING")
    assert uuid.UUID(TelemetryEvent.objects.first().event_id.removeprefix("id:msg_"))  # type: ignore[union-attr]
