"""One prepared statement on this thread's connection: the whole work of an address that is asked often.

Django's cursors write parameters into the text, so the server plans every statement anew; that is most of the cost
of a small answer. Here the statement is planned once per connection and its parameters are sent beside it, and libpq
waits for the answer by itself, which costs half of what psycopg's cursor does. Outside a transaction it commits by
itself: when the call returns, it is durable.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, TransactionStatus

NAMED = re.compile(r"%\((\w+)\)s")


type Rows = list[tuple[Any, ...]]


def fetch_one(statement: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Return the first row of the statement, None without one; as `fetch_all` does."""
    return next(iter(fetch_all(statement, parameters)), None)


def fetch_all(statement: str, parameters: Mapping[str, Any]) -> Rows:
    """Return the rows of the statement.

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


def _fetch(wrapper: BaseDatabaseWrapper, statement: str, parameters: Mapping[str, Any]) -> Rows:
    wrapper.ensure_connection()
    held: Any = wrapper.connection
    with wrapper.wrap_database_errors:
        if not held.autocommit and held.pgconn.transaction_status == TransactionStatus.IDLE:
            held.execute("select 1")  # the first statement of a transaction begins it
        return _answer(held, *_numbered(statement), parameters)


def _answer(held: Any, statement: bytes, names: Sequence[str], parameters: Mapping[str, Any]) -> Rows:
    """Return the rows. This is psycopg's cursor without what a cursor does for statements it does not know."""
    values = Transformer(held)
    given = values.dump_sequence([parameters[name] for name in names], [PyFormat.AUTO] * len(names))
    prepared = _prepared(held, statement, values.types or ())
    result = held.pgconn.exec_prepared(prepared, given, values.formats)
    _refuse_failure(held, result, ExecStatus.TUPLES_OK)
    if not result.ntuples:
        return []
    values.set_pgresult(result)
    rows: Rows = values.load_rows(0, result.ntuples, tuple)
    return rows


def _prepared(held: Any, statement: bytes, types: Sequence[int]) -> bytes:
    """Return the name of the statement on this connection, planned there when it comes with these types first."""
    try:
        known: dict[tuple[bytes, Sequence[int]], bytes] = held.redline_statements
    except AttributeError:
        known = held.redline_statements = {}
    if (name := known.get((statement, types))) is None:
        name = b"redline_%d" % len(known)
        _refuse_failure(held, held.pgconn.prepare(name, statement, types), ExecStatus.COMMAND_OK)
        known[statement, types] = name
    return name


def _refuse_failure(held: Any, result: Any, wanted: ExecStatus) -> None:
    if result.status == wanted:
        return
    if held.closed:
        raise psycopg.OperationalError(result.get_error_message())
    raise psycopg.errors.error_from_result(result)


@lru_cache(maxsize=256)
def _numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the statement as PostgreSQL's protocol takes it, and the names of its parameters in their order."""
    names = tuple(dict.fromkeys(NAMED.findall(statement)))
    numbers = {name: number for number, name in enumerate(names, start=1)}
    text = NAMED.sub(lambda found: f"${numbers[found[1]]}", statement)
    return text.replace("%%", "%").encode(), names
