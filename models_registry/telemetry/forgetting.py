"""What sweeps and deliveries remember of each other, let go of once no look can reach back to it.

A look reaches back to the look before it, and a delivery may come late. So the reach of a source is 90 days before its
platform was last read to the end. A sighting of a change is let go of when all of its moments lie before that, and the
memory of a thing when no sweep came across it since. What is not read to the end is not let go of.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from django.db import connection, transaction

from models_registry.telemetry import sightings
from models_registry.telemetry.poll_models import Polling
from models_registry.telemetry.pollers import POLLERS

REACH: Final = dt.timedelta(days=90)
AT_ONCE: Final = 2_000
MOST: Final = 50_000
"""Rows of one table that one round lets go of for one source; the next round goes on."""

_SIGHTINGS: Final = """
DELETE FROM telemetry_sighting WHERE id IN (
    SELECT id FROM telemetry_sighting
    WHERE source_id = %(source)s AND greatest(told_at, heard_at, until, found_at) < %(before)s
    ORDER BY id LIMIT %(limit)s
)
"""
_MEMORIES: Final = """
DELETE FROM telemetry_remembered WHERE id IN (
    SELECT id FROM telemetry_remembered WHERE source_id = %(source)s AND seen_at < %(before)s
    ORDER BY id LIMIT %(limit)s
)
"""


def let_go() -> int:
    """Delete what no look of any source reaches back to, in small transactions; return how many rows there were."""
    return sum(sum(_from(polling.source_id, before)) for polling, before in _reaches())


def reach_of(polling: Polling) -> dt.datetime | None:
    """Return how far back the looks of a source reach; None while it was never read to the end."""
    read = POLLERS[polling.source.kind].read_since(polling.cursor) if polling.source.kind in POLLERS else None
    return min(read, polling.done_at) - REACH if read and polling.done_at else None


def _reaches() -> Iterator[tuple[Polling, dt.datetime]]:
    for polling in Polling.objects.select_related("source").order_by("pk"):
        before = reach_of(polling)
        if before is not None:
            yield polling, before


def _from(source_id: int, before: dt.datetime) -> Iterator[int]:
    for statement in (_SIGHTINGS, _MEMORIES):
        done = 0
        while done < MOST:
            count = _batch(statement, source_id, before)
            done += count
            yield count
            if count < AT_ONCE:
                break


@transaction.atomic
def _batch(statement: str, source_id: int, before: dt.datetime) -> int:
    sightings.lock(source_id)
    given: dict[str, Any] = {"source": source_id, "before": before, "limit": AT_ONCE}
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return int(cursor.rowcount)
