"""The porch keeps what the door would keep and says what it would say; whatever it refuses, the door refuses in words."""

import datetime as dt
import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.test import RequestFactory
from django.utils import timezone

from governance.config.wsgi import application
from models_registry.telemetry import addresses, backlog, door, signatures, swift
from models_registry.telemetry.models import Source, TelemetryEvent
from models_registry.telemetry.source_actions import create_source
from tests.models_registry.telemetry import world
from tests.wsgi import Answered, ask, connection_kept

pytestmark = pytest.mark.django_db
BODY = b'{"measurements": []}'


@pytest.fixture
def feed() -> Iterator[tuple[Source, str]]:
    addresses._known.clear()
    backlog._seen.clear()
    with connection_kept():
        yield create_source(by=world.OPERATOR, at=timezone.now(), name="Feed", kind="measurements")


@pytest.fixture
def by_the_door(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What went the long way."""
    seen: list[str] = []
    really = door.read_body

    def noted(request: Any, **limits: int) -> bytes:
        seen.append(request.path)
        return really(request, **limits)

    monkeypatch.setattr(door, "read_body", noted)
    return seen


def send(source: Source, body: bytes = BODY, *, rest: str = "/", **headers: str) -> Answered:
    request = RequestFactory().post("/", data=body, content_type="application/json", headers=headers)
    environ = {key: value for key, value in request.environ.items() if key not in ("PATH_INFO", "REQUEST_METHOD")}
    return ask(application, f"/api/v1/telemetry/{source.path_token}{rest}", method="POST", **environ)


def signed(secret: str, body: bytes = BODY, event_id: str = "m1") -> dict[str, str]:
    return signatures.sign(event_id=event_id, at=timezone.now(), body=body, secret=secret)


def test_a_plain_delivery_is_kept_on_the_porch(feed: tuple[Source, str], by_the_door: list[str]) -> None:
    source, secret = feed

    first, second = (send(source, **signed(secret)) for _ in range(2))
    other = send(source, b"{}", **signed(secret, b"{}"))

    assert by_the_door == []
    assert [one.status for one in (first, second, other)] == [202] * 3
    assert [one.json()["duplicate"] for one in (first, second, other)] == [False, True, False]
    assert first.json()["receipt"] == second.json()["receipt"] != other.json()["receipt"]
    event = TelemetryEvent.objects.get(pk=first.json()["receipt"])
    assert (bytes(event.raw), event.duplicate_count) == (BODY, 1)
    assert event.headers == {"content-type": "application/json", "webhook-id": "m1"} | {
        "webhook-timestamp": event.headers["webhook-timestamp"]
    }
    assert TelemetryEvent.objects.get(pk=other.json()["receipt"]).conflict
    assert first.headers["Content-Type"] == "application/json"


def test_both_ways_give_the_same_answer(feed: tuple[Source, str], monkeypatch: pytest.MonkeyPatch) -> None:
    source, secret = feed
    token = {"authorization": f"Bearer {secret}", "idempotency-key": "k1"}
    quick = send(source, **token)
    monkeypatch.setattr(swift, "UNUSUAL", ("HTTP_AUTHORIZATION",))
    slow = send(source, **token)

    assert quick.json() | {"duplicate": True} == slow.json()
    same = ("Content-Type", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy")
    assert [quick.headers.get(name) for name in same] == [slow.headers.get(name) for name in same]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (BODY, {}, 401, "E_AUTH_MISSING"),
        (BODY, {"authorization": "Bearer wrong"}, 401, "E_AUTH_WRONG"),
        (gzip.compress(BODY), {"content-encoding": "gzip", "authorization": "right"}, 202, None),
        (b"not gzip", {"content-encoding": "gzip", "authorization": "right"}, 400, "E_CODING"),
        (b"", {"authorization": "right"}, 202, None),
        (b"x" * (1024 * 1024 + 1), {"authorization": "right"}, 413, "E_TOO_LARGE"),
    ],
    ids=["no proof", "wrong proof", "compressed", "badly compressed", "empty", "too large"],
)
def test_what_is_unusual_or_refused_goes_to_the_door(
    feed: tuple[Source, str],
    by_the_door: list[str],
    body: bytes,
    headers: dict[str, str],
    status: int,
    code: str | None,
) -> None:
    source, secret = feed
    given = {name: f"Bearer {secret}" if value == "right" else value for name, value in headers.items()}

    found = send(source, body, **given)

    assert len(by_the_door) == 1
    assert (found.status, found.json().get("code")) == (status, code)


def test_a_cloud_event_gets_the_answer_of_cloud_events(feed: tuple[Source, str], by_the_door: list[str]) -> None:
    source, secret = feed
    binary = {"ce-id": "c1", "ce-source": "/test", "ce-type": "t", "ce-specversion": "1.0"}

    found = send(source, **binary, authorization=f"Bearer {secret}")

    assert (found.status, found.body, len(by_the_door)) == (202, b"", 1)


def test_an_address_that_is_none_is_not_found(feed: tuple[Source, str]) -> None:
    source, secret = feed
    token = {"authorization": f"Bearer {secret}"}

    assert send(source, rest="x/", **token).status == 404
    assert send(source, rest="/more/", **token).status == 404
    assert not TelemetryEvent.objects.exists()


def test_a_commit_of_which_nothing_was_heard_is_asked_for_again_as_of_the_moment_it_came(
    feed: tuple[Source, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, secret = feed
    midnight = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    moments = iter([midnight - dt.timedelta(seconds=1)])
    really = door.deliver

    def unheard(*args: Any, **more: Any) -> Any:
        monkeypatch.setattr(door, "deliver", really)
        really(*args, **more)
        raise OperationalError("the connection was lost")

    monkeypatch.setattr(door, "deliver", unheard)
    monkeypatch.setattr(timezone, "now", lambda: next(moments, midnight + dt.timedelta(seconds=2)))

    found = send(source, authorization=f"Bearer {secret}")

    assert (found.status, found.json()["duplicate"]) == (202, True)
    assert TelemetryEvent.objects.get().event_id.startswith("sha256:20261120:")


def test_a_full_backlog_is_told_by_the_door(feed: tuple[Source, str], monkeypatch: pytest.MonkeyPatch) -> None:
    source, secret = feed
    monkeypatch.setattr(door, "BACKLOG_LIMIT", 1)
    send(source, **signed(secret))
    backlog._seen.clear()

    found = send(source, **signed(secret, event_id="m2"))

    assert (found.status, found.json()["code"]) == (429, "E_BACKLOG")
    assert found.headers["Retry-After"] == str(door.RETRY_AFTER_S)


def test_a_source_of_bodies_that_nothing_can_read_keeps_them(feed: tuple[Source, str]) -> None:
    source, secret = feed

    receipt = send(source, b"\x00", **signed(secret, b"\x00")).json()["receipt"]

    assert bytes(TelemetryEvent.objects.get(pk=receipt).raw) == b"\x00"
    assert json.dumps(receipt).isdecimal()
