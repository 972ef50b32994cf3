"""Reads of history: what there is by month and model, what was dropped, and what terms would drop."""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Min, Sum

from models_registry.telemetry import partitions
from models_registry.telemetry.history_models import Drop, DropPart, KeepingTerms, Sort
from models_registry.telemetry.models import TelemetryEvent
from models_registry.telemetry.needs import Needs, month_of, span

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
    return sorted({month for _, month, *_ in window_counts(before=before, widths=widths)})


def window_counts(*, before: dt.date, widths: Collection[int]) -> list[tuple[int, dt.date, int, int, int]]:
    """Return (model, month, width, windows, readings in them) of the months before this one."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [span(before)[0], list(widths)])
        found: list[tuple[int, dt.date, int, int, int]] = cursor.fetchall()
    return found


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


def events_of(*, month: dt.date) -> tuple[int, int]:
    """Return the number before the first event of a month, and that of its last one; both 0 without any.

    Counted as well, which makes the database look where the month lies instead of at everything before it.
    """
    since, until = span(month)
    rows = TelemetryEvent.objects.filter(received_at__gte=since, received_at__lt=until)
    found = rows.aggregate(first=Min("pk"), last=Max("pk"), count=Count("pk"))
    return (found["first"] - 1, found["last"]) if found["count"] else (0, 0)


def has_bodies(*, month: dt.date, states: Collection[str]) -> bool:
    """Say whether a body of an event in these states, received in this month, is still kept."""
    since, until = span(month)
    rows = TelemetryEvent.objects.filter(received_at__gte=since, received_at__lt=until, state__in=states)
    return rows.filter(body_digest__isnull=True).exists()


def compacted_months(*, model_id: int) -> list[dt.date]:
    """Return the months of which single measurements of this model were dropped, oldest first."""
    parts = DropPart.objects.filter(model_id=model_id, width_s=0).order_by("month")
    return list(parts.values_list("month", flat=True).distinct())


def rows_went(*, known: Needs) -> bool:
    """Say whether measurements that are needed now had gone before: of which events they were is not known any more."""
    parts = DropPart.objects.filter(width_s=0)
    if None not in known.by_model:
        parts = parts.filter(model_id__in=[pk for pk in known.by_model if pk is not None])
    return any(known.of(*part) for part in parts.values_list("model_id", "month").distinct())


def dropped_readings() -> dict[int, int]:
    """Return how many measurements were dropped (under 0), and how many the dropped windows of each width held."""
    rows = DropPart.objects.order_by().values_list("width_s").annotate(n=Sum("readings"))
    return dict(rows)


def digest_of(parts: Iterable[tuple[int, int, str]]) -> str:
    """Return the digest of a drop from those of its parts: SHA-256 over a line per model and width."""
    lines = "".join(f"{model_id}|{width_s}|{digest}\n" for model_id, width_s, digest in parts)
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


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


def _models(table: str, where: str, parameters: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_MODELS.format(table=table, where=where), [*parameters, *parameters])
        return [pk for (pk,) in cursor.fetchall()]
