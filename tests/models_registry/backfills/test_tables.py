"""Files as exporters write them: encodings, delimiters, marks, quotes, packings, and those that mean harm."""

import datetime as dt
import gzip
import io
import sys
from decimal import Decimal
from typing import Any

import pytest

from models_registry.backfills import tables
from models_registry.backfills.tables import Broken, FileUnfit, open_table, sample, shape_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PLAIN = "model,metric,value\nchat,psi,0.1\nchat,psi,0.2\n"


def read(content: bytes, *, after: int = 1) -> tuple[Any, list[tuple[int, Any]]]:
    """Return the header, and the rows with their numbers."""
    raw = io.BytesIO(content)
    table = open_table(raw, shape_of(raw), size=len(content))  # type: ignore[arg-type]
    return table.header, [
        (row, cells if isinstance(cells, Broken) else list(cells)) for row, cells in table.rows(after=after)
    ]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace("chat", '"chat"').encode(),
        gzip.compress(PLAIN.encode()),
        gzip.compress(PLAIN[:20].encode()) + gzip.compress(PLAIN[20:].encode()),
        zstd.compress(PLAIN.encode()),
        PLAIN.rstrip("\n").encode(),
    ],
    ids=["lf", "crlf", "cr", "bom", "utf-16", "semicolons", "tabs", "quoted", "gzip", "gzip members", "zstd", "no end"],
)
def test_a_table_is_read_however_it_is_written(content: bytes) -> None:
    header, rows = read(content)

    assert list(header) == ["model", "metric", "value"]
    assert rows == [(2, ["chat", "psi", "0.1"]), (3, ["chat", "psi", "0.2"])]


def test_names_in_a_western_encoding_and_in_utf_8_come_out_right() -> None:
    for encoding in ("utf-8", "cp1252"):
        _, rows = read("model,value\nschäden,1\n".encode(encoding))
        assert rows == [(2, ["schäden", "1"])]


def test_a_quoted_field_may_hold_delimiters_quotes_and_lines_and_counts_as_one_row() -> None:
    _, rows = read(b'model,value\n"a,""b""\nc",1\n\nd,2\n')

    assert rows == [(2, ['a,"b"\nc', "1"]), (4, ["d", "2"])]


def test_reading_goes_on_behind_any_row() -> None:
    content = b"model,value\n" + b"".join(b"m%d,1\n" % number for number in range(50))

    for after in (1, 2, 30, 51, 60):
        assert read(content, after=after)[1] == read(content)[1][after - 1 :]


def test_a_line_without_end_is_one_broken_row_and_holds_no_memory() -> None:
    content = b"model,value\n" + b"x" * (tables.LONGEST_LINE * 3) + b"\nchat,1\n"

    _, [(row, broken), after] = read(content)

    assert (row, broken.code, after) == (2, "E_TOO_LONG", (3, ["chat", "1"]))


def test_a_quote_that_is_never_closed_is_told_and_reading_goes_on() -> None:
    content = b'model,value\n"chat,1\n' + b"chat,2\n" * 60_000

    _, rows = read(content)

    assert rows[0][1].message == "a quote is opened and not closed"
    assert rows[-1][1] == ["chat", "2"]


def test_a_bad_byte_spoils_its_own_row_only() -> None:
    _, rows = read("model,value\nschön,1\n".encode() + b"sch\xf6n,2\n")

    assert rows[0] == (2, ["schön", "1"])
    assert rows[1][1][0] != "schön"


def test_a_packed_file_that_unpacks_without_measure_is_refused() -> None:
    bomb = gzip.compress(b"model,value\n" + b"\n" * 200_000_000)

    with pytest.raises(FileUnfit, match="more than 200 times its size"):
        read(bomb)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04rest", "workbook"),
        (b"PAR1 and nothing more", "no Parquet file"),
        (b"\n\n", "name the columns"),
        (b"\x00\x01\x02\x00" * 100, "neither text nor Parquet"),
        (b"\x1f\x8bnot gzip at all", "damaged"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(content: bytes, why: str) -> None:
    with pytest.raises(FileUnfit, match=why):
        read(content)


def parquet(**options: Any) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    noon = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    columns = {
        "model": pa.array(["chat"] * 9 + [None]).dictionary_encode(),
        "value": pa.array([number / 10 for number in range(10)]),
        "exact": pa.array([Decimal("1.25")] * 10),
        "observed_at": pa.array([noon] * 10, pa.timestamp("ns", "UTC")),
        "local": pa.array([dt.datetime(2026, 3, 1, 12)] * 10),
        "nested": pa.array([[1]] * 10),
    }
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **options)
    return out.getvalue()


@pytest.mark.parametrize("options", [{}, {"row_group_size": 3}, {"version": "1.0"}, {"compression": "zstd"}], ids=str)
def test_a_parquet_file_is_read_with_its_types(options: dict[str, Any]) -> None:
    header, rows = read(parquet(**options))

    assert list(header) == ["model", "value", "exact", "observed_at", "local"]
    assert [row for row, _ in rows] == list(range(2, 12))
    assert rows[3][1][:3] == ["chat", 0.3, 1.25]
    assert rows[3][1][3] == dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    assert rows[9][1][0] is None
    assert read(parquet(**options), after=6)[1] == rows[5:]


def test_a_row_group_that_would_not_fit_into_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from models_registry.backfills import parquet as room

    monkeypatch.setattr(room, "LARGEST_GROUP", 10)

    with pytest.raises(FileUnfit, match="smaller row groups"):
        read(parquet())


def test_a_text_that_stands_in_many_rows_is_held_once() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out, rows = io.BytesIO(), 20_000
    names = pa.DictionaryArray.from_arrays(pa.array([0, 1] * (rows // 2), pa.int32()), pa.array(["a" * 1_000_000, "b"]))
    pq.write_table(pa.table({"model": names}), out, compression="zstd", store_schema=False)
    assert len(out.getvalue()) < 2_000  # and 10 GB where each row has its own

    _, found = read(out.getvalue())

    assert len(found) == rows
    assert len({id(cells[0]) for _, cells in found[:5_000]}) == 2


def test_a_damaged_parquet_file_is_told() -> None:
    content = bytearray(parquet(compression="none"))
    content[4:200] = b"\xff" * 196

    with pytest.raises(FileUnfit, match="damaged"):
        read(bytes(content))


def test_the_sample_is_short_and_leaves_broken_rows_out() -> None:
    raw = io.BytesIO(b"model,value\n" + b"x" * (tables.LONGEST_LINE + 5) + b"\n" + b"chat,1\n" * 200)

    table = open_table(raw, shape_of(raw), size=10_000_000)  # type: ignore[arg-type]

    assert len(sample(table)) == tables.SAMPLE_ROWS - 1
