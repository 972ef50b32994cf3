"""Files as tables: a header, then numbered rows, read forward in constant memory.

Rows are numbered as a spreadsheet numbers them: the header is row 1. What a row cannot give (a field without end,
a line of megabytes) is a `Broken` row, and reading goes on behind it.
"""

import csv
import gzip
import io
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Final, Protocol

from models_registry.tabular import texts
from models_registry.tabular.texts import delimiter_of, encoding_of

if sys.version_info >= (3, 14):  # pragma: no cover
    from compression import zstd as zstd
else:
    from backports import zstd as zstd

LONGEST_LINE: Final = 262_144
"""Characters of one line of a text file; rows of measurements have some hundred."""
LARGEST_RATIO: Final = 200
"""How many times its size a packed file may have when it is unpacked; tables of numbers have at most 30."""
SMALLEST_LIMIT: Final = 67_108_864
SAMPLE_BYTES: Final = 262_144
SAMPLE_ROWS: Final = 50
_LARGEST_WINDOW: Final = 27
"""Log2 of the window that a zstd frame may ask to be held in memory: 128 MiB, the most that `zstd` alone makes."""
_BUFFER: Final = 1_048_576


class FileUnfit(texts.FileUnfit):
    """The file cannot be read as a table. Says where and why."""

    http_status = 422


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file is, worked out from its first bytes: csv or parquet, and how a text file is written."""

    form: str
    packed: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","

    def document(self) -> dict[str, str]:
        """Return what is stored."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that is no row: why, and how it begins."""

    code: str
    message: str
    text: str = ""


type Cells = Sequence[Any]
type Rows = Iterator[tuple[int, Cells | Broken]]


class Table(Protocol):
    """A file that is being read."""

    header: Sequence[str]
    row_count: int | None
    """The number of the last row, where the file says it beforehand."""

    def rows(self, *, after: int) -> Rows:
        """Yield the rows behind the row of this number, which is at least 1."""

    def consumed(self) -> int:
        """Return how many bytes of the file were used so far."""


def shape_of(raw: io.RawIOBase) -> Shape:
    """Return what the file is. Raises FileUnfit."""
    raw.seek(0)
    start = raw.read(SAMPLE_BYTES) or b""
    raw.seek(0)
    if start[:4] == b"PAR1":
        return Shape("parquet")
    packed = "gzip" if start[:2] == b"\x1f\x8b" else "zstd" if start[:4] == b"\x28\xb5\x2f\xfd" else ""
    if start[:4] == b"PK\x03\x04":
        raise FileUnfit("This is a ZIP archive or a workbook. Send CSV (also packed with gzip or zstd) or Parquet.")
    head = _unpacked(raw, packed, SAMPLE_BYTES, size=0).read(SAMPLE_BYTES) if packed else start
    raw.seek(0)
    encoding = encoding_of(head, whole=len(head) < SAMPLE_BYTES)
    text = head.decode(encoding, errors="replace")
    if "\x00" in text[:1_000]:
        raise FileUnfit("This is neither text nor Parquet.")
    return Shape("csv", packed, encoding, delimiter_of(text))


def open_table(raw: io.RawIOBase, shape: Shape, *, size: int, columns: Sequence[str] | None = None) -> Table:
    """Return the table, at its first row. ``columns`` are those that are needed, if not all. Raises FileUnfit."""
    raw.seek(0)
    if shape.form == "parquet":
        from models_registry.backfills.parquet import ParquetTable  # a large library that only such files need

        return ParquetTable(raw, columns=columns)
    return CsvTable(raw, shape, size=size)


class CsvTable:
    """A text file with a header, one record a line, quoted as RFC 4180 has it."""

    def __init__(self, raw: io.RawIOBase, shape: Shape, *, size: int) -> None:
        self._raw = raw
        limit = max(size * LARGEST_RATIO, SMALLEST_LIMIT)
        self._lines = _Lines(_unpacked(raw, shape.packed, limit, size=size), shape.encoding)
        self._reader = csv.reader(self._lines, delimiter=shape.delimiter)
        self._row = 1
        self.row_count: int | None = None
        self.header = self._header()

    def rows(self, *, after: int) -> Rows:
        """Yield the rows behind this one; those up to it are read over."""
        while (found := self._next()) is not None:
            self._row += 1
            if self._row > after and found != []:
                yield self._row, found
        self.row_count = self._row

    def consumed(self) -> int:
        """Return how many bytes of the file were used so far."""
        return self._raw.tell()

    def _header(self) -> Sequence[str]:
        found = self._next()
        if not isinstance(found, list) or not any(name.strip() for name in found):
            raise FileUnfit("The first row must name the columns.")
        names = [name.strip() for name in found]
        if len(names) > 1_000:
            raise FileUnfit("The file has more than 1,000 columns.")
        return names

    def _next(self) -> list[str] | Broken | None:
        try:
            return next(self._reader)
        except StopIteration:
            return None
        except csv.Error as error:
            return Broken("E_SYNTAX", _plainly(error), self._lines.newest[:200])
        except _LineTooLong:
            return Broken(
                "E_TOO_LONG", f"the line is longer than {LONGEST_LINE:,} characters", self._lines.newest[:200]
            )
        except FileUnfit as unfit:
            raise FileUnfit(f"Behind row {self._row:,}: {unfit}") from None
        except UnicodeError:
            raise FileUnfit(f"Behind row {self._row:,} the file is cut off or not written in one encoding.") from None


def sample(table: Table) -> list[Cells]:
    """Return the first sound rows."""
    return [cells for _, cells in islice(table.rows(after=1), SAMPLE_ROWS) if not isinstance(cells, Broken)]


class _LineTooLong(Exception):
    """A line has no end within the limit."""


class _Lines:
    """Lines with their ends; after one that is too long reading goes on with the next."""

    def __init__(self, binary: "io.BufferedReader[Any]", encoding: str) -> None:
        errors = "surrogateescape" if encoding in ("utf-8", "utf-8-sig") else "replace"
        self._text = io.TextIOWrapper(binary, encoding=encoding, errors=errors, newline="")
        self.newest = ""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.newest = line
        if len(line) < LONGEST_LINE or line.endswith(("\n", "\r")):
            return line
        while (rest := self._text.readline(LONGEST_LINE)) and not rest.endswith(("\n", "\r")):
            pass
        raise _LineTooLong


class _Borrowed(io.RawIOBase):
    """A stream that stays open when whoever reads through this is done: readers close what they are given."""

    def __init__(self, stream: io.RawIOBase) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        return self._stream.readinto(buffer)


class _Limited(io.RawIOBase):
    """An unpacked stream that ends in FileUnfit when it becomes too large for its file."""

    def __init__(self, stream: Any, limit: int) -> None:
        super().__init__()
        self._stream, self._left = stream, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._stream.read(len(buffer))
        except (zlib.error, gzip.BadGzipFile, zstd.ZstdError, EOFError):
            raise FileUnfit("The file is damaged or cut off: it cannot be unpacked.") from None
        self._left -= len(piece)
        if self._left < 0:
            raise FileUnfit(f"The file unpacks to more than {LARGEST_RATIO} times its size.")
        buffer[: len(piece)] = piece
        return len(piece)


def _unpacked(raw: io.RawIOBase, packed: str, limit: int, *, size: int) -> "io.BufferedReader[Any]":
    plain: io.BufferedReader[Any] = io.BufferedReader(_Borrowed(raw), _BUFFER)
    if not packed:
        return plain
    options = {int(zstd.DecompressionParameter.window_log_max): _LARGEST_WINDOW}
    stream: Any = gzip.GzipFile(fileobj=plain) if packed == "gzip" else zstd.ZstdFile(plain, options=options)
    return io.BufferedReader(_Limited(stream, limit if size else sys.maxsize), 65_536)


def _plainly(error: csv.Error) -> str:
    text = str(error)
    return "a quote is opened and not closed" if "field larger" in text or "unexpected end" in text else text
