"""What prices and exchange rates are in force, read for one piece of work."""

from decimal import Decimal

from django.conf import settings

from models_registry.costs.models import ExchangeRate, PriceList
from models_registry.costs.money import Rates
from models_registry.costs.pricing import Price, PriceBook, Prices, shipped


def reporting_currency() -> str:
    """Return the currency of reports and budgets."""
    return str(settings.REDLINE_CURRENCY)


def rates() -> Rates:
    """Return every exchange rate into the reporting currency."""
    rows = ExchangeRate.objects.filter(reporting=reporting_currency()).order_by("pk")
    return Rates.of(reporting_currency(), rows.values_list("currency", "effective_on", "rate"))


def house_prices(row: PriceList) -> Prices:
    """Return a stored list as the price book reads it."""
    return Prices(
        provider=row.provider,
        effective_on=row.effective_on,
        currency=row.currency,
        prices={product: Price(Decimal(price["in"]), Decimal(price["out"])) for product, price in row.prices.items()},
        source=row.source,
        is_house=True,
    )


def price_book() -> PriceBook:
    """Return the public lists and the house's; of two house lists of one day the later one counts."""
    rows = PriceList.objects.order_by("-number")
    return PriceBook.of([*map(house_prices, rows), *shipped()])
