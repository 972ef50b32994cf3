"""Deliveries that wait for the disk at the same time, kept by one statement and one commit.

A commit costs the same for one event and for fifty. While one thread of this process waits for its own, the
deliveries that come in meanwhile gather; the first of them then keeps them all. Nobody waits for company: a delivery
that comes alone is kept alone, at once. Every receipt is sent after the commit that its event is part of.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, NamedTuple

from django.db import Error, OperationalError, connection

from models_registry.access.prepared import fetch_all, fetch_one
from models_registry.telemetry import inbox_sql

MOST = 64
LARGEST = 65_536
"""The largest body, in bytes, that travels with others; writing a larger one is what its delivery costs."""
PATIENCE_S = 30.0


class Kept(NamedTuple):
    """What became of a delivery: whether its door is as it was remembered, and the new event's key if it is new."""

    unchanged: bool
    pk: int | None


class _Ticket:
    """One delivery in the queue. Its gate opens when it is kept, or when its thread is to keep those that wait."""

    __slots__ = ("facts", "gate", "kept", "leads")

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self.gate = Lock()
        self.gate.acquire()
        self.kept: Kept | None = None
        self.leads = False

    @property
    def key(self) -> tuple[int, str]:
        """What makes it one event."""
        return self.facts["source"], self.facts["event_id"]


class _Queue:
    """The deliveries of this process that wait, and whether somebody is keeping some."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.waiting: deque[_Ticket] = deque()
        self.led = False

    def joined(self, ticket: _Ticket) -> bool:
        """Queue up; return whether nobody leads, so that this thread does."""
        with self.lock:
            self.waiting.append(ticket)
            leads, self.led = not self.led, True
            return leads

    def taken(self) -> list[_Ticket]:
        """Return the deliveries to keep next, each event once: the same one again waits, to be told of the first."""
        chosen: dict[tuple[int, str], _Ticket] = {}
        with self.lock:
            again = []
            while self.waiting and len(chosen) < MOST:
                ticket = self.waiting.popleft()
                if chosen.setdefault(ticket.key, ticket) is not ticket:
                    again.append(ticket)
            self.waiting.extendleft(reversed(again))
        return list(chosen.values())

    def handed_on(self) -> None:
        """Let the first that waits lead."""
        with self.lock:
            self.led = bool(self.waiting)
            if self.led:
                self.waiting[0].leads = True
                self.waiting[0].gate.release()

    def abandoned(self, ticket: _Ticket) -> None:
        """Leave the queue whatever its turn is: whoever was to lead lets the next one."""
        if not self.left(ticket) and ticket.leads:
            with self.lock:
                self.waiting.remove(ticket)
            self.handed_on()

    def left(self, ticket: _Ticket) -> bool:
        """Leave the queue; return False when it is the ticket's turn already."""
        with self.lock:
            if ticket.leads or ticket not in self.waiting:
                return False
            self.waiting.remove(ticket)
        return True


_queue = _Queue()


def keep(facts: Mapping[str, Any]) -> Kept:
    """Keep one delivery, with those that wait beside it, and return after the commit.

    ``facts`` are the parameters of `inbox_sql.ADMIT`. What others sent cannot spoil it: when a group cannot be
    kept, each tries alone. Raises Django's database errors.
    """
    if len(facts["raw"]) > LARGEST or connection.in_atomic_block:
        return _alone(facts)
    ticket = _Ticket(facts)
    if not _queue.joined(ticket):
        _wait(ticket)
        if not ticket.leads:
            return ticket.kept or _alone(facts)
    group: Sequence[_Ticket] = ()
    try:
        group = _queue.taken()
        _keep(group)
    finally:
        _queue.handed_on()
        for one in group:
            if one is not ticket:
                one.gate.release()
    return ticket.kept or _alone(facts)


def _wait(ticket: _Ticket) -> None:
    try:
        if ticket.gate.acquire(timeout=PATIENCE_S):
            return
        if _queue.left(ticket):
            raise OperationalError("The delivery waited too long for those before it.")
        ticket.gate.acquire()
    except BaseException:  # a signal ends this thread: nobody may be left to a leader who is gone
        _queue.abandoned(ticket)
        raise


def _keep(group: Sequence[_Ticket]) -> None:
    """Keep them all or none; what each became is written on it, nothing when they are to try alone."""
    if len(group) == 1:
        group[0].kept = _alone(group[0].facts)
        return
    columns = {name: [ticket.facts[name] for ticket in group] for name in inbox_sql.COLUMNS}
    try:
        rows = fetch_all(inbox_sql.ADMIT_GROUP, columns)
    except Error:
        return
    for turn, unchanged, pk in rows:
        group[turn - 1].kept = Kept(unchanged, pk)


def _alone(facts: Mapping[str, Any]) -> Kept:
    row = fetch_one(inbox_sql.ADMIT, facts)
    return Kept(*row) if row else Kept(False, None)
