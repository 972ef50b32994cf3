"""One prepared statement on this thread's connection: the whole work of an address that is asked often.

Django's cursors write parameters into the text, so the server plans every statement anew; that is most of
the cost of a small answer. Here the statement is planned once per connection and its parameters are sent
beside it. Outside a transaction it commits by itself: when the call returns, it is durable.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

NEVER_BY_ITSELF = 2**31
"""Executions after which psycopg prepares a statement that did not ask for it."""


def fetch_one(statement: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Return the first row of the statement, None without one.

    A connection that turns out to be dead is replaced and the statement sent once more, so it must be one
    that may run twice. Raises Django's database errors.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    try:
        return _fetch(wrapper, statement, parameters)
    except OperationalError:
        held: Any = wrapper.connection
        if wrapper.in_atomic_block or held is None or not held.closed:
            raise
        wrapper.close()
        return _fetch(wrapper, statement, parameters)


def _fetch(wrapper: BaseDatabaseWrapper, statement: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    wrapper.ensure_connection()
    with wrapper.wrap_database_errors:
        return _cursor(wrapper.connection).execute(statement, parameters, prepare=True).fetchone()


def _cursor(held: Any) -> psycopg.Cursor[tuple[Any, ...]]:
    """Return the connection's one cursor for prepared statements; a thread holds its connection alone."""
    known: psycopg.Cursor[tuple[Any, ...]] | None = getattr(held, "redline_cursor", None)
    if known is None:
        held.prepare_threshold = NEVER_BY_ITSELF
        known = held.redline_cursor = psycopg.Cursor(held)
    return known
