"""Files of rows, read as text: CSV in the forms that spreadsheets write, XLSX, and JSON.

Everything is bounded before it is read: the file, the rows, the cells, what a ZIP unpacks to. CSV follows RFC 4180
with any of four delimiters and Excel's ``sep=`` line; XLSX is ECMA-376, read row by row; formulas are never computed.
"""

import io
import re
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from models_registry.tabular.cells import LIST_SIGN, bare
from models_registry.tabular.texts import FileUnfit, csv_rows, delimiter_of, marked, refuse_nul

LARGEST_FILE: Final = 8 * 1024 * 1024
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 100
MOST_CELLS: Final = 600_000
LONGEST_CELL: Final = 32_767
LONGEST_HEADING: Final = 120
UNPACKED: Final = 96 * 1024 * 1024
MEMBERS: Final = 500
MOST_TAGS: Final = 100_000
"""Of a part that is read as a whole, such as the styles; the most formats that a workbook may have are 64,000."""
MOST_TAGS_OF_ROWS: Final = 3_000_000
"""Of a part that is read as a stream: a few for each cell."""
MOST_MERGES: Final = 20_000
_MERGED: Final = re.compile(rb'<mergeCell [^<>]*\bref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"')
_UNCOMPUTED: Final = re.compile(
    rb'<c r="([A-Z]{1,3}\d{1,7})"(?![^<>]*\bt="str")[^<>]*>\s*<f\b[^<>]*(?:/>|>[^<]*</f>)\s*'
    rb"(?:(?:<v\s*/>|<v></v>)\s*)?</c>"
)
"""A cell with a formula and no value. An empty text (``t="str"``) is a value."""
_PICTURES: Final = "xl/media/"
_STREAMED: Final = ("xl/worksheets/", "xl/sharedStrings.xml", _PICTURES)


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One row: the number that a spreadsheet shows, and its cells as text."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """A file as it was read. ``told`` says what was taken for granted, such as the encoding."""

    form: str
    headings: Sequence[str]
    rows: Sequence[Row]
    heading_row: int
    told: str = ""


def read_table(raw: bytes) -> Table:
    """Return the rows of a file, whatever its name says it is. Raises FileUnfit."""
    if not raw.strip():
        raise FileUnfit("The file is empty.")
    if len(raw) > LARGEST_FILE:
        raise FileUnfit("A file may have at most 8 MiB. Divide it, or leave columns out.")
    if raw.startswith(b"PK\x03\x04"):
        return _table("XLSX", *_xlsx(raw))
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileUnfit("This is an old .xls workbook, or one with a password. Save it as .xlsx without a password.")
    text, told = _decoded(raw)
    if text.lstrip()[:1] in {"[", "{"}:
        return _table("JSON", _json(text), told)
    return _table("CSV", _csv(text), told)


def _table(form: str, rows: Iterable[Row], told: str = "") -> Table:
    filled = list(_bounded(rows))
    top = 0 if form == "JSON" else _heading_place(filled)
    if not filled:
        raise FileUnfit("The file has no row that names its columns.")
    headings = _headings(filled[top].cells)
    below = [Row(row.number, _fitted(row, headings)) for row in filled[top + 1 :]]
    if not below:
        raise FileUnfit("The file names its columns and has no rows.")
    return Table(form, headings, below, filled[top].number, told)


def _heading_place(rows: Sequence[Row]) -> int:
    """Return the place of the row that names the columns: above it a title may stand."""
    return next((place for place, row in enumerate(rows) if sum(map(bool, row.cells)) > 1), 0)


def _bounded(rows: Iterable[Row]) -> Iterator[Row]:
    cells = 0
    count = -1
    for row in rows:
        cells += len(row.cells)
        if cells > MOST_CELLS:
            raise FileUnfit(f"A file may have at most {MOST_CELLS:,} cells. Leave columns out, or divide it.")
        if not any(row.cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise FileUnfit(f"A file may have at most {MOST_ROWS:,} rows. Divide it.")
        yield row


def _headings(cells: Sequence[str]) -> list[str]:
    found = [" ".join(cell.split())[:LONGEST_HEADING] for cell in cells]
    while found and not found[-1]:
        found.pop()
    if len(found) > MOST_COLUMNS:
        raise FileUnfit(f"A file may have at most {MOST_COLUMNS} columns, not {len(found)}.")
    return found


def _fitted(row: Row, headings: Sequence[str]) -> list[str]:
    if extra := next((cell for cell in row.cells[len(headings) :] if cell), None):
        raise FileUnfit(
            f"Row {row.number} has more cells than there are columns: “{extra[:40]}” stands under no heading."
        )
    cells = row.cells[: len(headings)]
    if any(len(cell) > LONGEST_CELL for cell in cells):
        place = next(place for place, cell in enumerate(cells) if len(cell) > LONGEST_CELL)
        raise FileUnfit(f"Row {row.number}, {headings[place]}: a cell may have at most {LONGEST_CELL:,} characters.")
    return [*cells, *[""] * (len(headings) - len(cells))]


def _decoded(raw: bytes) -> tuple[str, str]:
    """Return the text, and how it was read where that was guessed."""
    encoding, told = marked(raw) or "utf-8", ""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-16":
            raise FileUnfit("The file begins as UTF-16 and cannot be read so.") from None
        if encoding == "utf-8-sig" or _is_broken_utf8(raw):
            raise _unreadable(error, "The file is UTF-8") from None
        try:
            text, told = raw.decode("cp1252"), "Read as Windows-1252, because it is not UTF-8."
        except UnicodeDecodeError as second:
            raise _unreadable(second, "The file is neither UTF-8 nor Windows-1252") from None
    told = "Read as UTF-16." if encoding == "utf-16" else told
    return refuse_nul(text, "Save it as CSV, XLSX or JSON."), told


def _is_broken_utf8(raw: bytes) -> bool:
    """Say whether most of what is not ASCII is UTF-8: read in another encoding all of that would be garbled."""
    bad = raw.decode(errors="replace").count("\ufffd")
    return sum(not sign.isascii() for sign in raw.decode(errors="ignore")) > bad


def _unreadable(error: UnicodeDecodeError, what: str) -> FileUnfit:
    line = error.object.count(b"\n", 0, error.start) + 1
    return FileUnfit(f"{what}, and line {line} has signs that are not. Save it as CSV UTF-8.")


def _csv(text: str) -> Iterator[Row]:
    first, _, rest = text.partition("\n")
    delimiter = delimiter_of(text)
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        delimiter, text = first.strip()[4], rest
    for number, cells in csv_rows(text, delimiter=delimiter, strict=True):
        yield Row(number, [bare(cell) for cell in cells])


def _xlsx(raw: bytes) -> tuple[list[Row], str]:
    from openpyxl import load_workbook  # a tenth of a second that only spreadsheets pay

    _refuse_bombs(raw)
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        try:
            shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            for sheet in shown:
                rows = list(_bounded(_cells(sheet)))
                if rows:
                    spread = _spread(rows, _part_of(raw, sheet))
                    others = len(shown) - 1
                    more = (
                        f" {others} other {'sheet was' if others == 1 else 'sheets were'} left out." if others else ""
                    )
                    merged = " Merged cells count for each of their rows." if spread else ""
                    return rows, f"Read the sheet {sheet.title}.{merged}{more}"
        finally:
            book.close()
    except FileUnfit:
        raise
    except Exception as error:  # a broken workbook fails in as many ways as there are parts of it
        raise FileUnfit(f"The workbook cannot be read: {type(error).__name__}. Save it again as .xlsx.") from None
    raise FileUnfit("The workbook has no visible sheet with rows.")


def _part_of(raw: bytes, sheet: Any) -> bytes:
    """Return the XML of a sheet. Raises FileUnfit where a formula has no value, which would be read as empty."""
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        content = packed.read(sheet._worksheet_path)
    if found := _UNCOMPUTED.search(content):
        raise FileUnfit(
            f"Cell {found[1].decode()} has a formula without a value. Open the workbook in a spreadsheet program and "
            "save it, so that it is computed."
        )
    return content


def _spread(rows: Sequence[Row], content: bytes) -> bool:
    """Write what a cell says that is merged downwards into each of its rows, below the headings; say whether any is."""
    from openpyxl.utils import column_index_from_string

    numbers, top, count = [row.number for row in rows], rows[_heading_place(rows)].number, 0
    ranges = [
        (column_index_from_string(one[1].decode()) - 1, int(one[2]), int(one[3])) for one in _MERGED.finditer(content)
    ]
    if len(ranges) > MOST_MERGES:
        raise FileUnfit(f"The sheet has more than {MOST_MERGES:,} merged cells. Save it as CSV.")
    for column, first, last in ranges:
        place, end = bisect_left(numbers, first), bisect_right(numbers, last)
        if first <= top or place == end or numbers[place] != first or len(rows[place].cells) <= column:
            continue
        for row in rows[place + 1 : end]:
            if (count := count + 1) > MOST_CELLS:
                raise FileUnfit(f"A file may have at most {MOST_CELLS:,} cells. Leave columns out, or divide it.")
            row.cells.extend([""] * (column + 1 - len(row.cells)))
            row.cells[column] = row.cells[column] or rows[place].cells[column]
    return count > 0


def _refuse_bombs(raw: bytes) -> None:
    """Refuse what unpacks to too much, parts whose reading would take minutes, and XML that declares entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            members = packed.infolist()
            if len(members) > MEMBERS or sum(one.file_size for one in members) > UNPACKED:
                raise FileUnfit("The workbook unpacks to more than 96 MiB. Leave pictures and other sheets out.")
            if "xl/workbook.xml" not in packed.namelist():
                raise FileUnfit("This is a ZIP file and not a workbook. Unpack it first.")
            for one in members:
                if one.flag_bits & 1:
                    raise FileUnfit("The workbook has a password. Save it without one.")
                _refuse_part(one.filename, packed.read(one))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise FileUnfit(f"The workbook cannot be unpacked: {error}.") from None


def _refuse_part(name: str, content: bytes) -> None:
    if not name.startswith(_PICTURES) and b"<!DOCTYPE" in content.replace(b"\0", b""):  # in UTF-16, too
        raise FileUnfit("The workbook declares a document type, which no spreadsheet program writes.")
    if content.count(b"<") > (MOST_TAGS_OF_ROWS if name.startswith(_STREAMED) else MOST_TAGS):
        raise FileUnfit("The workbook has more formats or cells than can be read. Save it as CSV.")


def _cells(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # a workbook may claim a million columns
    empty = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1), start=1):
        cells = [bare(_text(value)) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield Row(number, cells)
        elif (empty := empty + 1) > MOST_ROWS:
            return


def _json(text: str) -> Iterator[Row]:
    try:
        given = msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise FileUnfit(f"The file is not JSON: {error}") from None
    if isinstance(given, dict):
        given = next(
            (value for name in ("models", "results", "rows") if isinstance(value := given.get(name), list)), None
        )
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise FileUnfit("JSON is a list of objects, one for each model, alone or under the name `models`.")
    headings: dict[str, None] = {}
    for one in given[: MOST_ROWS + 1]:
        headings |= dict.fromkeys(one)
        if len(headings) > MOST_COLUMNS:
            raise FileUnfit(f"The objects may have at most {MOST_COLUMNS} different members.")
    yield Row(0, list(headings))
    for number, one in enumerate(given, start=1):
        yield Row(number, [_text(one.get(name)) for name in headings])


def _text(value: Any) -> str:
    """Return how a value of a spreadsheet or of JSON is written in a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list):
        return LIST_SIGN.join("" if one is None else str(one) for one in value).strip()
    if isinstance(value, dict):
        return LIST_SIGN.join(f"{name}:{_text(one)}" for name, one in value.items())
    return (str(value) if isinstance(value, int | float | Decimal) else str(value).replace("\x00", "")).strip()
