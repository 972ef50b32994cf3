"""What the door remembers never outlives a change: new secrets open at once, old ones and closed doors refuse."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from models_registry.access import prepared
from models_registry.telemetry import actions, addresses, signatures, source_actions
from models_registry.telemetry.models import Source, TelemetryEvent
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT


@pytest.fixture
def feed(db: None) -> tuple[Source, str]:
    return source_actions.create_source(by=world.OPERATOR, at=AT, name="Feed", kind="measurements")


def post(source: Source, body: bytes, secret: str) -> Any:
    headers = signatures.sign(event_id=f"m{hash(body)}", at=timezone.now(), body=body, secret=secret)
    return Client().post(
        f"/api/v1/telemetry/{source.path_token}/", data=body, content_type="application/json", headers=headers
    )


def rotate(source: Source) -> str:
    new = source_actions.prepare_secret(by=world.OPERATOR, at=AT, source=source)
    source_actions.rotate_secret(by=world.OPERATOR, at=AT, source=source)
    return new


def test_the_door_answers_early_with_its_length_an_identifier_and_no_cookie(feed: tuple[Source, str]) -> None:
    response = post(feed[0], b"{}", feed[1])

    assert response.status_code == 202
    assert int(response["Content-Length"]) == len(response.content)
    assert response["X-Request-ID"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies


def test_a_delivery_to_a_remembered_address_is_one_statement(
    feed: tuple[Source, str], monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    source, secret = feed
    post(source, b"{}", secret)
    sent: list[str] = []
    plain = prepared._fetch
    monkeypatch.setattr(prepared, "_fetch", lambda held, text, facts: sent.append(text) or plain(held, text, facts))

    with django_assert_num_queries(0):
        response = post(source, b'{"n": 2}', secret)

    assert response.status_code == 202
    assert len(sent) == 1


def test_an_old_secret_is_refused_and_a_new_one_taken_at_once(feed: tuple[Source, str]) -> None:
    source, old = feed
    assert post(source, b"1", old).status_code == 202

    new = rotate(source)

    assert post(source, b"2", old).status_code == 401
    assert post(source, b"3", new).status_code == 202
    assert TelemetryEvent.objects.count() == 2


def test_an_address_that_was_switched_off_is_gone_at_once(feed: tuple[Source, str]) -> None:
    source, secret = feed
    assert post(source, b"1", secret).status_code == 202

    source_actions.disable_source(by=world.OPERATOR, at=AT, source=source)

    assert post(source, b"2", secret).status_code == 404
    assert TelemetryEvent.objects.count() == 1


def test_a_change_between_verification_and_keeping_keeps_nothing_on_the_old_secret(
    feed: tuple[Source, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, old = feed
    post(source, b"1", old)
    verify = signatures.verify

    def verified_then_rotated(*arguments: Any, **named: Any) -> None:
        verify(*arguments, **named)
        monkeypatch.setattr(signatures, "verify", verify)
        rotate(source)

    monkeypatch.setattr(signatures, "verify", verified_then_rotated)

    assert post(source, b"2", old).status_code == 401
    assert TelemetryEvent.objects.count() == 1


def test_a_mapping_that_names_the_event_counts_from_its_activation(feed: tuple[Source, str]) -> None:
    source, _ = source_actions.create_source(by=world.OPERATOR, at=AT, name="Mapped", kind="generic_json")
    before = addresses.current(source.path_token)
    world.teach(source, world.MAPPING)

    after = addresses.current(source.path_token)

    assert before is not None
    assert after is not None
    assert (before.mapping, after.mapping) == (None, world.MAPPING)
    with pytest.raises(actions.AddressChanged):
        actions.admit(address=before, body=b"{}", headers={}, at=AT)
    assert actions.admit(address=after, body=world.mapped_body(number=1), headers={}, at=AT).event_id == "body:e1"


@pytest.fixture
def no_database(transactional_db: None) -> Iterator[Callable[[], None]]:
    """Take the database away: its address leads nowhere until the test ends."""
    held = dict(connection.settings_dict)

    def go_away() -> None:
        connection.close()
        connection.settings_dict.update(HOST="/nowhere", PORT="1")

    yield go_away
    connection.close()
    connection.settings_dict.update(held)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("remembered", [True, False])
def test_without_a_database_the_door_says_when_to_send_again(no_database: Callable[[], None], remembered: bool) -> None:
    source, secret = source_actions.create_source(by=world.OPERATOR, at=AT, name="Feed", kind="measurements")
    if remembered:
        assert post(source, b"1", secret).status_code == 202
    no_database()

    response = post(source, b"2", secret)

    assert (response.status_code, response["Content-Type"]) == (503, "application/problem+json")
    assert response["Retry-After"] == "5"
    assert json.loads(response.content)["code"] == "E_UNAVAILABLE"


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_is_replaced_and_the_delivery_kept_once() -> None:
    source, secret = source_actions.create_source(by=world.OPERATOR, at=AT, name="Feed", kind="measurements")
    assert post(source, b"1", secret).status_code == 202
    held: Any = connection.connection
    if held is not None:
        held.pgconn.finish()

    assert post(source, b"2", secret).status_code == 202
    assert TelemetryEvent.objects.count() == 2
