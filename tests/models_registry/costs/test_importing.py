"""Bills: problems by row and column, nothing by halves, once per row, taken back by opposite entries."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.costs import queries
from models_registry.costs.actions import enter_rate
from models_registry.costs.importing import (
    AlreadyImported,
    NotImported,
    RowsUnfit,
    apply_import,
    preview,
    undo_import,
    upload,
)
from models_registry.costs.models import CostImport, CostRecord, ExchangeRate, ImportState
from models_registry.costs.money import SumUnfit
from models_registry.costs.reading import text_of
from models_registry.tabular.texts import FileUnfit
from tests.journeys.builders import a_model, people
from tests.models_registry.costs.world import AT, DAY, TODAY, a_bill, adam, cora, robot

pytestmark = pytest.mark.django_db


def total() -> int:
    return queries.showback(actor=cora(), span=queries.span_of(month="", at=AT), by="unit").now


def test_a_bill_is_looked_at_first_and_counts_when_it_is_imported() -> None:
    a_model("copilot")
    bill = a_bill(f"{TODAY},copilot,10.50,USD,,winter", f"{TODAY},,2,USD,,")

    seen = preview(source=bill, at=AT)
    assert (len(seen.fresh), seen.totals, total()) == (2, {"USD": 12_500_000}, 0)
    assert apply_import(by=cora(), at=AT, source=bill) == 2

    assert total() == 12_500_000
    by_unit = queries.showback(actor=cora(), span=queries.span_of(month="", at=AT), by="unit").lines
    assert [(line.name, line.now) for line in by_unit] == [("Claims", 10_500_000), ("Unattributed", 2_000_000)]
    entry = AuditEntry.objects.get(action="cost.imported")
    assert (entry.body["rows"], entry.body["totals"]) == (2, {"USD": "12.5"})


def test_every_problem_names_its_row_and_column_and_nothing_is_imported() -> None:
    a_model("copilot")
    bill = a_bill(
        "2026-10-32,copilot,1,USD,,",
        f"{TODAY},nobody,1e3,JPY,no-team,",
        f"{TODAY + DAY},copilot,1,USD,,{'x' * 81}",
        f"{TODAY},copilot,5,USD,,",
    )

    wrong = preview(source=bill, at=AT).bill.wrong

    places = [(one.row, one.column) for one in wrong]
    assert places == [
        (2, "date"),
        (3, "amount"),
        (3, "currency"),
        (3, "model"),
        (3, "team"),
        (4, "date"),
        (4, "project"),
    ]
    with pytest.raises(RowsUnfit):
        apply_import(by=cora(), at=AT, source=bill)
    assert not CostRecord.objects.exists()


def test_the_good_rows_come_alone_when_asked_and_the_rest_follows_later() -> None:
    a_model("copilot")
    bill = a_bill(f"{TODAY},copilot,5,USD,,", f"{TODAY},triage,7,USD,,")
    assert apply_import(by=cora(), at=AT, source=bill, good_rows_only=True) == 1
    a_model("triage")

    assert apply_import(by=cora(), at=AT, source=bill) == 1

    assert total() == 12_000_000
    with pytest.raises(AlreadyImported):
        apply_import(by=cora(), at=AT, source=bill)


def test_the_same_file_again_is_the_same_import() -> None:
    first = a_bill(f"{TODAY},,5,USD,,")
    apply_import(by=cora(), at=AT, source=first)

    again = a_bill(f"{TODAY},,5,USD,,")

    assert again == first
    with pytest.raises(AlreadyImported):
        apply_import(by=cora(), at=AT, source=again)
    assert total() == 5_000_000


def test_an_import_is_taken_back_by_opposite_entries_and_may_come_again() -> None:
    bill = a_bill(f"{TODAY},,5,USD,,", f"{TODAY - DAY},,6,USD,,")
    apply_import(by=cora(), at=AT, source=bill)

    assert undo_import(by=cora(), at=AT, source=bill, reason="Wrong month.") == 2

    assert total() == 0
    amounts = CostRecord.objects.order_by("pk").values_list("amount_micros", flat=True)
    assert list(amounts) == [5_000_000, 6_000_000, -5_000_000, -6_000_000]
    with pytest.raises(NotImported):
        undo_import(by=cora(), at=AT, source=bill, reason="Again.")
    apply_import(by=cora(), at=AT, source=bill)
    assert total() == 11_000_000
    assert CostImport.objects.get().state == ImportState.IMPORTED


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("date,amount,colour\n2026-10-01,1,red\n", "Row 1: the column colour is not known"),
        ("date,model\n2026-10-01,x\n", "Row 1: the column amount is missing"),
        ("date,amount,date\n2026-10-01,1,2\n", "Row 1: the column date is there twice"),
        ("date,amount\n", "a head and no lines"),
        ("date,amount\n2026-10-01,1,2,3\n", "Row 2: it has 4 cells"),
        ('date,amount\n2026-10-01,"1\n', "Row 2"),
        ('date,"amount\n2026-10-01,1\n', "Row 1"),
        ("date,amount" + "x" * 140_000 + "\n2026-10-01,1\n", "Row 1"),
        ("\r", "Row 1"),
        ("date,amount\n" + "2026-10-01,1\n" * 10_001, "at most 10,000 lines"),
    ],
)
def test_a_file_that_is_no_bill_is_refused_by_row(content: str, words: str) -> None:
    with pytest.raises(FileUnfit) as refused:
        upload(by=cora(), at=AT, file_name="x.csv", content=content)

    assert words in str(refused.value)
    assert not CostImport.objects.exists()


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00d", b"   ", b"x" * 1_048_577, b"date,amount\n\x00,1"])
def test_bytes_that_are_no_text_are_refused(raw: bytes) -> None:
    with pytest.raises(FileUnfit):
        text_of(raw)


def test_a_spreadsheets_semicolons_and_mark_are_read() -> None:
    content = text_of("\ufeffdate;amount;currency\n2026-10-01;1.5;usd\n".encode())
    bill = upload(by=adam(), at=AT, file_name="x.csv", content=content)

    assert apply_import(by=robot(), at=AT, source=bill) == 1
    assert total() == 1_500_000


def test_a_cell_that_an_export_kept_from_being_a_formula_comes_back_as_it_was() -> None:
    bill = upload(by=cora(), at=AT, file_name="x.tsv", content="date\tamount\tdescription\n2026-10-01\t-1.5\t'=GPU\n")

    assert apply_import(by=cora(), at=AT, source=bill) == 1
    assert (total(), CostRecord.objects.get().description) == (-1_500_000, "=GPU")


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_a_line_ends_as_any_machine_ends_it(end: str) -> None:
    bill = upload(by=cora(), at=AT, file_name="x.csv", content=f"date,amount{end}2026-10-01,1{end}2026-10-02,2{end}")

    assert apply_import(by=cora(), at=AT, source=bill) == 2
    assert total() == 3_000_000


def test_a_day_that_comes_to_more_than_can_be_counted_is_not_imported() -> None:
    bill = a_bill(*["2026-10-01,,999999999,,,"] * 9_300)

    with pytest.raises(SumUnfit):
        apply_import(by=cora(), at=AT, source=bill)

    assert (CostRecord.objects.count(), total()) == (0, 0)


def test_a_rate_that_makes_an_amount_too_large_is_not_entered() -> None:
    rate = {"by": cora(), "at": AT, "currency": "EUR", "effective_on": TODAY}
    enter_rate(**rate, rate=Decimal(1))
    apply_import(by=cora(), at=AT, source=a_bill(f"{TODAY},,999999999,EUR,,"))

    with pytest.raises(SumUnfit):
        enter_rate(**rate, rate=Decimal(999_999))

    assert ExchangeRate.objects.count() == 1


def test_who_may_not_import_is_refused() -> None:
    with pytest.raises(AccessDenied):
        upload(by=people().olive, at=AT, file_name="x.csv", content="date,amount\n2026-10-01,1\n")


def test_records_are_never_changed_and_never_written_without_an_entry() -> None:
    bill = a_bill(f"{TODAY},,5,USD,,")
    apply_import(by=cora(), at=AT, source=bill)

    for change in (CostRecord.objects.all().delete, lambda: CostRecord.objects.update(amount_micros=1)):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
