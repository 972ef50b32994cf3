"""Prices by provider, product and day: public ones, and the house's before them."""

from datetime import date
from decimal import Decimal

from models_registry.costs.money import Money
from models_registry.costs.pricing import Price, PriceBook, Prices, shipped

DAY = date(2026, 10, 20)


def house(product: str, reading: str, *, since: date = date(2026, 1, 1)) -> Prices:
    return Prices("OpenAI", since, "EUR", {product: Price(Decimal(reading), Decimal(1))}, is_house=True)


def test_every_public_list_says_where_and_when_it_was_read() -> None:
    lists = shipped()

    assert {one.provider for one in lists} >= {"OpenAI", "Anthropic", "Mistral"}
    assert all(one.source and one.read_on and one.read_on >= one.effective_on and one.prices for one in lists)


def test_a_public_price_counts_from_its_day_on() -> None:
    book = PriceBook.of(shipped())
    asked = {"provider": "openai", "product": "GPT-4.1-mini", "tokens_in": 1_000_000, "tokens_out": 500_000}

    assert book.cost(day=DAY, **asked) == Money(1_200_000, "USD")
    assert book.cost(day=date(2025, 4, 13), **asked) is None


def test_the_house_comes_before_the_public_and_the_later_before_the_earlier() -> None:
    book = PriceBook.of([*shipped(), house("gpt-4.1-mini", "0.30"), house("gpt-4.1-mini", "0.20", since=DAY)])

    prices = [
        book.price(provider="OpenAI", product="gpt-4.1-mini", day=day)
        for day in (date(2025, 12, 31), date(2026, 10, 19), DAY)
    ]

    assert [one and one[1].reading for one in prices] == [Decimal("0.40"), Decimal("0.30"), Decimal("0.20")]


def test_a_star_stands_for_what_has_no_price_of_its_own() -> None:
    book = PriceBook.of([*shipped(), house("*", "9")])

    named = book.price(provider="OpenAI", product="gpt-4.1-mini", day=DAY)
    other = book.price(provider="OpenAI", product="something-new", day=DAY)

    assert named is not None and named[1].reading == Decimal("0.40")
    assert other is not None and other[1].reading == 9
    assert book.price(provider="Nobody", product="x", day=DAY) is None
