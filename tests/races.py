"""What tests of two transactions at once share."""

import time

from django.db import connection


def until_somebody_waits() -> None:
    """Return when a transaction waits for a lock that another one holds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from pg_locks where not granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waited")
