"""The door: every hostile body is kept or refused with 4xx, and never an error of ours."""

import gzip
import json
from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from models_registry.access.issuing import issue_token
from models_registry.audit.models import AuditEntry
from models_registry.telemetry import door, signatures, source_actions
from models_registry.telemetry.models import EventState, Source, TelemetryEvent
from models_registry.telemetry.refusal_models import DoorRefusal
from tests.models_registry.access.people import an_account
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT

SIGN_BODY = b'{"measurements": []}'


@pytest.fixture
def at_the_door(db: None) -> tuple[Source, str]:
    return source_actions.create_source(by=world.OPERATOR, at=AT, name="Feed", kind="measurements")


def post(source: Source, body: bytes, **headers: str) -> tuple[int, dict[str, object]]:
    request = RequestFactory().post("/", data=body, content_type="application/json", headers=headers)
    response = door.ingest(request, source.path_token)
    return response.status_code, json.loads(response.content)


def signed(secret: str, body: bytes, event_id: str = "m1") -> dict[str, str]:
    return signatures.sign(event_id=event_id, at=timezone.now(), body=body, secret=secret)


def test_a_signed_body_is_kept_and_a_second_delivery_says_so(at_the_door: tuple[Source, str]) -> None:
    source, secret = at_the_door
    body = world.measurements(0.9)

    first = post(source, body, **signed(secret, body))
    second = post(source, body, **signed(secret, body))

    assert (first[0], second[0]) == (202, 202)
    assert (first[1]["duplicate"], second[1]["duplicate"]) == (False, True)
    assert first[1]["receipt"] == second[1]["receipt"]


def test_a_wrong_or_missing_signature_is_refused_and_nothing_is_kept(at_the_door: tuple[Source, str]) -> None:
    source, secret = at_the_door

    attempts: tuple[dict[str, str], ...] = ({}, signed(secret, b"[]"), {"authorization": "Bearer x"})
    answers = [post(source, b"{}", **headers)[0] for headers in attempts]

    assert answers == [401, 401, 401]
    assert not TelemetryEvent.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800"}',
        b"[" * 100_000,
        b'{"measurements": [{"value": ' + b"9" * 5_000 + b"}]}",
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"measurements": 1e400}',
    ],
)
def test_hostile_bodies_are_kept_as_they_came_and_held_with_a_reason(
    at_the_door: tuple[Source, str], body: bytes, run_line: Callable[[], None]
) -> None:
    source, secret = at_the_door

    status, _ = post(source, body, authorization=f"Bearer {secret}")
    run_line()

    event = TelemetryEvent.objects.get()
    assert status == 202
    assert bytes(event.raw) == body
    assert event.state == EventState.QUARANTINED
    assert event.reason


def test_too_much_is_refused_by_length_by_bytes_and_when_inflated(at_the_door: tuple[Source, str]) -> None:
    source, secret = at_the_door
    bomb = gzip.compress(b"0" * 50_000_000)
    token = f"Bearer {secret}"

    assert post(source, b" " * 1_100_000, authorization=token)[0] == 413
    assert post(source, bomb, authorization=token, content_encoding="gzip")[0] == 413
    assert post(source, bomb[:-20], authorization=token, content_encoding="gzip")[0] in (400, 413)
    assert post(source, b"{}", authorization=token, content_encoding="gzip")[0] == 400
    assert post(source, b"{}", authorization=token, content_encoding="br")[0] == 415
    assert not TelemetryEvent.objects.exists()


def test_a_gzip_body_is_verified_as_sent_and_kept_inflated(at_the_door: tuple[Source, str]) -> None:
    source, secret = at_the_door
    wire = gzip.compress(SIGN_BODY)

    status, _ = post(source, wire, content_encoding="gzip", **signed(secret, wire))

    assert status == 202
    assert bytes(TelemetryEvent.objects.get().raw) == SIGN_BODY


def test_an_address_that_is_not_known_or_was_switched_off_is_404(at_the_door: tuple[Source, str]) -> None:
    source, secret = at_the_door
    source_actions.disable_source(by=world.OPERATOR, at=AT, source=source)

    assert post(source, b"{}", authorization=f"Bearer {secret}")[0] == 404


def test_a_full_backlog_is_told_to_wait(at_the_door: tuple[Source, str], monkeypatch: pytest.MonkeyPatch) -> None:
    source, secret = at_the_door
    monkeypatch.setattr(door, "BACKLOG_LIMIT", 1)

    first = post(source, b"{}", authorization=f"Bearer {secret}")
    second = post(source, b"[]", authorization=f"Bearer {secret}")

    assert (first[0], second[0]) == (202, 429)


def test_bulk_measurements_by_token_wait_as_well_and_the_source_tells_of_it(
    at_the_door: tuple[Source, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, secret = at_the_door
    monkeypatch.setattr(door, "BACKLOG_LIMIT", 1)
    robot = an_account("robot", "automation_ingest")
    token = issue_token(by=robot, at=timezone.now(), account=robot, name="test").raw
    post(source, b"{}", authorization=f"Bearer {secret}")

    answer = Client().post(
        "/api/v1/measurements/",
        world.measurements(0.9),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Redline-Source": source.slug},
    )

    assert (answer.status_code, answer["Retry-After"]) == (429, "30")
    assert DoorRefusal.objects.get(source=source).code == "E_BACKLOG"
    assert source.events.count() == 1


@pytest.mark.django_db
def test_alertmanager_is_told_to_wait_in_a_way_that_it_does_not_drop(monkeypatch: pytest.MonkeyPatch) -> None:
    source, secret = source_actions.create_source(by=world.OPERATOR, at=AT, name="Prometheus", kind="alertmanager")
    monkeypatch.setattr(door, "BACKLOG_LIMIT", 1)

    answers = [post(source, body, authorization=f"Bearer {secret}") for body in (b"{}", b"[]")]

    assert [status for status, _ in answers] == [202, 503]
    assert answers[1][1]["code"] == "E_BACKLOG"


def test_in_a_rotation_both_secrets_are_taken_and_after_it_only_the_new_one(at_the_door: tuple[Source, str]) -> None:
    source, old = at_the_door
    new = source_actions.prepare_secret(by=world.OPERATOR, at=AT, source=source)

    during = [post(source, b"{}", authorization=f"Bearer {secret}")[0] for secret in (old, new)]
    source_actions.rotate_secret(by=world.OPERATOR, at=AT, source=source)
    after = [post(source, b"{}", authorization=f"Bearer {secret}")[0] for secret in (old, new)]

    assert (during, after) == ([202, 202], [401, 202])
    assert AuditEntry.objects.filter(action="source.secret_rotated").exists()
