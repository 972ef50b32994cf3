"""Doors of registries elsewhere: what stands there, one violation, and the owner's answer to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from models_registry.access import listing
from models_registry.access.callers import actor_of, moment_of
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
    filters = place_list.PlacementFilters(request.GET, actor=actor_of(request), at=moment_of(request))
    return listing.answer(
        request,
        query=filters.whole_query,
        whole="models_registry/outside/places.html",
        part="models_registry/outside/_places.html",
        context=lambda: _list_context(filters),
    )


def _list_context(filters: place_list.PlacementFilters) -> dict[str, Any]:
    found, carried = filters.slice_of(filters.qs), filters.carried()
    return {
        "filters": filters,
        "stands": queries.stands(found.rows, at=filters.at),
        "count": filters.qs.count(),
        "heads": filters.columns(place_list.HEADS, **carried),
        **filters.ways(found.after),
        "clear_url": listing.query_of(reverse("outside:places"), as_of=carried.get("as_of", "")),
        "now": filters.at or timezone.now(),
    }


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
    require(actor_of(request), Permission.RISK_ACKNOWLEDGE, on=found.model)
    if not form.is_valid():
        return _shown(request, found, form, status=422)
    try:
        actions.answer(by=actor_of(request), at=timezone.now(), violation=found, text=form.cleaned_data["text"])
    except (actions.AlreadyAnswered, actions.ViolationOver) as refused:
        form.add_error(None, str(refused))
        return _shown(request, _found(request, pk), form, status=refused.http_status)
    messages.success(request, f"Answered for {found.placement.what}.")
    return redirect("outside:violation", pk)


def _shown(request: HttpRequest, found: Violation, form: AnswerForm, *, status: int = 200) -> HttpResponse:
    first = found.placement
    reads_sources = bool(can(actor_of(request), Permission.SOURCE_READ))
    kept = reads_sources and queries.is_kept(first.event)
    context = {
        "violation": found,
        "model": found.model,
        "form": form,
        "may_answer": can(actor_of(request), Permission.RISK_ACKNOWLEDGE, on=found.model),
        "missing": queries.missing(found),
        "learnt": "" if found.ended_at else queries.how_learnt(found),
        "source_url": reverse("telemetry:source", args=[first.source.slug]) if reads_sources else "",
        "event_url": reverse("telemetry:event", args=[first.event]) if kept else "",
        "decision": queries.decision_of(found.clearance),
        "now": timezone.now(),
        "as_of": None,
    }
    return render(request, "models_registry/outside/violation.html", context, status=status)


def _found(request: HttpRequest, pk: int) -> Violation:
    return get_object_or_404(queries.violations_for(actor=actor_of(request)), pk=pk)
