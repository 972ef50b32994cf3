"""What people do with an import: bring a file, say what its columns mean, apply it, take it back.

The work itself is rows, done step by step by `working`; what is small is done at once.
"""

import datetime as dt
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from django.db import transaction

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied, may_open
from models_registry.intake import undoing
from models_registry.intake.fields import BY_NAME, guess
from models_registry.intake.models import Intake, IntakeItem, IntakeKind, IntakeState, ItemState, Outcome, SavedMapping
from models_registry.intake.parsing import Unfit, parse
from models_registry.intake.sheets import Row, read_table
from models_registry.intake.standing import people

USUAL_FIELDS: Final = ("owner", "unit", "kind")
OPEN_STATES: Final = (IntakeState.MAPPING, IntakeState.CHECKED)


class MappingUnfit(ValueError):
    """Each field comes from one column, and a name or a slug is needed to know a model by."""

    http_status = 400


class NotNow(Exception):
    """The import is not in a state in which this can be done."""

    http_status = 409


class RowsUnfit(Exception):
    """Some rows have problems, so nothing was imported. Import the good rows alone, or mend the file."""

    http_status = 409


class NothingToDo(Exception):
    """Every model already is as the file says, so there is nothing to apply."""

    http_status = 409


class CannotTakeBack(Exception):
    """What the import did was changed since, so nothing was taken back."""

    http_status = 409


def require_either(by: Account) -> None:
    """Return when the account may register or edit some model; raise AccessDenied when neither."""
    answer = may_open(by, Permission.MODEL_REGISTER)
    if not answer and not may_open(by, Permission.MODEL_EDIT):
        raise AccessDenied(answer.reason)


@transaction.atomic
def upload(*, by: Account, at: dt.datetime, file_name: str, raw: bytes) -> Intake:
    """Read a file and propose what its columns mean. Nothing counts yet.

    The same bytes from the same person are the same import while it is not applied. Raises AccessDenied and FileUnfit.
    """
    require_either(by)
    table = read_table(raw)
    digest = f"sha256:{hashlib.sha256(raw).hexdigest()}"
    waiting = Intake.objects.filter(digest=digest, uploaded_by=by, kind=IntakeKind.FILE, state__in=OPEN_STATES)
    if (known := waiting.order_by("-pk").first()) is not None:
        return known
    saved = SavedMapping.objects.filter(headings_digest=headings_digest(table.headings)).first()
    proposed = {str(place): name for place, name in guess(table.headings).items()}
    return Intake.objects.create(
        file_name=_file_name(file_name),
        form=table.form,
        digest=digest,
        size_bytes=len(raw),
        told=table.told,
        headings=list(table.headings),
        rows=zlib.compress(msgspec.json.encode(list(table.rows))),
        row_count=len(table.rows),
        mapping=saved.mapping if saved else proposed,
        usual=saved.usual if saved else {},
        scopes=scopes_of(by),
        uploaded_by=by,
        uploaded_at=at,
    )


@transaction.atomic
def map_columns(
    *, by: Account, at: dt.datetime, intake: Intake, mapping: Mapping[int, str], usual: Mapping[str, str]
) -> Intake:
    """Say what each column means, and what new models get where a row says nothing; the check begins.

    It is remembered for files with the same headings. Raises AccessDenied, NotNow and MappingUnfit.
    """
    held = own(by, intake, *OPEN_STATES)
    if held.kind != IntakeKind.FILE:
        raise NotNow("A bulk edit has no columns to map.")
    _fit(mapping, held.headings)
    kept = {name: text.strip() for name, text in usual.items() if name in USUAL_FIELDS and text.strip()}
    known = people()
    for name, text in kept.items():
        try:
            parse(BY_NAME[name], text, known)
        except Unfit as unfit:
            raise MappingUnfit(f"{BY_NAME[name].label} of new models: {unfit}") from None
    held.mapping, held.usual = {str(place): name for place, name in sorted(mapping.items())}, kept
    SavedMapping.objects.update_or_create(
        headings_digest=headings_digest(held.headings),
        defaults={"mapping": held.mapping, "usual": kept, "saved_by": by, "saved_at": at},
    )
    IntakeItem.objects.filter(intake=held).delete()
    _add_items(held, grouped(held))
    return _begin_check(held, then_apply=False)


@transaction.atomic
def check_again(*, by: Account, at: dt.datetime, intake: Intake) -> Intake:
    """Compare the rows with the record anew. Raises AccessDenied and NotNow."""
    return _begin_check(own(by, intake, IntakeState.CHECKED), then_apply=False)


@transaction.atomic
def apply(*, by: Account, at: dt.datetime, intake: Intake, good_rows_only: bool = False) -> Intake:
    """Begin to apply an import: it is compared with the record once more, and applied if that shows nothing new.

    Raises AccessDenied, NotNow, NothingToDo, and RowsUnfit unless the good rows alone are asked for.
    """
    held = own(by, intake, IntakeState.CHECKED)
    bad = held.counts.get(Outcome.WRONG, 0) + held.counts.get(Outcome.REFUSED, 0)
    if not held.counts.get(Outcome.CREATE, 0) + held.counts.get(Outcome.CHANGE, 0):
        raise NothingToDo("No row is in order." if bad else NothingToDo.__doc__)
    if bad and not good_rows_only:
        raise RowsUnfit(RowsUnfit.__doc__)
    held.good_rows_only = good_rows_only
    held.applied_by = by
    return _begin_check(held, then_apply=True)


@transaction.atomic
def undo(*, by: Account, at: dt.datetime, intake: Intake, reason: str) -> Intake:
    """Begin to take an import back. Raises AccessDenied, NotNow, and CannotTakeBack with what was changed since."""
    held = own(by, intake, IntakeState.APPLIED)
    seen = undoing.preview(intake=held, by=by)
    if seen.obstacles:
        slug, why = seen.obstacles[0]
        more = f" {len(seen.obstacles) - 1} more models were changed too." if len(seen.obstacles) > 1 else ""
        raise CannotTakeBack(f"{CannotTakeBack.__doc__} {slug}: {why}{more}")
    held.state, held.reason, held.undone_by = IntakeState.UNDOING, reason.strip()[:500], by
    held.done, held.attempts, held.trouble = 0, 0, ""
    held.total = held.items.filter(state=ItemState.DONE).count()
    held.save()
    return held


def own(by: Account, intake: Intake, *states: str) -> Intake:
    """Return the locked import. Raises AccessDenied unless it is the account's own, and NotNow in other states."""
    require_either(by)
    held = Intake.objects.select_for_update(of=("self",)).select_related("uploaded_by").get(pk=intake.pk)
    if held.uploaded_by_id != by.pk:
        raise AccessDenied(f"Only {held.uploaded_by} can do this: the rows were judged by what they may do.")
    if held.state not in states:
        raise NotNow(f"The import is {held.get_state_display().lower()}.")
    return held


def propose(*, by: Account, at: dt.datetime, name: str, asked: Sequence[Mapping[str, str]]) -> Intake:
    """Keep a bulk edit as an import whose rows are cells by field, one row for each model; the check begins.

    Models that the account may not edit are refused one by one and hold the others back no longer. Raises
    AccessDenied.
    """
    require_either(by)
    rows = [[{"row": number, "cells": dict(cells)}] for number, cells in enumerate(asked, start=1)]
    said = json.dumps(list(map(dict, asked)), sort_keys=True).encode()
    with transaction.atomic():
        made = Intake.objects.create(
            kind=IntakeKind.EDIT, file_name=_file_name(name), digest=f"sha256:{hashlib.sha256(said).hexdigest()}",
            size_bytes=len(said), row_count=len(rows), good_rows_only=True, scopes=scopes_of(by), uploaded_by=by,
            uploaded_at=at,
        )  # fmt: skip
        _add_items(made, rows)
        return _begin_check(made, then_apply=False)


def headings_digest(headings: Sequence[str]) -> str:
    """Return what names a row of headings, whatever their case."""
    text = json.dumps([heading.strip().lower() for heading in headings])
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def rows_of(intake: Intake) -> list[Row]:
    """Return the rows of the file."""
    return msgspec.json.decode(zlib.decompress(bytes(intake.rows)), type=list[Row]) if intake.rows else []


def grouped(intake: Intake) -> list[list[dict[str, Any]]]:
    """Return the mapped cells of the file, by model: rows with the same slug, or else the same name, are about one."""
    places = [(int(place), name) for place, name in intake.mapping.items()]
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(intake):
        cells = {name: row.cells[place] for place, name in places if row.cells[place]}
        key = (cells.get("slug") or cells.get("name") or f"\x00{row.number}").lower()
        found.setdefault(key, []).append({"row": row.number, "cells": cells})
    return list(found.values())


def scopes_of(by: Account) -> list[str]:
    """Return to which permissions the token of this request is limited; nothing where it is not."""
    return sorted(getattr(by, "_scopes", ()))


def _fit(mapping: Mapping[int, str], headings: Sequence[str]) -> None:
    named = list(mapping.values())
    if unknown := [name for name in named if name not in BY_NAME]:
        raise MappingUnfit(f"{unknown[0][:40]} is not a field.")
    if any(not 0 <= place < len(headings) for place in mapping):
        raise MappingUnfit("The file has no such column.")
    if twice := next((name for name in named if named.count(name) > 1), None):
        raise MappingUnfit(f"Two columns are mapped to {BY_NAME[twice].label.lower()}. Leave one of them out.")
    if not {"slug", "name"} & set(named):
        raise MappingUnfit("Map a column to the name or to the slug: a model is known by one of them.")


def _add_items(intake: Intake, groups: Sequence[Sequence[Mapping[str, Any]]]) -> None:
    IntakeItem.objects.bulk_create(
        (
            IntakeItem(
                intake=intake,
                position=position,
                asked=list(rows),
                slug=rows[0]["cells"].get("slug", "")[:80],
                name=rows[0]["cells"].get("name", "")[:120],
            )
            for position, rows in enumerate(groups, start=1)
        ),
        batch_size=2_000,
    )
    intake.total = len(groups)


def _begin_check(intake: Intake, *, then_apply: bool) -> Intake:
    intake.state, intake.then_apply = IntakeState.CHECKING, then_apply
    intake.done, intake.attempts, intake.trouble = 0, 0, ""
    intake.total = intake.items.count()
    intake.save()
    return intake


def _file_name(given: str) -> str:
    shown = "".join(sign for sign in given.replace("\\", "/").rpartition("/")[2] if sign.isprintable())
    return shown.strip()[:200] or "A file without a name"
