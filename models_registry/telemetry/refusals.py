"""Refusals at the doors of sources, remembered so that whoever connects a platform learns why nothing arrives.

What is taken never comes here. What is refused is counted in this process and written at most once a second for each
source and reason; addresses that no source has share one row and are looked up at most once a second in all. So a
flood of wrong deliveries costs a statement a second, whoever sends it and wherever to.
"""

import datetime as dt
import time
from dataclasses import dataclass
from threading import Lock
from typing import Final

from django.db import Error, connection
from django.http import HttpRequest

from models_registry.telemetry import addresses
from models_registry.telemetry.codings import Refused
from models_registry.telemetry.models import Source
from models_registry.telemetry.readings import printable

EVERY_S: Final = 1.0
LARGEST: Final = 5_000
"""Sources and reasons that one process tells apart; with more it forgets them all and starts over."""
LONGEST: Final = 80
NOT_TOLD: Final = frozenset({"E_UNAVAILABLE", "E_EXPORT"})
"""Reasons that are nobody's mistake, or stand in the inbox already."""
SWITCHED_OFF: Final = "E_SWITCHED_OFF"
NO_SOURCE: Final = "E_NO_SOURCE"
ELSEWHERE: Final = "E_ELSEWHERE"
"""The source is there, but not at this part of its address."""

_ADD: Final = """
INSERT INTO telemetry_refusal AS held (source_id, code, status, sender, place, count, first_at, last_at)
VALUES (%(source)s, %(code)s, %(status)s, %(sender)s, %(place)s, %(count)s, %(at)s, %(at)s)
ON CONFLICT (source_id, code) DO UPDATE SET
    count = held.count + excluded.count,
    status = excluded.status,
    sender = excluded.sender,
    place = excluded.place,
    first_at = least(held.first_at, excluded.first_at),
    last_at = greatest(held.last_at, excluded.last_at)
"""

type Key = tuple[int | None, str]


@dataclass(slots=True)
class _Counted:
    """How many of a sort came since the last write, and when the next write may be."""

    waiting: int = 0
    next_at: float = 0.0


_counted: dict[Key, _Counted] = {}
_strangers = _Counted()
_lock = Lock()


def note(request: HttpRequest, *, path_token: str, refusal: Refused, at: dt.datetime, place: str = "") -> None:
    """Remember that a delivery to this address was refused. Never fails, and never keeps what was sent."""
    if refusal.code in NOT_TOLD or (connection.in_atomic_block and connection.needs_rollback):
        return
    try:
        _note(request, path_token, refusal, at, place)
    except Error:
        return


def forget() -> None:
    """Forget what this process counted and did not write."""
    _counted.clear()
    _strangers.waiting, _strangers.next_at = 0, 0.0


def _note(request: HttpRequest, path_token: str, refusal: Refused, at: dt.datetime, place: str) -> None:
    source_id, code, extra = addresses.source_id_of(path_token), refusal.code, 0
    if source_id is None:
        due = _due(_strangers)
        if not due:
            return
        source_id, is_off = _looked_up(path_token)
        extra = due - 1
        if source_id is None:
            place = f"{path_token[:6]}…" if len(path_token) > 6 else path_token
        code = SWITCHED_OFF if is_off else code
    if source_id is not None and code == NO_SOURCE:
        code = ELSEWHERE
    count = _due(_of((source_id, code)))
    if not count:
        return
    facts = {
        "source": source_id,
        "code": code,
        "status": refusal.status,
        "sender": _short(request.META.get("HTTP_USER_AGENT", "")),
        "place": _short(place),
        "count": count + (extra if source_id is None else 0),
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, facts)


def _of(key: Key) -> _Counted:
    with _lock:
        if key not in _counted and len(_counted) >= LARGEST:
            _counted.clear()
        return _counted.setdefault(key, _Counted())


def _due(counted: _Counted) -> int:
    """Count one more and return how many are to be written now; none before the next write may be."""
    now = time.monotonic()
    with _lock:
        counted.waiting += 1
        if now < counted.next_at:
            return 0
        count, counted.waiting, counted.next_at = counted.waiting, 0, now + EVERY_S
        return count


def _looked_up(path_token: str) -> tuple[int | None, bool]:
    """Return the source of an address that no door remembers, and whether it is switched off."""
    found = Source.objects.filter(path_token=path_token).values_list("pk", "disabled_at").first()
    return (found[0], found[1] is not None) if found else (None, False)


def _short(text: str) -> str:
    return printable(text)[:LONGEST]
