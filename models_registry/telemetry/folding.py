"""Readings merged into windows: the same numbers in any order and any batches give the same windows.

Sums are exact decimals, because adding floats in another order gives another sum;
of equal times, the smallest value is the first and the largest the last.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple, Protocol

WIDTHS_S: Final = (300, 3_600, 86_400)
"""Five minutes, an hour, a day. Each is a multiple of the one before."""

_EXACT: Final = Context(prec=1_000, Emax=MAX_EMAX, Emin=MIN_EMIN)
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class SeriesRef(NamedTuple):
    """One series: model × metric × environment × segment. The empty segment is the whole model."""

    model_id: int
    metric: str
    environment: str
    segment: str


class Point(Protocol):
    """One number of one series, at its time of observation."""

    @property
    def series(self) -> SeriesRef:
        """Where it belongs."""

    @property
    def value(self) -> float:
        """The number."""

    @property
    def observed_at(self) -> dt.datetime:
        """When it was observed."""


class Cell(NamedTuple):
    """One window of one series: `starts_at` is a multiple of `width_s` since the epoch."""

    series: SeriesRef
    width_s: int
    starts_at: dt.datetime


class Summary(NamedTuple):
    """What is known of the points in one window. Never empty."""

    count: int  # type: ignore[assignment]  # a tuple has a method of this name, which nobody calls here
    sum: Decimal
    min: float
    max: float
    first_at: dt.datetime
    first: float
    last_at: dt.datetime
    last: float

    @classmethod
    def of(cls, readings: Sequence[tuple[dt.datetime, float]]) -> "Summary":
        """Return the summary of (moment, value) pairs, at least one; negative zero becomes zero."""
        if len(readings) == 1:
            at, value = readings[0]
            value += 0.0
            return cls(1, Decimal(repr(value)), value, value, at, value, at, value)
        values = [value + 0.0 for _, value in readings]
        total = Decimal(repr(values[0]))
        for value in values[1:]:
            total = _EXACT.add(total, Decimal(repr(value)))
        first_at, first = min(readings)
        last_at, last = max(readings)
        return cls(len(values), total, min(values), max(values), first_at, first + 0.0, last_at, last + 0.0)

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


def fold(points: Iterable[Point]) -> dict[Cell, Summary]:
    """Return the summary of every window, of every width, that the points touch.

    The narrowest windows are summed up from the points, each wider one from those it consists of.
    """
    narrow: dict[tuple[SeriesRef, int], list[tuple[dt.datetime, float]]] = defaultdict(list)
    width = dt.timedelta(seconds=WIDTHS_S[0])
    for point in points:
        observed_at = point.observed_at
        narrow[point.series, (observed_at - _EPOCH) // width].append((observed_at, point.value))
    windows = {key: Summary.of(readings) for key, readings in narrow.items()}
    cells = _cells(windows, WIDTHS_S[0])
    for before, width_s in pairwise(WIDTHS_S):
        windows = _widened(windows, width_s // before)
        cells |= _cells(windows, width_s)
    return cells


def _widened(windows: Mapping[tuple[SeriesRef, int], Summary], times: int) -> dict[tuple[SeriesRef, int], Summary]:
    """Return windows so many times as wide, merged from these."""
    wide: dict[tuple[SeriesRef, int], Summary] = {}
    for (series, index), seen in windows.items():
        key = series, index // times
        known = wide.get(key)
        wide[key] = known.merged(seen) if known else seen
    return wide


def _cells(windows: Mapping[tuple[SeriesRef, int], Summary], width_s: int) -> dict[Cell, Summary]:
    return {Cell(series, width_s, _begin(index * width_s)): seen for (series, index), seen in windows.items()}


@lru_cache(maxsize=8_192)
def _begin(epoch_s: int) -> dt.datetime:
    """Return the moment so many seconds after 1970; the windows of many series begin together."""
    return _EPOCH + dt.timedelta(seconds=epoch_s)


def spans(points: Iterable[Point]) -> dict[SeriesRef, tuple[dt.datetime, dt.datetime]]:
    """Return the earliest and the latest moment of each series."""
    moments: dict[SeriesRef, list[dt.datetime]] = defaultdict(list)
    for point in points:
        moments[point.series].append(point.observed_at)
    return {series: (min(own), max(own)) for series, own in moments.items()}
