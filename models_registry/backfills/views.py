"""Pages of backfills: upload a file, say what its columns mean, watch it come in, see what was wrong with rows."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.backfills import actions, forms, progress, uploading
from models_registry.backfills.api import rejected_file
from models_registry.backfills.columns import Plan, PlanUnfit
from models_registry.backfills.models import Backfill, BackfillState
from models_registry.backfills.preview import Preview, preview
from models_registry.telemetry import source_actions
from models_registry.telemetry.models import Source, SourceKind
from models_registry.telemetry.reasons import in_words
from models_registry.templatetags.figures import num

PAGE = 50
ROWS_SHOWN = 8
REJECTED_SHOWN = 20
COLUMNS_SHOWN = 12
REFUSALS = (
    uploading.FileTooLarge,
    uploading.DigestDiffers,
    uploading.NotForFiles,
    uploading.NotUploading,
    uploading.PieceUnfit,
    uploading.WrongOffset,
)


@require_safe
@page(Permission.SOURCE_READ)
def backfills(request: HttpRequest) -> HttpResponse:
    """List the files of history, newest first."""
    rows = Backfill.objects.select_related("source", "created_by").order_by("-pk")
    answer = can(actor_of(request), Permission.SOURCE_MANAGE)
    context = {
        "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "refusal": "" if answer else answer.reason,
    }
    return render(request, "models_registry/backfills/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.SOURCE_MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    """Take a file in whole; a browser with scripts sends it piece by piece instead."""
    form = forms.FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = _begin(request, form.cleaned_data, name=file.name, size=file.size)
            for piece in file.chunks(uploading.LARGEST_PIECE):
                found = uploading.append(by=actor_of(request), backfill=found, offset=found.received, content=piece)
            uploading.finish_upload(by=actor_of(request), at=timezone.now(), backfill=found)
        except REFUSALS as refused:
            form.add_error("file", str(refused) or (type(refused).__doc__ or ""))
        else:
            return redirect("backfills:backfill", found.pk)
    context = {"form": form, "largest": uploading.LARGEST_PIECE}
    return render(request, "models_registry/backfills/new.html", context, status=422 if form.errors else 200)


@require_POST
@page(Permission.SOURCE_MANAGE)
def begin(request: HttpRequest) -> HttpResponse:
    """Begin an upload in pieces; answers where they go and from which byte on."""
    form = forms.BeginForm(request.POST)
    if not form.is_valid():
        first = next(iter(form.errors.values()))[0]
        return JsonResponse({"detail": first}, status=422)
    asked = form.cleaned_data
    try:
        found = _begin(request, asked, name=asked["file_name"], size=asked["size"], digest=asked["sha256"])
    except REFUSALS as refused:
        return JsonResponse({"detail": str(refused) or type(refused).__doc__}, status=422)
    places = {
        "piece": reverse("backfills:piece", args=[found.pk]),
        "page": reverse("backfills:backfill", args=[found.pk]),
    }
    return JsonResponse({**places, "received": found.received}, status=201)


@require_POST
@page(Permission.SOURCE_MANAGE)
def piece(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the next piece of an upload; answers from which byte on it goes on."""
    found = get_object_or_404(Backfill, pk=pk)
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdecimal() and len(offset) < 16):
        return JsonResponse({"detail": "The offset of the piece is missing."}, status=400)
    try:
        found = uploading.append(by=actor_of(request), backfill=found, offset=int(offset), content=request.body)
        if found.received == found.size:
            uploading.finish_upload(by=actor_of(request), at=timezone.now(), backfill=found)
    except uploading.WrongOffset as wrong:
        return JsonResponse({"detail": str(wrong), "received": wrong.expected}, status=409)
    except REFUSALS as refused:
        return JsonResponse({"detail": str(refused) or type(refused).__doc__}, status=422)
    return JsonResponse({"received": found.received})


@require_safe
@page(Permission.SOURCE_READ)
def backfill(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one backfill: its columns to be chosen, or how far it is."""
    found = get_object_or_404(Backfill.objects.select_related("source", "created_by"), pk=pk)
    if found.state == BackfillState.READY:
        return _choose(request, found)
    return render(request, "models_registry/backfills/backfill.html", _context(request, found))


@require_POST
@page(Permission.SOURCE_MANAGE)
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start under the chosen columns."""
    found = get_object_or_404(Backfill.objects.select_related("source"), pk=pk)
    form = forms.PlanForm(request.POST, header=found.shape.get("header", []))
    if not form.is_valid():
        return _choose(request, found, form=form)
    try:
        actions.start(
            by=actor_of(request),
            at=timezone.now(),
            backfill=found,
            plan=form.plan(),
            on_top=form.cleaned_data["on_top"],
        )
    except (PlanUnfit, actions.ReadOtherwise, actions.AlreadyBackfilled) as refused:
        form.add_error(None, str(refused) or (type(refused).__doc__ or ""))
        return _choose(request, found, form=form)
    except actions.WrongState as refused:
        messages.error(request, str(refused))
    return redirect("backfills:backfill", pk)


@require_POST
@page(Permission.SOURCE_MANAGE)
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause it."""
    return _deed(request, pk, actions.pause)


@require_POST
@page(Permission.SOURCE_MANAGE)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it go on."""
    return _deed(request, pk, actions.resume)


@require_POST
@page(Permission.SOURCE_MANAGE)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel it for good."""
    return _deed(request, pk, actions.cancel)


@require_safe
@page(Permission.SOURCE_READ)
def rejected(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Download every rejected row."""
    return rejected_file(get_object_or_404(Backfill, pk=pk))


def _begin(request: HttpRequest, asked: dict[str, Any], *, name: str, size: int, digest: str = "") -> Backfill:
    by, at = actor_of(request), timezone.now()
    if asked["source"]:
        source = Source.objects.get(slug=asked["source"])
    else:
        source, _ = source_actions.create_source(by=by, at=at, name=asked["name"].strip(), kind=SourceKind.BACKFILL)
    found, _ = uploading.begin_upload(by=by, at=at, source=source, file_name=name, size=size, digest=digest)
    return found


def _choose(request: HttpRequest, found: Backfill, *, form: forms.PlanForm | None = None) -> HttpResponse:
    """Show the columns with what the first rows would give."""
    answer, plan = can(actor_of(request), Permission.SOURCE_MANAGE), None
    header, status = found.shape["header"], 422 if form is not None and form.errors else 200
    if form is None and "layout" in request.GET:
        form = forms.PlanForm(request.GET, header=header)
    if form is not None and form.is_valid():
        plan = form.plan()
    seen = preview(backfill=found, at=timezone.now(), plan=plan)
    if form is None:
        form = forms.PlanForm(initial=forms.initial(seen.guessed), header=header)
    context = {
        "backfill": found,
        "form": form,
        "seen": seen,
        "rows": [[*row[:COLUMNS_SHOWN]] for row in seen.rows[:ROWS_SHOWN]],
        "header": header[:COLUMNS_SHOWN],
        "sound": seen.sound[:ROWS_SHOWN],
        "refused": seen.rejected[:ROWS_SHOWN],
        "missing": _missing(seen, plan),
        "zones": forms.zones(),
        "refusal": "" if answer else answer.reason,
    }
    return render(request, "models_registry/backfills/columns.html", context, status=status)


def _missing(seen: Preview, plan: Plan | None) -> str:
    """Return what the house could not guess and a person has to say."""
    if seen.unfit:
        return seen.unfit
    if seen.needs_zone and not (plan or seen.guessed).zone:
        return "The times have no offset from UTC. State their time zone."
    return ""


def _context(request: HttpRequest, found: Backfill) -> dict[str, Any]:
    answer = can(actor_of(request), Permission.SOURCE_MANAGE)
    return {
        "backfill": found,
        "progress": (seen := progress.progress(found)),
        "pairs": _pairs(found, seen),
        "unknown": progress.unknown_models(found),
        "reasons": [(one, in_words(one.code)) for one in progress.reasons(found)],
        "rejected": list(_first(progress.rejected(found))),
        "rejected_shown": REJECTED_SHOWN,
        "refusal": "" if answer else answer.reason,
        "is_live": found.state in (BackfillState.RUNNING, BackfillState.UPLOADING),
    }


def _pairs(found: Backfill, seen: progress.Progress) -> list[tuple[str, str]]:
    """Return what became of the measurements; what is none is left out, but for the two that everybody asks for."""
    told = num(seen.held)
    address = f"{reverse('telemetry:held')}?source={found.source.slug}"
    rows: list[tuple[str, int, str]] = [
        ("Measurements on record", 1, num(seen.written)),
        ("On their way through the line", seen.waiting, num(seen.waiting)),
        ("Held at the source", seen.held, format_html('<a href="{}">{}</a>', address, told)),
        ("On record before", seen.known, num(seen.known)),
        ("Rejected", 1, num(seen.rejected)),
        ("Left out: empty, or outside the chosen time", seen.left_out, num(seen.left_out)),
    ]
    return [(term, value) for term, count, value in rows if count]


def _first[T](rows: Iterable[T]) -> Iterable[T]:
    return islice(rows, REJECTED_SHOWN)


def _deed(request: HttpRequest, pk: int, deed: Callable[..., Backfill]) -> HttpResponse:
    try:
        deed(by=actor_of(request), at=timezone.now(), backfill=get_object_or_404(Backfill, pk=pk))
    except actions.WrongState as refused:
        messages.error(request, str(refused))
    return redirect("backfills:backfill", pk)
