"""How a value stands in a cell, and how a cell is kept from being taken for a formula (OWASP, CSV injection).

A cell that a spreadsheet would compute gets an apostrophe before it, and one more where it has some already, so that
reading takes exactly one away.
"""

import json
import math
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
LIST_SIGN: Final = "; "
LONGEST_WRITTEN: Final = 32_000
"""Characters that are written into one cell; a spreadsheet holds 32,767."""
CUT_NOTE: Final = 60
UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no XML 1.0 document, and so no workbook, can hold."""


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def bare(cell: str) -> str:
    """Return a cell without the apostrophe that `guarded` put before it, and without space around it."""
    told = cell.strip()
    return told[1:] if told.startswith("'") and told.lstrip("'").startswith(FORMULA_STARTS) else told


def plain(text: str) -> str:
    """Return a text as a cell can hold it: one kind of line end, nothing that no workbook holds, of bounded length."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = UNWRITABLE.sub("", lines).strip()
    if len(kept) <= LONGEST_WRITTEN:
        return kept
    shown = kept[: LONGEST_WRITTEN - CUT_NOTE].rstrip()
    return f"{shown} … ({len(kept) - len(shown)} more characters)"


def cell(value: Any) -> str:
    """Return a value in words: a list by its entries, a moment as ISO 8601, a structure as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict | list) for one in value)):
        return plain(json.dumps(value, ensure_ascii=False, default=str))
    if isinstance(value, list | tuple):
        return plain(LIST_SIGN.join(map(str, value)))
    return plain(str(value))


def csv_cell(value: Any) -> str:
    """Return what a CSV file holds: numbers as they are, everything else guarded."""
    return str(value) if is_number(value) else guarded(cell(value))


def sheet_cell(value: Any) -> Any:
    """Return what a workbook holds: numbers as numbers, everything else guarded."""
    return value if is_number(value) and math.isfinite(value) else guarded(cell(value))


def json_value(value: Any) -> Any:
    """Return what a JSON document holds: numbers, truths and structures as they are, the rest in words."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | list | dict) else cell(value)


def is_number(value: Any) -> bool:
    """Say whether a value is a number; a truth is none."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
