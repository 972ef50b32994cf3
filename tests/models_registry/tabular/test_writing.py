"""Tables are written as they are read: in parts, forward, and in as many sheets as they need."""

import io
import json
import zipfile
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook

from models_registry.tabular import writing
from models_registry.tabular.writing import Export, csv_parts, json_parts, workbook, zip_parts


def numbers(most: int) -> tuple[Export, list[int]]:
    """Return a table of numbers and what was read of it so far."""
    read: list[int] = []

    def rows() -> Iterator[list[int]]:
        for number in range(most):
            read.append(number)
            yield [number]

    return Export("numbers", ["number"], rows), read


@pytest.mark.parametrize("write", [csv_parts, lambda table: json_parts([table]), lambda table: zip_parts([table])])
def test_a_part_is_given_before_the_rest_is_read(write: object) -> None:
    table, read = numbers(10_000)
    parts = write(table)  # type: ignore[operator]

    while not read:
        next(parts)
    next(parts)

    assert len(read) <= 3 * writing.CHUNK


def test_all_forms_hold_the_same_rows() -> None:
    table, _ = numbers(1_001)
    packed = zipfile.ZipFile(io.BytesIO(b"".join(zip_parts([table]))))
    told = json.loads(b"".join(json_parts([table, table])))

    assert b"".join(csv_parts(table)) == packed.read("numbers.csv")
    assert told == {"numbers": [{"number": number} for number in range(1_001)]}


def test_what_is_more_than_a_sheet_holds_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "SHEET_ROWS", 2)
    empty = Export("nothing", ["a"], list)

    with workbook([numbers(5)[0], empty]) as file:
        book = load_workbook(file, read_only=True)
        held = {name: [row[0] for row in book[name].iter_rows(values_only=True)] for name in book.sheetnames}

    assert held == {
        "numbers": ["number", 0, 1], "numbers 2": ["number", 2, 3], "numbers 3": ["number", 4], "nothing": ["a"]
    }  # fmt: skip
