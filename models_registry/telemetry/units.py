"""Units: what a sender wrote, turned into the unit that a metric is kept in, by exact arithmetic.

A number is taken as the decimal that its shortest text says and multiplied by an exact fraction, so that
0.07 % is 0.0007 and not a neighbour of it; the result is rounded once. Codes are those of UCUM
(https://ucum.org/ucum), which OpenTelemetry prescribes, beside the words that people write.
"""

from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

OWN_UNIT: Final = "target"
"""The unit of errors that are in whatever the model predicts: any unit is right there."""


class Dimension(StrEnum):
    """What a unit measures; numbers go from one unit to another inside one dimension only."""

    TIME = "a time"
    INFORMATION = "an amount of data"
    MONEY = "an amount of US dollars"
    SHARE = "a share"
    COUNT = "a count"


class Unit(NamedTuple):
    """One unit: so many of its dimension's base unit (second, byte, dollar, one)."""

    dimension: Dimension
    factor: Fraction


class UnitMismatch(Exception):
    """These two units measure different things, or one of them is not known."""


def _units() -> dict[str, Unit]:
    found: dict[str, Unit] = {}

    def add(dimension: Dimension, factor: Fraction | int, *names: str) -> None:
        found.update(dict.fromkeys(names, Unit(dimension, Fraction(factor))))

    time, data, money, share = Dimension.TIME, Dimension.INFORMATION, Dimension.MONEY, Dimension.SHARE
    add(time, Fraction(1, 10**9), "ns", "nanosecond", "nanoseconds")
    add(time, Fraction(1, 10**6), "us", "µs", "μs", "microsecond", "microseconds")
    add(time, Fraction(1, 10**3), "ms", "msec", "millis", "millisecond", "milliseconds")
    add(time, 1, "s", "sec", "second", "seconds")
    add(time, 60, "min", "minute", "minutes")
    add(time, 3_600, "h", "hr", "hour", "hours")
    add(time, 86_400, "d", "day", "days")
    add(data, 1, "By", "B", "byte", "bytes")
    for power, letter in enumerate("kMGT", start=1):
        add(data, 1_000**power, f"{letter}By", f"{letter}B")
        add(data, 1_024**power, f"{letter.upper()}iBy", f"{letter.upper()}iB")
    add(data, 1_000, "KB")
    add(money, 1, "USD", "$", "usd", "dollar", "dollars")
    add(money, Fraction(1, 100), "cent", "cents", "¢")
    add(share, 1, "ratio", "1", "share", "fraction")
    add(share, Fraction(1, 100), "%", "percent", "pct", "percentage")
    add(share, Fraction(1, 1_000), "‰", "permille")
    add(share, Fraction(1, 10_000), "bp", "bps", "basis points")
    add(share, Fraction(1, 10**6), "ppm", "[ppm]")
    add(Dimension.COUNT, 1, "count")
    add(Dimension.COUNT, 1_000, "thousand", "thousands")
    add(Dimension.COUNT, 10**6, "million", "millions")
    return found


UNITS: Final = _units()
CHECKED: Final = frozenset({Dimension.TIME, Dimension.INFORMATION, Dimension.MONEY})
"""A metric in one of these is never stored in a unit that is not known to be one of them."""


@lru_cache(maxsize=1_024)
def factor(sent: str, kept: str) -> Fraction | None:
    """Return what a number in the unit ``sent`` is multiplied by to be in ``kept``; None to leave it as it came.

    Raises UnitMismatch where the number would mean something else: a time for money, or an unknown unit for
    a metric that has one.
    """
    if not sent or sent == kept or kept in ("", OWN_UNIT):
        return None
    came, goes = _unit(sent), UNITS.get(kept)
    if came is None or goes is None:
        if (goes and goes.dimension in CHECKED) or (came and came.dimension in CHECKED):
            raise UnitMismatch(f"{sent} cannot be turned into {kept}")
        return None
    if _plain_number(came) and goes.dimension is Dimension.COUNT:
        return Fraction(1)
    if came.dimension is not goes.dimension:
        raise UnitMismatch(f"{sent} is {came.dimension}, {kept} is {goes.dimension}")
    return came.factor / goes.factor


def converted(value: float, by: Fraction) -> float:
    """Return the number times an exact fraction, rounded once. Raises OverflowError beyond the largest float."""
    if by == 1:
        return value
    exact = Fraction(repr(value)) * by
    return exact.numerator / exact.denominator


def spellings() -> Iterable[str]:
    """Return every unit that is known, for forms and documents."""
    return tuple(UNITS)


def _unit(name: str) -> Unit | None:
    """Return the unit; `{request}` and other remarks in braces count things, as UCUM has it."""
    if name.startswith("{") and name.endswith("}"):
        return UNITS["count"]
    return UNITS.get(name) or UNITS.get(name.lower())


def _plain_number(unit: Unit) -> bool:
    return unit.dimension is Dimension.SHARE and unit.factor == 1
