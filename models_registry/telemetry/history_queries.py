"""Reads of history: what there is by month and model, what was dropped, and what terms would drop."""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from models_registry.telemetry import partitions
from models_registry.telemetry.history_models import Drop, DropPart, KeepingTerms, Sort
from models_registry.telemetry.models import EventState, TelemetryEvent
from models_registry.telemetry.needs import Need, Needs, first_kept, month_of, needs, span

_MODELS: Final = """
WITH RECURSIVE known(id) AS (
    (SELECT model_id FROM {table} WHERE {where} ORDER BY model_id LIMIT 1)
    UNION ALL
    SELECT (SELECT model_id FROM {table} WHERE model_id > known.id AND {where} ORDER BY model_id LIMIT 1)
    FROM known WHERE known.id IS NOT NULL
)
SELECT id FROM known WHERE id IS NOT NULL ORDER BY id
"""
"""The models are few where the rows are many: they are found by skipping through the index."""

_COUNTS: Final = """
SELECT model_id, date_trunc('month', starts_at AT TIME ZONE 'UTC')::date AS month, width_s, count(*), sum(count)::bigint
FROM telemetry_rollup WHERE starts_at < %s AND width_s = ANY (%s) GROUP BY 1, 2, 3 ORDER BY 2, 1, 3
"""

_BODIES: Final = """
SELECT date_trunc('month', received_at AT TIME ZONE 'UTC')::date AS month, state IN ('QUARANTINED', 'DEAD') AS held,
       count(*), sum(octet_length(raw))::bigint
FROM telemetry_event WHERE state <> 'NEW' AND body_digest IS NULL AND received_at < %s
GROUP BY 1, 2 ORDER BY 1, 2
"""

_NEEDED_BODIES: Final = """
SELECT count(*), coalesce(sum(octet_length(event.raw)), 0)::bigint FROM telemetry_event AS event
WHERE event.state = 'DONE' AND event.body_digest IS NULL AND event.received_at < %s
  AND EXISTS (
      SELECT FROM telemetry_measurement AS m
      JOIN unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS need(model, since, until)
        ON need.model = m.model_id AND m.observed_at >= need.since AND m.observed_at < need.until
      WHERE m.event_id = event.id)
"""

MEASURED: Final = (EventState.DONE.value,)
HELD: Final = (EventState.QUARANTINED.value, EventState.DEAD.value)
"""The states of events whose bodies go by one term, and by the other."""

ROW_BYTES: Final = 190
"""What a window takes on disk with its index, roughly; for previews."""


@dataclass(slots=True)
class Foreseen:
    """What terms would drop of one sort. ``months`` are those that something would go of."""

    sort: str
    count: int = 0
    size: int = 0
    held_count: int = 0
    months: list[dt.date] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The sort, as people read it."""
        return str(Sort(self.sort).label)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A model's month that something needs, though its term is over."""

    model_id: int
    month: dt.date
    needs: Sequence[Need]


@dataclass(frozen=True, slots=True)
class Preview:
    """What terms would drop now, and what is held back from them."""

    sorts: Sequence[Foreseen]
    held_back: Sequence[HeldBack]

    @property
    def size(self) -> int:
        """Bytes that would be free, roughly."""
        return sum(one.size for one in self.sorts)

    def as_json(self) -> dict[str, dict[str, Any]]:
        """Return it as the record of a proposal keeps it."""
        return {
            one.sort: {
                "count": one.count,
                "bytes": one.size,
                "held_back": one.held_count,
                "months": [f"{month:%Y-%m}" for month in one.months],
            }
            for one in self.sorts
        }


def in_force() -> KeepingTerms | None:
    """Return the terms that hold, None while everything is kept for ever."""
    return KeepingTerms.objects.filter(agreed_at__isnull=False).order_by("-agreed_at", "-number").first()


def proposed() -> KeepingTerms | None:
    """Return the terms that a second person has to decide on."""
    return KeepingTerms.objects.filter(agreed_at__isnull=True, ended_at__isnull=True).first()


def usual() -> dict[str, int | None]:
    """Return the terms that a first proposal begins with, as the settings say; 0 there is for ever."""
    return {
        f"{sort.value.lower()}_days": days or None
        for sort, days in (
            (Sort.MEASUREMENTS, settings.REDLINE_KEEP_MEASUREMENTS_DAYS),
            (Sort.BODIES, settings.REDLINE_KEEP_BODIES_DAYS),
            (Sort.HELD, settings.REDLINE_KEEP_HELD_DAYS),
            (Sort.FINE, settings.REDLINE_KEEP_FINE_DAYS),
            (Sort.COARSE, settings.REDLINE_KEEP_COARSE_DAYS),
        )
    }


def measured_months() -> list[dt.date]:
    """Return the months that single measurements have a partition for, oldest first."""
    tables = {one.table: one.months for one in partitions.standing(sizes=False)}
    return [one.month for one in tables["telemetry_measurement"]]


def measured_models(*, month: dt.date) -> list[int]:
    """Return the models that have single measurements of a month."""
    return _models("telemetry_measurement", "observed_at >= %s AND observed_at < %s", list(span(month)))


def windowed_models(*, month: dt.date, widths: Collection[int]) -> list[int]:
    """Return the models that have windows of these widths in a month."""
    where = "width_s = ANY (%s) AND starts_at >= %s AND starts_at < %s"
    return _models("telemetry_rollup", where, [list(widths), *span(month)])


def window_months(*, widths: Collection[int], before: dt.date) -> list[dt.date]:
    """Return the months before this one that have windows of these widths, oldest first."""
    return sorted({month for _, month, *_ in _counts(before, widths)})


def first_received() -> dt.date | None:
    """Return the month of the oldest event."""
    first = TelemetryEvent.objects.order_by("pk").values_list("received_at", flat=True).first()
    return month_of(first) if first else None


def months_from(begin: dt.date | None, *, before: dt.date) -> list[dt.date]:
    """Return the months from ``begin`` on that end before this one begins."""
    found = []
    while begin is not None and begin < before:
        found.append(begin)
        begin = span(begin)[1].date()
    return found


def has_bodies(*, month: dt.date, states: Collection[str]) -> bool:
    """Say whether a body of an event in these states, received in this month, is still kept."""
    since, until = span(month)
    rows = TelemetryEvent.objects.filter(received_at__gte=since, received_at__lt=until, state__in=states)
    return rows.filter(body_digest__isnull=True).exists()


def compacted_months(*, model_id: int) -> list[dt.date]:
    """Return the months of which single measurements of this model were dropped, oldest first."""
    parts = DropPart.objects.filter(model_id=model_id, width_s=0).order_by("month")
    return list(parts.values_list("month", flat=True).distinct())


def dropped_readings() -> dict[int, int]:
    """Return how many measurements were dropped (under 0), and how many the dropped windows of each width held."""
    rows = DropPart.objects.order_by().values_list("width_s").annotate(n=Sum("readings"))
    return dict(rows)


def digest_of(parts: Iterable[tuple[int, int, str]]) -> str:
    """Return the digest of a drop from those of its parts: SHA-256 over a line per model and width."""
    lines = "".join(f"{model_id}|{width_s}|{digest}\n" for model_id, width_s, digest in parts)
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def preview(*, terms: KeepingTerms, at: dt.datetime, known: Needs | None = None) -> Preview:
    """Return what these terms would drop now, without dropping anything.

    Measurements and windows are counted exactly, from the windows of a day and the windows themselves; bytes of
    measurements are the partition's share, those of windows an estimate.
    """
    known = known if known is not None else needs()
    held: dict[tuple[int, dt.date], Sequence[Need]] = {}
    sorts = [
        _of_measurements(terms, known, at, held),
        _of_bodies(terms, Sort.BODIES, known, at),
        _of_bodies(terms, Sort.HELD, known, at),
        _of_windows(terms, Sort.FINE, (300,), known, at, held),
        _of_windows(terms, Sort.COARSE, (3_600, 86_400), known, at, held),
    ]
    back = [HeldBack(model_id, month, own) for (model_id, month), own in sorted(held.items(), key=lambda one: one[0])]
    return Preview(sorts, back)


def _of_measurements(
    terms: KeepingTerms, known: Needs, at: dt.datetime, held: dict[tuple[int, dt.date], Sequence[Need]]
) -> Foreseen:
    found = Foreseen(Sort.MEASUREMENTS.value)
    if terms.measurements_days is None:
        return found
    before = first_kept(days=terms.measurements_days, at=at)
    tables = {one.table: one.months for one in partitions.standing()}
    sizes = {one.month: one.size for one in tables["telemetry_measurement"]}
    gone = _gone(0)
    by_month: dict[dt.date, list[int]] = {}
    for model_id, month, _, _, readings in _counts(before, (86_400,)):
        left = readings - gone.get((model_id, month), 0)
        if left <= 0 or month not in sizes:
            continue
        going, kept = by_month.setdefault(month, [0, 0])
        if reasons := known.of(model_id, month):
            held[model_id, month] = reasons
            by_month[month] = [going, kept + left]
        else:
            by_month[month] = [going + left, kept]
    for month, (going, kept) in sorted(by_month.items()):
        found.count += going
        found.held_count += kept
        if going:
            found.size += sizes[month] * going // (going + kept)
            found.months.append(month)
    return found


def _of_windows(
    terms: KeepingTerms,
    sort: Sort,
    widths: Collection[int],
    known: Needs,
    at: dt.datetime,
    held: dict[tuple[int, dt.date], Sequence[Need]],
) -> Foreseen:
    found = Foreseen(sort.value)
    days = terms.days(sort)
    if days is None:
        return found
    for model_id, month, _, count, _ in _counts(first_kept(days=days, at=at), widths):
        if reasons := known.of(model_id, month):
            held[model_id, month] = reasons
            found.held_count += count
        else:
            found.count += count
            if month not in found.months:
                found.months.append(month)
    found.size = found.count * ROW_BYTES
    return found


def _of_bodies(terms: KeepingTerms, sort: Sort, known: Needs, at: dt.datetime) -> Foreseen:
    found = Foreseen(sort.value)
    days = terms.days(sort)
    if days is None:
        return found
    before = span(first_kept(days=days, at=at))[0]
    with connection.cursor() as cursor:
        cursor.execute(_BODIES, [before])
        rows = [row for row in cursor.fetchall() if row[1] == (sort == Sort.HELD)]
        needed = (0, 0)
        spans = known.spans(at=at)
        if sort == Sort.BODIES and spans:
            cursor.execute(_NEEDED_BODIES, [before, *(list(column) for column in zip(*spans, strict=True))])
            needed = cursor.fetchone()
    for month, _, count, size in rows:
        if known.of_all(month):
            found.held_count += count
        else:
            found.count += count
            found.size += size
            found.months.append(month)
    found.held_count += min(needed[0], found.count)
    found.count -= min(needed[0], found.count)
    found.size -= min(needed[1], found.size)
    return found


def stored(*, at: dt.datetime) -> list[tuple[str, int, int]]:
    """Return (sort, rows, bytes) of what is kept now; rows as the database estimates them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, greatest(reltuples, 0)::bigint, pg_total_relation_size(oid) FROM pg_class"
            " WHERE relname IN ('telemetry_event', 'telemetry_rollup') AND relnamespace = 'public'::regnamespace"
        )
        tables = {name: (rows, size) for name, rows, size in cursor.fetchall()}
    months = next(one.months for one in partitions.standing() if one.table == "telemetry_measurement")
    return [
        ("Single measurements", sum(one.rows for one in months), sum(one.size for one in months)),
        ("Events with their bodies", *tables["telemetry_event"]),
        ("Windows of all widths", *tables["telemetry_rollup"]),
    ]


def drops_of(*, sort: Sort | None = None) -> list[Drop]:
    """Return the newest drops."""
    rows = Drop.objects.select_related("terms").order_by("-pk")
    return list((rows.filter(sort=sort) if sort else rows)[:100])


def _gone(width_s: int) -> dict[tuple[int, dt.date], int]:
    rows = (
        DropPart.objects.filter(width_s=width_s).order_by().values_list("model_id", "month").annotate(n=Sum("readings"))
    )
    return {(model_id, month): n for model_id, month, n in rows}


def _counts(before: dt.date, widths: Collection[int]) -> list[tuple[int, dt.date, int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [span(before)[0], list(widths)])
        found: list[tuple[int, dt.date, int, int, int]] = cursor.fetchall()
    return found


def _models(table: str, where: str, parameters: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_MODELS.format(table=table, where=where), [*parameters, *parameters])
        return [pk for (pk,) in cursor.fetchall()]
