"""Parquet files as tables. Importing this loads pyarrow, which takes its time and memory: only such files do."""

import io
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from models_registry.backfills.columns import MOST_COLUMNS
from models_registry.backfills.tables import FileUnfit, Rows

AT_ONCE: Final = 5_000
LARGEST_GROUP: Final = 536_870_912
"""Bytes that the used columns of one row group may unpack to; writers make groups of 64 to 128 MiB."""
MOST_ROWS: Final = 2_000_000_000
_LONGEST_TEXT: Final = 67_108_864
_MOST_ITEMS: Final = 1_000_000


class ParquetTable:
    """A Parquet file (format 1 and 2), one row group after the other, the needed columns alone."""

    def __init__(self, raw: io.RawIOBase, *, columns: Sequence[str] | None) -> None:
        self._raw, self._read = raw, 0
        source = pa.PythonFile(raw, mode="r")
        try:
            schema = _opened(source).schema_arrow
            self._file = _opened(source, read_dictionary=[one.name for one in schema if _is_text(one.type)])
        except (pa.ArrowException, OSError, ValueError) as error:
            raise FileUnfit(f"This is no Parquet file that can be read: {_brief(error)}") from None
        if len(schema.names) > MOST_COLUMNS:
            raise FileUnfit(f"The file has more than {MOST_COLUMNS:,} columns.")
        self._plain = [one.name for one in schema if not pa.types.is_nested(one.type)]
        wanted = self._plain if columns is None else [name for name in self._plain if name in set(columns)]
        self.header: Sequence[str] = wanted
        self.row_count: int | None = self._file.metadata.num_rows + 1
        if not wanted:
            raise FileUnfit("The file has no plain column.")
        if self._file.metadata.num_rows > MOST_ROWS:
            raise FileUnfit(f"The file says it has more than {MOST_ROWS:,} rows.")

    def rows(self, *, after: int) -> Rows:
        """Yield the rows behind this one; whole row groups before it are not even unpacked."""
        row = 1
        for group in range(self._file.metadata.num_row_groups):
            facts = self._file.metadata.row_group(group)
            if row + facts.num_rows <= after:
                row += facts.num_rows
                continue
            self._check(facts)
            try:
                for batch in self._file.iter_batches(AT_ONCE, [group], list(self.header), use_threads=False):
                    if row + batch.num_rows > after:
                        for cells in zip(*map(_plainly, batch.columns), strict=True):
                            row += 1
                            if row > after:
                                yield row, cells
                    else:
                        row += batch.num_rows
            except (pa.ArrowException, OSError, ValueError) as error:
                raise FileUnfit(f"Behind row {row} the file is damaged: {_brief(error)}") from None
            self._read += 1

    def consumed(self) -> int:
        """Return how many bytes of the file were used so far, by its row groups."""
        groups = self._file.metadata.num_row_groups
        self._raw.seek(0, io.SEEK_END)
        return self._raw.tell() * self._read // groups if groups else self._raw.tell()

    def _check(self, group: Any) -> None:
        """Refuse a group that would unpack to more than fits, by what it says of itself."""
        wanted = set(self.header)
        columns = [group.column(place) for place in range(group.num_columns)]
        unpacked = sum(one.total_uncompressed_size for one in columns if one.path_in_schema in wanted)
        if unpacked > LARGEST_GROUP:
            text = (
                f"{unpacked // 1_048_576:,} MiB in the columns that are read; at most {LARGEST_GROUP // 1_048_576} MiB"
            )
            raise FileUnfit(f"A row group has {text}. Write the file with smaller row groups.")


def _opened(source: Any, *, read_dictionary: Sequence[str] = ()) -> Any:
    return pq.ParquetFile(
        source,
        read_dictionary=list(read_dictionary),
        pre_buffer=False,
        thrift_string_size_limit=_LONGEST_TEXT,
        thrift_container_size_limit=_MOST_ITEMS,
    )


def _is_text(kind: Any) -> bool:
    types = pa.types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind))


def _plainly(column: Any) -> list[Any]:
    """Return the cells as Python has them; moments to the microsecond, numbers of fixed point as floats.

    A text that stands in many rows is there once: a file of some hundred bytes may repeat a megabyte without end.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        used = pc.unique(column.indices).drop_null()
        texts = dict(zip(used.to_pylist(), _plainly(column.dictionary.take(used)), strict=True))
        return [texts.get(place) for place in column.indices.to_pylist()]
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = pc.cast(column, pa.timestamp("us", kind.tz), safe=False)
    elif pa.types.is_decimal(kind) or pa.types.is_float16(kind):
        column = pc.cast(column, pa.float64(), safe=False)
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return [None if cell is None else cell.decode(errors="replace") for cell in column.to_pylist()]
    cells: list[Any] = column.to_pylist()
    return cells


def _brief(error: Exception) -> str:
    return str(error).partition("\n")[0][:160]
