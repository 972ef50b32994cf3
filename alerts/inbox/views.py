"""Pages of alerts: the list, one alert, and what a person can do with it."""

from typing import Any, cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from alerts.inbox import actions, queries
from alerts.inbox.forms import AlertFilters, NoteForm
from alerts.inbox.models import Alert
from models_registry.access.lookup import find
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can

PER_PAGE = 25
MINE_SHOWN = 20


def _actor(request: HttpRequest) -> Account:
    return cast(Account, request.user)


def _found(request: HttpRequest, pk: int) -> Alert:
    alerts = queries.with_story(Alert.objects.select_related("model", "acknowledged_by"))
    return find(_actor(request), Permission.ALERT_READ, alerts, through="model", pk=pk)


@require_safe
@page(Permission.ALERT_READ)
@vary_on_headers("HX-Request")
def alert_list(request: HttpRequest) -> HttpResponse:
    """List the alerts the person may see."""
    filters = AlertFilters(request.GET)
    chosen: dict[str, Any] = filters.cleaned_data if filters.is_valid() else {}
    seen = queries.seen_by(_actor(request))
    found = queries.narrowed(
        seen,
        tier=chosen.get("tier"),
        state=chosen.get("state", ""),
        model=chosen.get("model", ""),
        text=chosen.get("q", ""),
    )
    context = {
        "filters": filters,
        "page": Paginator(queries.listed(found), PER_PAGE).get_page(request.GET.get("page")),
        "counts": queries.counts(seen),
    }
    part = request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted")
    return render(request, "alerts/inbox/_table.html" if part else "alerts/inbox/list.html", context)


@require_safe
@page(Permission.ALERT_READ)
def alerts_of_mine(request: HttpRequest) -> HttpResponse:
    """The part of the inbox page that alerts fill: what was sent to this person and is unanswered."""
    alerts = list(queries.unanswered_of(_actor(request))[: MINE_SHOWN + 1])
    return render(request, "alerts/inbox/_mine.html", {"alerts": alerts[:MINE_SHOWN], "more": len(alerts) > MINE_SHOWN})


def _context(request: HttpRequest, alert: Alert, form: NoteForm | None = None) -> dict[str, Any]:
    refusal = can(_actor(request), Permission.ALERT_ACKNOWLEDGE, on=alert)
    return {
        "alert": alert,
        "notes": queries.notes(alert),
        "form": form or NoteForm(),
        "refusal": "" if refusal else refusal.reason,
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
        action(by=_actor(request), at=timezone.now(), alert_id=alert.pk)
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
    actions.annotate(by=_actor(request), at=timezone.now(), alert_id=alert.pk, text=form.cleaned_data["text"])
    return redirect("alerts_inbox:detail", pk=alert.pk)
