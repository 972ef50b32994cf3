"""Doors of the board: the page, its file, what its aside tells over time, and acknowledging on a row."""

import json
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from governance.dashboards import board, trend
from governance.risks.actions import acknowledge as acknowledge_risk
from governance.risks.judged import RiskConflict
from governance.risks.lifecycle import TransitionNotAllowed
from governance.risks.models import Risk
from governance.risks.undo_views import undo_address
from models_registry.access.downloads import csv_response
from models_registry.access.lookup import find
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission

BOARD_VIEW = "board"
"""What executives read: the sentence, the strip, what is past the line and where it leads; no duties, no sources."""


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
    response = _shown(request, token=token)
    if token:
        response["ETag"] = etag
    return response


@require_safe
@page(Permission.RISK_READ)
def file(request: HttpRequest) -> StreamingHttpResponse:
    """Give every model of the board as a file, those with room included."""
    actor, as_of, _ = _asked(request)
    return csv_response(name="in-the-red.csv", header=board.HEADER, rows=board.csv_rows(actor=actor, as_of=as_of))


@require_safe
@page(Permission.RISK_READ)
@vary_on_headers("HX-Request")
def trend_part(request: HttpRequest) -> HttpResponse:
    """Show models by risk over 30 days and what this week brought; the board fetches it after itself."""
    actor, as_of, now = _asked(request)
    at = as_of or now
    context = {
        "by_level": trend.by_level(actor=actor, at=at, as_of=as_of),
        "week": trend.week(actor=actor, at=at, as_of=as_of),
        "sources": [] if as_of or request.GET.get("view") == "board" else trend.sources(actor),
        "as_of": as_of,
    }
    return render(request, f"governance/dashboards/{'_trend' if _alone(request) else 'trend'}.html", context)


@require_POST
@page(Permission.RISK_READ)
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledge a risk on its row; a state that moved since it was read is a conflict."""
    actor, _, now = _asked(request)
    risk = find(actor, Permission.RISK_READ, Risk.objects.all(), through="model", pk=pk)
    try:
        seen = acknowledge_risk(by=actor, at=now, risk_id=risk.pk, judged_digest=request.POST.get("judged_digest", ""))
    except (RiskConflict, TransitionNotAllowed) as refused:
        return _shown(request, problem=str(refused), status=409)
    said, undo = f"Acknowledged {risk.reference}. Write its plan next.", undo_address([seen])
    if not _alone(request):
        messages.success(request, said, extra_tags=undo)
        return redirect("dashboards:red")
    response = _shown(request)
    response["HX-Trigger"] = json.dumps({"toast": {"text": said, "undo": undo}})
    return response


def _shown(request: HttpRequest, *, token: str = "", problem: str = "", status: int = 200) -> HttpResponse:
    actor, as_of, now = _asked(request)
    is_board_view = request.GET.get("view") == BOARD_VIEW
    address = reverse("dashboards:red")
    context: dict[str, Any] = {
        "board": board.board(actor=actor, now=now, as_of=as_of),
        "board_view": is_board_view,
        "address": f"{address}?view={BOARD_VIEW}" if is_board_view else address,
        "token": token,
        "problem": problem,
        "now": as_of or now,
        "as_of": as_of,
        "live": as_of is None and settings.REDLINE_LIVE != "off",
    }
    name = "_board.html" if _alone(request) else "board.html"
    return render(request, f"governance/dashboards/{name}", context, status=status)


def _asked(request: HttpRequest) -> tuple[Account, datetime | None, datetime]:
    """Return who asks, for which past moment, and the time by the clock."""
    as_of: datetime | None = getattr(request, "as_of", None)
    return cast(Account, request.user), as_of, timezone.now()


def _alone(request: HttpRequest) -> bool:
    """Return whether htmx asked for the fragment alone."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
