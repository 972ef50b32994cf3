"""Files as spreadsheets and people write them, and files that mean harm."""

import io
import json
import zipfile

import pytest
from openpyxl import Workbook

from models_registry.intake.fields import guess
from models_registry.intake.sheets import read_table
from models_registry.tabular.texts import FileUnfit
from tests.models_registry.intake.world import a_sheet

CSV = "Name;Owner\nGrößenschätzung;olive\n"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (CSV.encode(), ""),
        (CSV.encode("utf-8-sig"), ""),
        (CSV.encode("utf-16"), "Read as UTF-16."),
        (CSV.encode("cp1252"), "Read as Windows-1252, because it is not UTF-8."),
        (CSV.replace(";", "\t").encode(), ""),
        (CSV.replace(";", ",").encode(), ""),
        (CSV.replace(";", "|").encode(), ""),
        (CSV.replace("\n", "\r\n").encode(), ""),
        (b"sep=;\r\n" + CSV.encode(), ""),
    ],
)
def test_csv_is_read_in_the_forms_that_spreadsheets_write(raw: bytes, told: str) -> None:
    table = read_table(raw)

    assert (table.headings, table.rows[0].cells, table.told) == (["Name", "Owner"], ["Größenschätzung", "olive"], told)


def test_rows_have_the_numbers_that_a_spreadsheet_shows() -> None:
    table = read_table(b'Inventory 2026\n\nName,Purpose\n"a","two\nlines"\n\n,\nb,c\n')

    assert table.headings == ["Name", "Purpose"]
    assert [(row.number, row.cells) for row in table.rows] == [(4, ["a", "two\nlines"]), (7, ["b", "c"])]


def test_one_column_is_a_table_too() -> None:
    assert [row.cells for row in read_table(b"name\na\nb\n").rows] == [["a"], ["b"]]


def test_a_workbook_gives_its_first_sheet_with_rows_as_text() -> None:
    table = read_table(a_sheet([["Name", "Version", "External"], ["a", 3, True], ["b", 2.0, None], [None, None, None]]))

    assert (table.form, table.told) == ("XLSX", "Read the sheet Inventory.")
    assert [row.cells for row in table.rows] == [["a", "3", "yes"], ["b", "2", ""]]


def a_marked_sheet(rows: list[list[object]], *merged: str) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_merged_cell_counts_for_each_of_its_rows() -> None:
    rows: list[list[object]] = [
        ["Inventory 2026"], ["Name", "Owner", "Unit"], ["a", "olive", "Claims"], ["b"], [], ["c"], ["d", "noor", "Motor"]
    ]  # fmt: skip
    table = read_table(a_marked_sheet(rows, "A1:C1", "C3:C6", "B3:B4"))

    assert table.headings == ["Name", "Owner", "Unit"]
    assert [(row.number, row.cells) for row in table.rows] == [
        (3, ["a", "olive", "Claims"]),
        (4, ["b", "olive", "Claims"]),
        (6, ["c", "", "Claims"]),
        (7, ["d", "noor", "Motor"]),
    ]
    assert table.told == "Read the sheet Sheet. Merged cells count for each of their rows."


def test_headings_of_two_rows_are_not_spread_over_the_models() -> None:
    table = read_table(a_marked_sheet([["Name", "Risk"], [None, "tier"], ["a", "1"]], "A1:A2"))

    assert [row.cells for row in table.rows] == [["", "tier"], ["a", "1"]]


def test_a_formula_without_a_value_is_refused_by_its_cell() -> None:
    with pytest.raises(FileUnfit, match="Cell B3 has a formula without a value"):
        read_table(a_marked_sheet([["Name", "Owner"], ["a", "olive"], ["b", '=CONCATENATE("ol","ive")']]))


@pytest.mark.parametrize("value", [b"<v>olive</v>", b"", b" " * 300_000 + b"<is/>"])
def test_a_formula_with_a_value_is_the_value(value: bytes) -> None:
    sheet, out = a_marked_sheet([["Name", "Owner"], ["a", '=T("x")']]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            content = old.read(member).replace(b"<v />", value).replace(b"<v/>", value)
            new.writestr(
                member, content.replace(b'<c r="B2">', b'<c r="B2" t="str">' if len(value) < 99 else b'<c r="B2">')
            )

    assert read_table(out.getvalue()).rows[0].cells == ["a", "olive" if b"olive" in value else ""]


def test_german_quotes_of_windows_are_not_taken_for_broken_utf8() -> None:
    table = read_table("Name;Zweck\nx;„Spaß“ für Größen\n".encode("cp1252"))

    assert table.rows[0].cells == ["x", "„Spaß“ für Größen"]


def test_json_is_a_list_of_objects_alone_or_under_a_name() -> None:
    told = [{"name": "a", "tags": ["x", "y"], "customer_facing": True}, {"name": "b", "version": 3}]

    for given in (told, {"models": told}):
        table = read_table(json.dumps(given).encode())
        assert table.headings == ["name", "tags", "customer_facing", "version"]
        assert [row.cells for row in table.rows] == [["a", "x; y", "yes", ""], ["b", "", "", "3"]]


def a_zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return out.getvalue()


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"name,owner\n", "no rows"),
        (b"name\n" * 1 + b"\x00\n", "characters that no text has"),
        (b"x" * (8 * 1024 * 1024 + 1), "at most 8 MiB"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "old .xls"),
        (b"PK\x03\x04 nonsense", "cannot be unpacked"),
        (a_zip({"a.txt": b"x"}), "not a workbook"),
        (a_zip({"xl/workbook.xml": LAUGHS}), "declares a document type"),
        (a_zip({"xl/workbook.xml": b"<x/>", "xl/big.xml": b" " * (97 * 1024 * 1024)}), "unpacks to more"),
        (a_zip({"xl/workbook.xml": b"<x/>"}), "cannot be read"),
        (a_zip({"xl/workbook.xml": b"<x/>", "xl/styles.xml": b"<xf/>" * 100_001}), "more formats or cells"),
        (a_zip({"xl/workbook.xml": b"<x/>", "xl/worksheets/s.xml": b"<c/>" * 3_000_001}), "more formats or cells"),
        (a_zip({"xl/workbook.xml": b"<x/>", "xl/s.bin": LAUGHS.decode().encode("utf-16")}), "declares a document type"),
        (b"[1, 2]", "list of objects"),
        (b'{"a": 1}', "list of objects"),
        (b"[" * 100_000, "not JSON"),
        (b'[{"a": NaN}]', "not JSON"),
        (b"a,b\n1,2,3\n", "Row 2 has more cells"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "Row 3: a quote is opened and never closed"),
        (b'a,b\n1,2\n"3"x,4\n', "Row 3: "),
        ("a;b\nGröße;1\n".encode() + b"M\xfcller;2\n", "The file is UTF-8, and line 3 has signs"),
        (CSV.encode("utf-8-sig") + b"M\xfcller;2\n", "The file is UTF-8, and line 3 has signs"),
        (b"a;b\n1;2\nM\x81ller;2\n", "neither UTF-8 nor Windows-1252, and line 3"),
        (b"\xff\xfea\x00\x00\xd8a\x00", "begins as UTF-16"),
        (b"a,b\n" + b"x" * 40_000 + b",1\n", "Row 2, a: a cell may have at most"),
        (",".join(f"c{n}" for n in range(101)).encode() + b"\n1,2\n", "at most 100 columns"),
        (b"a\n" + b"x\n" * 20_001, "at most 20,000 rows"),
        (b"a,b\n" + b"," * 700_000, "at most 600,000 cells"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(raw: bytes, why: str) -> None:
    with pytest.raises(FileUnfit, match=why):
        read_table(raw)


def test_a_workbook_that_claims_the_last_row_costs_nothing() -> None:
    sheet = a_sheet([["Name"], ["a"]])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            content = old.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                row = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row></sheetData>'
                content = content.replace(b"</sheetData>", row)
            new.writestr(member, content)

    assert [row.cells for row in read_table(out.getvalue()).rows] == [["a"]]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Model ID", "slug"), ("AI system", "name"), ("Owner (e-mail)", "owner"), ("Modell", "name"),
        ("Line of business", "unit"), ("Risk tier*", "materiality"), ("EU AI Act risk class", "regulatory_class"),
        ("DATA_CLASSIFICATION", "data_sensitivity"), ("Third party", "vendor"), ("Country", "jurisdictions"),
        ("Backup owner", "deputy"), ("Use Case", "purpose"), ("Model type", "kind"), ("external_names", "external_names"),
        ("Favourite colour", None),
    ],
)  # fmt: skip
def test_headings_of_real_companies_are_understood(heading: str, field: str | None) -> None:
    assert guess([heading]).get(0) == field


def test_a_status_without_a_version_is_not_taken_for_a_stage() -> None:
    assert guess(["Name", "Status"]) == {0: "name"}
    assert guess(["Name", "Status", "Version"]) == {0: "name", 1: "stage", 2: "version"}
