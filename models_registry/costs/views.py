"""Doors of costs that people read: who spent how much, as a page and a file, and the panel of a model."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from models_registry.access.callers import actor_of
from models_registry.access.downloads import csv_response
from models_registry.access.listing import is_fragment, query_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, everywhere, may_open, visible
from models_registry.catalog.models import RegisteredModel
from models_registry.costs import queries
from models_registry.costs.charts import WIDE, month_chart, share_bar
from models_registry.costs.forecast import METHOD
from models_registry.costs.models import Budget
from models_registry.costs.money import plain
from models_registry.costs.queries import DIMENSIONS, Line, Span
from models_registry.costs.standing import reporting_currency

USUAL = "unit"
PLACES = (
    ("Showback", "costs:showback", Permission.COST_READ),
    ("Budgets", "costs:budgets", Permission.COST_READ),
    ("Prices and rates", "costs:prices", Permission.COST_READ),
    ("Imports", "costs:imports", Permission.COST_WRITE),
)
HEADER = ("month", "until", "by", "name", "currency", "amount", "amount_before", "share")


@require_safe
@page(Permission.COST_READ)
@vary_on_headers("HX-Request")
def showback(request: HttpRequest) -> HttpResponse:
    """Show a month's costs divided, its way to its end, and what the month before came to."""
    found, asked = _showback(request), _asked(request)
    course = queries.course(rows=queries.amounts_for(actor=actor_of(request)), span=found.span)
    context: dict[str, Any] = {
        "tabs": tabs(request, "costs:showback"),
        "found": found,
        "held_text": _held_text(found),
        "lines": [(line, share_bar(line.share), _address(found.by, line, asked["as_of"])) for line in found.top()],
        "currency": reporting_currency(),
        "course": course,
        "chart": month_chart(
            course, currency=reporting_currency(), budget_micros=_house_budget(request, found.span), width=WIDE
        ),
        "method": METHOD,
        "ways": [(key, one.label, key == found.by) for key, one in DIMENSIONS.items()],
        "by_label": DIMENSIONS[found.by].label,
        "months": queries.months(actor=actor_of(request), at=_now(request)),
        "asked": asked,
        "csv_url": query_of(reverse("costs:showback_file"), **asked),
        "sees_all": everywhere(actor_of(request), Permission.COST_READ),
    }
    name = "_showback.html" if is_fragment(request) else "showback.html"
    return render(request, f"models_registry/costs/{name}", context)


def _held_text(found: queries.Showback) -> str:
    """Return whose amounts are held, and what ends that."""
    more = found.held - len(found.held_of)
    whose = ", ".join([*found.held_of, *([f"{more} more"] if more else [])])
    return f"They are in none of the sums: {whose}. Look at what their sources report, and at prices and rates."


@require_safe
@page(Permission.COST_READ)
def showback_file(request: HttpRequest) -> StreamingHttpResponse:
    """Give the lines of the same address as a file, all of them; they add up to the total."""
    found = _showback(request)
    name = f"costs-{found.span.month:%Y-%m}-by-{found.by}.csv"
    return csv_response(name=name, header=HEADER, rows=_rows(found))


@require_safe
@page(Permission.COST_READ)
def panel(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what one model costs: for its page."""
    rows = visible(actor_of(request), Permission.COST_READ, RegisteredModel.objects.all())
    model = get_object_or_404(rows, slug=slug)
    span = queries.span_of(month="", at=_now(request))
    course = queries.course(rows=queries.of_model(model=model), span=span)
    budget = Budget.objects.filter(model=model, ended_at__isnull=True, first_month__lte=span.until).first()
    read, written, _ = queries.tokens_of(rows=queries.of_model(model=model), span=span)
    first, last = span.before
    context = {
        "model": model,
        "currency": reporting_currency(),
        "spent": sum(course.days.values()),
        "before": sum(micros for day, micros in course.before.items() if first <= day <= last),
        "course": course,
        "budget": budget,
        "chart": month_chart(
            course, currency=reporting_currency(), budget_micros=budget.amount_micros if budget else None
        ),
        "read": read,
        "written": written,
        "may_budget": can(actor_of(request), Permission.BUDGET_WRITE, on=model),
        "as_of": getattr(request, "as_of", None),
    }
    return render(request, "models_registry/costs/_panel.html", context)


def tabs(request: HttpRequest, current: str) -> list[dict[str, object]]:
    """Return the parts of costs that this reader may open."""
    at: datetime | None = getattr(request, "as_of", None)
    return [
        {"label": label, "url": query_of(reverse(name), as_of=at.isoformat() if at else ""), "current": name == current}
        for label, name, permission in PLACES
        if may_open(actor_of(request), permission)
    ]


def _showback(request: HttpRequest) -> queries.Showback:
    asked = _asked(request)
    span = queries.span_of(month=asked["month"], at=_now(request))
    return queries.showback(actor=actor_of(request), span=span, by=asked["by"] or USUAL)


def _asked(request: HttpRequest) -> dict[str, str]:
    """Return what the address asks for, tidied: nothing for what is usual or not known."""
    at: datetime | None = getattr(request, "as_of", None)
    span = queries.span_of(month=request.GET.get("month", ""), at=_now(request))
    by = request.GET.get("by", "")
    return {
        "by": by if by in DIMENSIONS and by != USUAL else "",
        "month": f"{span.month:%Y-%m}" if span.is_over and "month" in request.GET else "",
        "as_of": at.isoformat() if at else "",
    }


def _house_budget(request: HttpRequest, span: Span) -> int | None:
    """Return the whole house's budget for this month, for those who see the whole house."""
    if not everywhere(actor_of(request), Permission.COST_READ):
        return None
    rows = Budget.objects.filter(scope="HOUSE", ended_at__isnull=True, first_month__lte=span.month)
    found = rows.values_list("amount_micros", "last_month").first()
    return found[0] if found and (found[1] is None or found[1] >= span.month) else None


def _address(by: str, line: Line, as_of: str) -> str:
    """Return where a line leads: models have a page."""
    return query_of(f"/models/{line.slug}/", as_of=as_of) if by == "model" and line.slug else ""


def _rows(found: queries.Showback) -> Iterator[Sequence[object]]:
    told = (found.span.month.isoformat(), found.span.until.isoformat(), found.by)
    for line in found.lines:
        yield (*told, line.name, reporting_currency(), plain(line.now), plain(line.before), round(line.share, 6))


def _now(request: HttpRequest) -> datetime:
    return cast(datetime, getattr(request, "as_of", None) or timezone.now())
