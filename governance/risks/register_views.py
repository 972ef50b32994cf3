"""Doors of the register as a list: the page, its file, and the acknowledgement of one or many rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import trigger_client_event

from governance.risks import actions, moments, register
from governance.risks.models import Acknowledgement, Risk
from governance.risks.undo_views import undo_address
from models_registry.access import listing
from models_registry.access.downloads import csv_response
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open, visible
from models_registry.access.saved import view_bar

MOST_AT_ONCE = 50


@require_safe
@page(Permission.RISK_READ)
@vary_on_headers("HX-Request")
def shown(request: HttpRequest) -> HttpResponse:
    """Show the risks that match the address, a hundred at a time, now or as they stood at ``as_of``."""
    filters = _filters(request)
    return listing.answer(
        request,
        query=filters.whole_query,
        whole="governance/risks/list.html",
        part="governance/risks/_register.html",
        context=lambda: _context(request, filters),
    )


@require_safe
@page(Permission.RISK_READ)
def file(request: HttpRequest) -> StreamingHttpResponse:
    """Give the rows of the same address as a file, all of them."""
    filters = _filters(request)
    return csv_response(name="risks.csv", header=register.HEADER, rows=register.csv_rows(filters))


@require_POST
@page(Permission.RISK_READ)
def acknowledge(request: HttpRequest) -> HttpResponse:
    """Acknowledge the rows that were picked, each as a single one would be; say of each what came of it."""
    picks = _picks(request)
    if len(picks) > MOST_AT_ONCE:
        told = f"Nothing was acknowledged. At most {MOST_AT_ONCE} risks can be acknowledged at once, not {len(picks)}."
        return _answer(request, [told], done=[], status=422)
    seen, refused = actions.acknowledge_each(
        by=cast(Account, request.user), at=timezone.now(), judged=picks, note_text=request.POST.get("note", "").strip()
    )
    why_not = [f"R-{one.risk_id}: {one.reason}" for one in refused]
    single = request.headers.get("HX-Target", "")
    if listing.is_fragment(request) and len(picks) == 1 and single == f"risk-{next(iter(picks))}":
        return _one(request, next(iter(picks)), seen, why_not)
    return _answer(request, why_not, done=seen, status=200 if seen or not refused else 409)


def _one(request: HttpRequest, pk: int, done: list[Acknowledgement], why_not: list[str]) -> HttpResponse:
    """Return the row as it stands now, and say what happened."""
    filters = _filters(request)
    rows = register.rows_of(filters, moments.explained(filters.queryset.filter(pk=pk), at=None))
    context = {**_shared(request, filters), "row": rows[0] if rows else None}
    response = render(request, "governance/risks/_row.html", context, status=409 if why_not else 200)
    toast = {"text": f"Acknowledged R-{pk}.", "undo": undo_address(done)} if done else {"text": why_not[0]}
    return trigger_client_event(response, "toast", toast)


def _answer(request: HttpRequest, why_not: list[str], *, done: list[Acknowledgement], status: int) -> HttpResponse:
    said = f"Acknowledged {len(done)} {'risk' if len(done) == 1 else 'risks'}." if done else ""
    undo = undo_address(done) if done else ""
    if listing.is_fragment(request):
        outcome = {"said": said, "why_not": why_not}
        context = {**_context(request, _filters(request)), "outcome": outcome}
        response = render(request, "governance/risks/_register.html", context, status=status)
        if why_not:
            response["HX-Reswap"] = "outerHTML show:top"
        toast = {"text": said or why_not[0], "undo": undo} if said or why_not else None
        return trigger_client_event(response, "toast", toast) if toast else response
    if said:
        messages.success(request, said, extra_tags=undo)
    for reason in why_not:
        messages.error(request, reason)
    query = request.GET.urlencode()
    return redirect(f"{reverse('risks:list')}?{query}" if query else reverse("risks:list"))


def _picks(request: HttpRequest) -> Mapping[int, str]:
    """Return the picked risks that the person may see, each with the digest that was read."""
    parts = [pick.partition(":") for pick in request.POST.getlist("pick")]
    asked = {int(number): digest for number, _, digest in parts if listing.whole_number(number)}
    risks = visible(cast(Account, request.user), Permission.RISK_READ, Risk.objects.all(), through="model")
    known = set(risks.filter(pk__in=asked).values_list("pk", flat=True))
    return {pk: digest for pk, digest in asked.items() if pk in known}


def _filters(request: HttpRequest) -> register.RegisterFilters:
    as_of: datetime | None = getattr(request, "as_of", None)
    return register.RegisterFilters(request.GET, actor=cast(Account, request.user), at=as_of, now=timezone.now())


def _shared(request: HttpRequest, filters: register.RegisterFilters) -> dict[str, Any]:
    answer = may_open(filters.actor, Permission.RISK_ACKNOWLEDGE)
    return {
        "now": filters.moment,
        "as_of": filters.at,
        "acts": bool(answer) and filters.at is None,
        "refusal": "" if filters.at else answer.reason,
        "ack_url": f"{reverse('risks:acknowledge_rows')}?{filters.whole_query}".rstrip("?"),
    }


def _context(request: HttpRequest, filters: register.RegisterFilters) -> dict[str, Any]:
    rows, after = register.page_of(filters)
    carried = filters.carried()
    return {
        **_shared(request, filters),
        "filters": filters,
        "rows": rows,
        "address": f"{reverse('risks:list')}?{filters.whole_query}",
        "owed": min(sum(bool(row.answer) for row in rows), MOST_AT_ONCE),
        "most": MOST_AT_ONCE,
        "heads": filters.columns(register.HEADS if filters.at is None else register.HEADS[:-1], **carried),
        "placing": register.placing(filters),
        "views": view_bar(account=filters.actor, listed=register.LIST, filters=filters, as_of=carried.get("as_of", "")),
        **filters.ways(after),
        "csv_url": f"{reverse('risks:file')}?{filters.address(**carried)}",
        "clear_url": listing.query_of(reverse("risks:list"), as_of=carried.get("as_of", "")),
    }
