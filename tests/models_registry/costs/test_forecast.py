"""What a month will have cost, and which days stand out."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models_registry.costs.forecast import anomaly, forecast, last_day, month_of, usual_days

DAY = timedelta(days=1)
TODAY = date(2026, 10, 20)
STEADY = {TODAY - n * DAY: 100 for n in range(40)}
"""A hundred a day, weekends included."""


def test_a_steady_month_ends_where_it_is_heading_without_a_band() -> None:
    seen = forecast(STEADY, today=TODAY)

    assert (seen.spent, seen.expected, seen.low, seen.high) == (2_000, 3_100, 3_100, 3_100)
    assert seen.days_left == 12


def test_what_is_missing_to_a_usual_day_is_still_to_come_today() -> None:
    assert forecast(STEADY | {TODAY: 40}, today=TODAY).expected == 3_100
    assert forecast(STEADY | {TODAY: 400}, today=TODAY).expected == 3_400


def test_one_expensive_day_does_not_move_the_days_to_come() -> None:
    spiked = STEADY | {TODAY - 5 * DAY: 9_000}

    seen = forecast(spiked, today=TODAY)

    assert seen.expected == 3_100 + 8_900


def test_weekends_cost_what_weekends_cost() -> None:
    week = {TODAY - n * DAY: 10 if (TODAY - n * DAY).weekday() > 4 else 100 for n in range(40)}

    left = [TODAY + n * DAY for n in range(1, 12)]
    coming = sum(10 if day.weekday() > 4 else 100 for day in left)

    seen = forecast(week, today=TODAY)
    assert seen.expected == seen.spent + coming


def test_with_six_complete_days_nothing_is_forecast() -> None:
    young = {TODAY - n * DAY: 100 for n in range(7)}

    seen = forecast(young, today=TODAY)

    assert (seen.spent, seen.expected, seen.complete_days) == (700, None, 6)
    assert forecast(young | {TODAY - 7 * DAY: 100}, today=TODAY).expected is not None


def test_restless_days_widen_the_band() -> None:
    restless = {day: micros + (60 if day.day % 2 else -60) for day, micros in STEADY.items()}

    seen = forecast(restless, today=TODAY)

    assert seen.low is not None and seen.expected is not None and seen.high is not None
    assert seen.low < seen.expected < seen.high


@given(
    st.dictionaries(
        st.integers(min_value=0, max_value=45).map(lambda n: TODAY - n * DAY),
        st.integers(min_value=0, max_value=10**12),
    )
)
def test_a_forecast_is_never_below_what_is_spent_and_inside_its_band(amounts: dict[date, int]) -> None:
    seen = forecast(amounts, today=TODAY)

    assert seen.spent == sum(micros for day, micros in amounts.items() if day >= month_of(TODAY))
    if seen.expected is not None and seen.low is not None and seen.high is not None:
        assert seen.spent <= seen.low <= seen.expected <= seen.high


def test_a_day_without_an_amount_cost_nothing_once_there_were_costs() -> None:
    known = usual_days({TODAY - 5 * DAY: 100, TODAY - 2 * DAY: 100}, before=TODAY)

    assert list(known.values()) == [100, 0, 0, 100, 0]


def test_six_times_the_usual_stands_out_and_a_tenth_more_does_not() -> None:
    day = TODAY - DAY
    spike, wobble = anomaly(STEADY | {day: 600}, day=day), anomaly(STEADY | {day: 110}, day=day)

    assert spike is not None and spike.ratio == 6 and spike.is_unusual
    assert wobble is not None and not wobble.is_unusual
    assert anomaly({day: 600}, day=day) is None


def test_the_last_day_of_february_is_known() -> None:
    assert last_day(date(2028, 2, 1)) == date(2028, 2, 29)
