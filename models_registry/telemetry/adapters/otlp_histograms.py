"""Quantiles of OTLP histograms: estimated inside the bucket that holds them, with the bucket's bounds."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from models_registry.telemetry.readings import Unreadable, number

_SCALES: Final = range(-10, 21)
"""Scales of exponential histograms (OpenTelemetry data model: -10 to 20)."""

type Edges = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A quantile and the bounds of the bucket that it was interpolated in."""

    value: float
    lower: float
    upper: float


@dataclass(slots=True)
class Distribution:
    """How many values fell between which edges. ``shape`` is equal where two may be added."""

    shape: tuple[Any, ...]
    buckets: dict[Edges, int] = field(default_factory=dict)
    count: int = 0
    sum: float = 0.0
    min: float | None = None
    max: float | None = None

    def add(self, other: "Distribution") -> None:
        """Take the other's values in; a smallest or largest value is kept only while both know theirs."""
        for edges, count in other.buckets.items():
            self.buckets[edges] = self.buckets.get(edges, 0) + count
        fresh = not self.count
        self.count += other.count
        self.sum += other.sum
        self.min = other.min if fresh else _both(min, self.min, other.min)
        self.max = other.max if fresh else _both(max, self.max, other.max)

    @property
    def mean(self) -> float:
        """The average of all values."""
        return self.sum / self.count

    def quantile(self, share: float) -> Estimate | None:
        """Return the value that this share of values does not pass; None when no bucket says anything.

        Interpolated linearly between the bucket's edges, which the smallest and largest value narrow.
        """
        total = sum(self.buckets.values())
        wanted, before = share * total, 0
        for (lower, upper), count in sorted(self.buckets.items()):
            if count and before + count >= wanted:
                return self._inside(lower, upper, (wanted - before) / count)
            before += count
        return None

    def _inside(self, lower: float, upper: float, share: float) -> Estimate | None:
        low = lower if math.isfinite(lower) else -math.inf
        high = upper if math.isfinite(upper) else math.inf
        low = max(low, self.min) if self.min is not None else low
        high = min(high, self.max) if self.max is not None else high
        if math.isinf(low) and math.isinf(high):
            return None
        low = min(0.0, high) if math.isinf(low) else low
        high = low if math.isinf(high) else max(high, low)
        return Estimate(low + (high - low) * share, low, high)


def explicit(point: Any, *, path: str) -> Distribution:
    """Return the distribution of a histogram point. Raises Unreadable when its parts disagree."""
    bounds = [number(each, path=path + "/explicitBounds") for each in point.explicit_bounds]
    counts = list(point.bucket_counts)
    if counts and len(counts) != len(bounds) + 1:
        raise Unreadable.because("E_SHAPE", path + "/bucketCounts", "there is one bucket more than bounds")
    if any(low >= high for low, high in itertools.pairwise(bounds)):
        raise Unreadable.because("E_SHAPE", path + "/explicitBounds", "bounds rise from each to the next")
    edges = zip([-math.inf, *bounds], [*bounds, math.inf], strict=True)
    buckets = dict(zip(edges, counts, strict=False))
    return _checked(point, Distribution(("explicit", *bounds), buckets), path)


def exponential(point: Any, *, path: str) -> Distribution:
    """Return the distribution of an exponential histogram point. Raises Unreadable when its parts disagree."""
    if point.scale not in _SCALES:
        raise Unreadable.because("E_SHAPE", path + "/scale", "the scale is from -10 to 20")
    buckets = dict(_powers(point.positive.offset, point.positive.bucket_counts, point.scale))
    for (low, high), count in _powers(point.negative.offset, point.negative.bucket_counts, point.scale):
        buckets[-high, -low] = count
    if point.zero_count:
        near = number(point.zero_threshold, path=path + "/zeroThreshold")
        buckets[-near, near] = buckets.get((-near, near), 0) + point.zero_count
    return _checked(point, Distribution(("exponential", point.scale), buckets), path)


def _powers(offset: int, counts: Sequence[int], scale: int) -> Iterator[tuple[Edges, int]]:
    for index, count in enumerate(counts, start=offset):
        if count:
            yield (_power(index, scale), _power(index + 1, scale)), count


def _power(index: int, scale: int) -> float:
    """Return the bucket's edge: 2 to the power of index / 2^scale, within what a float can be."""
    exponent = min(max(index * 2.0**-scale, -1074.0), 1023.0)
    return float(2.0**exponent)


def _checked(point: Any, found: Distribution, path: str) -> Distribution:
    held = sum(found.buckets.values())
    if found.buckets and held != point.count:
        raise Unreadable.because("E_SHAPE", path + "/count", f"the buckets hold {held} values and not {point.count}")
    found.count = point.count
    found.sum = number(point.sum, path=path + "/sum")
    found.min = number(point.min, path=path + "/min") if point.HasField("min") else None
    found.max = number(point.max, path=path + "/max") if point.HasField("max") else None
    return found


def _both(pick: Any, one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else pick(one, other)
