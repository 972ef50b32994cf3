"""Measurements and rollups into the database, a batch at a time."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple, Protocol

import msgspec
from django.db import connection

from models_registry.access.arrays import literals
from models_registry.telemetry.folding import Cell, SeriesRef, Summary

_COPY = (
    "COPY telemetry_measurement (event_id, ordinal, model_id, metric, environment, segment, version_id, value, unit,"
    " sent_unit, observed_at, received_at) FROM STDIN"
)

NULL = "\\N"
_COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

_MERGE = """
INSERT INTO telemetry_rollup AS held (model_id, metric, environment, segment, width_s, starts_at,
    count, sum, min, max, first_at, first, last_at, last)
SELECT * FROM unnest(%s::bigint[], %s::varchar[], %s::varchar[], %s::varchar[], %s::integer[], %s::timestamptz[],
    %s::bigint[], %s::numeric[], %s::float8[], %s::float8[],
    %s::timestamptz[], %s::float8[], %s::timestamptz[], %s::float8[])
ON CONFLICT (model_id, width_s, metric, environment, segment, starts_at) DO UPDATE SET
    count = held.count + excluded.count,
    sum = held.sum + excluded.sum,
    min = least(held.min, excluded.min),
    max = greatest(held.max, excluded.max),
    first = CASE WHEN (excluded.first_at, excluded.first) < (held.first_at, held.first)
                 THEN excluded.first ELSE held.first END,
    first_at = least(held.first_at, excluded.first_at),
    last = CASE WHEN (excluded.last_at, excluded.last) > (held.last_at, held.last)
                THEN excluded.last ELSE held.last END,
    last_at = greatest(held.last_at, excluded.last_at)
"""


class Row(NamedTuple):
    """One measurement of an event as it is written. `ordinal` is its place in the event."""

    series: SeriesRef
    value: float
    observed_at: dt.datetime
    ordinal: int
    version_id: int | None
    unit: str
    sent_unit: str

    @property
    def model_id(self) -> int:
        """The model that was measured."""
        return self.series.model_id


class Written(Protocol):
    """An event with what was measured in it."""

    @property
    def event_id(self) -> int:
        """The event."""

    @property
    def received_at(self) -> dt.datetime:
        """When it was received."""

    @property
    def rows(self) -> Sequence[Row]:
        """What was measured."""


@contextmanager
def measurements_copied(events: Iterable[Written]) -> Iterator[None]:
    """Append what was measured by COPY, in the caller's transaction; the server is done with it at the end.

    It takes a piece while the next one is made, and the last ones during what is done meanwhile, without queries.
    """
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for event in events:
            copy.write("".join(_lines(event)))
        yield


def merge_rollups(cells: Mapping[Cell, Summary]) -> None:
    """Merge the summaries into the stored windows with one statement.

    Rows go in key order, so that two transactions that touch the same windows
    wait for each other instead of deadlocking.
    """
    if not cells:
        return
    rows = [
        (*cell.series, cell.width_s, cell.starts_at, *seen) for cell, seen in sorted(cells.items(), key=itemgetter(0))
    ]
    with connection.cursor() as cursor:
        cursor.execute(_MERGE, literals(rows, count=14))


def _lines(event: Written) -> Iterator[str]:
    """Yield what was measured as COPY's text format writes it."""
    head, tail = f"{event.event_id}\t", f"\t{event.received_at}\n"
    for row, observed_at in zip(event.rows, _moments(event.rows), strict=True):
        series, value, _, ordinal, version, unit, sent_unit = row
        yield (
            f"{head}{ordinal}\t{_place(series)}\t{NULL if version is None else version}\t{value!r}"
            f"\t{_escaped(unit)}\t{_escaped(sent_unit)}\t{observed_at}{tail}"
        )


def _moments(rows: Sequence[Row]) -> list[str]:
    """Return when each row was observed, as text; all at once, because one at a time costs more than all the rest."""
    if not rows:
        return []
    return msgspec.json.encode([row.observed_at for row in rows]).decode()[2:-2].split('","')


@lru_cache(maxsize=8_192)
def _place(series: SeriesRef) -> str:
    """Return the columns of a series as they stand in a line of COPY; the same ones come again and again."""
    model_id, *names = series
    return "\t".join([str(model_id), *map(_escaped, names)])


@lru_cache(maxsize=8_192)
def _escaped(text: str) -> str:
    """Return the text as it stands in a line of COPY."""
    return text.translate(_COPY_ESCAPES)
