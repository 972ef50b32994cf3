"""Count several things in one statement, and stop counting where more would say no more."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

MANY = 999
"""A badge shows at most this number; what is more reads `999+`."""

_COUNT = "(SELECT count(*) FROM ({rows}) AS counted)"


def count_each(parts: Mapping[str, QuerySet[Any]], *, most: int = MANY) -> dict[str, int]:
    """Return how many rows each part has, by name, in one query; ``most`` + 1 stands for "more than ``most``".

    Each part is compiled by itself: as expressions of one queryset they would be copied several times over,
    which on every page is most of the work.
    """
    counts: list[str] = []
    values: list[Any] = []
    asked: list[str] = []
    for name, rows in parts.items():
        try:
            statement, parameters = _bare(rows)[: most + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        asked.append(name)
        counts.append(_COUNT.format(rows=statement))
        values += parameters
    found = dict.fromkeys(parts, 0)
    if asked:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(counts), values)
            found.update(zip(asked, cursor.fetchone(), strict=True))
    return found


def _bare(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the keys alone: neither the order nor what a list shows matters to a count."""
    return rows.order_by().select_related(None).values("pk")
