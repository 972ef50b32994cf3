"""The doors as each sender knocks: its credentials, its answers, and its own way to be told to wait."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from models_registry.telemetry import door, source_actions
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from models_registry.telemetry.notice_models import SourceNotice
from tests.models_registry.telemetry import prompb, world
from tests.models_registry.telemetry.world import AT

PAYLOADS = Path(__file__).parents[2] / "payloads"
V1 = "application/x-protobuf"
V2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request"
PSI = {"__name__": "psi", "model_id": "claims-triage"}

pytestmark = pytest.mark.django_db


def connect(kind: str, secret: str | None = None) -> tuple[Source, str]:
    return source_actions.create_source(by=world.OPERATOR, at=AT, name=f"From {kind}", kind=kind, secret=secret)


def knock(source: Source, body: bytes, *, below: str = "", content_type: str = "application/json", **headers: str):
    return Client().post(
        f"/api/v1/telemetry/{source.path_token}/{below}", data=body, content_type=content_type, headers=headers
    )


def code(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, json.loads(response.content).get("code", "")


def test_prometheus_posts_alerts_where_an_alertmanager_would_be_and_is_answered_as_by_one(
    run_line: Callable[[], None],
) -> None:
    world.claims_model()
    source, secret = connect("prometheus")
    alert = {"labels": {"alertname": "Drift", "model_id": "claims-triage"}, "startsAt": "2026-11-20T11:00:00Z"}

    answer = knock(source, json.dumps([alert]).encode(), below="api/v2/alerts", authorization=f"Bearer {secret}")
    run_line()

    assert (answer.status_code, answer.content) == (200, b"")
    assert Measurement.objects.get().metric == "alert_firing"


def test_samples_are_kept_as_they_came_and_measured(run_line: Callable[[], None]) -> None:
    world.claims_model()
    source, secret = connect("prometheus")
    body = prompb.packed(prompb.version_1((PSI, [(0.31, int(AT.timestamp() * 1000))]), ({"__name__": "up"}, [(1, 1)])))
    headers = {"authorization": f"Bearer {secret}", "content-encoding": "snappy"}

    answer = knock(source, body, below="api/v1/write", content_type=V1, **headers)
    run_line()

    event = TelemetryEvent.objects.get()
    assert (answer.status_code, answer.content) == (204, b"")
    assert (bytes(event.raw), event.state) == (body, EventState.DONE)
    assert Measurement.objects.get().value == 0.31
    notice = SourceNotice.objects.get()
    assert (notice.code, notice.subject, notice.count, notice.newest_event) == ("N_UNMAPPED", "up", 1, event.pk)


def test_version_2_is_answered_with_how_much_was_written() -> None:
    source, secret = connect("prometheus")
    body = prompb.packed(prompb.version_2((PSI, [(0.3, 1), (0.4, 2)]), histograms=1))

    answer = knock(
        source, body, below="api/v1/write", content_type=V2, authorization=f"Bearer {secret}", content_encoding="snappy"
    )

    assert answer.status_code == 204
    assert answer["X-Prometheus-Remote-Write-Samples-Written"] == "2"
    assert answer["X-Prometheus-Remote-Write-Histograms-Written"] == "1"
    assert answer["X-Prometheus-Remote-Write-Exemplars-Written"] == "0"


def test_what_remote_write_does_not_know_is_415_and_what_is_broken_is_kept_and_held(
    run_line: Callable[[], None],
) -> None:
    source, secret = connect("prometheus")
    token = f"Bearer {secret}"

    unknown = knock(source, b"x", below="api/v1/write", content_type="application/json", authorization=token)
    unpacked = knock(source, b"x", below="api/v1/write", content_type=V1, authorization=token, content_encoding="gzip")
    broken = knock(source, b"broken", below="api/v1/write", content_type=V2, authorization=token)
    run_line()

    assert [code(unknown), code(unpacked)] == [(415, "E_FORMAT"), (415, "E_CODING")]
    assert (broken.status_code, broken["X-Prometheus-Remote-Write-Samples-Written"]) == (204, "0")
    assert [event.reason for event in TelemetryEvent.objects.all()] == ["E_SNAPPY"]


def test_these_addresses_are_those_of_a_prometheus_alone() -> None:
    source, secret = connect("alertmanager")

    for below in ("api/v2/alerts", "api/v1/write"):
        assert knock(source, b"[]", below=below, content_type=V1, authorization=f"Bearer {secret}").status_code == 404


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("alertmanager", 503),
        ("prometheus", 503),
        ("grafana", 503),
        ("datadog", 503),
        ("wandb", 503),
        ("mlflow", 429),
        ("sagemaker", 429),
        ("azure_ml", 429),
        ("vertex", 429),
        ("arize", 429),
    ],
)
def test_a_full_backlog_is_told_in_the_way_that_this_sender_tries_again(
    kind: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, secret = connect(kind)
    monkeypatch.setattr(door, "BACKLOG_LIMIT", 1)

    answers = [knock(source, body, authorization=f"Bearer {secret}") for body in (b'{"a":1}', b'{"a":2}')]

    assert [answer.status_code for answer in answers] == [202, status]
    assert int(answers[1]["Retry-After"]) > 0


def test_mlflow_signs_its_delivery_and_a_retry_is_the_same_event() -> None:
    source, secret = connect("mlflow")
    body, delivery, now = b'{"entity": "model_version"}', "5b1c7e1e-0d8f-4c1a-9a53-0a4c9a5d0001", timezone.now()
    timestamp = str(int(now.timestamp()))
    digest = hmac.new(secret.encode(), f"{delivery}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    signed = {
        "x-mlflow-delivery-id": delivery,
        "x-mlflow-timestamp": timestamp,
        "x-mlflow-signature": "v1," + base64.b64encode(digest).decode(),
    }

    answers = [knock(source, body, **signed) for _ in range(2)]
    forged = knock(source, body + b" ", **signed)

    assert [json.loads(answer.content)["duplicate"] for answer in answers] == [False, True]
    assert json.loads(answers[0].content)["event_id"] == f"id:{delivery}"
    assert code(forged) == (401, "E_AUTH_WRONG")


@pytest.mark.parametrize("kind", ["grafana", "datadog", "alertmanager"])
def test_basic_credentials_are_taken_with_the_secret_as_password(kind: str) -> None:
    source, secret = connect(kind)
    basic = base64.b64encode(f"redline:{secret}".encode()).decode()
    wrong = base64.b64encode(b"redline:guess").decode()

    assert knock(source, b"{}", authorization=f"Basic {basic}").status_code == 202
    assert knock(source, b"{}", authorization=f"Basic {wrong}").status_code == 401
    assert knock(source, b"{}", authorization="Basic %%%").status_code == 401


def test_event_grid_hears_its_code_back_and_only_with_the_secret() -> None:
    source, secret = connect("azure_ml")
    body = (PAYLOADS / "azure_ml" / "validation.json").read_bytes()

    answer = knock(source, body, authorization=f"Bearer {secret}", aeg_event_type="SubscriptionValidation")
    stranger = knock(source, body, aeg_event_type="SubscriptionValidation")

    assert json.loads(answer.content) == {"validationResponse": "512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}
    assert answer.status_code == 200 and stranger.status_code == 401
    assert TelemetryEvent.objects.count() == 1


def test_pub_sub_has_its_token_in_the_address_and_nobody_else_may() -> None:
    vertex, secret = connect("vertex")
    grafana, other = connect("grafana")

    assert knock(vertex, b"{}", below=f"?token={secret.replace('+', '%2B')}").status_code == 202
    assert knock(vertex, b"{}", below="?token=guess").status_code == 401
    assert knock(vertex, b"{}", below="?token=").status_code == 401
    assert knock(grafana, b"{}", below=f"?token={other.replace('+', '%2B')}").status_code == 401


def test_a_platforms_own_secret_is_taken_as_it_is() -> None:
    _, secret = connect("wandb", secret="their own secret")

    assert secret == "their own secret"
    with pytest.raises(source_actions.SecretUnfit):
        connect("generic_json", secret="their own secret")
