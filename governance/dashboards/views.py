"""Pages of the portfolio: the board, the models, one model. All read only, all of them at any past moment."""

from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from governance.dashboards import board, modelpage
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission


@require_safe
@page(Permission.RISK_READ)
@vary_on_headers("HX-Request")
def red(request: HttpRequest) -> HttpResponse:
    """Show every model against its line; asked again with ``since``, answer 204 while nothing changed."""
    actor, as_of, now = _asked(request)
    token = board.state_token(actor=actor, now=now) if as_of is None else ""
    etag = f'"{token}"'
    if token and request.GET.get("since") == token:
        return HttpResponse(status=204)
    if token and request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    context = {
        "board": board.board(actor=actor, now=now, as_of=as_of),
        "token": token,
        "now": as_of or now,
        "as_of": as_of,
        "live": as_of is None and settings.REDLINE_LIVE != "off",
    }
    response = render(request, _template(request, "_board.html", "board.html"), context)
    if token:
        response["ETag"] = etag
    return response


@require_safe
@page(Permission.MODEL_READ)
def model(request: HttpRequest, slug: str) -> HttpResponse:
    """Explain one model: where it stands, why, since when, and the way out."""
    actor, as_of, now = _asked(request)
    context: dict[str, Any] = modelpage.overview(
        actor=actor,
        slug=slug,
        now=now,
        as_of=as_of,
        metric=request.GET.get("metric", ""),
        span=request.GET.get("span", ""),
    )
    return render(request, "governance/dashboards/model.html", {**context, "now": as_of or now, "as_of": as_of})


def _asked(request: HttpRequest) -> tuple[Account, datetime | None, datetime]:
    """Return who asks, for which past moment, and the time by the clock."""
    as_of: datetime | None = getattr(request, "as_of", None)
    return cast(Account, request.user), as_of, timezone.now()


def _template(request: HttpRequest, part: str, whole: str) -> str:
    """Return the fragment for htmx and the whole page for everybody else."""
    alone = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
    return f"governance/dashboards/{part if alone else whole}"
