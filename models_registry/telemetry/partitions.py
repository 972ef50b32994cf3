"""Months of the partitioned tables, made before they are needed, and how they stand."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from models_registry.telemetry.sql import ENSURE_PARTITION

MONTHS_AHEAD = 2
MONTHS_BACK = 4
MOVED_AT_ONCE = 12
COUNTED: Final = 100_000
"""Rows of the default partition are counted no further than this."""
LARGEST: Final = 20

_PARTITIONS: Final = """
SELECT parent.relname, coalesce(child.relname, ''), coalesce(greatest(child.reltuples, 0), 0)::bigint,
       CASE WHEN %s THEN coalesce(pg_total_relation_size(child.oid), 0) ELSE 0 END
FROM pg_partitioned_table AS split
JOIN pg_class AS parent ON parent.oid = split.partrelid AND parent.relnamespace = 'public'::regnamespace
LEFT JOIN pg_inherits AS tree ON tree.inhparent = parent.oid
LEFT JOIN pg_class AS child ON child.oid = tree.inhrelid
ORDER BY parent.relname, child.relname
"""

_IN_DEFAULT: Final = f"SELECT count(*) FROM (SELECT FROM telemetry_measurement_default LIMIT {COUNTED}) AS held"  # noqa: S608

_CURRENT_IN_DEFAULT: Final = "SELECT count(*) FROM telemetry_measurement_default WHERE observed_at >= %s"

_MONTHS_IN_DEFAULT: Final = """
SELECT DISTINCT date_trunc('month', observed_at AT TIME ZONE 'UTC')::date AS month
FROM telemetry_measurement_default ORDER BY month LIMIT %s
"""

_SIZES: Final = """
SELECT coalesce(parent.relname, own.relname), sum(pg_total_relation_size(own.oid))::bigint AS bytes
FROM pg_class AS own
LEFT JOIN pg_inherits AS tree ON tree.inhrelid = own.oid
LEFT JOIN pg_class AS parent ON parent.oid = tree.inhparent
WHERE own.relkind = 'r' AND own.relnamespace = 'public'::regnamespace
GROUP BY 1 ORDER BY bytes DESC, 1 LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a partitioned table. ``rows`` is what the database estimates, ``size`` is in bytes."""

    month: dt.date
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class Partitioned:
    """How a partitioned table stands. ``in_default`` rows have no month yet; the next round makes it for them."""

    table: str
    months: Sequence[Month]
    in_default: int = 0

    @property
    def newest(self) -> dt.date | None:
        """The first day of the last month that there is."""
        return self.months[-1].month if self.months else None

    def ahead(self, *, at: dt.datetime) -> int:
        """Return how many months after the present one are there without a gap; -1 when this one is missing."""
        made = {one.month for one in self.months}
        wanted = months_around(at=at, back=0, ahead=len(made))
        gap = next((number for number, month in enumerate(wanted) if month not in made), len(wanted))
        return gap - 1


def months_around(*, at: dt.datetime, back: int = MONTHS_BACK, ahead: int = MONTHS_AHEAD) -> list[dt.date]:
    """Return the first day of every month from ``back`` months before ``at`` to ``ahead`` months after it."""
    day = at.astimezone(dt.UTC).date()
    current = day.year * 12 + day.month - 1
    return [dt.date(month // 12, month % 12 + 1, 1) for month in range(current - back, current + ahead + 1)]


def ensure_partitions(at: dt.datetime) -> int:
    """Create the partitions around ``at`` that are missing, and those of rows that fell into the default partition.

    Returns how many were made. Rows move from the default partition to their month; a backfill that reaches far
    back gets its months a dozen at a time.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS_IN_DEFAULT, [MOVED_AT_ONCE])
        wanted = {month for (month,) in cursor.fetchall()} | set(months_around(at=at))
        created = 0
        for month in sorted(wanted):
            cursor.execute(ENSURE_PARTITION, [month])
            row = cursor.fetchone()
            created += bool(row and row[0])
    return created


def standing(*, sizes: bool = True) -> list[Partitioned]:
    """Return every partitioned table with its months, oldest first; without ``sizes`` no file is looked at."""
    months: dict[str, list[Month]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_PARTITIONS, [sizes])
        for table, part, rows, size in cursor.fetchall():
            own = months.setdefault(table, [])
            if (month := _month_of(part)) is not None:
                own.append(Month(month, rows, size))
        cursor.execute(_IN_DEFAULT)
        (in_default,) = cursor.fetchone()
    return [
        Partitioned(table, own, in_default if table == "telemetry_measurement" else 0) for table, own in months.items()
    ]


def wanting(*, at: dt.datetime) -> list[str]:
    """Return what is wrong with the months, in words: one that is missing, or rows of now without one."""
    found = [f"{one.table} has no partition for {_next(at, one):%Y-%m}" for one in standing() if one.ahead(at=at) < 1]
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT_IN_DEFAULT, [months_around(at=at, back=0, ahead=0)[0]])
        (current,) = cursor.fetchone()
    if current:
        found.append(f"{current} measurements of this month lie in the default partition")
    return found


def table_sizes(*, limit: int = LARGEST) -> list[tuple[str, int]]:
    """Return the largest tables with their bytes on disk, indexes and long values included; partitions as one."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZES, [limit])
        return [(table, size) for table, size in cursor.fetchall()]


def _next(at: dt.datetime, one: Partitioned) -> dt.date:
    return months_around(at=at, back=0, ahead=1)[one.ahead(at=at) + 1]


def _month_of(part: str) -> dt.date | None:
    """Return the month in a partition's name, `…_2026_11`; None for the default one."""
    year, _, month = part[-7:].partition("_")
    return dt.date(int(year), int(month), 1) if year.isdecimal() and month.isdecimal() else None
