"""Doors of the list of models: the page and its file."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from governance.dashboards import portfolio
from models_registry.access import listing
from models_registry.access.callers import actor_of, moment_of
from models_registry.access.downloads import csv_response
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, may_open
from models_registry.access.saved import view_bar


@require_safe
@page(Permission.MODEL_READ)
@vary_on_headers("HX-Request")
def shown(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """List the models that match the address, a hundred at a time, now or as they stood at ``as_of``."""
    if request.GET.get("format") == "csv":
        return _file(request)
    filters = _filters(request)
    return listing.answer(
        request,
        query=filters.whole_query,
        whole="governance/dashboards/models.html",
        part="governance/dashboards/_models.html",
        context=lambda: _context(filters),
    )


@require_safe
@page(Permission.MODEL_READ)
def file(request: HttpRequest) -> StreamingHttpResponse:
    """Give the rows of the same address as a file, all of them."""
    return _file(request)


def _file(request: HttpRequest) -> StreamingHttpResponse:
    return csv_response(name="models.csv", header=portfolio.HEADER, rows=portfolio.csv_rows(_filters(request)))


def _filters(request: HttpRequest) -> portfolio.ModelFilters:
    return portfolio.filters(actor=actor_of(request), at=moment_of(request), asked=request.GET)


def _context(filters: portfolio.ModelFilters) -> dict[str, Any]:
    models, after = portfolio.page_of(filters)
    carried = filters.carried()
    moment = carried.get("as_of", "")
    edits = may_open(filters.actor, Permission.MODEL_EDIT)
    for model in models:
        model.mine = bool(edits) and bool(can(filters.actor, Permission.MODEL_EDIT, on=model))
    return {
        "acts": bool(edits) and filters.at is None,
        "filters": filters,
        "models": models,
        "count": filters.qs.count(),
        "heads": filters.columns(portfolio.HEADS, **carried),
        "views": view_bar(account=filters.actor, listed=portfolio.LIST, filters=filters, as_of=moment),
        **filters.ways(after),
        "csv_url": f"{reverse('dashboards:models_file')}?{filters.address(**carried)}",
        "clear_url": listing.query_of(reverse("dashboards:models"), as_of=moment),
        "now": filters.at or timezone.now(),
        "as_of": filters.at,
    }
