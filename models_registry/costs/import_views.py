"""Doors of what people bring in: bills with their preview and undoing, the house's prices, exchange rates."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from models_registry.access.callers import actor_of
from models_registry.access.models import BusinessUnit, Team
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.catalog.models import RegisteredModel
from models_registry.costs import actions, importing, standing
from models_registry.costs.forms import PricesForm, RateForm, UndoForm, UploadForm
from models_registry.costs.models import CostImport, CostRecord, ExchangeRate, ImportState, PriceList
from models_registry.costs.money import SumUnfit
from models_registry.costs.pricing import shipped
from models_registry.costs.reading import COLUMNS, LARGEST_FILE, Line, text_of
from models_registry.costs.views import tabs
from models_registry.tabular.texts import FileUnfit

PAGE = 50
LINES_SHOWN = 100
PROBLEMS_SHOWN = 200


@require_safe
@page(Permission.COST_WRITE)
def imports(request: HttpRequest) -> HttpResponse:
    """List the files that were uploaded, newest first."""
    rows = CostImport.objects.defer("content").select_related("uploaded_by", "imported_by", "undone_by")
    found = Paginator(rows.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    context = {"tabs": tabs(request, "costs:imports"), "page_obj": found}
    return render(request, "models_registry/costs/imports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.COST_WRITE)
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file in and show what importing it would do; nothing counts yet."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            found = importing.upload(
                by=actor_of(request), at=timezone.now(), file_name=asked["file"].name,
                content=text_of(asked["file"].read(LARGEST_FILE + 1)),
                replaces_measured=asked["replaces_measured"],
            )  # fmt: skip
        except FileUnfit as unfit:
            form.add_error("file", str(unfit))
        else:
            return redirect("costs:import", found.pk)
    context = {"form": form, "columns": COLUMNS}
    return render(request, "models_registry/costs/upload.html", context, status=422 if form.errors else 200)


@require_safe
@page(Permission.COST_WRITE)
def one_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a file: what importing it would do now, every problem by row and column, and what was done."""
    found = get_object_or_404(CostImport.objects.select_related("uploaded_by", "imported_by", "undone_by"), pk=pk)
    return _show(request, found)


@require_POST
@page(Permission.COST_WRITE)
def apply_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Import a file, whole or its good rows alone."""
    found = get_object_or_404(CostImport, pk=pk)
    try:
        count = importing.apply_import(
            by=actor_of(request), at=timezone.now(), source=found, good_rows_only=request.POST.get("rows") == "good"
        )
    except (importing.RowsUnfit, importing.AlreadyImported, SumUnfit) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Imported {count} row{'' if count == 1 else 's'} of {found.file_name}.")
    return redirect("costs:import", found.pk)


@require_POST
@page(Permission.COST_WRITE)
def undo_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back, with a reason."""
    found, form = get_object_or_404(CostImport, pk=pk), UndoForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was taken back. Say why.")
        return redirect("costs:import", found.pk)
    try:
        count = importing.undo_import(
            by=actor_of(request), at=timezone.now(), source=found, reason=form.cleaned_data["reason"]
        )
    except importing.NotImported as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Took back {count} row{'' if count == 1 else 's'} of {found.file_name}.")
    return redirect("costs:import", found.pk)


@require_safe
@page(Permission.COST_READ)
def prices(request: HttpRequest) -> HttpResponse:
    """Show the house's prices, the public ones, and the exchange rates."""
    return _prices(request, RateForm(), status=200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.COST_WRITE)
def new_prices(request: HttpRequest) -> HttpResponse:
    """Enter the house's prices at a provider."""
    at = timezone.now()
    form = PricesForm(request.POST or None, initial={"effective_on": at.date(), "currency": "USD"})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        made = actions.enter_prices(
            by=actor_of(request), at=at, provider=asked["provider"], effective_on=asked["effective_on"],
            currency=asked["currency"], prices=asked["prices"], source=asked["source"],
        )  # fmt: skip
        messages.success(request, f"Entered the prices of {made.provider}, version {made.number}.")
        return redirect("costs:prices")
    return render(request, "models_registry/costs/prices_form.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@page(Permission.COST_WRITE)
def enter_rate(request: HttpRequest) -> HttpResponse:
    """Enter an exchange rate; amounts of its days follow at once."""
    form = RateForm(request.POST)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            made = actions.enter_rate(
                by=actor_of(request), at=timezone.now(), currency=asked["currency"],
                effective_on=asked["effective_on"], rate=asked["rate"],
            )  # fmt: skip
        except (actions.RateUnfit, SumUnfit) as unfit:
            form.add_error(None, str(unfit))
        else:
            messages.success(request, f"Entered {made}.")
            return redirect("costs:prices")
    return _prices(request, form, status=422)


def _show(request: HttpRequest, found: CostImport) -> HttpResponse:
    seen = importing.preview(source=found, at=timezone.now())
    context: dict[str, Any] = {
        "source": found,
        "seen": seen,
        "bill": seen.bill,
        "fresh_count": len(seen.fresh),
        "taken_count": len(seen.bill.lines) - len(seen.fresh),
        "totals": seen.totals.items(),
        "problems": seen.bill.wrong[:PROBLEMS_SHOWN],
        "problems_left": len(seen.bill.wrong[PROBLEMS_SHOWN:]),
        "lines": _lines(seen.fresh[:LINES_SHOWN]),
        "lines_left": len(seen.fresh[LINES_SHOWN:]),
        "recorded": _recorded(found),
        "is_imported": found.state == ImportState.IMPORTED,
        "is_undone": found.state == ImportState.UNDONE,
        "undo_form": UndoForm(),
    }
    return render(request, "models_registry/costs/import.html", context)


def _lines(fresh: tuple[Line, ...]) -> list[tuple[Line, str, str]]:
    """Return lines with the names of their model and of whom they are attributed to."""
    models = dict(RegisteredModel.objects.filter(pk__in={line.model_id for line in fresh}).values_list("pk", "name"))
    teams = dict(Team.objects.filter(pk__in={line.team_id for line in fresh}).values_list("pk", "name"))
    units = dict(BusinessUnit.objects.filter(pk__in={line.unit_id for line in fresh}).values_list("pk", "name"))
    return [
        (
            line,
            models.get(line.model_id or 0, ""),
            ", ".join(filter(None, (units.get(line.unit_id or 0), teams.get(line.team_id or 0), line.project))),
        )
        for line in fresh
    ]


def _recorded(found: CostImport) -> list[CostRecord]:
    """Return the first records of a file that count now."""
    rows = found.records.filter(round=found.round, compensates__isnull=True)
    return list(rows.select_related("model", "unit", "team").order_by("row")[:LINES_SHOWN])


def _prices(request: HttpRequest, form: RateForm, *, status: int) -> HttpResponse:
    answer = can(actor_of(request), Permission.COST_WRITE)
    house = [
        (row, sorted(standing.house_prices(row).prices.items()))
        for row in PriceList.objects.select_related("entered_by").order_by("provider", "-number")[:PAGE]
    ]
    public = [(one, sorted(one.prices.items())) for one in shipped()]
    context = {
        "tabs": tabs(request, "costs:prices"),
        "house": house,
        "of_house": sum(len(prices) for _, prices in house),
        "shipped": public,
        "of_shipped": sum(len(prices) for _, prices in public),
        "rates": ExchangeRate.objects.select_related("entered_by").order_by("currency", "-effective_on", "-pk")[:PAGE],
        "reporting": standing.reporting_currency(),
        "form": form,
        "refusal": "" if answer else answer.reason,
    }
    return render(request, "models_registry/costs/prices.html", context, status=status)
