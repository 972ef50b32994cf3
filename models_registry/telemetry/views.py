"""Pages of sources: their books, and what is held back."""

from itertools import zip_longest

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from models_registry.access.callers import actor_of
from models_registry.access.listing import query_of, whole_number
from models_registry.access.pages import page, way_back
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.telemetry import (
    actions,
    adapters,
    arriving,
    poll_queries,
    queries,
    source_actions,
    watching,
    withholding,
)
from models_registry.telemetry.door import BACKLOG_LIMIT
from models_registry.telemetry.forms import IntervalForm
from models_registry.telemetry.mapping_views import state_of
from models_registry.telemetry.models import EventState, MappingVersion, Source, TelemetryEvent
from models_registry.telemetry.source_views import address_of

PAGE = 50
SHOWN_BYTES = 20_000
NOTICES_SHOWN = 100
REPLAY_AT_ONCE = 500
GONE = "Its body was dropped when its term was over."


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
    active = source_actions.in_force(found)
    context = {
        "row": row,
        "source": found,
        "mappings": _history(found, active),
        "active": active,
        "behind": row.books.waiting > actions.BURST,
        "burst": actions.BURST,
        "backlog_limit": BACKLOG_LIMIT,
        "reasons": queries.held_reasons(source=found),
        "notices": found.notices.order_by("code", "-count", "subject")[:NOTICES_SHOWN],
        "unread": watching.unread(source=found, active=active),
        "refusal": _refusal(request, Permission.QUARANTINE_REPLAY),
        "manage_refusal": _refusal(request, Permission.SOURCE_MANAGE),
        "unmapped": adapters.UNMAPPED.get(found.kind, ""),
        "mapping_refusal": adapters.UNMAPPED.get(found.kind, "") or _refusal(request, Permission.SOURCE_MANAGE),
        "address": address_of(found),
        "refused": arriving.refusals_of(found),
        "rotates": source_actions.rotates(found),
        "sweeps": poll_queries.standing(source=found, at=timezone.now()),
        "interval": IntervalForm(initial={"interval": found.expected_interval_s or ""}),
    }
    return render(request, "models_registry/telemetry/source.html", context)


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
        "headers": {name: value for name, value in found.headers.items() if name != withholding.HEADER},
        "texts_cut": withholding.is_cut(kind=found.source.kind, headers=found.headers, body=raw),
        "texts_sealed": withholding.HEADER in found.headers,
        "raw": raw[:SHOWN_BYTES].decode("utf-8", "backslashreplace").replace("\x00", "\\x00"),
        "size": len(raw),
        "cut": len(raw) > SHOWN_BYTES,
        "held": found.state in (EventState.QUARANTINED, EventState.DEAD),
        "now_gives": actions.dry_run(events=[found])[0] if found.body_digest is None else None,
        "body_digest": bytes(found.body_digest).hex() if found.body_digest is not None else "",
        "kept_windows": found.body_digest is not None and found.state == EventState.DONE,
        "refusal": _refusal(request, Permission.QUARANTINE_REPLAY) or (GONE if found.body_digest is not None else ""),
        "manage_refusal": _refusal(request, Permission.SOURCE_MANAGE),
        "mapping_refusal": (GONE if found.body_digest is not None else "")
        or adapters.UNMAPPED.get(found.source.kind, "")
        or _refusal(request, Permission.SOURCE_MANAGE),
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
        actions.replay(by=actor_of(request), at=timezone.now(), events=pks)
    except actions.NothingHeld as error:
        reason = str(error) or (type(error).__doc__ or "")
        return render(request, "models_registry/telemetry/refused.html", {"reason": reason}, status=409)
    count = f"{len(pks)} event goes" if len(pks) == 1 else f"{len(pks)} events go"
    messages.success(request, f"{count} through the line again. What cannot be read is held again.")
    return redirect(way_back(request, otherwise=reverse(back, args=[key])))


def _history(found: Source, active: MappingVersion | None) -> list[tuple[MappingVersion, str, int | None]]:
    """Return the versions of a mapping, newest first, with their states and the numbers before them."""
    versions = list(found.mappings.select_related("created_by", "activated_by").order_by("-number"))
    pairs = zip_longest(versions, versions[1:])
    return [(each, state_of(each, active), before.number if before else None) for each, before in pairs]


def _refusal(request: HttpRequest, permission: Permission) -> str:
    answer = can(actor_of(request), permission)
    return "" if answer else answer.reason


def _swaps(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
