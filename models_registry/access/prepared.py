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
from psycopg.pq.abc import PGresult

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
    known = _Known.of(held)
    given = known.writer.dump_sequence([parameters[name] for name in names], [PyFormat.AUTO] * len(names))
    types, formats = known.writer.types or (), known.writer.formats
    ready = known.statements.get((statement, types)) or known.prepare(held, statement, types)
    result = held.pgconn.exec_prepared(ready.name, given, formats)
    _refuse_failure(held, result, ExecStatus.TUPLES_OK)
    return ready.read(result) if result.ntuples else []


class _Ready:
    """A statement that a connection has planned, and how to read what it returns."""

    def __init__(self, name: bytes, held: Any) -> None:
        self.name = name
        self.reader = Transformer(held)
        self.knows_columns = False

    def read(self, result: PGresult) -> Rows:
        """Return the rows; the columns of a statement stay the same, so their readers are looked up once."""
        self.reader.set_pgresult(result, set_loaders=not self.knows_columns)
        self.knows_columns = True
        rows: Rows = self.reader.load_rows(0, result.ntuples, tuple)
        self.reader.set_pgresult(None, set_loaders=False)
        return rows


class _Known:
    """What one connection remembers; a connection belongs to one thread."""

    def __init__(self, held: Any) -> None:
        self.writer = Transformer(held)
        self.statements: dict[tuple[bytes, Sequence[int]], _Ready] = {}

    @classmethod
    def of(cls, held: Any) -> "_Known":
        """Return what this connection remembers, nothing at first."""
        try:
            known: _Known = held.redline_known
        except AttributeError:
            known = held.redline_known = cls(held)
        return known

    def prepare(self, held: Any, statement: bytes, types: Sequence[int]) -> _Ready:
        """Have the statement planned for parameters of these types."""
        name = b"redline_%d" % len(self.statements)
        _refuse_failure(held, held.pgconn.prepare(name, statement, types), ExecStatus.COMMAND_OK)
        ready = self.statements[statement, types] = _Ready(name, held)
        return ready


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
