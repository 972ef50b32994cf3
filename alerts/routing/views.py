"""Pages of routing: the log of decisions, and where messages go."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from alerts.delivery.models import Channel
from alerts.routing import log
from alerts.routing.fingerprint import words_of
from alerts.routing.models import Route
from governance.vocabulary import Tier
from models_registry.access import listing
from models_registry.access.callers import actor_of
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open

WORDS = {
    "actions": "what happened is",
    "levels": "level",
    "categories": "category",
    "units": "unit",
    "materialities": "materiality",
    "tiers": "tier",
}
"""Conditions of a route, as its page names them."""


@require_safe
@page(Permission.ALERT_READ)
@vary_on_headers("HX-Request")
def decisions(request: HttpRequest) -> HttpResponse:
    """List what was done with each entry, newest first, what was suppressed included."""
    actor = actor_of(request)
    filters = log.DecisionFilters(request.GET, actor=actor)
    return listing.answer(
        request,
        query=filters.query,
        whole="alerts/routing/decisions.html",
        part="alerts/routing/_decisions.html",
        context=lambda: {**_list_context(filters, actor), "clear_url": request.path},
    )


def _list_context(filters: log.DecisionFilters, actor: Account) -> dict[str, Any]:
    rows, after = log.page_of(filters)
    return {
        "filters": filters,
        "rows": rows,
        "heads": filters.columns(log.HEADS),
        "counted": log.counted(actor, now=timezone.now()),
        **filters.ways(after),
    }


@require_safe
@page(Permission.ALERT_READ)
def routes(request: HttpRequest) -> HttpResponse:
    """Show which entry goes where, in the order in which routes are tried, and the channels there are."""
    may_manage = may_open(actor_of(request), Permission.ROUTE_MANAGE)
    context = {
        "routes": [
            (route, matched(route)) for route in Route.objects.prefetch_related("channels").order_by("position")
        ],
        "channels": Channel.objects.for_people().order_by("name"),
        "refusal": "" if may_manage else may_manage.reason,
    }
    return render(request, "alerts/routing/routes.html", context)


def matched(route: Route) -> str:
    """Return what a route matches, in words."""
    parts = [
        f"{WORDS.get(key, key)} {' or '.join(_value(key, one) for one in values)}"
        for key, values in route.match.items()
    ]
    return "; ".join(parts) if parts else "everything that no earlier route takes"


def _value(key: str, value: object) -> str:
    if key == "tiers":
        return str(Tier(value).value)
    if key == "actions":
        return words_of(str(value))
    return str(value).replace("_", " ").lower()
