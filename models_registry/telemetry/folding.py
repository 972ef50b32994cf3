"""Readings merged into windows: the same numbers in any order and any batches give the same windows.

Sums are exact decimals, because adding floats in another order gives another sum;
of equal times, the smallest value is the first and the largest the last.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Final

WIDTHS_S: Final = (300, 3_600, 86_400)
"""Five minutes, an hour, a day."""

_EXACT: Final = Context(prec=1_000, Emax=MAX_EMAX, Emin=MIN_EMIN)
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, order=True)
class SeriesRef:
    """One series: model × metric × environment × segment. The empty segment is the whole model."""

    model_id: int
    metric: str
    environment: str
    segment: str


@dataclass(frozen=True, slots=True)
class Point:
    """One number of one series, at its time of observation."""

    series: SeriesRef
    value: float
    observed_at: dt.datetime


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One window of one series: `starts_at` is a multiple of `width_s` since the epoch."""

    series: SeriesRef
    width_s: int
    starts_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of the points in one window. Never empty."""

    count: int
    sum: Decimal
    min: float
    max: float
    first_at: dt.datetime
    first: float
    last_at: dt.datetime
    last: float

    @classmethod
    def of(cls, point: Point) -> "Summary":
        """Return the summary of a single point; negative zero becomes zero."""
        value, moment = point.value + 0.0, point.observed_at
        return cls(1, Decimal(repr(value)), value, value, moment, value, moment, value)

    def merged(self, other: "Summary") -> "Summary":
        """Return the summary of both. Associative and commutative, exactly."""
        first_at, first = min((self.first_at, self.first), (other.first_at, other.first))
        last_at, last = max((self.last_at, self.last), (other.last_at, other.last))
        return Summary(
            count=self.count + other.count,
            sum=_EXACT.add(self.sum, other.sum),
            min=min(self.min, other.min),
            max=max(self.max, other.max),
            first_at=first_at,
            first=first,
            last_at=last_at,
            last=last,
        )


def window_start(moment: dt.datetime, width_s: int) -> dt.datetime:
    """Return the start of the epoch-aligned window of this width that holds the moment."""
    seconds = (moment - _EPOCH) // dt.timedelta(seconds=width_s)
    return _EPOCH + dt.timedelta(seconds=seconds * width_s)


def fold(points: Iterable[Point]) -> dict[Cell, Summary]:
    """Return the summary of every window, of every width, that the points touch."""
    cells: dict[Cell, Summary] = {}
    for point in points:
        alone = Summary.of(point)
        for width_s in WIDTHS_S:
            cell = Cell(point.series, width_s, window_start(point.observed_at, width_s))
            known = cells.get(cell)
            cells[cell] = known.merged(alone) if known else alone
    return cells


def spans(points: Iterable[Point]) -> dict[SeriesRef, tuple[dt.datetime, dt.datetime]]:
    """Return the earliest and the latest moment of each series."""
    found: dict[SeriesRef, tuple[dt.datetime, dt.datetime]] = {}
    for point in points:
        first, last = found.get(point.series, (point.observed_at, point.observed_at))
        found[point.series] = (min(first, point.observed_at), max(last, point.observed_at))
    return found
