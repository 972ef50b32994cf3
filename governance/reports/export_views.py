"""Doors of the export: a page with every table a person may take, and the files."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.reports.export_actions import note_export
from governance.reports.exporting import tables
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.intake.writing import Export, csv_parts, json_parts, workbook, zip_parts

EVERYTHING: Final = "everything"
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORDS: Final[Mapping[str, str]] = {
    "models": "Facts of every model. Import it again and nothing changes.",
    "versions": "Every version with its stage and aliases. It can be imported too.",
    "aliases": "Which version each alias points at.",
    "archived_models": "Models that were archived.",
    "validations": "Results of validation suites, by version.",
    "standing": "Level, health and room of every model now.",
    "risks": "The risk register, closed risks included.",
    "plans": "Mitigation plans.",
    "acceptances": "Acceptances, ended ones included.",
}


@require_safe
@page(Permission.MODEL_READ)
def export(request: HttpRequest) -> HttpResponse:
    """Offer every table that the person may take."""
    found = tables(actor=cast(Account, request.user))
    rows = [(one.name, one.name.replace("_", " ").capitalize(), WORDS[one.name]) for one in found]
    return render(request, "governance/reports/export.html", {"rows": rows, "everything": EVERYTHING})


@require_safe
@page(Permission.MODEL_READ)
def export_file(request: HttpRequest, table: str, form: str) -> HttpResponseBase:
    """Give one table, or everything, as a file."""
    actor = cast(Account, request.user)
    found = [one for one in tables(actor=actor) if table in (EVERYTHING, one.name)]
    if not found:
        raise Http404("No table is called so.")
    if request.method == "GET":
        note_export(by=actor, at=timezone.now(), tables=found, form=form.upper())
    name = f"redline-{table.replace('_', '-')}-{timezone.now():%Y-%m-%d}"
    if form == "xlsx":
        return FileResponse(workbook(found), as_attachment=True, filename=f"{name}.xlsx", content_type=WORKBOOK)
    whole = table == EVERYTHING
    ending, kind, parts = STREAMS[form](found, whole=whole)
    response = StreamingHttpResponse(parts, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response


def _csv(found: Sequence[Export], *, whole: bool) -> tuple[str, str, Iterable[bytes]]:
    if whole:
        return "zip", "application/zip", zip_parts(found)
    return "csv", "text/csv; charset=utf-8", csv_parts(found[0])


def _json(found: Sequence[Export], *, whole: bool) -> tuple[str, str, Iterable[bytes]]:
    return "json", "application/json", json_parts(found)


STREAMS: Final[Mapping[str, Callable[..., tuple[str, str, Iterable[bytes]]]]] = {"csv": _csv, "json": _json}
