"""Deliveries that wait together are kept with one commit, and none of them notices the others."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import DataError, OperationalError, connections
from django.utils import timezone

from models_registry.access.prepared import NAMED
from models_registry.telemetry import actions, addresses, grouping, inbox_sql
from models_registry.telemetry.actions import AddressChanged, Receipt
from models_registry.telemetry.addresses import Address
from models_registry.telemetry.models import Source, TelemetryEvent
from models_registry.telemetry.source_actions import create_source
from tests.models_registry.telemetry import world

pytestmark = pytest.mark.django_db(transaction=True)
TOGETHER = 12


@pytest.fixture
def address() -> Iterator[Address]:
    addresses._known.clear()
    source, _ = create_source(by=world.OPERATOR, at=timezone.now(), name="Feed", kind="measurements")
    found = addresses.current(source.path_token)
    assert found is not None
    yield found
    addresses._known.clear()


def admit(address: Address, event_id: str, body: bytes = b"{}") -> Receipt:
    return actions.admit(address=address, body=body, headers={"webhook-id": event_id}, at=timezone.now())


@contextmanager
def a_commit_that_takes_long(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[list[int], Event]]:
    """Hold the first delivery in its commit until the event is set; give the sizes of the groups that follow."""
    goes_on, sizes, is_first = Event(), [], True
    really_alone, really_together = grouping._alone, grouping.fetch_all

    def alone(facts: Any) -> Any:
        nonlocal is_first
        if is_first:
            is_first = False
            assert goes_on.wait(20)
        return really_alone(facts)

    def together(statement: str, columns: Any) -> Any:
        sizes.append(len(columns["raw"]))
        return really_together(statement, columns)

    monkeypatch.setattr(grouping, "_alone", alone)
    monkeypatch.setattr(grouping, "fetch_all", together)
    try:
        yield sizes, goes_on
    finally:
        goes_on.set()


def until_waiting(count: int) -> None:
    """Return once one delivery is in its commit and so many others wait for it."""
    end = time.monotonic() + 20
    while not grouping._queue.led or len(grouping._queue.waiting) != count:
        assert time.monotonic() < end, (grouping._queue.led, len(grouping._queue.waiting))
        time.sleep(0.001)


def at_once(*deliveries: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], list[int]]:
    """Let all but the first arrive while the first commits; return what became of each, and the groups' sizes."""

    def arrive(delivery: Callable[[], Any]) -> Any:
        try:
            return delivery()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with a_commit_that_takes_long(monkeypatch) as (sizes, goes_on), ThreadPoolExecutor(len(deliveries)) as pool:
        first = pool.submit(arrive, deliveries[0])
        until_waiting(0)
        later = [pool.submit(arrive, delivery) for delivery in deliveries[1:]]
        until_waiting(len(later))
        goes_on.set()
        found = [one.result(30) for one in [first, *later]]
    assert (grouping._queue.led, len(grouping._queue.waiting)) == (False, 0), "nobody is left waiting"
    return found, sizes


def test_what_arrives_during_a_commit_is_kept_by_the_next_one(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"e{number}" for number in range(TOGETHER)]
    bodies = {name: b'{"n": "%s"}' % name.encode() for name in names}

    receipts, sizes = at_once(
        *[lambda name=name: admit(address, name, bodies[name]) for name in names],  # type: ignore[misc]
        monkeypatch=monkeypatch,
    )

    assert sizes == [TOGETHER - 1]
    kept = {event.event_id: event for event in TelemetryEvent.objects.all()}
    assert {pk: bytes(event.raw) for pk, event in kept.items()} == {f"id:{name}": bodies[name] for name in names}
    assert [(one.event_pk, one.duplicate, one.conflict) for one in receipts] == [
        (kept[one.event_id].pk, False, False) for one in receipts
    ]
    assert [one.event_id for one in receipts] == [f"id:{name}" for name in names]
    assert {tuple(event.headers.items()) for event in kept.values()} == {(("webhook-id", name),) for name in names}


def test_one_event_that_arrives_many_times_at_once_is_one_event(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipts, _ = at_once(*[lambda: admit(address, "same")] * TOGETHER, monkeypatch=monkeypatch)

    assert sorted(one.duplicate for one in receipts) == [False] + [True] * (TOGETHER - 1)
    assert len({one.event_pk for one in receipts}) == 1
    assert TelemetryEvent.objects.get().duplicate_count == TOGETHER - 1


def test_one_id_with_two_bodies_at_once_is_a_conflict(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    receipts, _ = at_once(
        lambda: admit(address, "other"),
        lambda: admit(address, "same", b"1"),
        lambda: admit(address, "same", b"2"),
        monkeypatch=monkeypatch,
    )

    assert [one.conflict for one in receipts].count(True) == 1
    assert sorted(bytes(event.raw) for event in TelemetryEvent.objects.all()) == [b"1", b"2", b"{}"]


def test_a_delivery_that_the_database_refuses_spoils_no_other(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poisonous() -> grouping.Kept:
        facts = {"source": address.source_id, "revision": address.revision, "event_id": "x" * 300}
        return grouping.keep(facts | {"at": timezone.now(), "raw": b"{}", "headers": actions.Jsonb({})})

    found, sizes = at_once(
        lambda: admit(address, "first"),
        lambda: admit(address, "before"),
        poisonous,
        lambda: admit(address, "after"),
        monkeypatch=monkeypatch,
    )

    assert sizes == [3]
    assert isinstance(found[2], DataError)
    assert [one.duplicate for one in (found[0], found[1], found[3])] == [False] * 3
    assert TelemetryEvent.objects.count() == 3


def test_a_door_that_changed_meanwhile_keeps_nothing_and_stops_nobody(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed, _ = create_source(by=world.OPERATOR, at=timezone.now(), name="Changed", kind="measurements")
    old = addresses.current(changed.path_token)
    assert old is not None
    Source.objects.filter(pk=changed.pk).update(revision=changed.revision + 1)

    found, sizes = at_once(
        lambda: admit(address, "first"),
        lambda: admit(old, "late"),
        lambda: admit(address, "second"),
        monkeypatch=monkeypatch,
    )

    assert sizes == [2]
    assert isinstance(found[1], AddressChanged)
    assert sorted(event.event_id for event in TelemetryEvent.objects.all()) == ["id:first", "id:second"]


def test_whoever_waits_too_long_leaves_and_is_not_kept(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "PATIENCE_S", 0.05)
    gone = Event()

    def impatient() -> Receipt:
        try:
            return admit(address, "impatient")
        finally:
            gone.set()

    with a_commit_that_takes_long(monkeypatch) as (_, goes_on), ThreadPoolExecutor(2) as pool:
        first = pool.submit(admit, address, "slow")
        until_waiting(0)
        second = pool.submit(impatient)
        assert gone.wait(10)
        goes_on.set()
        assert first.result(10).duplicate is False
        with pytest.raises(OperationalError, match="waited too long"):
            second.result(10)

    assert not grouping._queue.led
    assert admit(address, "next").duplicate is False, "the queue goes on"


@pytest.mark.parametrize("when", ["as it waits", "as it is to lead"])
def test_a_thread_that_is_ended_in_the_queue_leaves_it_to_the_next(
    address: Address, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    ended = Event()

    class Interrupted:
        """A gate at which a signal arrives."""

        def __init__(self, gate: Any) -> None:
            self.gate, self.release = gate, gate.release

        def acquire(self, *, timeout: float) -> bool:
            if when == "as it is to lead":
                self.gate.acquire(timeout=timeout)
            raise SystemExit

    def waits(ticket: Any) -> None:
        try:
            grouping._wait(ticket)
        except SystemExit:
            ended.set()

    def arrives() -> Receipt:
        try:
            return admit(address, "next")
        finally:
            connections.close_all()

    with a_commit_that_takes_long(monkeypatch) as (_, goes_on), ThreadPoolExecutor(3) as pool:
        first = pool.submit(admit, address, "first")
        until_waiting(0)
        ticket = grouping._Ticket({"source": address.source_id, "event_id": "id:ended"})
        ticket.gate = Interrupted(ticket.gate)  # type: ignore[assignment]
        grouping._queue.joined(ticket)
        following = pool.submit(arrives)
        until_waiting(2)
        pool.submit(waits, ticket)
        if when == "as it waits":
            assert ended.wait(10)
        goes_on.set()
        assert [one.result(10).duplicate for one in (first, following)] == [False, False]

    assert ended.is_set()
    assert (grouping._queue.led, len(grouping._queue.waiting)) == (False, 0), "nobody is left waiting"


def test_a_storm_from_many_threads_is_kept_whole(address: Address) -> None:
    barrier = Barrier(TOGETHER)

    def sender(number: int) -> list[Receipt]:
        barrier.wait(10)
        try:
            return [admit(address, f"s{turn if turn % 5 == 0 else (number, turn)}") for turn in range(40)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(TOGETHER) as pool:
        receipts = [one for own in pool.map(sender, range(TOGETHER)) for one in own]

    distinct = {one.event_id for one in receipts}
    assert len(receipts) == TOGETHER * 40
    assert TelemetryEvent.objects.count() == len(distinct) == TOGETHER * 32 + 8
    assert sum(not one.duplicate for one in receipts) == len(distinct)
    assert set(TelemetryEvent.objects.values_list("pk", flat=True)) == {one.event_pk for one in receipts}


def test_a_large_body_travels_alone(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    large = b'"%s"' % (b"x" * grouping.LARGEST)

    found, sizes = at_once(
        lambda: admit(address, "first"),
        lambda: admit(address, "small"),
        lambda: admit(address, "little"),
        monkeypatch=monkeypatch,
    )
    receipt = admit(address, "large", large)

    assert (sizes, len(found)) == ([2], 3)
    assert bytes(TelemetryEvent.objects.get(pk=receipt.event_pk).raw) == large


def test_a_group_says_all_that_a_single_delivery_says() -> None:
    assert set(inbox_sql.COLUMNS) == set(NAMED.findall(inbox_sql.ADMIT))
