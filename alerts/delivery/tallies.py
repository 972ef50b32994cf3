"""Ends of notifications, kept by counting: senders append tallies beside their work, one fold a second adds them up.

Counting the outbox would cost more with every message ever sent; what waits is few and found by its index.
"""

from typing import Final

from django.db import connection, transaction

from alerts.delivery.models import DeliveryTally, NotificationState

COLUMNS: Final = {
    NotificationState.DELIVERED: "delivered",
    NotificationState.GIVEN_UP: "given_up",
    NotificationState.CANCELLED: "cancelled",
}

FOLD: Final = """
WITH picked AS (
    SELECT id FROM delivery_tally ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM delivery_tally AS tally USING picked WHERE tally.id = picked.id RETURNING tally.*
)
INSERT INTO delivery_books AS held (id, delivered, given_up, cancelled)
SELECT 1, sum(delivered), sum(given_up), sum(cancelled) FROM gone HAVING count(*) > 0
ON CONFLICT (id) DO UPDATE SET
    delivered = held.delivered + excluded.delivered,
    given_up = held.given_up + excluded.given_up,
    cancelled = held.cancelled + excluded.cancelled
"""

BOOKS: Final = """
SELECT coalesce(sum(delivered), 0)::bigint, coalesce(sum(given_up), 0)::bigint, coalesce(sum(cancelled), 0)::bigint,
       (SELECT count(*) FROM delivery_notification WHERE state = 'PENDING')
FROM (
    SELECT delivered, given_up, cancelled FROM delivery_books
    UNION ALL
    SELECT delivered, given_up, cancelled FROM delivery_tally
) AS parts
"""
"""Cost: one row, the tallies of about a second, and the messages that wait. Never the history."""

RECOUNT: Final = """
SELECT count(*) FILTER (WHERE state = 'DELIVERED'), count(*) FILTER (WHERE state = 'GIVEN_UP'),
       count(*) FILTER (WHERE state = 'CANCELLED'), count(*) FILTER (WHERE state = 'PENDING')
FROM delivery_notification
"""
"""The same columns from every notification there is: for `check_books` alone."""


def ended(state: NotificationState, *, before: NotificationState = NotificationState.PENDING, count: int = 1) -> None:
    """Count messages that ended in this state, in the caller's transaction; out of ``before`` if that was an end."""
    changes = {COLUMNS[state]: count}
    if before in COLUMNS:
        changes[COLUMNS[before]] = changes.get(COLUMNS[before], 0) - count
    if any(changes.values()):
        DeliveryTally.objects.create(**changes)


def counted() -> tuple[int, int, int, int]:
    """Return how many were delivered, given up and cancelled, as counted, and how many wait."""
    return _row(BOOKS)


def recounted() -> tuple[int, int, int, int]:
    """Return the same from the notifications themselves, every one of them: what proves the counted ones."""
    return _row(RECOUNT)


@transaction.atomic
def fold() -> int:
    """Add the waiting tallies to the books; return 1 when there were any."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD)
        return int(cursor.rowcount > 0)


def _row(statement: str) -> tuple[int, int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        delivered, given_up, cancelled, pending = cursor.fetchone()
    return delivered, given_up, cancelled, pending
