"""Tables as files, written as they are read: CSV, JSON, a workbook, or a ZIP of CSV files."""

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

from models_registry.tabular.cells import csv_cell, json_value, sheet_cell

CHUNK: Final = 200
KEPT_IN_MEMORY: Final = 4 * 1024 * 1024
SHEET_ROWS: Final = 1_048_575
"""Rows of a sheet below its headings (ECMA-376); what is more goes on in another sheet."""


@dataclass(frozen=True)
class Export:
    """One table: its name, its columns, and its rows, which are read when they are written.

    ``words`` say what it holds. A table that is ``bulky`` has no end that a workbook could hold in bearable time: it
    is given as CSV and JSON alone.
    """

    name: str
    header: Sequence[str]
    rows: Callable[[], Iterable[Sequence[Any]]]
    words: str = ""
    bulky: bool = False

    @property
    def title(self) -> str:
        """Its name as people read it."""
        return self.name.replace("_", " ").capitalize()


def csv_parts(table: Export) -> Iterator[bytes]:
    """Yield a table as CSV (RFC 4180, UTF-8)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(table.header)
    for number, row in enumerate(table.rows(), start=1):
        writer.writerow([csv_cell(value) for value in row])
        if number % CHUNK == 0:
            yield _taken(out)
    yield _taken(out)


def json_parts(tables: Sequence[Export]) -> Iterator[bytes]:
    """Yield tables as one JSON object: a list of objects by the name of each."""
    for place, table in enumerate(tables):
        yield f"{',' if place else '{'}\n{json.dumps(table.name)}: [".encode()
        held: list[str] = []
        for number, row in enumerate(table.rows()):
            told = {name: json_value(value) for name, value in zip(table.header, row, strict=True)}
            held.append(f"{',' if number else ''}\n{json.dumps(told, ensure_ascii=False, default=str)}")
            if len(held) == CHUNK:
                yield "".join(held).encode("utf-8", "replace")
                held.clear()
        yield f"{''.join(held)}]".encode("utf-8", "replace")
    yield b"}\n"


def zip_parts(tables: Sequence[Export]) -> Iterator[bytes]:
    """Yield a ZIP with one CSV file for each table; nothing of it is kept."""
    out = _Passing()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for table in tables:
            with packed.open(f"{table.name}.csv", "w", force_zip64=True) as member:
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
        sheet = _sheet(book, table, 0)
        for number, row in enumerate(table.rows()):
            if number and number % SHEET_ROWS == 0:
                sheet = _sheet(book, table, number // SHEET_ROWS)
            sheet.append([sheet_cell(value) for value in row])
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


def _sheet(book: Any, table: Export, number: int) -> Any:
    sheet = book.create_sheet(f"{table.name[:28]}{f' {number + 1}' if number else ''}")
    sheet.freeze_panes = "A2"
    sheet.append(list(table.header))
    return sheet
