"""When to try again: pages keep knocking, everything else backs off over days.

The second schedule is that of Standard Webhooks 1.0.0, "Retry schedule".
"""

from datetime import timedelta

PAGE_SECONDS = (0, 2, 5, 10, 20, 30)
PAGE_THEN_EVERY = 60
PAGE_GIVES_UP_AFTER = 24 * 60 + len(PAGE_SECONDS)
"""Tries of a page: about a day of knocking each minute."""

MINUTE, HOUR = 60, 3600
POST_SECONDS = (
    0,
    5,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
)
JITTER = 0.1
"""The largest part of a pause that is added to it, so that failed messages do not return together."""

REST_SECONDS = (5, 300)
"""How long a receiver that failed is left alone: at first, and at most."""


def pause(*, tier: int, tried: int, jitter: float) -> timedelta | None:
    """Return how long to wait after `tried` failed tries (1 or more), or None to give up.

    `jitter` is a number from 0 up to 1 that the caller draws; pages are not jittered.
    """
    if tier == 1:
        return _page_pause(tried)
    if tried >= len(POST_SECONDS):
        return None
    return timedelta(seconds=POST_SECONDS[tried] * (1 + JITTER * jitter))


def _page_pause(tried: int) -> timedelta | None:
    if tried >= PAGE_GIVES_UP_AFTER:
        return None
    return timedelta(seconds=PAGE_SECONDS[tried] if tried < len(PAGE_SECONDS) else PAGE_THEN_EVERY)


def wait(*, tier: int, tried: int, jitter: float, retry_after: timedelta | None) -> timedelta | None:
    """Return the pause, but never less than the provider asked for (at most a day is obeyed)."""
    scheduled = pause(tier=tier, tried=tried, jitter=jitter)
    if scheduled is None or retry_after is None:
        return scheduled
    return max(scheduled, min(retry_after, timedelta(days=1)))


def rest(*, failures: int, retry_after: timedelta | None) -> timedelta:
    """Return for how long a receiver is left alone after `failures` in a row (1 or more), twice as long each time.

    Its own wish is obeyed, up to the longest rest.
    """
    first, longest = REST_SECONDS
    seconds = min(first * 2 ** min(failures - 1, 10), longest)
    asked = retry_after.total_seconds() if retry_after is not None else 0
    return timedelta(seconds=min(max(seconds, asked), longest))
