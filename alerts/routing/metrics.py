"""The numbers for a monitoring system, read from the database and not from counters of one process.

Several web processes answer in turn, and each counts only itself; rows are the same for all of them, and
the equations are read at one moment, so that they hold in every single scrape.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from alerts.routing.bookkeeping import HouseBooks, house_books, one_moment
from alerts.routing.following import undecided
from models_registry.telemetry import partitions, poll_queries

LAST_TICK = "line.last_tick"
"""Name in the cache under which the scheduler leaves the time of its last round, as seconds since the epoch."""

OLDEST_EVENT = """
select extract(epoch from %s - min(coalesce(not_before, received_at)))
  from telemetry_event where state = 'NEW' and (not_before is null or not_before <= %s)
"""

OLDEST_NOTIFICATION = """
select extract(epoch from %s - min(not_before)) from delivery_notification
 where lane = 0 and state = 'PENDING' and not_before <= %s
"""

OLDEST_WEBHOOK = """
select extract(epoch from %s - min(not_before))
  from delivery_notification note join delivery_channel channel on channel.id = note.channel_id
 where note.lane = 1 and note.state = 'PENDING' and note.not_before <= %s
   and (channel.resting_until is null or channel.resting_until <= now())
"""
"""What waits for a receiver that is left alone, because it failed, is not late."""

SWEPT: Sequence[tuple[str, str, Callable[[poll_queries.Numbers], float]]] = (
    ("redline_sweep_failures", "Sweeps that failed one after the other.", lambda each: each.failures),
    ("redline_sweep_requests_today", "Requests of this UTC day.", lambda each: each.requests_today),
    (
        "redline_sweep_unheard",
        "Changes that sweeps found and no webhook has told within ten minutes.",
        lambda each: each.unheard,
    ),
)
"""What is told of every polled source: the metric, what it says, and where it is read."""


def exposition(*, at: datetime) -> bytes:
    """Return all metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(Line(at))
    return generate_latest(registry)


class Line(Collector):
    """Books, backlog and pulse of the line at one moment."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterable[Metric]:
        """Read everything in one snapshot, then name it."""
        with one_moment():
            books = house_books(windows=False)
            ages = self._ages()
            tables, sizes = partitions.standing(sizes=False), partitions.table_sizes()
            polled = poll_queries.numbers(at=self.at)
        yield from _of_books(books)
        yield from _of_sweeps(polled)
        yield from _of_tables(tables, sizes, self.at)
        yield _gauge(
            "redline_backlog_oldest_seconds",
            "How long the oldest work of a station has been due.",
            "station",
            {station: max(age, 0.0) for station, age in ages.items()},
        )
        ticked = cache.get(LAST_TICK)
        if ticked is not None:
            yield GaugeMetricFamily(
                "redline_line_last_tick_timestamp_seconds", "When the scheduler began its last round.", value=ticked
            )
        yield _gauge("redline_info", "What runs here.", "mode", {settings.REDLINE_MODE: 1})

    def _ages(self) -> dict[str, float]:
        waiting = undecided(limit=1)
        return {
            "measure": self._age(OLDEST_EVENT),
            "route": (self.at - waiting[0].at).total_seconds() if waiting else 0.0,
            "deliver": self._age(OLDEST_NOTIFICATION),
            "tell_registry": self._age(OLDEST_WEBHOOK),
        }

    def _age(self, statement: str) -> float:
        with connection.cursor() as cursor:
            cursor.execute(statement, [self.at, self.at])
            (age,) = cursor.fetchone()
        return float(age or 0)


def _of_books(books: HouseBooks) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "redline_books_balanced", "1 while all three equations hold.", value=float(not books.imbalances)
    )
    events = GaugeMetricFamily(
        "redline_telemetry_events",
        "Deliveries by source: received = done + duplicate + quarantined + dead + waiting.",
        labels=["source", "state"],
    )
    for source, kept in books.sources.items():
        for state, count in vars(kept).items():
            events.add_metric([source, state], count)
    yield events
    told = books.telling
    yield _gauge(
        "redline_entries",
        "Entries of the trail that ask for a decision: alertable = decided + waiting.",
        "state",
        {"alertable": told.alertable, "decided": told.decisions, "waiting": told.waiting, "missed": told.missed},
    )
    yield _gauge(
        "redline_notifications",
        "Notifications: total = delivered + given_up + cancelled + pending.",
        "state",
        {
            "total": told.notifications,
            "delivered": told.delivered,
            "given_up": told.given_up,
            "cancelled": told.cancelled,
            "pending": told.pending,
        },
    )


def _of_tables(
    tables: Iterable[partitions.Partitioned], sizes: Iterable[tuple[str, int]], at: datetime
) -> Iterator[Metric]:
    tables = list(tables)
    yield _gauge(
        "redline_partition_months_ahead",
        "Months after this one that have a partition; below 1, the next month is not made yet.",
        "table",
        {one.table: one.ahead(at=at) for one in tables},
    )
    yield _gauge(
        "redline_partition_default_rows",
        "Rows that have no month of their own yet; the next round makes it.",
        "table",
        {one.table: one.in_default for one in tables},
    )
    yield _gauge("redline_table_bytes", "Bytes on disk of the largest tables, indexes included.", "table", dict(sizes))


def _of_sweeps(polled: Sequence[poll_queries.Numbers]) -> Iterator[Metric]:
    """Yield how the sweeps of platforms go, by source; nothing where none is polled."""
    if not polled:
        return
    done = {each.slug: each.done_at.timestamp() for each in polled if each.done_at is not None}
    yield _gauge("redline_sweep_done_timestamp_seconds", "When the platform was last read to the end.", "source", done)
    for name, what, number in SWEPT:
        yield _gauge(name, what, "source", {each.slug: number(each) for each in polled})


def _gauge(name: str, what: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def tick(at: datetime) -> int:
    """Leave the time of the scheduler's round where every web process finds it; the last station of the line."""
    cache.set(LAST_TICK, at.astimezone(UTC).timestamp(), timeout=None)
    return 0
