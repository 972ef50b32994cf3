"""Windows of readings: what a series looks like to a rule, and their numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, isfinite
from typing import NamedTuple

from governance.rules.definition import Aggregate, Width

PERCENTILES = {
    Aggregate.P50: 0.50,
    Aggregate.P90: 0.90,
    Aggregate.P95: 0.95,
    Aggregate.P99: 0.99,
}


@dataclass(frozen=True, slots=True)
class Window:
    """The readings of one series between `start` and `start` + width.

    `index` is the start in epoch seconds divided by the width. `values` is needed
    by percentiles only, and may be None.
    """

    index: int
    start: datetime
    count: int
    sum: float
    min: float | None
    max: float | None
    first: float | None
    last: float | None
    values: tuple[float, ...] | None = None


class SeriesKey(NamedTuple):
    """One series cut to one width. `segment` "" is the model as a whole."""

    metric: str
    segment: str
    width: Width


type Slots = Mapping[int, Window]


class ReadingInvalid(ValueError):
    """The window holds something that is not a finite number, or lacks its values."""


def window_of(observed_at: datetime, width: Width) -> tuple[int, datetime]:
    """Return the index and the start of the window a moment falls in."""
    index = int(observed_at.timestamp() // width.seconds)
    return index, datetime.fromtimestamp(index * width.seconds, UTC)


def by_index(windows: Sequence[Window]) -> Slots:
    """Return windows by index. Of two different rows for one window the fuller
    one counts, whatever their order."""
    slots = {window.index: window for window in windows if window.count > 0}
    if len(slots) == len(windows):
        return slots
    for window in windows:
        if window.count > 0:
            slots[window.index] = max(slots[window.index], window, key=_fullness)
    return slots


def _fullness(window: Window) -> tuple[int, str]:
    return window.count, repr(window)


def aggregator(aggregate: Aggregate) -> Callable[[Window], float | None]:
    """Return the function from a window to its number; None means no reading."""
    if share := PERCENTILES.get(aggregate):
        return lambda window: _percentile(window, share)
    simple: dict[Aggregate, Callable[[Window], float | None]] = {
        Aggregate.LAST: lambda window: _finite(window.last),
        Aggregate.AVG: _average,
        Aggregate.MIN: lambda window: _finite(window.min),
        Aggregate.MAX: lambda window: _finite(window.max),
        Aggregate.SUM: lambda window: _finite(window.sum),
        Aggregate.COUNT: lambda window: float(window.count),
        Aggregate.CHANGE: _change,
    }
    return simple[aggregate]


def _finite(value: float | None) -> float:
    if value is None or not isfinite(value):
        raise ReadingInvalid(f"a reading is {value}, not a finite number")
    return value


def _average(window: Window) -> float:
    value = window.sum / window.count
    return value if value - value == 0.0 else _finite(value)  # what is not finite differs from itself


def _change(window: Window) -> float | None:
    """Return last − first; one reading alone has not changed and says nothing."""
    return _finite(window.last) - _finite(window.first) if window.count > 1 else None


def _percentile(window: Window, share: float) -> float:
    """Return the nearest-rank percentile: always a value that was observed."""
    if not window.values:
        raise ReadingInvalid("a percentile needs the window's single values")
    ordered = sorted(_finite(value) for value in window.values)
    return ordered[ceil(share * len(ordered)) - 1]
