"""Measurements and rollups into the database, a batch at a time."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from models_registry.telemetry.folding import Cell, Summary

_COLUMNS = (
    "event_id, ordinal, model_id, version_id, metric, value, unit, environment, segment, observed_at, received_at"
)
_COPY = f"COPY telemetry_measurement ({_COLUMNS}) FROM STDIN"

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


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement as it is written. `ordinal` is its place in the event."""

    event_id: int
    ordinal: int
    model_id: int
    version_id: int | None
    metric: str
    value: float
    unit: str
    environment: str
    segment: str
    observed_at: dt.datetime
    received_at: dt.datetime


def copy_measurements(rows: Iterable[Row]) -> None:
    """Append the rows by COPY, in the caller's transaction."""
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(
                (
                    row.event_id, row.ordinal, row.model_id, row.version_id, row.metric, row.value, row.unit,
                    row.environment, row.segment, row.observed_at, row.received_at,
                )
            )  # fmt: skip


def merge_rollups(cells: Mapping[Cell, Summary]) -> None:
    """Merge the summaries into the stored windows with one statement.

    Rows go in key order, so that two transactions that touch the same windows
    wait for each other instead of deadlocking.
    """
    if not cells:
        return
    rows = [
        (
            cell.series.model_id, cell.series.metric, cell.series.environment, cell.series.segment,
            cell.width_s, cell.starts_at, seen.count, seen.sum, seen.min, seen.max,
            seen.first_at, seen.first, seen.last_at, seen.last,
        )
        for cell, seen in sorted(cells.items(), key=lambda item: item[0])
    ]  # fmt: skip
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_MERGE, columns)
