"""Epoch-aligned windows and rollups that merge in any order to the same result."""

from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Final

WIDTHS: Final = (300, 3600, 86400)


class WidthUnknown(Exception):
    """A window is 300, 3600 or 86400 seconds wide."""


def bucket(at: datetime, width: int) -> datetime:
    """Return the start of the window that holds an aware moment; windows count from 1970-01-01 UTC."""
    if width not in WIDTHS:
        raise WidthUnknown(width)
    if at.tzinfo is None:
        raise ValueError("the moment has no timezone")
    whole_seconds = int(at.replace(microsecond=0).timestamp())
    return datetime.fromtimestamp(whole_seconds - whole_seconds % width, tz=UTC)


@dataclass(frozen=True, slots=True)
class Rollup:
    """The numbers of one series in one window. `total` is exact, so that the order of merging cannot show.

    Among readings of one moment the smaller value counts as first and the larger
    as last, so that ties do not depend on arrival either.
    """

    count: int
    total: Fraction
    minimum: float
    maximum: float
    first_at: datetime
    first: float
    last_at: datetime
    last: float

    @property
    def mean(self) -> float:
        """The average of the readings."""
        return float(self.total / self.count)


def single(value: float, at: datetime) -> Rollup:
    """Return the rollup of one finite reading."""
    return Rollup(1, Fraction(value), value, value, at, value, at, value)


def merge(one: Rollup, other: Rollup) -> Rollup:
    """Return both together; associative and commutative."""
    first_at, first = min((one.first_at, one.first), (other.first_at, other.first))
    last_at, last = max((one.last_at, one.last), (other.last_at, other.last))
    return Rollup(
        count=one.count + other.count,
        total=one.total + other.total,
        minimum=min(one.minimum, other.minimum),
        maximum=max(one.maximum, other.maximum),
        first_at=first_at,
        first=first,
        last_at=last_at,
        last=last,
    )
