"""One prepared statement on this thread's connection: the whole work of an address that is asked often.

Django's cursors write parameters into the text, so the server plans every statement anew; that is most of
the cost of a small answer. Here the statement is planned once per connection and its parameters are sent
beside it. Outside a transaction it commits by itself: when the call returns, it is durable.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import OperationalError, connection

NEVER_BY_ITSELF = 2**31
"""Executions after which psycopg prepares a statement that did not ask for it."""


def fetch_one(statement: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Return the first row of the statement, None without one.

    A connection that turns out to be dead is replaced and the statement sent once more, so it must be one
    that may run twice. Raises Django's database errors.
    """
    try:
        return _fetch(statement, parameters)
    except OperationalError:
        held: Any = connection.connection
        if connection.in_atomic_block or held is None or not held.closed:
            raise
        connection.close()
        return _fetch(statement, parameters)


def _fetch(statement: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    connection.ensure_connection()
    held: psycopg.Connection[tuple[Any, ...]] = connection.connection
    if held.prepare_threshold is None:
        held.prepare_threshold = NEVER_BY_ITSELF
    with connection.wrap_database_errors, psycopg.Cursor(held) as cursor:
        cursor.execute(statement, parameters, prepare=True)
        return cursor.fetchone()
