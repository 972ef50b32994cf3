"""One change is one event, whether a delivery or a sweep tells it first.

A delivery tells a moment, a sweep an interval; both tell the same key. A delivery within the interval of a finding
stands for it, and the other way round, one for one: an alias that was put on, taken off and put on again is three
changes, however each became known. Everything here runs under the lock of the source's polling row.
"""

import datetime as dt
import hashlib
from typing import Final

from django.db import connection, transaction
from django.db.models import Q

from models_registry.telemetry.models import Source
from models_registry.telemetry.poll_models import Polling, Sighting
from models_registry.telemetry.pollers import POLLERS
from models_registry.telemetry.pollers.shapes import Change, Found
from models_registry.telemetry.readings import Unreadable, printable
from models_registry.telemetry.strict_json import loads

HEARD_TO_WITHIN: Final = dt.timedelta(days=1)
"""How exactly it is kept when a delivery last told a change, which some do again and again while it lasts."""
_AGAIN: Final = """
WITH again AS (
    UPDATE telemetry_event SET duplicate_count = duplicate_count + 1 WHERE id = %(event)s
    RETURNING source_id, id, event_id, conflict
), counted AS (
    INSERT INTO telemetry_tally (source_id, duplicate, day)
    SELECT source_id, 1, (%(at)s::timestamptz AT TIME ZONE 'UTC')::date FROM again
)
SELECT id, event_id, conflict FROM again
"""


def change_told(*, kind: str, body: bytes, at: dt.datetime) -> Change | None:
    """Return the change that a delivery tells, or None when no sweep could find it. Never raises on hostile bodies."""
    poller = POLLERS.get(kind)
    if poller is None:
        return None
    try:
        return poller.change(loads(body), at)
    except Unreadable:
        return None


def pieces(*, kind: str, body: bytes) -> list[bytes]:
    """Return a delivery cut into the changes that a sweep would tell one by one."""
    poller = POLLERS.get(kind)
    return poller.pieces(body) if poller is not None else [body]


@transaction.atomic
def known_finding(*, source_id: int, change: Change, delivery: str, at: dt.datetime) -> tuple[int, str, bool] | None:
    """Let a delivery stand for what a sweep found before it; return that event, counted as delivered again.

    None means that the delivery is news. The event is returned as its key, its id and whether it is in conflict.
    """
    told = Sighting.objects.filter(source_id=source_id, key=digest(change.key))
    row = told.filter(delivery=delivery).exclude(finding="").first()
    if row is None:
        open_ones = told.filter(heard_at__isnull=True, since__lte=change.at, until__gte=change.at)
        row = open_ones.order_by("-since", "pk").first()
        if row is None:
            return None
        row.delivery, row.told_at = delivery, change.at
    if row.heard_at is None or row.heard_at < at - HEARD_TO_WITHIN:
        row.heard_at = at
        row.save(update_fields=["delivery", "told_at", "heard_at"])
    with connection.cursor() as cursor:
        cursor.execute(_AGAIN, {"event": row.event_pk, "at": at})
        event: tuple[int, str, bool] | None = cursor.fetchone()
    return event


def heard(*, source_id: int, change: Change, delivery: str, event_pk: int, at: dt.datetime) -> None:
    """Remember that a delivery told this change, for the sweeps to come."""
    Sighting.objects.get_or_create(
        source_id=source_id,
        key=digest(change.key),
        delivery=delivery,
        defaults={"what": _short(change.key), "event_pk": event_pk, "told_at": change.at, "heard_at": at},
    )


def is_known(*, source_id: int, found: Found, at: dt.datetime) -> bool:
    """Say whether a finding is no news: found before, or told by a delivery, which then stands for it."""
    if Sighting.objects.filter(source_id=source_id, finding=finding_id(found)).exists():
        return True
    since, until = _interval(found)
    told = Sighting.objects.filter(source_id=source_id, key=digest(found.change), found_at__isnull=True)
    row = told.filter(Q(told_at__gte=since), told_at__lte=until).order_by("told_at", "pk").first()
    if row is None:
        return False
    row.finding, row.since, row.until, row.found_at = finding_id(found), since, until, at
    row.save(update_fields=["finding", "since", "until", "found_at"])
    return True


def found_first(*, source_id: int, found: Found, event_pk: int, at: dt.datetime) -> None:
    """Remember that a sweep found this change before any delivery told it."""
    since, until = _interval(found)
    Sighting.objects.create(
        source_id=source_id,
        key=digest(found.change),
        what=_short(found.change),
        event_pk=event_pk,
        finding=finding_id(found),
        since=since,
        until=until,
        found_at=at,
    )


def lock(source_id: int) -> Polling | None:
    """Take the lock under which deliveries and sweeps of one source are told apart; None when it is not polled."""
    return Polling.objects.select_for_update(no_key=True).filter(source_id=source_id).first()


def is_as_remembered(*, source_id: int, revision: int) -> bool:
    """Say whether the source is on, and as its door remembered it."""
    return Source.objects.filter(pk=source_id, revision=revision, disabled_at__isnull=True).exists()


def finding_id(found: Found) -> str:
    """Return the id under which a finding is kept, at most 255 characters."""
    plain = found.event_id
    fits = plain.isascii() and plain.isprintable() and len(plain) <= 250
    return "poll:" + (plain if fits else "sha256:" + digest(plain))


def digest(text: str) -> str:
    """Return the SHA-256 of a key."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _interval(found: Found) -> tuple[dt.datetime, dt.datetime]:
    if found.since is None or found.until is None:
        raise ValueError("a finding that a delivery may tell as well says between which moments the change was made")
    return found.since, found.until


def _short(text: str) -> str:
    return printable(text, limit=150)[:300]
