"""Bills come in: previewed, imported whole or by their good lines, undone by entries of the opposite amount."""

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from models_registry.access.models import Account, BusinessUnit, Team
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.catalog.models import ModelVersion, RegisteredModel
from models_registry.costs.ledger import derive, fold_records, project_of
from models_registry.costs.models import CostImport, CostRecord, ImportState
from models_registry.costs.money import plain
from models_registry.costs.reading import Bill, Known, Line, Names, read_bill
from models_registry.costs.standing import rates

CHUNK = 2_000


class RowsUnfit(Exception):
    """Some rows of the file have problems, so nothing was imported. Import the good rows alone, or mend the file."""

    http_status = 409


class AlreadyImported(Exception):
    """Every good row of this file is on record already."""

    http_status = 409


class NotImported(Exception):
    """This file is not imported, so there is nothing to undo."""

    http_status = 409


@dataclass(frozen=True)
class Preview:
    """What importing a file would do now: the bill, and which of its lines are not on record yet."""

    bill: Bill
    fresh: tuple[Line, ...]

    @property
    def totals(self) -> dict[str, int]:
        """The fresh lines' sum in millionths, by currency."""
        found: dict[str, int] = {}
        for line in self.fresh:
            found[line.currency] = found.get(line.currency, 0) + line.amount_micros
        return dict(sorted(found.items()))


@transaction.atomic
def upload(
    *, by: Account, at: dt.datetime, file_name: str, content: str, replaces_measured: bool = False
) -> CostImport:
    """Keep a file so that it can be looked at and imported. The same content again is the same import.

    Nothing counts yet. Raises AccessDenied, and FileUnfit where it cannot be read as a bill.
    """
    require(by, Permission.COST_WRITE)
    read_bill(content, names=names_at(at))
    digest = f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
    found, _ = CostImport.objects.get_or_create(
        digest=digest,
        defaults={
            "file_name": file_name[:200] or "A bill without a name",
            "content": content,
            "replaces_measured": replaces_measured,
            "uploaded_by": by,
            "uploaded_at": at,
        },
    )
    if found.state == ImportState.PREVIEWED and found.replaces_measured != replaces_measured:
        found.replaces_measured = replaces_measured
        found.save(update_fields=["replaces_measured"])
    return found


def preview(*, source: CostImport, at: dt.datetime) -> Preview:
    """Return what importing the file would do now. Writes nothing."""
    bill = read_bill(source.content, names=names_at(at))
    taken = set(_standing(source).values_list("row", flat=True))
    return Preview(bill, tuple(line for line in bill.lines if line.row not in taken))


@transaction.atomic
def apply_import(*, by: Account, at: dt.datetime, source: CostImport, good_rows_only: bool = False) -> int:
    """Put the rows of a file on record and return how many were new; a row is taken once.

    Raises AccessDenied, RowsUnfit unless the good rows alone are asked for, AlreadyImported and SumUnfit.
    """
    require(by, Permission.COST_WRITE)
    held = CostImport.objects.select_for_update().get(pk=source.pk)
    seen = preview(source=held, at=at)
    if seen.bill.wrong and not good_rows_only:
        raise RowsUnfit(RowsUnfit.__doc__)
    if not seen.fresh:
        raise AlreadyImported(AlreadyImported.__doc__ if seen.bill.lines else "No row of this file is in order.")
    CostRecord.objects.bulk_create((_record(line, held, by, at) for line in seen.fresh), batch_size=CHUNK)
    held.state, held.imported_by, held.imported_at = ImportState.IMPORTED, by, at
    held.save(update_fields=["state", "imported_by", "imported_at"])
    body = {
        "at": at,
        "file": held.file_name,
        "digest": held.digest,
        "rows": len(seen.fresh),
        "left_out": seen.bill.bad_rows,
        "replaces_measured": held.replaces_measured,
        "totals": {currency: plain(micros) for currency, micros in seen.totals.items()},
    }
    record(by=by, action="cost.imported", on=held, body=body)
    _settle(held, {line.day for line in seen.fresh})
    return len(seen.fresh)


@transaction.atomic
def undo_import(*, by: Account, at: dt.datetime, source: CostImport, reason: str) -> int:
    """Take an import back: every record gets one of the opposite amount; return how many. Both stay on record.

    The file may be imported again. Raises AccessDenied and NotImported.
    """
    require(by, Permission.COST_WRITE)
    held = CostImport.objects.select_for_update().get(pk=source.pk)
    standing = list(_standing(held))
    if held.state != ImportState.IMPORTED or not standing:
        raise NotImported(NotImported.__doc__)
    CostRecord.objects.bulk_create((_opposite(one, by, at) for one in standing), batch_size=CHUNK)
    held.state, held.undone_by, held.undone_at, held.reason = ImportState.UNDONE, by, at, reason[:500]
    held.round += 1
    held.save(update_fields=["state", "undone_by", "undone_at", "reason", "round"])
    body = {"at": at, "file": held.file_name, "digest": held.digest, "rows": len(standing), "why": held.reason}
    record(by=by, action="cost.import_undone", on=held, body=body)
    _settle(held, {one.day for one in standing})
    return len(standing)


def names_at(at: dt.datetime) -> Names:
    """Return what the names in a file may mean at this moment."""
    versions: dict[int, dict[int, int]] = {}
    for pk, model_id, number in ModelVersion.objects.values_list("pk", "model_id", "number"):
        versions.setdefault(model_id, {})[number] = pk
    models: dict[str, Known] = {}
    for model in RegisteredModel.objects.order_by("-archived_at", "pk"):
        known = Known(model.pk, model.unit_id, model.team_id, project_of(model), versions.get(model.pk, {}))
        models.setdefault(model.name.lower(), known)
        models[model.slug.lower()] = known
    return Names(
        models=models,
        units=_named(BusinessUnit.objects.values_list("pk", "slug", "name")),
        teams={
            name.lower(): (pk, unit_id)
            for pk, unit_id, *words in Team.objects.values_list("pk", "unit_id", "name", "slug")
            for name in words
        },
        rates=rates(),
        today=at.astimezone(dt.UTC).date(),
    )


def _named(rows: Collection[tuple[int, str, str]] | QuerySet[BusinessUnit, tuple[int, str, str]]) -> dict[str, int]:
    return {name.lower(): pk for pk, slug, words in rows for name in (words, slug)}


def _standing(source: CostImport) -> QuerySet[CostRecord]:
    """Return the records of the present round: those that nothing compensates."""
    return CostRecord.objects.filter(source=source, round=source.round, compensates__isnull=True).order_by("row")


def _settle(source: CostImport, days: set[dt.date]) -> None:
    fold_records(days=days)
    if source.replaces_measured:
        derive(since=min(days), until=max(days))


def _record(line: Line, source: CostImport, by: Account, at: dt.datetime) -> CostRecord:
    return CostRecord(
        source=source, round=source.round, row=line.row, day=line.day, model_id=line.model_id,
        version_id=line.version_id, unit_id=line.unit_id, team_id=line.team_id, project=line.project,
        amount_micros=line.amount_micros, currency=line.currency, description=line.description, recorded_by=by,
        recorded_at=at,
    )  # fmt: skip


def _opposite(one: CostRecord, by: Account, at: dt.datetime) -> CostRecord:
    return CostRecord(
        source_id=one.source_id, round=one.round, row=one.row, compensates=one, day=one.day, model_id=one.model_id,
        version_id=one.version_id, unit_id=one.unit_id, team_id=one.team_id, project=one.project,
        amount_micros=-one.amount_micros, currency=one.currency, description=one.description, recorded_by=by,
        recorded_at=at,
    )  # fmt: skip
