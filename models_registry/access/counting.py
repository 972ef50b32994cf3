"""Count several things in one statement, and stop counting where more would say no more."""

from collections.abc import Mapping
from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery

from models_registry.access.models import Account

MANY = 999
"""A badge shows at most this number; what is more reads `999+`."""


class CountOf(Subquery):
    """The number of rows of a queryset, as a column of another one."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
    empty_result_set_value = 0


def count_each(account: Account, parts: Mapping[str, QuerySet[Any]], *, most: int = MANY) -> dict[str, int]:
    """Return how many rows each part has, by name, in one query; ``most`` + 1 stands for "more than ``most``"."""
    columns = {f"of_{name}": CountOf(_bare(rows)[: most + 1]) for name, rows in parts.items()}
    found = Account.objects.filter(pk=account.pk).values_list(*(columns.values())).first()
    return dict(zip(parts, found or (0,) * len(parts), strict=True))


def _bare(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the keys alone: neither the order nor what a list shows matters to a count."""
    return rows.order_by().select_related(None).values("pk")
