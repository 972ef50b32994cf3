"""Windows and rollups do not depend on the order of arrival."""

from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_registry.telemetry.windows import WIDTHS, Rollup, WidthUnknown, bucket, merge, single

moments = st.datetimes(min_value=datetime(1960, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
values = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)
rollups = st.builds(single, values, moments)


@given(moments, st.sampled_from(WIDTHS))
def test_a_moment_lies_in_its_aligned_window(at: datetime, width: int) -> None:
    start = bucket(at, width)

    assert start <= at < start + timedelta(seconds=width)
    assert start.timestamp() % width == 0


def test_other_widths_and_naive_moments_are_refused() -> None:
    with pytest.raises(WidthUnknown):
        bucket(datetime(2026, 3, 1, tzinfo=UTC), 60)
    with pytest.raises(ValueError, match="timezone"):
        bucket(datetime(2026, 3, 1), 300)


@given(rollups, rollups, rollups)
def test_merging_is_associative_and_commutative(one: Rollup, two: Rollup, three: Rollup) -> None:
    assert merge(one, two) == merge(two, one)
    assert merge(merge(one, two), three) == merge(one, merge(two, three))


@given(st.lists(st.tuples(values, moments), min_size=1, max_size=20))
def test_a_merged_rollup_says_what_the_readings_say(readings: list[tuple[float, datetime]]) -> None:
    merged = reduce(merge, [single(value, at) for value, at in readings])

    numbers = [value for value, _ in readings]
    assert (merged.count, merged.minimum, merged.maximum) == (len(numbers), min(numbers), max(numbers))
    assert merged.last_at == max(at for _, at in readings)
    assert merged.minimum <= merged.mean <= merged.maximum
