"""Whatever is sent to whichever door, the answer is an answer: kept, or a refusal; never a 500, never lost.

The doors come from `tests.house.doors`, which knows every address; the names of form fields and of query
parameters come from the code, so that new ones are covered when they are written.
"""

import gzip
import json
import logging
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.db import transaction
from django.http import HttpResponseBase

from models_registry.access.models import RoleGrant
from models_registry.access.roles import ROLES
from models_registry.telemetry.models import TelemetryEvent
from tests.house.door_bodies import body_of
from tests.house.door_world import World, a_world
from tests.house.doors import DOORS, Door, path_of

HOUSE = Path(__file__).parents[2]
ROOMS = ("models_registry", "governance", "alerts")
NUL, LONE, HUGE = "a\x00b", "\ud800", "9" * 5000
DEEP = 100_000

JSON_BODIES = {
    "empty": b"",
    "BOM": b"\xef\xbb\xbf{}",
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "NUL": b'{"a": "\\u0000", "\\u0000": 1}',
    "lone surrogate": b'{"a": "\\ud800", "\\udfff": 1}',
    "deep lists": b"[" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "float past the largest": b'{"a": 1e400}',
    "integer of 5000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "exponent of 5000 digits": b'{"a": 1e' + b"9" * 5000 + b"}",
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "the same key twice": b'{"a": 1, "a": 2}',
    "list": b"[]",
    "list of objects": b"[{}]",
    "null": b"null",
    "string": b'"a"',
    "true": b"true",
    "number": b"0",
    "cut off": b'{"a": ',
    "two values": b"{}{}",
    "1.1 MB": b'{"a": "' + b"x" * 1_150_000 + b'"}',
}
VALUES: dict[str, Any] = {
    "NUL": NUL,
    "lone surrogate": LONE,
    "long": "x" * 70_000,
    "huge": 10**400,
    "negative": -1,
    "NaN": float("nan"),
    "null": None,
    "list": [[]],
    "object": {"\x00": LONE},
    "true": True,
    "empty": "",
}
WORDS = {
    "NUL": NUL,
    "not UTF-8": "%FF%FE%00",
    "huge": HUGE,
    "negative": "-1",
    "other digits": "²",
    "not a date": "2026-13-45T99:99:99+99:99",
    "first day": "0001-01-01",
    "last day": "9999-12-31T23:59:59.999999-23:59",
    "list": "[[{",
    "long": "x" * 3000,
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Olive holds every role of a person, the robot every role of automation."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = a_world()
        for name, role in ROLES.items():
            account = made.robot if role.for_automation else made.olive
            RoleGrant.objects.create(account=account, role=name, granted_at=made.at)
        yield made
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def without_a_line_for_each_refusal(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "django")


def who(door: Door) -> str:
    return "robot" if door.asks in {"telemetry.write", "score.write"} else "olive"


def ask(world: World, door: Door, path: str, body: bytes, kind: str, **headers: str) -> HttpResponseBase:
    """Send raw bytes; nothing of it stays."""
    client = world.pages[who(door)] if not door.is_api else world.stranger
    sent = {"Redline-Source": "monitoring", **headers}
    if door.is_api:
        sent["Authorization"] = f"Bearer {world.tokens[who(door)]}"
    cookies = client.cookies.copy()
    with transaction.atomic():
        answer = client.generic(door.method, path, body, content_type=kind, headers=sent)
        if answer.streaming:
            b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def unanswered(door: Door, name: str, answer: HttpResponseBase) -> list[tuple[str, str, str, int, str]]:
    """Return what is wrong with an answer: an error of ours, or a refusal by the API that is no problem."""
    kind = answer.get("Content-Type", "")
    shapeless = door.is_api and answer.status_code >= 400 and not kind.startswith(door.refuses_with)
    if answer.status_code < 500 and not shapeless:
        return []
    return [(door.method, door.address, name, answer.status_code, kind)]


def said(wrong: list[Any]) -> str:
    return "\n".join(str(line) for line in wrong)


API_WRITES = [door for door in DOORS if door.is_api and door.method != "GET"]
PAGE_WRITES = [door for door in DOORS if not door.is_api and door.method == "POST"]
READS = [door for door in DOORS if door.method == "GET" and door.address != "metrics"]


@pytest.mark.parametrize("name", JSON_BODIES)
def test_a_hostile_body_is_answered_by_every_door_of_the_api(name: str, world: World) -> None:
    wrong = []

    for door in API_WRITES:
        answer = ask(world, door, world.path(door, "own"), JSON_BODIES[name], "application/json")
        wrong += unanswered(door, name, answer)

    assert not wrong, said(wrong)


@pytest.mark.parametrize("name", VALUES)
def test_a_hostile_value_in_a_known_field_is_answered(name: str, world: World) -> None:
    wrong = []

    for door in API_WRITES:
        fit = body_of(door, "own", world)
        for field in fit:
            body = json.dumps({**fit, field: VALUES[name]}).encode()
            answer = ask(world, door, world.path(door, "own"), body, "application/json")
            wrong += unanswered(door, f"{field}: {name}", answer)

    assert not wrong, said(wrong)


@pytest.mark.parametrize("kind", ["", "text/xml", "application/json; charset=utf-99", "multipart/form-data", "\x00"])
def test_a_wrong_content_type_is_answered(kind: str, world: World) -> None:
    wrong = []

    for door in (*API_WRITES, *PAGE_WRITES):
        wrong += unanswered(door, kind, ask(world, door, world.path(door, "own"), b"{}", kind))

    assert not wrong, said(wrong)


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, gzip"])
def test_an_encoded_body_is_answered(encoding: str, world: World) -> None:
    bodies = (gzip.compress(b"0" * 50_000_000), gzip.compress(b"{}")[:-4], b"{}", zlib.compress(b"{}"))
    wrong = []

    for door in API_WRITES:
        for body in bodies:
            path = world.path(door, "own")
            answer = ask(world, door, path, body, "application/json", **{"Content-Encoding": encoding})
            wrong += unanswered(door, encoding, answer)

    assert not wrong, said(wrong)


@pytest.mark.parametrize("key", ["x" * 256, "\udcff", "a\x00b", "x" * 8000, "é", " "])
def test_a_hostile_idempotency_key_is_answered(key: str, world: World) -> None:
    wrong = []

    for door in API_WRITES:
        body = json.dumps(body_of(door, "own", world)).encode()
        answer = ask(world, door, world.path(door, "own"), body, "application/json", **{"Idempotency-Key": key})
        wrong += unanswered(door, key, answer)

    assert not wrong, said(wrong)


def names_in_code(pattern: str) -> set[str]:
    found: set[str] = set()
    for room in ROOMS:
        for file in (HOUSE / room).rglob("*.py"):
            found.update(re.findall(pattern, file.read_text()))
    return found


def form_names() -> list[str]:
    """Return the names of all fields of all forms, and those that views read from a body by themselves."""
    kinds, seen = list(forms.BaseForm.__subclasses__()), set()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.__module__.startswith(ROOMS):
            seen.update(getattr(kind, "base_fields", ()))
    return sorted(seen | names_in_code(r'POST(?:\.get|\.getlist)?[(\[]"(\w+)"'))


def encoded(fields: dict[str, str]) -> bytes:
    from urllib.parse import quote

    return "&".join(
        f"{name}={text if '%' in text else quote(text, errors='surrogatepass')}" for name, text in fields.items()
    ).encode()


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("name", WORDS)
def test_a_hostile_form_is_answered_by_every_page(name: str, world: World) -> None:
    fields = dict.fromkeys(form_names(), WORDS[name][:200] if name == "long" else WORDS[name][:4400])
    wrong = []

    for door in PAGE_WRITES:
        wrong += unanswered(door, name, ask(world, door, world.path(door, "own"), encoded(fields), FORM))

    assert not wrong, said(wrong)


@pytest.mark.parametrize("name", ["NUL", "not UTF-8", "huge", "long"])
def test_a_form_with_one_hostile_text_is_answered(name: str, world: World) -> None:
    texts = ("note", "text", "evidence", "reason", "comment", "settlement", "name", "judged_digest")
    wrong = []

    for door in PAGE_WRITES:
        fit = body_of(door, "own", world)
        body = encoded({**fit, **dict.fromkeys(texts, WORDS[name] * 20)})
        wrong += unanswered(door, name, ask(world, door, world.path(door, "own"), body, FORM))

    assert not wrong, said(wrong)


def test_a_form_of_more_than_a_megabyte_or_of_too_many_fields_is_answered(world: World) -> None:
    bodies = (b"reason=" + b"x" * 1_150_000, b"&".join(b"a%d=1" % number for number in range(3000)))
    wrong = []

    for door in PAGE_WRITES:
        for body in bodies:
            wrong += unanswered(door, "large", ask(world, door, world.path(door, "own"), body, FORM))

    assert not wrong, said(wrong)


@pytest.mark.parametrize("name", WORDS)
def test_a_hostile_query_is_answered_by_every_door(name: str, world: World) -> None:
    asked = names_in_code(r'(?:GET|query_params)(?:\.get|\.getlist)?[(\[]"(\w+)"') | {
        "cursor",
        "limit",
        "page",
        "after",
    }
    asked |= set(form_names()) | {"sort", "order", "q", "state", "level", "model"}
    text = encoded(dict.fromkeys(sorted(asked - {"as_of"}), WORDS[name][:60])).decode()
    wrong = []

    for door in READS:
        for query in (text, encoded({"as_of": WORDS[name]}).decode(), encoded({"cursor": WORDS[name]}).decode()):
            wrong += unanswered(door, query[:40], ask(world, door, f"{world.path(door, 'own')}?{query}", b"", FORM))

    assert not wrong, said(wrong)


def test_a_hostile_part_of_an_address_is_answered(world: World) -> None:
    wrong = []

    for door in DOORS:
        for part in ("a%00b", "9" * 30, "9" * 5000, "%FF", "-" * 300, "00000000-0000-0000-0000-000000000000"):
            if not door.names:
                continue
            path = path_of(door.address, dict.fromkeys(world.names[door.names]["own"], part))
            answer = ask(world, door, path, b"", FORM)
            if answer.status_code >= 500:
                wrong.append((door.method, door.address, part[:20], answer.status_code))

    assert not wrong, said(wrong)


@pytest.mark.parametrize("name", JSON_BODIES)
def test_telemetry_is_kept_as_it_came_or_refused(name: str, world: World) -> None:
    door = next(one for one in DOORS if one.address == "api/v1/measurements/")
    body = JSON_BODIES[name]

    with transaction.atomic():
        headers = {"Redline-Source": "monitoring", "Authorization": f"Bearer {world.tokens['robot']}"}
        answer = world.stranger.generic(
            "POST", world.path(door, "own"), body, content_type="application/json", headers=headers
        )
        kept = TelemetryEvent.objects.filter(pk=answer.json().get("receipt")).first()
        transaction.set_rollback(True)

    assert (answer.status_code, kept is not None) in ((202, True), (400, False), (413, False))
    assert kept is None or bytes(kept.raw) == body
