"""Whether two results differ by more than chance: tests, intervals and the correction for asking often.

Every function is pure and needs nothing but the standard library; `tests/models_registry/catalog` holds the
answers of SciPy and of the printed examples beside them. Probabilities are two-sided, intervals 95 %.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

CONFIDENCE: Final = 0.95
FEWEST_RANKED: Final = 8
"""Fewer samples on either side make the normal approximation of the rank test too coarse."""

_NORMAL: Final = NormalDist()
_Z: Final = _NORMAL.inv_cdf(0.5 + CONFIDENCE / 2)
_TINY: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a value lies with 95 % confidence."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tested:
    """What a test says of a difference: new minus old, its interval, and how likely chance alone makes as much.

    ``statistic`` is z, t or U, as the method says; ``freedom`` are Welch's degrees of freedom.
    """

    method: str
    difference: float
    interval: Interval
    statistic: float
    p_value: float
    freedom: float | None = None


def wilson(*, successes: int, trials: int) -> Interval:
    """Return the score interval of a proportion (Wilson 1927, J. Am. Stat. Assoc. 22, 209–212)."""
    share, square = successes / trials, _Z * _Z
    middle = share + square / (2 * trials)
    spread = _Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    scale = 1 + square / trials
    low = 0.0 if successes == 0 else max(0.0, (middle - spread) / scale)
    high = 1.0 if successes == trials else min(1.0, (middle + spread) / scale)
    return Interval(low, high)


def mean_interval(*, count: int, mean: float, variance: float) -> Interval:
    """Return Student's interval of a mean (1908, Biometrika 6, 1–25); ``variance`` is the sample's, n − 1 below."""
    spread = _t_quantile(0.5 + CONFIDENCE / 2, count - 1) * math.sqrt(variance / count)
    return Interval(mean - spread, mean + spread)


def two_proportions(*, new: tuple[int, int], old: tuple[int, int]) -> Tested:
    """Compare two proportions, each (successes, trials).

    Pooled z test (Fleiss, Levin and Paik 2003, Statistical Methods for Rates and Proportions, 3.1, without the
    continuity correction); interval by Newcombe's hybrid score method (1998, Stat. Med. 17, 873–890, method 10).
    """
    (x, n), (y, m) = new, old
    p, q, pooled = x / n, y / m, (x + y) / (n + m)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    z = (p - q) / error if error else 0.0
    mine, theirs = wilson(successes=x, trials=n), wilson(successes=y, trials=m)
    interval = Interval(
        p - q - math.hypot(p - mine.low, theirs.high - q), p - q + math.hypot(mine.high - p, q - theirs.low)
    )
    return Tested("two-proportion z test", p - q, interval, z, _two_sided(z))


def welch(*, new: tuple[int, float, float], old: tuple[int, float, float]) -> Tested:
    """Compare two means, each (count, mean, sample variance), which may spread differently.

    Welch's t test (1947, Biometrika 34, 28–35) with Satterthwaite's degrees of freedom (1946, Biometrics 2, 110–114).
    """
    (n, mean, variance), (m, other, spread) = new, old
    mine, theirs = variance / n, spread / m
    error = math.sqrt(mine + theirs)
    difference = mean - other
    if error == 0.0:
        p = 1.0 if difference == 0.0 else 0.0
        return Tested("Welch's t test", difference, Interval(difference, difference), 0.0, p, float(n + m - 2))
    freedom = 1.0 / ((mine / (mine + theirs)) ** 2 / (n - 1) + (theirs / (mine + theirs)) ** 2 / (m - 1))
    t = difference / error
    reach = _t_quantile(0.5 + CONFIDENCE / 2, freedom) * error
    interval = Interval(difference - reach, difference + reach)
    return Tested("Welch's t test", difference, interval, t, _t_two_sided(t, freedom), freedom)


def mann_whitney(*, new: Sequence[float], old: Sequence[float]) -> Tested:
    """Compare two sets of samples by rank; the difference is the shift of Hodges and Lehmann.

    Mann and Whitney (1947, Ann. Math. Stat. 18, 50–60) by the normal approximation, corrected for ties and for
    continuity; shift and interval as Hollander, Wolfe and Chicken (2014, Nonparametric Statistical Methods, 4.2
    and 4.3). Good from `FEWEST_RANKED` samples on each side.
    """
    x, y = sorted(new), sorted(old)
    n, m = len(x), len(y)
    ranks, ties = _ranks([*new, *old])
    u = sum(ranks[:n]) - n * (n + 1) / 2
    total = n + m
    error = math.sqrt(max(0.0, n * m / 12 * (total + 1 - ties / (total * (total - 1)))))
    centre = n * m / 2
    away = abs(u - centre) - 0.5
    z = max(0.0, away) / error if error else 0.0
    reach = _Z * math.sqrt(n * m * (total + 1) / 12)
    first = max(1, math.floor(centre - reach))
    interval = Interval(_shift(x, y, first), _shift(x, y, n * m + 1 - first))
    middle = (_shift(x, y, (n * m + 1) // 2) + _shift(x, y, (n * m + 2) // 2)) / 2
    return Tested("Mann–Whitney U test", middle, interval, u, min(1.0, _two_sided(z)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the probabilities adjusted for asking so often (Holm 1979, Scand. J. Stat. 6, 65–70), in their order."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted, least = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = least
    return adjusted


def mean_and_variance(samples: Sequence[float]) -> tuple[int, float, float]:
    """Return how many, their mean, and the sample variance; 0 where there is one."""
    count = len(samples)
    mean = math.fsum(samples) / count
    return count, mean, math.fsum((one - mean) ** 2 for one in samples) / (count - 1) if count > 1 else 0.0


def _two_sided(z: float) -> float:
    return math.erfc(abs(z) / math.sqrt(2))


def _ranks(values: Sequence[float]) -> tuple[list[float], int]:
    """Return the rank of each value, ties sharing the middle one, and the sum of t³ − t over the ties."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks, ties, start = [0.0] * len(values), 0, 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            ranks[place] = (start + end) / 2 + 1
        same = end - start + 1
        ties += same**3 - same
        start = end + 1
    return ranks, ties


def _shift(x: Sequence[float], y: Sequence[float], rank: int) -> float:
    """Return the rank-th smallest of all differences x − y, both sorted, without writing them all down."""
    low, high = x[0] - y[-1], x[-1] - y[0]
    if _differences_within(x, y, low) >= rank:
        return low
    for _ in range(100):
        middle = low + (high - low) / 2
        if not low < middle < high:
            break
        if _differences_within(x, y, middle) >= rank:
            high = middle
        else:
            low = middle
    near = (one - other for one in x for other in _around(y, one - high))
    return min(near, key=lambda difference: abs(difference - high))


def _around(y: Sequence[float], value: float) -> Sequence[float]:
    """Return the elements of a sorted sequence on both sides of a value."""
    place = bisect_left(y, value)
    return y[max(0, place - 1) : place + 2]


def _differences_within(x: Sequence[float], y: Sequence[float], limit: float) -> int:
    """Count the pairs whose difference is at most the limit."""
    found, place = 0, len(y)
    for one in reversed(x):
        while place > 0 and one - y[place - 1] <= limit:
            place -= 1
        found += len(y) - place
    return found


def _t_two_sided(t: float, freedom: float) -> float:
    """Return the probability of a Student t at least as far out (Abramowitz and Stegun 26.7.1)."""
    return _incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)


def _t_quantile(probability: float, freedom: float) -> float:
    """Return where Student's distribution has this much below it, for probabilities above a half."""
    low, high = 0.0, 2.0
    outside = 2 * (1 - probability)
    while _t_two_sided(high, freedom) > outside:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if _t_two_sided(middle, freedom) > outside else (low, middle)
    return (low + high) / 2


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b) (NIST DLMF 8.17.22, Lentz's method)."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    front = math.exp(log_front)
    if x < (a + 1) / (a + b + 2):
        return front * _continued(x, a, b) / a
    return 1.0 - front * _continued(1 - x, b, a) / b


def _continued(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1.0 / _apart(1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1.0 / _apart(1 + even * d), _apart(1 + even / c)
        found *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1.0 / _apart(1 + odd * d), _apart(1 + odd / c)
        found *= d * c
        if abs(d * c - 1.0) < 1e-15:
            break
    return found


def _apart(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
