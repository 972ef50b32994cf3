"""Which tables the application may add to but never change.

`manage.py setup_database` reads this list after migrating. For a table named here the
application's role holds SELECT, and INSERT on the listed columns alone: never UPDATE, DELETE or
TRUNCATE, and never the columns that the database fills in itself (identity, transaction id,
moment, leaf hash), because `OVERRIDING SYSTEM VALUE` would otherwise let them be forged.
"""

from typing import NamedTuple


class AppendOnly(NamedTuple):
    """A table that only grows, and the columns that the application fills in."""

    table: str
    columns: tuple[str, ...]


APPEND_ONLY_TABLES: tuple[AppendOnly, ...] = ()
