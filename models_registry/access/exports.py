"""What a person may take out: every room says which tables it has, each with the rows that this person sees.

Rooms above this one hand their part in by name: ``EXPORTS`` lists dotted callables ``(actor) -> tables``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string

from models_registry.access.models import Account
from models_registry.tabular.writing import Export

CHUNK: Final = 500

type Column = str | tuple[str, Callable[[Any], Any]]
"""Where a column is read from, as `values_list` names it, and what is made of it."""


def exports_for(*, actor: Account) -> list[Export]:
    """Return every table of which the actor may read something, each with the rows they may see."""
    return [table for name in settings.EXPORTS for table in import_string(name)(actor=actor)]


def export_of[M: Model](
    name: str,
    words: str,
    rows: QuerySet[M],
    columns: Mapping[str, Column],
    *,
    order: Sequence[str] = ("pk",),
    bulky: bool = False,
) -> Export:
    """Return a table of these rows: one column for each heading, nothing else is read; some hundred rows at a time."""
    fields = [column if isinstance(column, str) else column[0] for column in columns.values()]
    made = [None if isinstance(column, str) else column[1] for column in columns.values()]

    def read() -> Iterator[Sequence[Any]]:
        for row in rows.order_by(*order).values_list(*fields).iterator(chunk_size=CHUNK):
            yield [value if make is None else make(value) for value, make in zip(row, made, strict=True)]

    return Export(name, tuple(columns), read, words, bulky)
