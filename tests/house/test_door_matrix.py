"""Who comes through which door: every address × method × role × relation has one decided answer.

What a caller may not see does not exist (404, as if absent); what they see and may not do is refused with its
reason (403); a role that holds nothing of the kind is refused before anything is looked up. Refusals leave no
entry in the trail, and no answer shows the name of a model to people who may not read it.
"""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from models_registry.access.roles import ROLES
from tests.house.door_bodies import body_of
from tests.house.door_world import World, a_world
from tests.house.doors import DOORS, FROM_ALLAUTH, METHODS, OF_MODELS, Door, every_address
from tests.models_registry.access.test_matrix import EXPECTED, REACH

DEEDS = {
    "answer": ("risk.mitigate", "risk.accept", "risk.dispute"),
    "verify": ("risk.mitigate", "risk.release"),
}
"""Deeds that each of several permissions opens."""
NOT_BY_THE_OWNER = ("release/", "releases/")
"""Whoever answers for a model does not release its risks, whatever else they hold."""
NEEDS_A_TRANSACTION_OF_ITS_OWN = "metrics"
PERSONAL = {"view", "token", "stranger", "webhook", "intake"}
"""Things of Olive's own, who holds the role that is walked; an automation account is somebody else."""
OPEN, REFUSED, GONE, STRANGER = "open", "refused", "gone", "stranger"


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield a_world()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def without_a_line_for_each_refusal(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "django.request")


def held(role: str, permission: str) -> str:
    return "".join(letter for letter, words in EXPECTED[role].items() if permission in words.split())


def reaches(role: str, permission: str, relation: str) -> bool:
    return any(letter in REACH[relation] for letter in held(role, permission))


def expected(door: Door, role: str, relation: str) -> str:
    if door.asks != "-" and not held(role, door.asks):
        return REFUSED
    if door.names in PERSONAL and role.startswith("automation"):
        return GONE
    if relation == "absent" or (door.names in OF_MODELS and not reaches(role, door.shown_by, relation)):
        return GONE
    if door.deed == "nobody" or (relation == "own" and door.address.endswith(NOT_BY_THE_OWNER)):
        return REFUSED
    wanted = DEEDS.get(door.deed, (door.deed,) if door.deed else ())
    if wanted and not any(reaches(role, deed, relation) for deed in wanted):
        return REFUSED
    return OPEN


def walked(role: str) -> Iterator[tuple[Door, str]]:
    """Return the cells of a role; whoever holds all that a door asks everywhere has one answer near and far."""
    for door in DOORS:
        if door.address == NEEDS_A_TRANSACTION_OF_ITS_OWN:
            continue
        asked = {word for word in (door.asks, door.shown_by, *DEEDS.get(door.deed, (door.deed,))) if "." in word}
        wide = all(held(role, word) in ("", "E") for word in asked)
        near = set() if not wide else {"team"} if door.address.endswith(NOT_BY_THE_OWNER) else {"own", "team"}
        yield from ((door, one) for one in door.relations if len(door.relations) < 4 or one not in near)


def what(status: int) -> str:
    if status >= 500:
        return str(status)
    return {401: STRANGER, 403: REFUSED, 404: GONE, 405: "405"}.get(status, OPEN)


def test_the_table_names_every_address_and_none_that_is_gone() -> None:
    addresses = {address for address, _ in every_address() if not address.startswith(FROM_ALLAUTH)}

    assert {door.address for door in DOORS} == addresses


def test_thousands_of_cells_are_decided() -> None:
    assert sum(1 for role in ROLES for _ in walked(role)) > 2500


@pytest.mark.parametrize("role", ROLES)
def test_every_door_answers_a_role_as_decided(role: str, world: World) -> None:
    wrong = []
    hidden = [mark for relation, mark in world.marks.items() if not reaches(role, "model.read", relation)]

    with world.acting(role) as who:
        for door, relation in walked(role):
            answer = world.send(door, relation, who, body_of(door, relation, world))
            want, got = expected(door, role, relation), what(answer.status_code)
            if want != got if door.asks != "public" else answer.status_code >= 500:
                wrong.append((door.method, door.address, relation, want, answer.status_code))
            shown = [] if answer.streaming else [m for m in hidden if m.encode() in answer.content]
            if shown:
                wrong.append((door.method, door.address, relation, "shows", shown))

    assert not wrong, "\n".join(str(line) for line in wrong)


def test_strangers_are_asked_who_they_are(world: World) -> None:
    wrong = []

    for door in DOORS:
        for relation in door.relations if door.address != NEEDS_A_TRANSACTION_OF_ITS_OWN else ():
            answer = world.send(door, relation, "", body_of(door, relation, world))
            if door.asks == "public":
                fine = answer.status_code < 500
            elif door.is_api:
                fine = answer.status_code == 401 and "WWW-Authenticate" in answer
            else:
                fine = answer.status_code == 302 and answer["Location"].startswith("/sign-in/")
            if not fine:
                wrong.append((door.method, door.address, relation, answer.status_code))

    assert not wrong, "\n".join(str(line) for line in wrong)


def test_methods_that_an_address_does_not_know_are_refused(world: World) -> None:
    known: dict[str, set[str]] = {}
    for door in DOORS:
        known.setdefault(door.address, set()).add(door.method)
    wrong = []

    with world.acting("administrator") as who:
        for address, methods in known.items():
            door = next(one for one in DOORS if one.address == address)
            if door.asks == "public":
                continue
            for method in set(METHODS) - methods:
                asked = Door(method, address, door.asks, door.names)
                status = world.send(asked, "own", who, {}).status_code
                if status not in (403, 405):
                    wrong.append((method, address, status))

    assert not wrong, "\n".join(str(line) for line in wrong)
