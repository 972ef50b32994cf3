"""When a message is tried again."""

from datetime import timedelta

import pytest

from alerts.delivery.backoff import PAGE_GIVES_UP_AFTER, pause, wait


@pytest.mark.parametrize(("tried", "seconds"), [(1, 2), (2, 5), (3, 10), (4, 20), (5, 30), (6, 60), (7, 60), (500, 60)])
def test_a_page_keeps_knocking_each_minute(tried: int, seconds: int) -> None:
    assert pause(tier=1, tried=tried, jitter=0.9) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("tried", "seconds"),
    [(1, 5), (2, 300), (3, 1800), (4, 7200), (5, 18000), (6, 36000), (7, 50400), (8, 72000), (9, 86400)],
)
def test_other_messages_back_off_as_standard_webhooks_says(tried: int, seconds: int) -> None:
    assert pause(tier=2, tried=tried, jitter=0) == timedelta(seconds=seconds)
    assert pause(tier=3, tried=tried, jitter=1) == timedelta(seconds=seconds * 1.1)


def test_both_schedules_end() -> None:
    assert pause(tier=1, tried=PAGE_GIVES_UP_AFTER, jitter=0) is None
    assert pause(tier=2, tried=10, jitter=0) is None


def test_retry_after_is_obeyed_up_to_a_day_and_never_shortens_a_pause() -> None:
    hour, year = timedelta(hours=1), timedelta(days=365)

    assert wait(tier=1, tried=1, jitter=0, retry_after=hour) == hour
    assert wait(tier=2, tried=3, jitter=0, retry_after=timedelta(0)) == timedelta(minutes=30)
    assert wait(tier=1, tried=1, jitter=0, retry_after=year) == timedelta(days=1)
