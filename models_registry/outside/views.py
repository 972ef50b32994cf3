"""Doors of registries elsewhere: what stands there, one violation, and the owner's answer to it."""

from datetime import datetime
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from models_registry.access import listing
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, require
from models_registry.outside import actions, place_list, queries
from models_registry.outside.forms import AnswerForm
from models_registry.outside.models import Violation


@require_safe
@page(Permission.MODEL_READ)
@vary_on_headers("HX-Request")
def places(request: HttpRequest) -> HttpResponse:
    """List where guarded aliases and stages stand elsewhere."""
    filters = place_list.PlacementFilters(request.GET, actor=_actor(request), at=_moment(request))
    after = str(filters.asked.get("after", ""))
    query = filters.address(**filters.carried(), after=after or None)
    if listing.asks_untidily(request):
        return redirect(f"{request.path}?{query}" if query else request.path)
    found, carried = filters.slice_of(filters.qs), filters.carried()
    context = {
        "filters": filters,
        "stands": queries.stands(found.rows, at=filters.at),
        "count": filters.qs.count(),
        "heads": filters.columns(place_list.HEADS, **carried),
        "more_url": f"?{filters.address(**carried, after=found.after)}" if found.after else "",
        "first_url": f"?{filters.address(**carried)}" if after else "",
        "clear_url": listing.query_of(reverse("outside:places"), as_of=carried.get("as_of", "")),
        "now": filters.at or timezone.now(),
    }
    template = "_places.html" if listing.is_fragment(request) else "places.html"
    response = render(request, f"models_registry/outside/{template}", context)
    return listing.tell_address(response, request, query)


@require_safe
@page(Permission.MODEL_READ)
def violation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one violation: who put what where, what is missing, and how it can end."""
    return _shown(request, _found(request, pk), AnswerForm())


@require_POST
@page(Permission.MODEL_READ)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the owner's answer."""
    found, form = _found(request, pk), AnswerForm(request.POST)
    require(_actor(request), Permission.RISK_ACKNOWLEDGE, on=found.model)
    if not form.is_valid():
        return _shown(request, found, form, status=422)
    try:
        actions.answer(by=_actor(request), at=timezone.now(), violation=found, text=form.cleaned_data["text"])
    except (actions.AlreadyAnswered, actions.ViolationOver) as refused:
        form.add_error(None, str(refused))
        return _shown(request, _found(request, pk), form, status=refused.http_status)
    messages.success(request, f"Answered for {found.placement.what}.")
    return redirect("outside:violation", pk)


def _shown(request: HttpRequest, found: Violation, form: AnswerForm, *, status: int = 200) -> HttpResponse:
    first = found.placement
    kept = bool(can(_actor(request), Permission.SOURCE_READ)) and queries.is_kept(first.event)
    context = {
        "violation": found,
        "model": found.model,
        "form": form,
        "may_answer": can(_actor(request), Permission.RISK_ACKNOWLEDGE, on=found.model),
        "missing": queries.missing(found),
        "event_url": reverse("telemetry:event", args=[first.event]) if kept else "",
        "decision": queries.decision_of(found.clearance),
        "now": timezone.now(),
        "as_of": None,
    }
    return render(request, "models_registry/outside/violation.html", context, status=status)


def _found(request: HttpRequest, pk: int) -> Violation:
    return get_object_or_404(queries.violations_for(actor=_actor(request)), pk=pk)


def _actor(request: HttpRequest) -> Account:
    return cast(Account, request.user)


def _moment(request: HttpRequest) -> datetime | None:
    found: datetime | None = getattr(request, "as_of", None)
    return found
