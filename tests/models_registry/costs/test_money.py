"""Money: whole millionths, exact sums, rates by day."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_registry.costs.money import AmountUnfit, Rates, parse_amount, plain, price_of

micros = st.integers(min_value=-(10**14), max_value=10**14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1250.40", 1_250_400_000), ("0.000001", 1), ("-3", -3_000_000), (" 7 ", 7_000_000), (".5", 500_000)],
)
def test_an_amount_is_read_exactly(text: str, expected: int) -> None:
    assert parse_amount(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "1,250.40", "1e3", "NaN", "Infinity", "0.0000001", "12 USD", "1000000000", "--1", "1.2.3", "٣", "-", "."],
)
def test_what_is_no_plain_amount_is_refused(text: str) -> None:
    with pytest.raises(AmountUnfit):
        parse_amount(text)


@given(micros)
def test_what_is_written_is_read_back(amount: int) -> None:
    assert parse_amount(plain(amount)) == amount


def test_tokens_are_priced_to_the_millionth() -> None:
    assert price_of(1_234_567, Decimal("0.40")) == 493_827
    assert price_of(1, Decimal("0.40")) == 0


def test_the_rate_of_the_day_counts_and_the_later_entry_of_two() -> None:
    rows = [
        ("EUR", date(2026, 1, 1), Decimal("1.10")),
        ("EUR", date(2026, 3, 1), Decimal("1.20")),
        ("EUR", date(2026, 3, 1), Decimal("1.25")),
    ]
    rates = Rates.of("USD", rows)

    assert rates.convert(1_000_000, "EUR", date(2025, 12, 31)) is None
    assert rates.convert(1_000_000, "EUR", date(2026, 2, 28)) == 1_100_000
    assert rates.convert(1_000_000, "EUR", date(2026, 3, 1)) == 1_250_000
    assert rates.convert(1_000_000, "USD", date(2020, 1, 1)) == 1_000_000
