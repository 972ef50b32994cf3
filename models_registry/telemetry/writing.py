"""Measurements and rollups into the database, a batch at a time."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import batched
from operator import itemgetter
from typing import NamedTuple

from django.db import connection

from models_registry.telemetry.folding import Cell, Summary

_COLUMNS = (
    "event_id, ordinal, model_id, version_id, metric, value, unit, sent_unit, environment, segment,"
    " observed_at, received_at"
)
_COPY = f"COPY telemetry_measurement ({_COLUMNS}) FROM STDIN"

NULL = "\\N"
PIECE = 1_000
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
    """One measurement as it is written. `ordinal` is its place in the event."""

    event_id: int
    ordinal: int
    model_id: int
    version_id: int | None
    metric: str
    value: float
    unit: str
    sent_unit: str
    environment: str
    segment: str
    observed_at: dt.datetime
    received_at: dt.datetime


def copy_measurements(rows: Iterable[Row]) -> None:
    """Append the rows by COPY, in the caller's transaction. The server takes a piece while the next one is made."""
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for lines in batched(_lines(rows), PIECE):
            copy.write("".join(lines))


def merge_rollups(cells: Mapping[Cell, Summary]) -> None:
    """Merge the summaries into the stored windows with one statement.

    Rows go in key order, so that two transactions that touch the same windows
    wait for each other instead of deadlocking.
    """
    if not cells:
        return
    rows = [
        (
            cell.series.model_id, _quoted(cell.series.metric), _quoted(cell.series.environment),
            _quoted(cell.series.segment), cell.width_s, f'"{cell.starts_at}"', seen.count, seen.sum, seen.min,
            seen.max, f'"{seen.first_at}"', seen.first, f'"{seen.last_at}"', seen.last,
        )
        for cell, seen in sorted(cells.items(), key=itemgetter(0))
    ]  # fmt: skip
    columns = ["{" + ",".join(map(str, column)) + "}" for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_MERGE, columns)


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the rows as COPY's text format writes them."""
    for (
        event, ordinal, model, version, metric, value, unit, sent, environment, segment, observed_at, received_at
    ) in rows:  # fmt: skip
        yield (
            f"{event}\t{ordinal}\t{model}\t{NULL if version is None else version}\t{_escaped(metric)}\t{value!r}"
            f"\t{_escaped(unit)}\t{_escaped(sent)}\t{_escaped(environment)}\t{_escaped(segment)}"
            f"\t{observed_at}\t{received_at}\n"
        )


@lru_cache(maxsize=8_192)
def _escaped(text: str) -> str:
    """Return the text as it stands in a line of COPY; the same few names come again and again."""
    return text.translate(_COPY_ESCAPES)


@lru_cache(maxsize=8_192)
def _quoted(text: str) -> str:
    """Return the text as it stands in an array."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
