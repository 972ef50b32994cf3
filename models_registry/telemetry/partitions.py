"""Months of the measurement table, made before they are needed."""

import datetime as dt

from django.db import connection

from models_registry.telemetry.sql import ENSURE_PARTITION

MONTHS_AHEAD = 2
MONTHS_BACK = 4


def months_around(*, at: dt.datetime, back: int = MONTHS_BACK, ahead: int = MONTHS_AHEAD) -> list[dt.date]:
    """Return the first day of every month from ``back`` months before ``at`` to ``ahead`` months after it."""
    day = at.astimezone(dt.UTC).date()
    current = day.year * 12 + day.month - 1
    return [dt.date(month // 12, month % 12 + 1, 1) for month in range(current - back, current + ahead + 1)]


def ensure_partitions(at: dt.datetime) -> int:
    """Create the partitions around ``at`` that are missing and return how many were.

    Rows that had fallen into the default partition move to their month.
    """
    with connection.cursor() as cursor:
        created = 0
        for month in months_around(at=at):
            cursor.execute(ENSURE_PARTITION, [month])
            row = cursor.fetchone()
            created += bool(row and row[0])
    return created
