"""Prices of tokens by provider, product and day.

Redline brings the public prices of a few providers as files, each price with the page it was read from and the day;
the house's own lists come before them. Of the lists that were in force on a day, the latest one that has a price for
the product counts; a price for the product itself comes before the provider's ``*``.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from models_registry.costs.money import Money, price_of

ANY_PRODUCT: Final = "*"
SHIPPED: Final = Path(__file__).parent / "prices"


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens read and written cost, in whole units of the list's currency."""

    reading: Decimal
    writing: Decimal


@dataclass(frozen=True)
class Prices:
    """One list: a provider's prices from a day on. ``is_house`` tells the house's own from the public ones."""

    provider: str
    effective_on: date
    currency: str
    prices: Mapping[str, Price]
    source: str = ""
    read_on: date | None = None
    is_house: bool = False


@dataclass(frozen=True)
class PriceBook:
    """Every list, as one asks it."""

    lists: Mapping[str, Sequence[Prices]]

    @classmethod
    def of(cls, lists: Iterable[Prices]) -> "PriceBook":
        """Return the book; the house's lists come first, then the latest."""
        found: dict[str, list[Prices]] = {}
        for one in sorted(lists, key=lambda each: (each.is_house, each.effective_on), reverse=True):
            found.setdefault(provider_key(one.provider), []).append(one)
        return cls(found)

    def price(self, *, provider: str, product: str, day: date) -> tuple[Prices, Price] | None:
        """Return the list that counts and its price, None where nobody stated one."""
        known = [one for one in self.lists.get(provider_key(provider), ()) if one.effective_on <= day]
        for name in dict.fromkeys((product.strip().lower(), ANY_PRODUCT)):
            for one in known:
                if price := one.prices.get(name):
                    return one, price
        return None

    def cost(self, *, provider: str, product: str, day: date, tokens_in: int, tokens_out: int) -> Money | None:
        """Return what tokens cost on a day, None where no price is known."""
        found = self.price(provider=provider, product=product, day=day)
        if found is None:
            return None
        one, price = found
        return Money(price_of(tokens_in, price.reading) + price_of(tokens_out, price.writing), one.currency)


def provider_key(name: str) -> str:
    """Return a provider's name as it is compared."""
    return "".join(one for one in name.lower() if one.isalnum())


@cache
def shipped() -> tuple[Prices, ...]:
    """Return the public lists that Redline brings, by provider and day."""
    return tuple(one for path in sorted(SHIPPED.glob("*.toml")) for one in _read(path))


def _read(path: Path) -> list[Prices]:
    document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return [
        Prices(
            provider=document["provider"],
            effective_on=listed["effective_on"],
            currency=document["currency"],
            prices={
                product.lower(): Price(Decimal(price["in"]), Decimal(price["out"]))
                for product, price in listed["prices"].items()
            },
            source=document["source"],
            read_on=document["read_on"],
        )
        for listed in document["lists"]
    ]
