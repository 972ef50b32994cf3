"""Reads of telemetry: windows for rules, series for charts, books for everybody."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from models_registry.telemetry.folding import WIDTHS_S
from models_registry.telemetry.models import EventState, Measurement, Rollup, Source, TelemetryEvent

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
    """Where everything that a source sent is now. Counts are deliveries."""

    received: int
    done: int
    duplicate: int
    quarantined: int
    dead: int
    waiting: int

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
    today: int


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


def books() -> dict[int, Books]:
    """Return the books of every source that ever received anything, in one statement and so at one moment."""
    counted: dict[str, Any] = {state.name.lower(): Count("pk", filter=Q(state=state)) for state in EventState}
    rows: Iterable[Any] = (
        TelemetryEvent.objects.values("source_id")
        .annotate(rows=Count("pk"), duplicate=Sum("duplicate_count"), **counted)
        .order_by()
    )
    return {
        row["source_id"]: Books(
            received=row["rows"] + row["duplicate"],
            done=row["done"],
            duplicate=row["duplicate"],
            quarantined=row["quarantined"],
            dead=row["dead"],
            waiting=row["new"],
        )
        for row in rows
    }


def unmerged_windows() -> list[tuple[int, int, int]]:
    """Return (width, measurements, merged) of each width whose windows hold another number than was measured."""
    measured = Measurement.objects.count()
    merged = dict(Rollup.objects.values_list("width_s").annotate(n=Sum("count")).order_by())
    return [(width, measured, merged.get(width, 0)) for width in WIDTHS_S if merged.get(width, 0) != measured]


def source_rows(*, at: dt.datetime) -> list[SourceRow]:
    """Return every source with its books, its newest receipt and today's count."""
    kept = books()
    midnight = at.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    today = dict(
        TelemetryEvent.objects.filter(received_at__gte=midnight)
        .values_list("source_id")
        .annotate(n=Count("pk"))
        .order_by()
    )
    newest = newest_receipts()
    return [
        SourceRow(
            source,
            kept.get(source.pk, Books(0, 0, 0, 0, 0, 0)),
            newest.get(source.pk),
            today.get(source.pk, 0),
        )
        for source in Source.objects.order_by("name", "pk")
    ]


def newest_receipts() -> dict[int, dt.datetime]:
    """Return when each source was last heard."""
    rows = TelemetryEvent.objects.order_by("source_id", "-id").distinct("source_id")
    return dict(rows.values_list("source_id", "received_at"))


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


def waiting_count(*, source: Source, limit: int) -> int:
    """Return how many events of the source wait, counting no further than the limit."""
    waiting = TelemetryEvent.objects.filter(source=source, state=EventState.NEW)
    return waiting.order_by("pk").values("pk")[:limit].count()


def source_at(*, path_token: str) -> Source | None:
    """Return the source that receives at this address, unless it was switched off."""
    return Source.objects.filter(Q(path_token=path_token), disabled_at__isnull=True).first()


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
