"""Columns of values as PostgreSQL writes arrays, for statements that take a batch apart with unnest().

The driver turns every value of a list into text by itself; msgspec writes a whole column in a tenth of that time.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec


def literal(column: Sequence[Any]) -> str:
    """Return numbers, texts, moments or exact decimals, None among them, as the text of an array.

    Floats must be finite. An array is written as JSON writes a list, but for its braces and its escapes.
    """
    text = msgspec.json.encode(column).decode()
    if "\\" in text:
        return "{" + ",".join("NULL" if each is None else _quoted(str(each)) for each in column) + "}"
    return "{" + text[1:-1] + "}"


def literals(rows: Iterable[Sequence[Any]], *, count: int) -> list[str]:
    """Return each of the ``count`` columns of the rows, as `literal` does."""
    return [literal(column) for column in zip(*rows, strict=True)] or ["{}"] * count


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
