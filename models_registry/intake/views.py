"""Pages of imports: bring a file, say what its columns mean, see what it would do, apply it, take it back."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from models_registry.access.callers import actor_of
from models_registry.access.downloads import csv_response
from models_registry.access.listing import is_fragment
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open
from models_registry.intake import actions, queries, undoing
from models_registry.intake.forms import MappingForm, UndoForm, UploadForm
from models_registry.intake.models import Intake, IntakeKind, IntakeState, Outcome
from models_registry.intake.sheets import LARGEST_FILE
from models_registry.intake.working import settle
from models_registry.tabular.texts import FileUnfit

PAGE = 50
SAMPLES = 3
TABS = (
    (Outcome.WRONG, "With problems"),
    (Outcome.REFUSED, "Refused"),
    (Outcome.CHANGE, "Changed"),
    (Outcome.CREATE, "Created"),
    (Outcome.SAME, "Left alone"),
)
CONFLICTS = (actions.NotNow, actions.NothingToDo, actions.RowsUnfit, actions.CannotTakeBack)


@require_safe
@page(Permission.MODEL_READ)
def imports(request: HttpRequest) -> HttpResponse:
    """List imports and bulk edits, newest first."""
    found = Paginator(queries.imports_for(actor=actor_of(request)), PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": found, "refusal": may_open(actor_of(request), Permission.MODEL_REGISTER).reason}
    return render(request, "models_registry/intake/imports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.MODEL_REGISTER)
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file in; nothing counts yet."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            raw = file.read(LARGEST_FILE + 1)
            found = actions.upload(by=actor_of(request), at=timezone.now(), file_name=file.name, raw=raw)
        except FileUnfit as unfit:
            form.add_error("file", str(unfit))
        else:
            return redirect("intake:mapping", found.pk)
    status = 422 if form.errors else 200
    return render(request, "models_registry/intake/upload.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.MODEL_REGISTER)
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what the columns mean, proposed by their names or as they were mapped the last time."""
    found = _import(request, pk)
    if found.kind != IntakeKind.FILE or found.state not in actions.OPEN_STATES:
        return redirect("intake:import", found.pk)
    form = MappingForm(request.POST or None, intake=found)
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        try:
            actions.map_columns(by=actor_of(request), at=at, intake=found, mapping=form.mapping, usual=form.usual)
        except actions.MappingUnfit as unfit:
            form.add_error(None, str(unfit))
        except actions.NotNow as refused:
            messages.error(request, str(refused))
            return redirect("intake:import", found.pk)
        else:
            settle(found, at=at)
            return redirect("intake:import", found.pk)
    context = {"source": found, "form": form, "columns": _columns(found, form), "usual": _usual(form)}
    status = 422 if form.errors else 200
    return render(request, "models_registry/intake/mapping.html", context, status=status)


@require_safe
@page(Permission.MODEL_READ)
def one_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what an import would do, or did, model by model; while work goes on, how far it is."""
    found = _import(request, pk)
    if found.state == IntakeState.MAPPING:
        if found.uploaded_by_id == actor_of(request).pk:
            return redirect("intake:mapping", found.pk)
    elif found.state not in queries.AT_WORK and is_fragment(request):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "models_registry/intake/import.html", _context(request, found))


@require_POST
@page(Permission.MODEL_REGISTER)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Compare the rows with the record anew."""
    found, at = _import(request, pk), timezone.now()
    return _done(request, found, lambda: actions.check_again(by=actor_of(request), at=at, intake=found))


@require_POST
@page(Permission.MODEL_REGISTER)
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply an import, whole or by its good rows."""
    found, at, good = _import(request, pk), timezone.now(), request.POST.get("rows") == "good"
    return _done(request, found, lambda: actions.apply(by=actor_of(request), at=at, intake=found, good_rows_only=good))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.MODEL_REGISTER)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what taking an import back would do, and do it."""
    found, at = _import(request, pk), timezone.now()
    if found.state != IntakeState.APPLIED:
        return redirect("intake:import", found.pk)
    form = UndoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        return _done(request, found, lambda: actions.undo(by=actor_of(request), at=at, intake=found, reason=reason))
    seen = undoing.preview(intake=found, by=actor_of(request))
    context = {
        "source": found,
        "form": form,
        "seen": seen,
        "obstacles": seen.obstacles[:PAGE],
        "obstacles_left": len(seen.obstacles[PAGE:]),
        "stays": seen.stays[:PAGE],
        "stays_left": len(seen.stays[PAGE:]),
        "own": found.uploaded_by_id == actor_of(request).pk,
    }
    return render(request, "models_registry/intake/undo.html", context, status=422 if form.errors else 200)


@require_safe
@page(Permission.MODEL_READ)
def problems_file(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Give every problem of an import as a file, to mend the inventory by."""
    found = _import(request, pk)
    headings, of_file = queries.headings_by_field(found), found.kind == IntakeKind.FILE
    items = found.items.filter(outcome__in=[Outcome.WRONG, Outcome.REFUSED]).order_by("position")
    rows = (
        (one["row"], told.label, told.after, item.slug or item.name)
        for item in items.iterator(chunk_size=500)
        for one in item.problems
        for told in [queries.problem(one, headings, of_file=of_file)]
    )
    return csv_response(name="problems.csv", header=("row", "column", "problem", "model"), rows=rows)


def _done(request: HttpRequest, found: Intake, deed: Any) -> HttpResponse:
    """Do something with an import, and as much of the work as fits into this moment."""
    try:
        deed()
    except CONFLICTS as refused:
        messages.error(request, str(refused))
    else:
        now = settle(found, at=timezone.now())
        if now.trouble:
            messages.error(request, now.trouble)
        elif now.state == IntakeState.APPLIED:
            messages.success(request, f"Applied {now.file_name}: {_models(now.counts.get('done', 0))}.")
        elif now.state == IntakeState.UNDONE:
            messages.success(request, f"Took back {now.file_name}: {_models(now.counts.get('undone', 0))}.")
    return redirect("intake:import", found.pk)


def _context(request: HttpRequest, found: Intake) -> dict[str, Any]:
    counts = queries.counted(found)
    shown = [(outcome, label) for outcome, label in TABS if counts[outcome]]
    asked = request.GET.get("show", "")
    current = next((outcome for outcome, _ in shown if outcome == asked.upper()), shown[0][0] if shown else "")
    page_obj = Paginator(queries.items_of(intake=found, outcome=current), PAGE).get_page(request.GET.get("page"))
    address = reverse("intake:import", args=[found.pk])
    good = counts[Outcome.CREATE] + counts[Outcome.CHANGE]
    return {
        "source": found,
        "at_work": found.state in queries.AT_WORK,
        "own": found.uploaded_by_id == actor_of(request).pk,
        "counts": counts,
        "good": good,
        "bad": counts[Outcome.WRONG] + counts[Outcome.REFUSED],
        "tabs": [
            {"label": label, "url": f"{address}?show={outcome.lower()}", "count": counts[outcome],
             "current": outcome == current}
            for outcome, label in shown
        ],
        "current": current,
        "current_label": dict(TABS).get(Outcome(current), "") if current else "",
        "page_obj": page_obj,
        "lines": queries.lines(intake=found, items=page_obj.object_list),
        "earlier": queries.earlier(intake=found, actor=actor_of(request)),
        "handed": found.counts.get("handed", []),
        "gated": found.counts.get("gated", 0),
    }  # fmt: skip


def _columns(found: Intake, form: MappingForm) -> list[tuple[Any, str]]:
    """Return each column's field, with a few of its values."""
    rows = actions.rows_of(found)[:200]
    columns = []
    for place in range(len(found.headings)):
        values = dict.fromkeys(one.cells[place] for one in rows if one.cells[place])
        columns.append((form[f"column-{place}"], ", ".join([*values][:SAMPLES])))
    return columns


def _usual(form: MappingForm) -> list[Any]:
    return [form[f"usual-{name}"] for name in actions.USUAL_FIELDS]


def _models(count: int) -> str:
    return "1 model" if count == 1 else f"{count:,} models"


def _import(request: HttpRequest, pk: int) -> Intake:
    return get_object_or_404(queries.imports_for(actor=actor_of(request)), pk=pk)
