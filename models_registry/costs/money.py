"""Money: whole millionths of a currency, so that parts always add up to the whole.

Currencies are ISO 4217 codes. An amount is turned into another currency at the rate of its day and rounded half to
even, once, where it is recorded.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Final

MICROS: Final = 1_000_000
LARGEST_MICROS: Final = 1_000_000_000 * MICROS
LONGEST_AMOUNT: Final = 40
LARGEST_SUM: Final = 2**63 - 1
"""Of the millionths of one day, as the database counts them."""
FIRST_DAY: Final = date(2000, 1, 1)
"""Before it nothing cost anything here."""
MILLION_TOKENS: Final = 1_000_000


class AmountUnfit(ValueError):
    """An amount is a plain decimal number with at most six places, such as 1250.40, below a billion."""


class SumUnfit(ValueError):
    """The amounts of one day come to more than can be counted. Look at their size and at the exchange rate."""

    http_status = 409


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in millionths of a currency."""

    micros: int
    currency: str


def parse_amount(text: str) -> int:
    """Return the millionths that a text names. Raises AmountUnfit."""
    plain = text.strip()
    if (
        len(plain) > LONGEST_AMOUNT
        or not plain.replace(".", "", 1).lstrip("-").isascii()
        or any(one not in "0123456789.-" for one in plain)
    ):
        raise AmountUnfit(AmountUnfit.__doc__)
    try:
        micros = Decimal(plain) * MICROS
    except InvalidOperation:
        raise AmountUnfit(AmountUnfit.__doc__) from None
    if micros != micros.to_integral_value() or abs(micros) >= LARGEST_MICROS:
        raise AmountUnfit(AmountUnfit.__doc__)
    return int(micros)


def summed(micros: int) -> int:
    """Return a sum that can be kept. Raises SumUnfit."""
    if abs(micros) > LARGEST_SUM:
        raise SumUnfit(SumUnfit.__doc__)
    return micros


def within(count: int) -> int:
    """Return a count that can be kept: at most `LARGEST_SUM`, which then says that there was more."""
    return max(-LARGEST_SUM, min(count, LARGEST_SUM))


def micros_of(amount: Decimal | float) -> int:
    """Return an amount of whole units as millionths, rounded half to even."""
    return int((Decimal(str(amount)) * MICROS).to_integral_value(ROUND_HALF_EVEN))


def units(micros: int) -> Decimal:
    """Return millionths as whole units."""
    return Decimal(micros) / MICROS


def plain(micros: int) -> str:
    """Return millionths as a program reads them: `1250.4`, without an exponent."""
    text = f"{units(micros):.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def price_of(tokens: int, per_million: Decimal) -> int:
    """Return what tokens cost, in millionths, at a price in whole units for a million of them."""
    return int((Decimal(tokens) * per_million * MICROS / MILLION_TOKENS).to_integral_value(ROUND_HALF_EVEN))


@dataclass(frozen=True)
class Rates:
    """Exchange rates into one currency: for each other currency its days in order, and the rate from each on."""

    reporting: str
    days: Mapping[str, Sequence[date]]
    values: Mapping[str, Sequence[Decimal]]

    @classmethod
    def of(cls, reporting: str, rows: Iterable[tuple[str, date, Decimal]]) -> "Rates":
        """Return the rates; of two for one day the later of the rows counts."""
        by_currency: dict[str, dict[date, Decimal]] = {}
        for currency, day, rate in rows:
            by_currency.setdefault(currency, {})[day] = rate
        ordered = {currency: sorted(known.items()) for currency, known in by_currency.items()}
        return cls(
            reporting,
            {currency: [day for day, _ in known] for currency, known in ordered.items()},
            {currency: [rate for _, rate in known] for currency, known in ordered.items()},
        )

    def rate(self, currency: str, day: date) -> Decimal | None:
        """Return how many of the reporting currency one unit was worth on a day, None where nobody said."""
        if currency == self.reporting:
            return Decimal(1)
        place = bisect_right(self.days.get(currency, ()), day)
        return self.values[currency][place - 1] if place else None

    def convert(self, micros: int, currency: str, day: date) -> int | None:
        """Return an amount in the reporting currency, None where no rate of that day is known. Raises SumUnfit."""
        rate = self.rate(currency, day)
        return None if rate is None else summed(int((micros * rate).to_integral_value(ROUND_HALF_EVEN)))
