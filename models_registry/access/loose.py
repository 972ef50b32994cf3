"""The newest row of each group by one probe of an index for each group, however many rows a group has.

PostgreSQL reads every row for ``DISTINCT ON``. This walks an index from one group to the next instead ("loose index
scan", https://wiki.postgresql.org/wiki/Loose_indexscan); it needs an index on ``of``, ``by`` and the order.
"""

import datetime as dt

from django.db.models import Model
from django.db.models.expressions import RawSQL

NEWEST = """
WITH RECURSIVE one(value) AS (
    (SELECT {by} FROM {table} WHERE {of} = %s ORDER BY {by} LIMIT 1)
    UNION ALL
    SELECT (SELECT {by} FROM {table} WHERE {of} = %s AND {by} > one.value ORDER BY {by} LIMIT 1)
    FROM one WHERE one.value IS NOT NULL
)
SELECT newest.id FROM one CROSS JOIN LATERAL (
    SELECT id FROM {table}
    WHERE {of} = %s AND {by} = one.value AND (%s::timestamptz IS NULL OR {known} <= %s)
    ORDER BY {newest} DESC, id DESC LIMIT 1
) AS newest
"""


def newest_of_each(
    table: type[Model], *, of: str, owner: int, by: str, newest: str, known: str, at: dt.datetime | None
) -> RawSQL:
    """Return the statement that selects the newest row of each group, for ``pk__in``.

    ``of``, ``by``, ``newest`` and ``known`` are columns: the groups are the values of ``by`` among the rows whose
    ``of`` is ``owner``; ``newest`` orders them, and what was ``known`` later than ``at`` (None: now) is left out.
    """
    text = NEWEST.format(table=table._meta.db_table, of=of, by=by, newest=newest, known=known)
    return RawSQL(text, (owner, owner, owner, at, at))  # noqa: S611 - no part of the text comes from outside
