"""The OTLP receiver: kept before it is answered, answered in kind, retryable exactly where the specification says."""

import base64
import datetime as dt
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from backports import zstd
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from models_registry.telemetry import actions, door, source_actions
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from tests.models_registry.telemetry import otlp, world
from tests.models_registry.telemetry.otlp import PROTOBUF, evaluation, gauge, span
from tests.models_registry.telemetry.world import AT

JSON = "application/json"
MODEL = {"redline__model": "claims-triage"}
type Made = tuple[Source, str]


@pytest.fixture
def exporter(db: None) -> Made:
    return source_actions.create_source(by=world.OPERATOR, at=AT, name="Telemetry", kind="opentelemetry")


def send(
    made: Made, body: bytes, signal: str = "metrics", content_type: str = PROTOBUF, **headers: str
) -> HttpResponse:
    source, secret = made
    given = {"Authorization": f"Bearer {secret}", **{name.replace("_", "-"): text for name, text in headers.items()}}
    path = f"/otlp/{source.path_token}/v1/{signal}"
    return Client().generic("POST", path, body, content_type=content_type, headers=given)


def status_of(answer: HttpResponse) -> tuple[int, int, str]:
    told = Status.FromString(answer.content)
    return answer.status_code, told.code, told.message.partition(":")[0]


def a_gauge(*values: float, **facts: Any) -> bytes:
    return otlp.metrics(gauge("psi", *values), **(facts or MODEL))


def test_an_export_is_kept_as_it_came_and_measured_by_the_line(exporter: Made, run_line: Callable[[], None]) -> None:
    world.claims_model()
    body = otlp.metrics(gauge("psi", 0.31), gauge("ai.quality.accuracy", 0.9), **MODEL)

    answer = send(exporter, body)
    run_line()

    event = TelemetryEvent.objects.get()
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, PROTOBUF, b"")
    assert (bytes(event.raw), event.state) == (body, EventState.DONE)
    assert event.headers == {"content-type": PROTOBUF, "otlp-signal": "metrics"}
    assert {(each.metric, each.value) for each in Measurement.objects.all()} == {("psi", 0.31), ("accuracy", 0.9)}


def test_logs_and_traces_go_the_same_way(exporter: Made, run_line: Callable[[], None]) -> None:
    world.claims_model()
    call = span(gen_ai__operation__name="chat", gen_ai__request__model="unregistered")

    answers = [
        send(exporter, otlp.logs(evaluation("faithfulness", 0.7), **MODEL), "logs"),
        send(exporter, otlp.traces(call, service__name="claims-triage"), "traces"),
    ]
    run_line()

    assert [answer.status_code for answer in answers] == [200, 200]
    assert dict(Measurement.objects.values_list("metric", "value")) == {
        "groundedness": 0.7, "p50_latency_ms": 100, "p95_latency_ms": 100, "p99_latency_ms": 100,
        "error_rate": 0, "traced_request_count": 1,
    }  # fmt: skip


def test_json_is_answered_in_json_and_a_retry_counts_once(exporter: Made) -> None:
    body = json.dumps({"resourceMetrics": []}).encode()

    answers = [send(exporter, body, content_type="application/json") for _ in range(2)]

    assert [(answer.status_code, answer.content, answer["Content-Type"]) for answer in answers] == [
        (200, b"{}", JSON)
    ] * 2
    assert TelemetryEvent.objects.get().duplicate_count == 1


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
def test_a_packed_export_is_kept_unpacked(exporter: Made, coding: str, pack: Callable[[bytes], bytes]) -> None:
    body = a_gauge(0.3)

    assert send(exporter, pack(body), content_encoding=coding).status_code == 200
    assert bytes(TelemetryEvent.objects.get().raw) == body


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_bomb_a_stump_and_what_is_no_packing_are_refused_for_good(exporter: Made, coding: str) -> None:
    pack = gzip.compress if coding == "gzip" else zstd.compress
    bomb = pack(b"\0" * 50_000_000)

    answers = [
        status_of(send(exporter, body, content_encoding=coding))
        for body in (bomb, pack(a_gauge(0.3))[:-3], b"no", pack(b"") + pack(b""))
    ]

    assert len(bomb) < 100_000
    assert answers == [(413, 8, "E_TOO_LARGE"), *[(400, 3, "E_CODING")] * 3]
    assert not TelemetryEvent.objects.exists()


def test_a_frame_that_asks_for_a_window_of_gigabytes_is_refused(exporter: Made) -> None:
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.checksum_flag: 1}
    compressor = zstd.ZstdCompressor(options=options)
    frame = compressor.compress(b"x" * 1000) + compressor.flush()

    assert status_of(send(exporter, frame, content_encoding="zstd")) == (400, 3, "E_CODING")


def test_four_mebibytes_are_taken_and_one_byte_more_is_not(exporter: Made) -> None:
    assert send(exporter, b"\x00" * (actions.MAX_EXPORT_BYTES + 1)).status_code == 413
    assert send(exporter, a_gauge(*[0.1] * 100_000)[: actions.MAX_EXPORT_BYTES]).status_code in (200, 400)
    assert len(TelemetryEvent.objects.get().raw) > actions.MAX_BODY_BYTES


def test_what_is_no_export_is_kept_and_told_to_be_final(exporter: Made, run_line: Callable[[], None]) -> None:
    answer = send(exporter, b"\xff\xff\xff")
    run_line()

    assert status_of(answer) == (400, 3, "E_EXPORT")
    event = TelemetryEvent.objects.get()
    assert (bytes(event.raw), event.state, event.reason) == (b"\xff\xff\xff", EventState.QUARANTINED, "E_PROTOBUF")


def test_parts_that_are_held_are_a_partial_success(exporter: Made, run_line: Callable[[], None]) -> None:
    world.claims_model()
    body = otlp.metrics_of([(MODEL, [gauge("psi", 0.2)]), (MODEL, [gauge("psi", float("nan"), 0.3)])])

    answer = send(exporter, body)
    run_line()

    told = ExportMetricsServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, told.rejected_data_points) == (200, 2)
    assert "E_NOT_FINITE" in told.error_message
    assert list(TelemetryEvent.objects.order_by("pk").values_list("state", flat=True)) == ["DONE", "QUARANTINED"]
    assert Measurement.objects.get().value == 0.2


def test_a_partial_success_of_logs_has_its_own_name_in_json(exporter: Made) -> None:
    document = {"resourceLogs": [{"scopeLogs": [{"logRecords": [
        {"eventName": "gen_ai.evaluation.result", "attributes": [
            {"key": "gen_ai.evaluation.score.value", "value": {"doubleValue": 0.5}}]}]}]}]}  # fmt: skip

    answer = send(exporter, json.dumps(document).encode(), "logs", JSON)
    binary = send(exporter, otlp.logs(evaluation("x", 0.5)), "logs")

    assert json.loads(answer.content)["partialSuccess"]["rejectedLogRecords"] == "1"
    assert ExportLogsServiceResponse.FromString(binary.content).partial_success.rejected_log_records == 1


def test_one_service_that_nobody_registered_does_not_hold_the_others(
    exporter: Made, run_line: Callable[[], None]
) -> None:
    world.claims_model()
    parts = [a_gauge(0.1), a_gauge(0.2, redline__model="stranger"), a_gauge(0.3)]

    send(exporter, b"".join(parts))
    run_line()

    events = TelemetryEvent.objects.order_by("pk")
    assert [bytes(event.raw) for event in events] == parts
    assert [event.reason.partition(":")[0] for event in events] == ["", "E_UNKNOWN_MODEL", ""]
    assert sorted(Measurement.objects.values_list("value", flat=True)) == [0.1, 0.3]


def test_the_parts_of_an_export_in_json_are_its_own_bytes(exporter: Made) -> None:
    blocks = [b'{"resource": {},  "scopeMetrics": []}', b'{"schemaUrl":"x"}']

    send(exporter, b'{"resourceMetrics": [%b, %b]}' % tuple(blocks), content_type=JSON)

    kept = [bytes(raw) for raw in TelemetryEvent.objects.order_by("pk").values_list("raw", flat=True)]
    assert kept == [b'{"resourceMetrics":[%b]}' % block for block in blocks]


def test_an_export_that_says_more_than_its_list_is_kept_whole(exporter: Made) -> None:
    body = b'{"resourceMetrics": [{}, {}], "resourceMetrics": [{}]}'

    assert send(exporter, body, content_type=JSON).status_code == 400
    assert bytes(TelemetryEvent.objects.get().raw) == body


# ---- who sends ----


def ask_root(authorization: str) -> HttpResponse:
    headers = {"Authorization": authorization}
    return Client().post("/v1/metrics", a_gauge(0.3), content_type=PROTOBUF, headers=headers)


def test_at_the_root_the_credentials_name_the_source(exporter: Made) -> None:
    source, secret = exporter
    basic = base64.b64encode(f"{source.path_token}:{secret}".encode()).decode()

    assert ask_root(f"Bearer {source.path_token}.{secret}").status_code == 200
    assert ask_root(f"Basic {basic}").status_code == 200
    assert TelemetryEvent.objects.get().duplicate_count == 1


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer x", "Bearer x.", "Basic ???", "Basic eDo=", "Digest a.b"])
def test_at_the_root_credentials_that_name_none_are_refused(exporter: Made, given: str) -> None:
    answer = ask_root(given)

    assert status_of(answer) == (401, 16, "E_AUTH_MISSING")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_secret_an_unknown_address_and_another_kind_are_refused(exporter: Made) -> None:
    source, _ = exporter
    other = source_actions.create_source(by=world.OPERATOR, at=AT, name="Bulk", kind="measurements")

    assert status_of(send((source, "wrong"), a_gauge(0.3))) == (401, 16, "E_AUTH_WRONG")
    assert status_of(ask_root("Bearer nobody.secret")) == (404, 5, "E_NO_SOURCE")
    assert status_of(send(other, a_gauge(0.3))) == (404, 5, "E_NO_SOURCE")
    assert not TelemetryEvent.objects.exists()


def test_another_content_type_or_method_is_refused(exporter: Made) -> None:
    source, _ = exporter
    refused = send(exporter, b"", content_type="text/plain")

    assert (refused.status_code, json.loads(refused.content)["code"]) == (415, 3)
    assert Client().get(f"/otlp/{source.path_token}/v1/metrics").status_code == 405
    assert Client().post(f"/otlp/{source.path_token}", b"", content_type=JSON).status_code == 404


# ---- when to try again ----


def test_a_full_backlog_is_503_with_a_wait_within_an_exporters_timeout(
    exporter: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "BACKLOG_LIMIT", 1)

    answers = [send(exporter, a_gauge(value)) for value in (0.1, 0.2)]

    assert answers[0].status_code == 200
    assert (status_of(answers[1]), answers[1]["Retry-After"]) == ((503, 14, "E_BACKLOG"), "3")


def test_an_error_of_the_database_is_503_because_500_would_lose_the_export(
    exporter: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(actions, "admit", fail)

    answer = send(exporter, a_gauge(0.1))

    assert (status_of(answer), answer["Retry-After"]) == ((503, 14, "E_UNAVAILABLE"), "5")


def test_either_all_parts_of_an_export_are_kept_or_none(exporter: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    admit, kept = actions.admit, []

    def fail_at_the_second(**facts: Any) -> actions.Receipt:
        if kept:
            raise OperationalError("gone")
        kept.append(admit(**facts))
        return kept[0]

    monkeypatch.setattr(actions, "admit", fail_at_the_second)

    answer = send(exporter, a_gauge(0.1) + a_gauge(0.2))

    assert (answer.status_code, len(kept)) == (503, 1)
    assert not TelemetryEvent.objects.exists()


def test_a_moment_is_that_of_the_export_and_not_of_its_receipt(exporter: Made, run_line: Callable[[], None]) -> None:
    world.claims_model()
    send(exporter, a_gauge(0.1))
    run_line()

    assert Measurement.objects.get().observed_at == dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
