"""Reads of telemetry: windows for rules, series for charts, books for everybody."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import connection
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from models_registry.telemetry.folding import WIDTHS_S
from models_registry.telemetry.history_queries import dropped_readings
from models_registry.telemetry.models import EventState, Measurement, Rollup, Source, TelemetryEvent
from models_registry.telemetry.tally_sql import BOOKS, RECOUNT

LARGEST = 1.7976931348623157e308


@dataclass(frozen=True, slots=True)
class Window:
    """The merged readings of one series in one window; `index` is its start divided by its width."""

    index: int
    start: dt.datetime
    count: int
    sum: float
    min: float
    max: float
    first: float
    last: float
    first_at: dt.datetime
    last_at: dt.datetime

    @property
    def mean(self) -> float:
        """The average of the readings."""
        return self.sum / self.count


@dataclass(frozen=True)
class Books:
    """Where everything that a source sent is now. Counts are deliveries; ``today`` counts events of this UTC day."""

    received: int = 0
    done: int = 0
    duplicate: int = 0
    quarantined: int = 0
    dead: int = 0
    waiting: int = 0
    today: int = 0

    @property
    def balanced(self) -> bool:
        """True when every delivery is accounted for."""
        return self.received == self.done + self.duplicate + self.quarantined + self.dead + self.waiting


@dataclass(frozen=True)
class SourceRow:
    """One source as its page shows it."""

    source: Source
    books: Books
    newest_at: dt.datetime | None


def windows(
    *,
    model_id: int,
    environment: str,
    metrics: Collection[str],
    width_s: int,
    since: dt.datetime,
    until: dt.datetime,
) -> dict[tuple[str, str], list[Window]]:
    """Return the windows that start in [since, until) of every segment of the metrics, oldest first."""
    rows = Rollup.objects.filter(
        model_id=model_id,
        environment=environment,
        metric__in=metrics,
        width_s=width_s,
        starts_at__gte=since,
        starts_at__lt=until,
    )
    found: dict[tuple[str, str], list[Window]] = {}
    for row in rows.order_by("metric", "segment", "starts_at"):
        found.setdefault((row.metric, row.segment), []).append(_window(row))
    return found


def series(
    *, model_id: int, metric: str, environment: str, segment: str, width_s: int, since: dt.datetime, until: dt.datetime
) -> list[Window]:
    """Return the windows of one series for a chart, oldest first."""
    found = windows(
        model_id=model_id, environment=environment, metrics=[metric], width_s=width_s, since=since, until=until
    )
    return found.get((metric, segment), [])


def books(*, at: dt.datetime | None = None) -> dict[int, Books]:
    """Return the books of every source that ever received anything, as they were counted when events ended.

    One statement and so one moment; its cost does not grow with history. ``at`` says which day today is.
    """
    return _books(BOOKS, at)


def recount(*, at: dt.datetime | None = None) -> dict[int, Books]:
    """Return the same books from the events themselves, every one of them: what proves the counted ones."""
    return _books(RECOUNT, at)


def miscounted() -> dict[int, tuple[Books, Books]]:
    """Return the sources whose counted books differ from their events: counted, then recounted.

    ``today`` is for the eye and not compared. Reads every event; call it in a repeatable-read transaction.
    """
    counted, proven = books(), recount()
    pairs = {pk: (counted.get(pk, Books()), proven.get(pk, Books())) for pk in counted.keys() | proven.keys()}
    return {
        pk: (ours, theirs)
        for pk, (ours, theirs) in sorted(pairs.items())
        if replace(ours, today=0) != replace(theirs, today=0)
    }


def unmerged_windows() -> list[tuple[int, int, int]]:
    """Return (width, measurements, merged) of each width whose windows hold another number than was measured.

    What was dropped by its term counts on both sides, as the record of drops says.
    """
    dropped = Counter(dropped_readings())
    measured = Measurement.objects.count() + dropped[0]
    merged = dict(Rollup.objects.values_list("width_s").annotate(n=Sum("count")).order_by())
    found = {width: merged.get(width, 0) + dropped[width] for width in WIDTHS_S}
    return [(width, measured, count) for width, count in found.items() if count != measured]


def source_rows(*, at: dt.datetime) -> list[SourceRow]:
    """Return every source with its books and its newest receipt."""
    kept = books(at=at)
    newest = newest_receipts()
    return [
        SourceRow(source, kept.get(source.pk, Books()), newest.get(source.pk))
        for source in Source.objects.order_by("name", "pk")
    ]


def newest_receipts() -> dict[int, dt.datetime]:
    """Return when each source was last heard: one step into the index per source."""
    newest = TelemetryEvent.objects.filter(source=OuterRef("pk")).order_by("-id").values("received_at")[:1]
    rows = Source.objects.annotate(heard_at=Subquery(newest)).filter(heard_at__isnull=False)
    return dict(rows.values_list("pk", "heard_at"))


def held_events(*, source: Source | None = None, reason: str = "") -> QuerySet[TelemetryEvent]:
    """Return events that are quarantined or dead, newest first, without their bodies."""
    held = TelemetryEvent.objects.filter(state__in=[EventState.QUARANTINED, EventState.DEAD])
    if source is not None:
        held = held.filter(source=source)
    if reason:
        held = held.filter(reason=reason)
    return held.select_related("source").defer("raw").order_by("-pk")


def held_reasons(*, source: Source) -> Sequence[tuple[str, int]]:
    """Return why events of a source are held and how many each reason holds, most first."""
    held = TelemetryEvent.objects.filter(source=source, state__in=[EventState.QUARANTINED, EventState.DEAD])
    return list(held.values_list("reason").annotate(n=Count("pk")).order_by("-n", "reason"))


def waiting_count(*, source_id: int, limit: int) -> int:
    """Return how many events of the source wait, counting no further than the limit."""
    waiting = TelemetryEvent.objects.filter(source_id=source_id, state=EventState.NEW)
    return waiting.order_by("pk").values("pk")[:limit].count()


def source_at(*, path_token: str) -> Source | None:
    """Return the source that receives at this address, unless it was switched off."""
    return Source.objects.filter(Q(path_token=path_token), disabled_at__isnull=True).first()


def _books(statement: str, at: dt.datetime | None) -> dict[int, Books]:
    midnight = (at or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"day": midnight.date(), "midnight": midnight})
        return {source_id: Books(*counts) for source_id, *counts in cursor.fetchall()}


def _window(row: Rollup) -> Window:
    return Window(
        index=int(row.starts_at.timestamp()) // row.width_s,
        start=row.starts_at,
        count=row.count,
        sum=_as_float(row.sum),
        min=row.min,
        max=row.max,
        first=row.first,
        last=row.last,
        first_at=row.first_at,
        last_at=row.last_at,
    )


def _as_float(total: Decimal) -> float:
    """Return the nearest float; sums beyond the largest float become it, because infinity is no number."""
    return max(-LARGEST, min(LARGEST, float(total)))
