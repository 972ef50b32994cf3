"""Pages of sources: their books, their mappings, and what is held back."""

import json

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from models_registry.access.listing import query_of, whole_number
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.telemetry import actions, measuring, queries, source_actions
from models_registry.telemetry.forms import IntervalForm, MappingForm
from models_registry.telemetry.models import EventState, Source, TelemetryEvent
from models_registry.telemetry.source_views import address_of

PAGE = 50
SHOWN_BYTES = 20_000
REPLAY_AT_ONCE = 500
TRIED_AT_ONCE = 20


@page(Permission.SOURCE_READ)
@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    """List every source with its books."""
    at = timezone.now()
    rows = queries.source_rows(at=at)
    context = {"rows": rows, "now": at, "manage_refusal": _refusal(request, Permission.SOURCE_MANAGE)}
    return render(request, "models_registry/telemetry/sources.html", context)


@page(Permission.SOURCE_READ)
@require_GET
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one source: books, address, mapping, and why events are held."""
    found = get_object_or_404(Source, slug=slug)
    row = next(row for row in queries.source_rows(at=timezone.now()) if row.source == found)
    context = {
        "row": row,
        "source": found,
        "mappings": found.mappings.order_by("-number"),
        "active": measuring.active_mappings([found.pk]).get(found.pk),
        "reasons": queries.held_reasons(source=found),
        "refusal": _refusal(request, Permission.QUARANTINE_REPLAY),
        "manage_refusal": _refusal(request, Permission.SOURCE_MANAGE),
        "address": address_of(found),
        "rotates": source_actions.rotates(found),
        "interval": IntervalForm(initial={"interval": found.expected_interval_s or ""}),
    }
    return render(request, "models_registry/telemetry/source.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.SOURCE_MANAGE)
def mapping(request: HttpRequest, slug: str) -> HttpResponse:
    """Edit the mapping: see what held events would give, then put it in force."""
    found = get_object_or_404(Source, slug=slug)
    active = measuring.active_mappings([found.pk]).get(found.pk)
    sent = request.POST if request.method == "POST" else None
    form = MappingForm(sent, initial={"document": json.dumps(active or {}, indent=2)})
    tried: list[tuple[TelemetryEvent, measuring.Read, measuring.Read]] = []
    if request.method == "POST" and form.is_valid():
        document = form.cleaned_data["document"]
        if "activate" in request.POST:
            return _activate(request, found, document)
        tried = _tried(found, document)
    status = 422 if form.is_bound and not form.is_valid() else 200
    context = {"source": found, "form": form, "tried": tried, "was_tried": form.is_bound and form.is_valid()}
    return render(request, "models_registry/telemetry/mapping.html", context, status=status)


@page(Permission.SOURCE_READ)
@require_GET
def held(request: HttpRequest) -> HttpResponse:
    """List what is quarantined or dead, newest first, filtered by source and reason."""
    chosen = Source.objects.filter(slug=request.GET.get("source", "").replace("\x00", "")).first()
    reason = request.GET.get("reason", "").replace("\x00", "")
    rows = queries.held_events(source=chosen, reason=reason)
    before = whole_number(request.GET.get("before"))
    found = list((rows.filter(pk__lt=before) if before else rows)[: PAGE + 1])
    kept = {"source": chosen.slug if chosen else "", "reason": reason}
    context = {
        "rows": found[:PAGE],
        "more_url": query_of("", **kept, before=str(found[PAGE - 1].pk)) if len(found) > PAGE else "",
        "first_url": query_of(request.path, **kept) if before else "",
        "source": chosen,
        "reason": reason,
        "refusal": _refusal(request, Permission.QUARANTINE_REPLAY),
    }
    name = "_held.html" if _swaps(request) else "held.html"
    response = render(request, f"models_registry/telemetry/{name}", context)
    response["Vary"] = "HX-Request"
    return response


@page(Permission.SOURCE_READ)
@require_GET
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one event as it came, why it is held, and what it would give now."""
    found = get_object_or_404(TelemetryEvent.objects.select_related("source"), pk=pk)
    raw = bytes(found.raw)
    context = {
        "event": found,
        "raw": raw[:SHOWN_BYTES].decode("utf-8", "backslashreplace").replace("\x00", "\\x00"),
        "size": len(raw),
        "cut": len(raw) > SHOWN_BYTES,
        "held": found.state in (EventState.QUARANTINED, EventState.DEAD),
        "now_gives": actions.dry_run(events=[found])[0],
        "refusal": _refusal(request, Permission.QUARANTINE_REPLAY),
    }
    return render(request, "models_registry/telemetry/event.html", context)


@page(Permission.QUARANTINE_REPLAY)
@require_POST
def replay_event(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one held event through the line again."""
    found = get_object_or_404(TelemetryEvent.objects.only("pk"), pk=pk)
    return _replay(request, [found.pk], "telemetry:event", pk)


@page(Permission.QUARANTINE_REPLAY)
@require_POST
def replay_source(request: HttpRequest, slug: str) -> HttpResponse:
    """Send a source's held events through the line again, the oldest first, at most 500 at once."""
    found = get_object_or_404(Source, slug=slug)
    rows = queries.held_events(source=found, reason=request.POST.get("reason", "").replace("\x00", ""))
    pks = list(rows.order_by("pk").values_list("pk", flat=True)[:REPLAY_AT_ONCE])
    return _replay(request, pks, "telemetry:source", slug)


def _replay(request: HttpRequest, pks: list[int], back: str, key: int | str) -> HttpResponse:
    try:
        actions.replay(by=_actor(request), at=timezone.now(), events=pks)
    except actions.NothingHeld as error:
        reason = str(error) or (type(error).__doc__ or "")
        return render(request, "models_registry/telemetry/refused.html", {"reason": reason}, status=409)
    count = f"{len(pks)} event goes" if len(pks) == 1 else f"{len(pks)} events go"
    messages.success(request, f"{count} through the line again. What cannot be read is held again.")
    return redirect(back, key)


def _activate(request: HttpRequest, found: Source, document: dict[str, object]) -> HttpResponse:
    at = timezone.now()
    saved = source_actions.save_mapping(by=_actor(request), at=at, source=found, document=document)
    source_actions.activate_mapping(by=_actor(request), at=at, mapping=saved)
    return redirect("telemetry:source", found.slug)


def _tried(found: Source, document: dict[str, object]) -> list[tuple[TelemetryEvent, measuring.Read, measuring.Read]]:
    """Return the newest held events with what they give now and what they would give."""
    events = list(queries.held_events(source=found).defer(None)[:TRIED_AT_ONCE])
    before = actions.dry_run(events=events)
    after = actions.dry_run(events=events, mapping=document)
    return list(zip(events, before, after, strict=True))


def _actor(request: HttpRequest) -> Account:
    if not request.user.is_authenticated:
        raise Http404
    return request.user


def _refusal(request: HttpRequest, permission: Permission) -> str:
    answer = can(_actor(request), permission)
    return "" if answer else answer.reason


def _swaps(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
