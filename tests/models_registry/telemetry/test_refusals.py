"""What is refused at a source's door is remembered in words, in bounded room, and never with what was sent."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from models_registry.telemetry import refusals, source_actions
from models_registry.telemetry.models import Source, TelemetryEvent
from models_registry.telemetry.refusal_models import DoorRefusal
from tests.models_registry.telemetry import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Begin and end without what this process counted."""
    refusals.forget()
    yield
    refusals.forget()


def a_source(kind: str = "measurements", name: str = "Watched") -> tuple[Source, str]:
    return source_actions.create_source(by=world.OPERATOR, at=timezone.now(), name=name, kind=kind)


def post(path: str, body: bytes = b"{}", **headers: str) -> Any:
    return Client().post(path, body, content_type="application/json", headers=headers)


def kept() -> list[tuple[str | None, str, int]]:
    rows = DoorRefusal.objects.select_related("source").order_by("pk")
    return [(row.source.slug if row.source else None, row.code, row.count) for row in rows]


def test_a_wrong_secret_a_missing_one_and_a_body_that_is_too_big_are_told_apart() -> None:
    source, _ = a_source()
    path = f"/api/v1/telemetry/{source.path_token}/"

    post(path, Authorization="Bearer nonsense")
    post(path)
    post(path, b"x" * 1_048_577, Authorization="Bearer nonsense")

    assert kept() == [("watched", "E_AUTH_WRONG", 1), ("watched", "E_AUTH_MISSING", 1), ("watched", "E_TOO_LARGE", 1)]
    assert TelemetryEvent.objects.count() == 0


def test_neither_the_secret_nor_the_body_is_kept() -> None:
    source, _ = a_source()

    post(
        f"/api/v1/telemetry/{source.path_token}/",
        b'{"private": "body"}',
        **{"Authorization": "Bearer a-secret-of-somebody", "User-Agent": "curl/8.\u202e1" + "x" * 200},
    )

    [row] = DoorRefusal.objects.values()
    told = json.dumps(row, default=str)
    assert "a-secret-of-somebody" not in told
    assert "private" not in told
    assert row["sender"].startswith("curl/8.")
    assert len(row["sender"]) == 80


def test_a_flood_of_wrong_deliveries_writes_once_a_second_and_loses_no_count(monkeypatch: pytest.MonkeyPatch) -> None:
    source, _ = a_source()
    path, now = f"/api/v1/telemetry/{source.path_token}/", [1000.0]
    monkeypatch.setattr(refusals.time, "monotonic", lambda: now[0])

    for _ in range(30):
        post(path, Authorization="Bearer nonsense")
    during = kept()
    now[0] += 1.1
    post(path, Authorization="Bearer nonsense")

    assert during == [("watched", "E_AUTH_WRONG", 1)]
    assert kept() == [("watched", "E_AUTH_WRONG", 31)]


def test_addresses_that_no_source_has_share_one_row_and_one_look_up_a_second(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(refusals.time, "monotonic", lambda: 1000.0)
    post("/api/v1/telemetry/ABCDEFGHIJKL/")

    with django_assert_num_queries(20):  # the door's own look at each of them and nothing else
        for number in range(20):
            post(f"/api/v1/telemetry/stranger-{number}/")

    assert kept() == [(None, "E_NO_SOURCE", 1)]
    assert DoorRefusal.objects.get().place == "ABCDEF…"


@pytest.mark.parametrize(
    "path", ["/api/v1/telemetry/{}/v1/metrics", "/api/v1/telemetry/{}/api/v2/alerts", "/otlp/{}", "/otlp/{}/metrics"]
)
def test_a_part_of_the_address_that_leads_nowhere_is_told_at_the_source(path: str) -> None:
    source, secret = a_source()

    answer = post(path.format(source.path_token), Authorization=f"Bearer {secret}")

    assert answer.status_code == 404
    assert kept() == [("watched", "E_ELSEWHERE", 1)]


def test_an_address_without_its_last_slash_receives_all_the_same() -> None:
    source, secret = a_source()

    answer = post(f"/api/v1/telemetry/{source.path_token}", world.measurements(0.9), Authorization=f"Bearer {secret}")

    assert (answer.status_code, kept()) == (202, [])


def test_a_source_that_is_switched_off_is_told_from_an_address_that_never_was() -> None:
    source, secret = a_source()
    source_actions.disable_source(by=world.OPERATOR, at=timezone.now(), source=source)

    answer = post(f"/api/v1/telemetry/{source.path_token}/", Authorization=f"Bearer {secret}")

    assert (answer.status_code, kept()) == (404, [("watched", "E_SWITCHED_OFF", 1)])


def test_the_exports_of_opentelemetry_are_told_at_their_source_by_address_and_by_credentials() -> None:
    source, _ = a_source("opentelemetry")

    post(f"/otlp/{source.path_token}/v1/metrics", b"{}", Authorization="Bearer nonsense")
    post("/v1/metrics", b"{}", Authorization=f"Bearer {source.path_token}.")
    Client().post(f"/otlp/{source.path_token}/v1/logs", b"", content_type="text/plain")

    assert kept() == [("watched", "E_AUTH_WRONG", 1), (None, "E_AUTH_MISSING", 1), ("watched", "E_FORMAT", 1)]


def test_what_prometheus_sends_with_a_wrong_secret_is_told() -> None:
    source, _ = a_source("prometheus")

    post(f"/api/v1/telemetry/{source.path_token}/api/v2/alerts", b"[]", Authorization="Bearer nonsense")
    post(f"/api/v1/telemetry/{source.path_token}/api/v1/write", b"", **{"Content-Encoding": "gzip"})

    assert kept() == [("watched", "E_AUTH_WRONG", 1), ("watched", "E_CODING", 1)]


def test_predictions_with_a_wrong_secret_are_told_at_their_source() -> None:
    source, _ = a_source()

    post(f"/api/v1/predictions/from/{source.path_token}/", b"{}", Authorization="Bearer nonsense")

    assert kept() == [("watched", "E_AUTH_WRONG", 1)]
    assert DoorRefusal.objects.get().place == "predictions"


def test_what_is_taken_is_looked_at_nowhere(django_assert_num_queries: Any) -> None:
    source, secret = a_source()
    path, key = f"/api/v1/telemetry/{source.path_token}/", {"Authorization": f"Bearer {secret}"}
    post(path, world.measurements(0.5), **key)

    with django_assert_num_queries(0):  # its one statement is prepared and sent beside Django's cursors
        assert post(path, world.measurements(0.7), **key).status_code == 202

    assert kept() == []
