"""Doors of the export: a page with every table a person may take, and the files."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.reports.export_actions import note_export
from models_registry.access.callers import actor_of
from models_registry.access.exports import exports_for
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open
from models_registry.tabular.writing import Export, csv_parts, json_parts, workbook, zip_parts

EVERYTHING: Final = "everything"
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@page(Permission.MODEL_READ)
def export(request: HttpRequest) -> HttpResponse:
    """Offer every table that the person may take."""
    actor = actor_of(request)
    context = {
        "tables": exports_for(actor=actor),
        "everything": EVERYTHING,
        "may_take_trail": may_open(actor, Permission.AUDIT_EXPORT).allowed,
    }
    return render(request, "governance/reports/export.html", context)


@require_safe
@page(Permission.MODEL_READ)
def export_file(request: HttpRequest, table: str, form: str) -> HttpResponseBase:
    """Give one table, or everything, as a file. A workbook of everything leaves out what is without end."""
    actor, whole = actor_of(request), table == EVERYTHING
    found = [one for one in exports_for(actor=actor) if whole or one.name == table]
    if form == "xlsx":
        found = [one for one in found if not one.bulky]
    if not found:
        raise Http404("No table is called so, or it is not given in this form.")
    if request.method == "GET":
        note_export(by=actor, at=timezone.now(), tables=found, form=form.upper())
    name = f"redline-{table.replace('_', '-')}-{timezone.now():%Y-%m-%d}"
    if form == "xlsx":
        return FileResponse(workbook(found), as_attachment=True, filename=f"{name}.xlsx", content_type=WORKBOOK)
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
