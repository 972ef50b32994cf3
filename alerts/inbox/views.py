"""Pages of alerts: the list, one alert, and what a person can do with it."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from alerts.inbox import actions, queries, register
from alerts.inbox.forms import NoteForm
from alerts.inbox.models import Alert
from alerts.inbox.snooze_views import choices
from models_registry.access import listing
from models_registry.access.callers import actor_of
from models_registry.access.downloads import csv_response
from models_registry.access.lookup import find
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, may_open
from models_registry.access.saved import view_bar

MOST_AT_ONCE = 50
MINE_SHOWN = 20
INBOX = "/inbox/"
"""The page of which `alerts_of_mine` is a part; it belongs to a room that is not imported from here."""


def _found(request: HttpRequest, pk: int) -> Alert:
    alerts = queries.with_story(Alert.objects.select_related("model", "acknowledged_by"), at=timezone.now())
    return find(actor_of(request), Permission.ALERT_READ, alerts, through="model", pk=pk)


@require_safe
@page(Permission.ALERT_READ)
@vary_on_headers("HX-Request")
def alert_list(request: HttpRequest) -> HttpResponse:
    """List the alerts the person may see, a hundred at a time."""
    filters = _filters(request)
    if listing.asks_untidily(request):
        return redirect(_at(request.path, filters.query))
    return listing.tell_address(_listed(request, filters), request, filters.query)


@require_safe
@page(Permission.ALERT_READ)
def alert_file(request: HttpRequest) -> StreamingHttpResponse:
    """Give the rows of the same address as a file, all of them."""
    return csv_response(name="alerts.csv", header=register.HEADER, rows=register.csv_rows(_filters(request)))


@require_POST
@page(Permission.ALERT_READ)
def acknowledge_picked(request: HttpRequest) -> HttpResponse:
    """Take on the alerts that were picked, each as a single one would be; say of each refused one why."""
    picks = [int(pick) for pick in request.POST.getlist("pick") if listing.whole_number(pick)]
    known = list(queries.seen_by(actor_of(request)).filter(pk__in=picks).values_list("pk", flat=True))
    if len(known) > MOST_AT_ONCE:
        why_not = [f"Nothing was acknowledged. At most {MOST_AT_ONCE} alerts can be acknowledged at once."]
        return _listed(request, _filters(request), why_not=why_not, status=422)
    done, why_not = actions.acknowledge_each(
        by=actor_of(request), at=timezone.now(), alert_ids=known, note=request.POST.get("note", "")
    )
    said = f"Acknowledged {len(done)} {'alert' if len(done) == 1 else 'alerts'}." if done else ""
    if listing.is_fragment(request):
        return _listed(
            request, _filters(request), said=said, why_not=why_not, status=409 if why_not and not done else 200
        )
    for text in filter(None, [said, *why_not]):
        messages.info(request, text)
    return redirect(_at(reverse("alerts_inbox:list"), request.GET.urlencode()))


def _at(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


def _filters(request: HttpRequest) -> register.AlertFilters:
    return register.AlertFilters(request.GET, actor=actor_of(request), now=timezone.now())


def _listed(
    request: HttpRequest,
    filters: register.AlertFilters,
    *,
    said: str = "",
    why_not: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    rows, after = register.page_of(filters)
    view = listing.whole_number(filters.asked.get("view"))
    carried = {"view": view} if view else {}
    query = filters.address(**carried)
    context = {
        "filters": filters,
        "address": _at(reverse("alerts_inbox:list"), request.GET.urlencode()),
        "rows": rows,
        "acts": any(row.answer for row in rows),
        "snooze_choices": choices(),
        "heads": filters.columns(register.HEADS, **carried),
        "views": view_bar(account=actor_of(request), listed=register.LIST, filters=filters),
        "counts": queries.counts(queries.seen_by(actor_of(request))),
        "more_url": f"?{filters.address(**carried, after=after)}" if after else "",
        "first_url": f"?{query}" if filters.asked.get("after") else "",
        "csv_url": _at(reverse("alerts_inbox:file"), query),
        "clear_url": reverse("alerts_inbox:list"),
        "ack_url": _at(reverse("alerts_inbox:acknowledge_picked"), query),
        "said": said,
        "why_not": why_not,
    }
    template = "_table.html" if listing.is_fragment(request) else "list.html"
    return render(request, f"alerts/inbox/{template}", context, status=status)


@require_safe
@page(Permission.ALERT_READ)
def alerts_of_mine(request: HttpRequest) -> HttpResponse:
    """The part of the inbox page that alerts fill: what was sent to this person and is unanswered."""
    actor, now = actor_of(request), timezone.now()
    alerts = list(queries.unanswered_of(actor, at=now)[: MINE_SHOWN + 1])
    context = {
        "alerts": alerts[:MINE_SHOWN],
        "more": len(alerts) > MINE_SHOWN,
        "snoozed": queries.snoozed_by(actor, at=now)[:MINE_SHOWN],
        "snooze_choices": choices() if may_open(actor, Permission.ALERT_ACKNOWLEDGE) else [],
        "return_to": INBOX,
    }
    return render(request, "alerts/inbox/_mine.html", context)


def _context(request: HttpRequest, alert: Alert, form: NoteForm | None = None) -> dict[str, Any]:
    refusal = can(actor_of(request), Permission.ALERT_ACKNOWLEDGE, on=alert)
    return {
        "alert": alert,
        "notes": queries.notes(alert),
        "form": form or NoteForm(),
        "refusal": "" if refusal else refusal.reason,
        "snooze_choices": choices(),
        "return_to": reverse("alerts_inbox:detail", args=[alert.pk]),
        "people": [
            ("Model", alert.model or "none"),
            ("Opened", f"{alert.opened_at:%Y-%m-%d %H:%M} UTC"),
            ("Entries", alert.occurrence_count),
            ("Acknowledged by", alert.acknowledged_by or "nobody yet"),
        ],
    }


@require_safe
@page(Permission.ALERT_READ)
def alert_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one alert, readable on a phone."""
    return render(request, "alerts/inbox/detail.html", _context(request, _found(request, pk)))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.ALERT_READ)
def alert_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then acknowledge: opening the address changes nothing, for mail scanners open addresses too."""
    alert = _found(request, pk)
    if request.method != "POST":
        return render(request, "alerts/inbox/acknowledge.html", _context(request, alert))
    return _act(request, alert, actions.acknowledge)


@require_http_methods(["POST"])
@page(Permission.ALERT_READ)
def alert_resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the alert by hand."""
    return _act(request, _found(request, pk), actions.resolve)


def _act(request: HttpRequest, alert: Alert, action: Any) -> HttpResponse:
    try:
        action(by=actor_of(request), at=timezone.now(), alert_id=alert.pk)
    except actions.AlreadyAnswered as answered:
        context = {**_context(request, _found(request, alert.pk)), "problem": str(answered)}
        return render(request, "alerts/inbox/detail.html", context, status=409)
    return redirect("alerts_inbox:detail", pk=alert.pk)


@require_http_methods(["POST"])
@page(Permission.ALERT_READ)
def alert_annotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a note on the alert."""
    alert, form = _found(request, pk), NoteForm(request.POST)
    if not form.is_valid():
        return render(request, "alerts/inbox/detail.html", _context(request, alert, form), status=422)
    actions.annotate(by=actor_of(request), at=timezone.now(), alert_id=alert.pk, text=form.cleaned_data["text"])
    return redirect("alerts_inbox:detail", pk=alert.pk)
