"""Tables as files, written as they are read: CSV, JSON, a workbook, or a ZIP of CSV files.

A cell that a spreadsheet would take for a formula gets an apostrophe before it, and one more where it has some
already, so that reading takes exactly one away (`sheets`).
"""

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any, Final

from models_registry.access.downloads import FORMULA_STARTS
from models_registry.intake.fields import LIST_SIGN
from models_registry.intake.standing import plain

CHUNK: Final = 200
KEPT_IN_MEMORY: Final = 4 * 1024 * 1024


@dataclass(frozen=True)
class Export:
    """One table: its name, its columns, and its rows, which are read when they are written."""

    name: str
    header: Sequence[str]
    rows: Callable[[], Iterable[Sequence[Any]]]


def cell(value: Any) -> str:
    """Return how a value stands in a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return plain(LIST_SIGN.join(map(str, value)))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return plain(str(value))


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def csv_parts(table: Export) -> Iterator[bytes]:
    """Yield a table as CSV (RFC 4180, UTF-8)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(table.header)
    for number, row in enumerate(table.rows(), start=1):
        writer.writerow([guarded(cell(value)) for value in row])
        if number % CHUNK == 0:
            yield _taken(out)
    yield _taken(out)


def json_parts(tables: Sequence[Export]) -> Iterator[bytes]:
    """Yield tables as one JSON object: a list of objects by the name of each."""
    for place, table in enumerate(tables):
        yield f"{',' if place else '{'}\n{json.dumps(table.name)}: [".encode()
        for number, row in enumerate(table.rows()):
            told = {name: _told(value) for name, value in zip(table.header, row, strict=True)}
            yield f"{',' if number else ''}\n{json.dumps(told, ensure_ascii=False)}".encode("utf-8", "replace")
        yield b"]"
    yield b"}\n"


def zip_parts(tables: Sequence[Export]) -> Iterator[bytes]:
    """Yield a ZIP with one CSV file for each table; nothing of it is kept."""
    out = _Passing()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for table in tables:
            with packed.open(f"{table.name}.csv", "w") as member:
                for part in csv_parts(table):
                    member.write(part)
                    yield out.taken()
            yield out.taken()
    yield out.taken()


def workbook(tables: Sequence[Export]) -> IO[bytes]:
    """Return a workbook with one sheet for each table, on disk where it is large; the caller closes it."""
    from openpyxl import Workbook  # a tenth of a second that only spreadsheets pay

    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.name[:31])
        sheet.freeze_panes = "A2"
        sheet.append(list(table.header))
        for row in table.rows():
            sheet.append([_sheet_cell(value) for value in row])
    out = tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY)  # noqa: SIM115 - the response closes it
    book.save(out)
    out.seek(0)
    return out


class _Passing:
    """A file that hands on what is written to it, and cannot be read or wound back."""

    def __init__(self) -> None:
        self.held: list[bytes] = []

    def write(self, part: bytes, /) -> int:
        self.held.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """There is nothing to wait for."""

    def close(self) -> None:
        """There is nothing to close."""

    def taken(self) -> bytes:
        part, self.held = b"".join(self.held), []
        return part


def _taken(out: io.StringIO) -> bytes:
    part = out.getvalue().encode("utf-8", "replace")
    out.seek(0)
    out.truncate()
    return part


def _told(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | list):
        return value
    return cell(value)


def _sheet_cell(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else guarded(cell(value))
