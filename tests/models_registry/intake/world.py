"""Inventories as companies keep them, and the work of an import done to the end."""

from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from models_registry.access.models import Account
from models_registry.intake import actions
from models_registry.intake.models import Intake, IntakeState
from models_registry.intake.working import work
from tests.journeys.builders import people

AT = datetime(2026, 10, 20, 12, tzinfo=UTC)


def olive() -> Account:
    """Return the owner of the claims models, who brings inventories in."""
    return Account.objects.get(pk=people().olive.pk)


def a_sheet(rows: list[list[Any]], title: str = "Inventory") -> bytes:
    """Return a workbook with these rows."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def uploaded(content: str | bytes, *, by: Account | None = None, name: str = "inventory.csv") -> Intake:
    """Return a file that was brought in and not mapped yet."""
    raw = content.encode() if isinstance(content, str) else content
    return actions.upload(by=by or olive(), at=AT, file_name=name, raw=raw)


def checked(
    content: str | bytes,
    *,
    by: Account | None = None,
    usual: Mapping[str, str] | None = None,
    mapping: Mapping[int, str] | None = None,
) -> Intake:
    """Return a file that was mapped as proposed and checked."""
    by = by or olive()
    intake = uploaded(content, by=by)
    asked = mapping or {int(place): name for place, name in intake.mapping.items()}
    actions.map_columns(by=by, at=AT, intake=intake, mapping=asked, usual=usual or {})
    return done(intake)


def applied(content: str | bytes, *, good_rows_only: bool = False, **more: Any) -> Intake:
    """Return a file that was applied."""
    intake = checked(content, **more)
    actions.apply(by=intake.uploaded_by, at=AT, intake=intake, good_rows_only=good_rows_only)
    return done(intake)


def done(intake: Intake) -> Intake:
    """Do all the work that waits on an import, and return it as it is then."""
    work(at=AT, seconds=60, intake=intake)
    intake.refresh_from_db()
    assert intake.state not in {IntakeState.CHECKING, IntakeState.APPLYING, IntakeState.UNDOING}
    return intake


def outcomes(intake: Intake) -> list[tuple[str, str]]:
    """Return what each model of an import is in for."""
    return list(intake.items.order_by("position").values_list("slug", "outcome"))


def problems(intake: Intake) -> list[tuple[int, str, str]]:
    """Return every problem: its row, its field and its text."""
    return [
        (one["row"], one["field"], one["text"]) for item in intake.items.order_by("position") for one in item.problems
    ]
