"""Units: exact, there and back; a number never changes its meaning in silence."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models_registry.telemetry import units
from models_registry.telemetry.units import UNITS, Dimension, UnitMismatch, converted, factor

BY_TEN = [
    name
    for name, unit in UNITS.items()
    if (Decimal(unit.factor.numerator) / unit.factor.denominator).normalize().as_tuple().digits == (1,)
]
"""Units that are a power of ten of their base."""

WRITTEN = st.builds(
    lambda digits, power, sign: float(f"{'-' if sign else ''}{digits}e{power}"),
    st.integers(0, 10**15 - 1),
    st.integers(-20, 20),
    st.booleans(),
)
"""Numbers as people and programs write them: at most fifteen significant digits."""
FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e250, max_value=1e250)


def there(value: float, one: str, other: str) -> float:
    by = factor(one, other)
    return value if by is None else converted(value, by)


@given(value=WRITTEN, one=st.sampled_from(BY_TEN), other=st.sampled_from(BY_TEN))
def test_a_written_number_comes_back_as_it_was_bit_for_bit(value: float, one: str, other: str) -> None:
    assume(UNITS[one].dimension is UNITS[other].dimension)

    assert there(there(value, one, other), other, one) == value


@given(value=FINITE, one=st.sampled_from(sorted(UNITS)), other=st.sampled_from(sorted(UNITS)))
def test_any_number_comes_back_within_one_rounding_each_way(value: float, one: str, other: str) -> None:
    assume(UNITS[one].dimension is UNITS[other].dimension)
    assume(value == 0 or abs(value) > 1e-250)

    back = there(there(value, one, other), other, one)

    assert abs(Fraction(repr(back)) - Fraction(repr(value))) <= abs(Fraction(repr(value))) / 2**51


@given(value=WRITTEN, other=WRITTEN, one=st.sampled_from(BY_TEN), to=st.sampled_from(BY_TEN))
def test_conversion_keeps_the_order_of_numbers(value: float, other: float, one: str, to: str) -> None:
    assume(UNITS[one].dimension is UNITS[to].dimension)

    assert (value <= other) == (there(value, one, to) <= there(other, one, to))


@pytest.mark.parametrize(
    ("value", "sent", "kept", "expected"),
    [
        (0.8124, "s", "ms", 812.4),
        (812.4, "ms", "s", 0.8124),
        (0.07, "%", "ratio", 0.0007),
        (93.1, "percent", "ratio", 0.931),
        (25.0, "bps", "ratio", 0.0025),
        (90.0, "min", "h", 1.5),
        (1.0, "GiBy", "By", 1_073_741_824.0),
        (1.0, "GB", "B", 1_000_000_000.0),
        (350.0, "cents", "USD", 3.5),
        (12.0, "{request}", "count", 12.0),
        (12.0, "1", "count", 12.0),
        (0.5, "1", "ratio", 0.5),
        (7.0, "Milliseconds", "ms", 7.0),
    ],
)
def test_numbers_are_what_people_write(value: float, sent: str, kept: str, expected: float) -> None:
    assert there(value, sent, kept) == expected


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("s", "ratio"), ("EUR", "USD"), ("widgets", "ms"), ("%", "ms"), ("ms", "index"), ("By", "s"), ("%", "count")],
)
def test_a_unit_of_something_else_is_refused(sent: str, kept: str) -> None:
    with pytest.raises(UnitMismatch):
        factor(sent, kept)


@pytest.mark.parametrize(
    ("sent", "kept"), [("", "ms"), ("ms", "ms"), ("ms", ""), ("USD", units.OWN_UNIT), ("score", "index")]
)
def test_a_number_stays_where_there_is_nothing_to_turn(sent: str, kept: str) -> None:
    assert factor(sent, kept) is None


def test_every_unit_has_a_positive_exact_factor() -> None:
    assert all(unit.factor > 0 for unit in UNITS.values())
    assert {unit.dimension for unit in UNITS.values()} == set(Dimension)


def test_a_number_beyond_the_largest_float_is_an_error_and_not_infinity() -> None:
    with pytest.raises(OverflowError):
        converted(1e300, Fraction(10**12))
