"""What a month will have cost, and whether a day was out of the ordinary: pure functions of daily amounts.

The method is stated where its result is shown. A day still to come is expected to cost the median of the days of
its kind (working day or weekend) among the last 28 complete ones; the median does not follow a single expensive day.
The uncertainty is 80 %: 1.2816 standard deviations of the sum of the days to come, a day's deviation being 1.4826
times the median distance from the median (Rousseeuw and Croux, 1993), as if days were independent.
"""

import math
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Final

LOOKED_BACK: Final = 28
FEWEST: Final = 7
"""Complete days below which nothing is forecast."""
MAD_TO_DEVIATION: Final = 1.4826
EIGHTY_PERCENT: Final = 1.2816
UNUSUAL: Final = 3.5
"""Deviations from the usual from which a day is out of the ordinary (Iglewicz and Hoaglin, 1993)."""
METHOD: Final = (
    "Spent so far, plus for each day left the median of its kind of day (working day or weekend) over the last "
    "28 days. The band holds in 8 of 10 cases, if days are independent."
)
DAY: Final = timedelta(days=1)
FRIDAY: Final = 4

type Amounts = Mapping[date, int]


@dataclass(frozen=True, slots=True)
class Forecast:
    """A month's cost at its end, in millionths. Without enough days the three last are None."""

    spent: int
    expected: int | None
    low: int | None
    high: int | None
    days_left: int
    complete_days: int


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One day beside the usual ones: how many times the usual it cost, and whether that is out of the ordinary."""

    day: date
    spent: int
    usual: float
    ratio: float
    deviations: float

    @property
    def is_unusual(self) -> bool:
        """Say whether the day stands out: far from the usual, and at least half as much again."""
        return self.deviations >= UNUSUAL and self.ratio >= 1.5


def month_of(day: date) -> date:
    """Return the first day of the month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return (month.replace(day=28) + 4 * DAY).replace(day=1)


def last_day(month: date) -> date:
    """Return the last day of the month."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def usual_days(amounts: Amounts, *, before: date) -> dict[date, int]:
    """Return the last 28 days before one, from the first that cost anything; a day without an amount cost nothing."""
    first = min((day for day, micros in amounts.items() if micros), default=before)
    since = max(first, before - LOOKED_BACK * DAY)
    return {since + n * DAY: amounts.get(since + n * DAY, 0) for n in range((before - since).days)}


def forecast(amounts: Amounts, *, today: date) -> Forecast:
    """Return what the month of ``today`` will have cost. ``today`` itself is not over and counts as a day left.

    What is left of today costs what is missing to a usual day. The forecast never falls below what is spent.
    """
    month = month_of(today)
    end = last_day(month)
    spent = sum(micros for day, micros in amounts.items() if month <= day <= today)
    usual = usual_days(amounts, before=today)
    left = [today + n * DAY for n in range((end - today).days + 1)]
    if len(usual) < FEWEST:
        return Forecast(spent, None, None, None, len(left), len(usual))
    typical = _typical(usual)
    expected = spent + max(0.0, typical[_is_weekend(today)] - amounts.get(today, 0))
    expected += sum(typical[_is_weekend(day)] for day in left[1:])
    spread = EIGHTY_PERCENT * _deviation(usual, typical) * math.sqrt(len(left))
    low, high = max(float(spent), expected - spread), expected + spread
    return Forecast(spent, round(max(expected, spent)), round(low), round(high), len(left), len(usual))


def anomaly(amounts: Amounts, *, day: date) -> Anomaly | None:
    """Return how a complete day compares with the usual ones before it; None without enough of them, or of money."""
    usual = usual_days(amounts, before=day)
    if len(usual) < FEWEST:
        return None
    typical = _typical(usual)
    expected = typical[_is_weekend(day)]
    if expected <= 0:
        return None
    spent = amounts.get(day, 0)
    deviation = max(_deviation(usual, typical), expected * 0.01)
    return Anomaly(day, spent, expected, spent / expected, (spent - expected) / deviation)


def _typical(usual: Amounts) -> dict[bool, float]:
    """Return the median of weekends (True) and of working days; of all days where one kind is missing."""
    everything = float(median(usual.values()))
    kinds: dict[bool, Sequence[int]] = {
        kind: [micros for day, micros in usual.items() if _is_weekend(day) is kind] for kind in (False, True)
    }
    return {kind: float(median(values)) if values else everything for kind, values in kinds.items()}


def _deviation(usual: Amounts, typical: Mapping[bool, float]) -> float:
    return MAD_TO_DEVIATION * float(median(abs(micros - typical[_is_weekend(day)]) for day, micros in usual.items()))


def _is_weekend(day: date) -> bool:
    return day.weekday() > FRIDAY
