"""What terms would drop now, and what is held back from them: told before two people decide."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.db.models import Sum

from models_registry.telemetry import partitions
from models_registry.telemetry.history_models import WIDTHS, DropPart, KeepingTerms, Sort
from models_registry.telemetry.history_queries import window_counts
from models_registry.telemetry.needs import Need, Needs, first_kept, needs, span

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

    def add(self, month: dt.date, *, going: int, size: int, staying: int) -> None:
        """Add what would go of a month, with its bytes, and what would stay of it."""
        self.count += going
        self.size += size
        self.held_count += staying
        if going and month not in self.months:
            self.months.append(month)


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


def preview(*, terms: KeepingTerms, at: dt.datetime, known: Needs | None = None) -> Preview:
    """Return what these terms would drop now, without dropping anything.

    Measurements and windows are counted exactly, from the windows of a day and the windows themselves; bytes of
    measurements are the partition's share, those of windows an estimate.
    """
    known = known if known is not None else needs()
    held: _Held = {}
    sorts = [Foreseen(sort.value) for sort in Sort]
    for found in sorts:
        if (days := terms.days(found.sort)) is None:
            continue
        before = first_kept(days=days, at=at)
        match Sort(found.sort):
            case Sort.MEASUREMENTS:
                _measurements(found, before, known, held)
            case Sort.FINE | Sort.COARSE as sort:
                _windows(found, WIDTHS[sort], before, known, held)
            case Sort.BODIES | Sort.HELD:
                _bodies(found, before, known, at)
    back = [HeldBack(model_id, month, own) for (model_id, month), own in sorted(held.items(), key=lambda one: one[0])]
    return Preview(sorts, back)


type _Held = dict[tuple[int, dt.date], Sequence[Need]]


def _needed(known: Needs, held: _Held, model_id: int, month: dt.date) -> bool:
    """Return whether something needs a model's month, and remember what."""
    if reasons := known.of(model_id, month):
        held[model_id, month] = reasons
    return bool(reasons)


def _measurements(found: Foreseen, before: dt.date, known: Needs, held: _Held) -> None:
    tables = {one.table: one.months for one in partitions.standing()}
    sizes = {one.month: one.size for one in tables["telemetry_measurement"]}
    gone = _gone()
    by_month: dict[dt.date, list[int]] = {}
    for model_id, month, _, _, readings in window_counts(before=before, widths=(86_400,)):
        left = readings - gone.get((model_id, month), 0)
        if left > 0 and month in sizes:
            by_month.setdefault(month, [0, 0])[_needed(known, held, model_id, month)] += left
    for month, (going, staying) in sorted(by_month.items()):
        size = sizes[month] * going // (going + staying)
        found.add(month, going=going, size=size, staying=staying)


def _windows(found: Foreseen, widths: Collection[int], before: dt.date, known: Needs, held: _Held) -> None:
    for model_id, month, _, count, _ in window_counts(before=before, widths=widths):
        if _needed(known, held, model_id, month):
            found.add(month, going=0, size=0, staying=count)
        else:
            found.add(month, going=count, size=count * ROW_BYTES, staying=0)


def _bodies(found: Foreseen, before: dt.date, known: Needs, at: dt.datetime) -> None:
    end, spans = span(before)[0], known.spans(at=at)
    needed = (0, 0)
    with connection.cursor() as cursor:
        cursor.execute(_BODIES, [end])
        rows = [row for row in cursor.fetchall() if row[1] == (found.sort == Sort.HELD)]
        if found.sort == Sort.BODIES and spans:
            cursor.execute(_NEEDED_BODIES, [end, *(list(column) for column in zip(*spans, strict=True))])
            needed = cursor.fetchone()
    for month, _, count, size in rows:
        of_all = bool(known.of_all(month))
        found.add(month, going=0 if of_all else count, size=0 if of_all else size, staying=count if of_all else 0)
    staying = min(needed[0], found.count)
    found.held_count += staying
    found.count -= staying
    found.size -= min(needed[1], found.size)


def _gone() -> dict[tuple[int, dt.date], int]:
    """Return how many measurements of each model's month went before."""
    rows = DropPart.objects.filter(width_s=0).order_by().values_list("model_id", "month").annotate(n=Sum("readings"))
    return {(model_id, month): n for model_id, month, n in rows}
