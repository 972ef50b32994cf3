"""Doors of the page of one model: the page, kept up to date, and the readings of its chart as a file."""

from datetime import datetime
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from governance.dashboards import modelpage, readings
from models_registry.access.downloads import csv_response
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission


@require_safe
@page(Permission.MODEL_READ)
@vary_on_headers("HX-Request")
def model(request: HttpRequest, slug: str) -> HttpResponse:
    """Explain one model; asked again with ``since``, answer 204 while nothing of it changed."""
    actor, as_of, now = _who(request)
    found = modelpage.seen(actor=actor, slug=slug, as_of=as_of)
    token = "" if as_of else modelpage.state_token(model=found, actor=actor, now=now)
    if token and request.GET.get("since") == token:
        return HttpResponse(status=204)
    asked = _asked(request)
    context = modelpage.overview(actor=actor, model=found, now=now, as_of=as_of, asked=asked)
    query = request.GET.copy()
    query.pop("since", None)
    context |= {
        "address": f"{request.path}?{query.urlencode()}" if query else request.path,
        "token": token,
        "now": as_of or now,
        "as_of": as_of,
        "live": as_of is None and settings.REDLINE_LIVE != "off",
    }
    alone = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
    return render(request, f"governance/dashboards/{'_model' if alone else 'model'}.html", context)


@require_safe
@page(Permission.MODEL_READ)
def readings_file(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """Give the readings of the chart at the same address as a file."""
    actor, as_of, now = _who(request)
    found = modelpage.seen(actor=actor, slug=slug, as_of=as_of)
    choice = modelpage.chosen(found, _asked(request), as_of or now)
    rows = readings.csv_rows(model=found, choice=choice)
    return csv_response(name=f"{found.slug}-{choice.metric or 'readings'}.csv", header=readings.HEADER, rows=rows)


def _asked(request: HttpRequest) -> modelpage.Asked:
    """Return what the address asks for; an unknown span is the usual one."""
    span = request.GET.get("span", "")
    return modelpage.Asked(
        metric=request.GET.get("metric", ""),
        segment=request.GET.get("segment", ""),
        span=span if span in modelpage.SPANS else modelpage.USUAL_SPAN,
    )


def _who(request: HttpRequest) -> tuple[Account, datetime | None, datetime]:
    as_of: datetime | None = getattr(request, "as_of", None)
    return cast(Account, request.user), as_of, timezone.now()
