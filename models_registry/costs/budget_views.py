"""Doors of budgets: the list as it stood when last looked at, one budget with its month, and what people change."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, may_open, require
from models_registry.access.trail_lines import lines
from models_registry.audit.models import AuditEntry
from models_registry.catalog.models import RegisteredModel
from models_registry.costs import actions, queries, watching
from models_registry.costs.charts import budget_bar, month_chart
from models_registry.costs.forecast import METHOD
from models_registry.costs.forms import BudgetForm, EndForm, TermsForm
from models_registry.costs.models import Budget, BudgetStatus
from models_registry.costs.standing import reporting_currency
from models_registry.costs.views import tabs

SHOWN = 200


@dataclass(frozen=True)
class Row:
    """A budget as the list shows it. Ratios are shares of its amount; None while nothing is known."""

    budget: Budget
    status: BudgetStatus | None

    @property
    def used(self) -> float | None:
        """What is spent of it."""
        return None if self.status is None else self.status.spent_micros / self.budget.amount_micros

    @property
    def expected(self) -> float | None:
        """Where it is heading."""
        if self.status is None or self.status.expected_micros is None:
            return None
        return self.status.expected_micros / self.budget.amount_micros

    @property
    def bar(self) -> SafeString:
        """The two as a drawing."""
        return budget_bar(self.used or 0.0, self.expected)

    @property
    def words(self) -> str:
        """How it stands."""
        if self.budget.ended_at:
            return "Ended"
        if self.used is None:
            return "Not looked at yet"
        if self.used > 1:
            return "Overspent"
        if self.expected is not None and self.expected > 1:
            return "Will be overspent"
        return "Mostly spent" if self.used * 100 >= self.budget.warn_percent else "Holds"

    @property
    def is_bad(self) -> bool:
        """Say whether it is, or will be, overspent."""
        return self.words in ("Overspent", "Will be overspent")


@require_safe
@page(Permission.COST_READ)
def budgets(request: HttpRequest) -> HttpResponse:
    """List the budgets that stand, the most spent first, as they stood when last looked at."""
    found = queries.budgets_for(actor=actor_of(request)).filter(ended_at__isnull=True).order_by("pk")[:SHOWN]
    rows = [Row(budget, status_of(budget)) for budget in found]
    rows.sort(key=lambda row: (-max(row.used or 0.0, row.expected or 0.0), row.budget.pk))
    answer = may_open(actor_of(request), Permission.BUDGET_WRITE)
    context = {
        "tabs": tabs(request, "costs:budgets"),
        "rows": rows,
        "bad_count": sum(row.is_bad for row in rows),
        "currency": reporting_currency(),
        "refusal": "" if answer else answer.reason,
        "method": METHOD,
    }
    return render(request, "models_registry/costs/budgets.html", context)


@require_safe
@page(Permission.COST_READ)
def budget(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one budget: its month's way, who spends it, who set and changed it."""
    found = get_object_or_404(queries.budgets_for(actor=actor_of(request)), pk=pk)
    span = queries.span_of(month=request.GET.get("month", ""), at=_now(request))
    since = span.before[0]
    rows = watching.amounts_of(found, since=since, until=span.until)
    course = queries.course(rows=rows, span=span)
    answer = can(actor_of(request), Permission.BUDGET_WRITE, on=found.model)
    entries = AuditEntry.objects.filter(object_type="budget", object_id=str(found.pk)).order_by("-pk")[:30]
    context: dict[str, Any] = {
        "row": Row(found, status_of(found)),
        "budget": found,
        "span": span,
        "course": course,
        "spent": sum(course.days.values()),
        "chart": month_chart(course, currency=found.currency, budget_micros=found.amount_micros),
        "method": METHOD,
        "history": [
            {"at": line.entry.at, "kind": line.entry.actor_kind, "text": line.text, "detail": line.entry.actor_name}
            for line in lines(list(entries))
        ],
        "refusal": "" if answer else answer.reason,
        "end_form": EndForm(),
    }
    return render(request, "models_registry/costs/budget.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.BUDGET_WRITE)
def new_budget(request: HttpRequest) -> HttpResponse:
    """Set a budget."""
    at = timezone.now()
    initial = {"first_month": at.astimezone(UTC).date().replace(day=1), "scope": "MODEL", **_named(request)}
    form = BudgetForm(request.POST or None, actor=actor_of(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            made = actions.set_budget(
                by=actor_of(request), at=at, scope=asked["scope"], unit=asked.get("unit"), team=asked.get("team"),
                model=asked.get("model"), project=asked.get("project") or "", amount_micros=asked["amount"],
                first_month=asked["first_month"], last_month=asked["last_month"],
                warn_percent=asked["warn_percent"], note=asked["note"],
            )  # fmt: skip
        except actions.BudgetStands as stands:
            form.add_error(None, str(stands))
        else:
            messages.success(request, f"Set the budget of {made}. It is looked at every ten minutes.")
            return redirect("costs:budget", made.pk)
    context = {"form": form, "currency": reporting_currency()}
    return render(request, "models_registry/costs/budget_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.BUDGET_WRITE)
def edit_budget(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a budget allows."""
    found = get_object_or_404(queries.budgets_for(actor=actor_of(request)), pk=pk)
    require(actor_of(request), Permission.BUDGET_WRITE, on=found.model)
    form = TermsForm.of(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            actions.change_budget(
                by=actor_of(request), at=timezone.now(), budget=found, amount_micros=asked["amount"],
                warn_percent=asked["warn_percent"], last_month=asked["last_month"], note=asked["note"],
            )  # fmt: skip
        except (actions.BudgetEnded, actions.BudgetUnfit) as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Changed the budget of {found}.")
            return redirect("costs:budget", found.pk)
    context = {"form": form, "budget": found, "currency": found.currency}
    return render(request, "models_registry/costs/budget_form.html", context, status=422 if form.errors else 200)


@require_POST
@page(Permission.BUDGET_WRITE)
def end_budget(request: HttpRequest, pk: int) -> HttpResponse:
    """End a budget, with a reason."""
    found = get_object_or_404(queries.budgets_for(actor=actor_of(request)), pk=pk)
    form = EndForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The budget stands. Say why it ends.")
        return redirect("costs:budget", found.pk)
    try:
        actions.end_budget(by=actor_of(request), at=timezone.now(), budget=found, reason=form.cleaned_data["reason"])
    except actions.BudgetEnded as ended:
        messages.error(request, str(ended))
    else:
        messages.success(request, f"Ended the budget of {found}.")
    return redirect("costs:budget", found.pk)


def status_of(budget: Budget) -> BudgetStatus | None:
    """Return how a budget stood when it was last looked at."""
    try:
        return budget.status
    except ObjectDoesNotExist:
        return None


def _named(request: HttpRequest) -> dict[str, Any]:
    """Return the model that a link to the form names."""
    found = RegisteredModel.objects.filter(slug=request.GET.get("model", "").replace("\x00", "")).first()
    return {"model": found} if found else {}


def _now(request: HttpRequest) -> datetime:
    return cast(datetime, getattr(request, "as_of", None) or timezone.now())
