"""Text files as people and programs write them: their encoding, the sign that parts their cells, their rows."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

DELIMITERS: Final = (",", ";", "\t", "|")
DELIMITER_SAMPLE: Final = 20_000
DELIMITER_LINES: Final = 20
_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class FileUnfit(ValueError):
    """The file cannot be read as a table. Says why, and in which row."""

    http_status = 400


def marked(head: bytes) -> str:
    """Return the encoding that the first bytes name (a byte order mark); empty where they name none."""
    return next((name for mark, name in _MARKS.items() if head.startswith(mark)), "")


def encoding_of(head: bytes, *, whole: bool) -> str:
    """Return the encoding of a file by its first bytes, which are all of it when ``whole``.

    By its mark, else UTF-8 if these bytes are, else Windows-1252, which reads everything. A bad byte between letters
    of UTF-8 stays a bad byte.
    """
    if named := marked(head):
        return named
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError:
        return "cp1252" if head.decode(errors="ignore").isascii() else "utf-8"
    return "utf-8"


def refuse_nul(text: str, remedy: str = "") -> str:
    """Return the text. Raises FileUnfit where it has a NUL, which no text has and no column can keep."""
    if "\x00" in text:
        raise FileUnfit(f"The file has characters that no text has.{' ' if remedy else ''}{remedy}")
    return text


def delimiter_of(text: str) -> str:
    """Return the sign that parts the cells of most of the first lines, quoted text left out; a comma if none does."""
    unquoted = "".join(text[:DELIMITER_SAMPLE].split('"')[::2])
    lines = unquoted.splitlines()[:DELIMITER_LINES]
    return max(DELIMITERS, key=lambda sign: (sum(sign in line for line in lines), unquoted.count(sign)))


def csv_rows(text: str, *, delimiter: str = "", strict: bool = False) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the rows of a text (RFC 4180) with their numbers, the first of which is 1, as a spreadsheet counts.

    ``strict`` refuses what stands behind a closing quote, and a quote that is never closed. Raises FileUnfit, which
    names the row.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or delimiter_of(text), strict=strict)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, cells
    except csv.Error as error:
        why = "a quote is opened and never closed" if str(error) == "unexpected end of data" else error
        raise FileUnfit(f"Row {number + 1}: {why}.") from None
