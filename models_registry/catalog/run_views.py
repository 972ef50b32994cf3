"""Doors of experiment runs: the list, one run, several side by side, a sweep, and linking the winner."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from models_registry.access import listing
from models_registry.access.callers import actor_of, moment_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, require
from models_registry.catalog import coordinates, metric_names, queries, run_actions, run_list, run_queries
from models_registry.catalog.coordinates import Trace
from models_registry.catalog.models import RegisteredModel
from models_registry.catalog.run_models import Goal, Run, RunStatus, Sweep

RUNS_DRAWN = 300
VERSIONS_OFFERED = 50


class LinkForm(forms.Form):
    """Which version the run became."""

    version = forms.TypedChoiceField(label="Version", coerce=int)

    def __init__(self, *args: Any, numbers: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["version"]).choices = [(one, f"v{one}") for one in numbers]


@require_safe
@page(Permission.MODEL_READ)
@vary_on_headers("HX-Request")
def runs(request: HttpRequest, slug: str) -> HttpResponse:
    """List the runs of a model, with its sweeps above."""
    model, at = _model(request, slug), moment_of(request)
    filters = run_list.RunFilters(request.GET, model=model, at=at)
    sweeps = {} if listing.is_fragment(request) else {"sweeps": run_queries.sweeps_of(model=model)[:20]}
    return listing.answer(
        request,
        query=filters.whole_query,
        whole="models_registry/catalog/runs.html",
        part="models_registry/catalog/_runs.html",
        context=lambda: {**_list_context(filters, model), **sweeps, "as_of": at},
    )


def _list_context(filters: run_list.RunFilters, model: RegisteredModel) -> dict[str, Any]:
    found, carried = filters.slice_of(filters.qs), filters.carried()
    return {
        "model": model,
        "filters": filters,
        "runs": found.rows,
        "count": filters.qs.count(),
        "heads": filters.columns(run_list.HEADS, **carried),
        "numbers": ["Objective"],
        **filters.ways(found.after),
        "clear_url": listing.query_of(reverse("catalog:runs", args=[model.slug]), as_of=carried.get("as_of", "")),
        "most_compared": run_queries.MOST_COMPARED,
    }


@require_safe
@page(Permission.MODEL_READ)
def run(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show one run: what it was given, what it reached, what it left behind."""
    return _shown(request, _run(request, slug, pk))


@require_POST
@page(Permission.VERSION_REGISTER)
def link(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say which version the run became."""
    found = _run(request, slug, pk)
    require(actor_of(request), Permission.VERSION_REGISTER, on=found.model)
    form = LinkForm(request.POST, numbers=_free_numbers(found))
    if not form.is_valid():
        return _shown(request, found, form=form, status=422)
    number = form.cleaned_data["version"]
    version = get_object_or_404(found.model.versions, number=number)
    try:
        run_actions.link_run(by=actor_of(request), at=timezone.now(), run=found, version=version)
    except run_actions.RunAlreadyLinked as refused:
        form.add_error("version", str(refused))
        return _shown(request, found, form=form, status=409)
    messages.success(request, f"{found.name} is on record as the origin of v{number}.")
    return redirect("catalog:run", slug, pk)


@require_safe
@page(Permission.MODEL_READ)
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """Show several runs side by side; what differs comes first."""
    model = _model(request, slug)
    keys = [key for one in request.GET.getlist("run") if (key := listing.whole_number(one))]
    found = list(run_queries.runs_of(model=model).filter(pk__in=keys).order_by("pk")[: run_queries.MOST_COMPARED])
    parameters, metrics = run_queries.side_by_side(found) if found else ([], [])
    context = {
        "model": model,
        "runs": found,
        "parameters": parameters,
        "metrics": metrics,
        "left_out": max(0, len(set(keys)) - len(found)),
        "differing": sum(1 for row in parameters if row.differs),
    }
    return render(request, "models_registry/catalog/compare_runs.html", context)


@require_safe
@page(Permission.MODEL_READ)
def sweep(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show a sweep: its runs as parallel coordinates, and the same as a table."""
    model = _model(request, slug)
    found: Sweep = get_object_or_404(run_queries.sweeps_of(model=model), pk=pk)
    counted: int = getattr(found, "run_count", 0)
    ordered = list(run_queries.by_objective(sweep=found)[:RUNS_DRAWN])
    winner = run_queries.winner(ordered)
    names = run_queries.varied(ordered)
    maximise = found.goal == Goal.MAXIMIZE
    traces = [Trace(one.name, one.parameters, one.objective, one == winner) for one in ordered]
    shown = names[: coordinates.MOST_AXES]
    asked = request.GET.get("sort", "")
    sort = asked if asked.removeprefix("-") in {*shown, "objective", "run"} else ""
    said = _said_of(found, ordered, winner)
    context = {
        "model": model,
        "sweep": found,
        "winner": winner,
        "drawing": coordinates.drawing(traces, shown, found.objective, maximise=maximise, name=said),
        "legend": coordinates.legend(traces, maximise=maximise),
        "said": said,
        "names": shown,
        "hidden_names": names[coordinates.MOST_AXES :],
        "heads": _heads(shown, sort, found.objective),
        "objective": metric_names.said(found.objective or "objective"),
        "rows": [(one, [one.parameters.get(name) for name in shown], one == winner) for one in _sorted(ordered, sort)],
        "unreached_count": sum(1 for one in ordered if one.objective is None),
        "more_count": max(0, counted - len(ordered)),
        "facts": _facts(found),
        "as_of": moment_of(request),
    }
    return render(request, "models_registry/catalog/sweep.html", context)


def _said_of(sweep: Sweep, ordered: list[Run], winner: Run | None) -> str:
    reached = sum(1 for one in ordered if one.objective is not None)
    words = f"{reached} runs that told {sweep.objective or 'an objective'}"
    if winner is not None and winner.objective is not None:
        words += f"; {winner.name} won with {winner.objective:.4g}"
    return f"{words}."


def _facts(sweep: Sweep) -> list[tuple[str, Any]]:
    way = "the largest" if sweep.goal == Goal.MAXIMIZE else "the smallest"
    told = [
        ("Objective", f"{sweep.objective}, {way} wins" if sweep.objective else "not stated"),
        ("Method", sweep.method or "not stated"),
        ("Source", sweep.get_source_display()),
        ("Identifier", sweep.external_id),
    ]
    return told + [(name, _space(one)) for name, one in list(sweep.space.items())[:20]]


def _space(told: Any) -> str:
    """Return what a parameter was drawn from, in words."""
    if isinstance(told, dict) and {"min", "max"} <= set(told):
        rest = f", {str(told['distribution']).replace('_', ' ')}" if "distribution" in told else ""
        return f"{told['min']} to {told['max']}{rest}"
    if isinstance(told, dict) and isinstance(told.get("values"), list):
        return ", ".join(str(one) for one in told["values"])
    if isinstance(told, list):
        return ", ".join(str(one) for one in told)
    return str(told)


def _heads(names: list[str], sort: str, objective: str) -> list[listing.Column]:
    columns = [
        ("Run", "run"),
        *((name, name) for name in names),
        (capfirst(metric_names.said(objective or "objective")), "objective"),
    ]
    return [
        listing.Column(
            label,
            listing.query_of("", sort=f"-{word}" if sort == word else word) + "#runs",
            "descending" if sort == f"-{word}" else "ascending" if sort == word else "",
        )
        for label, word in columns
    ]


def _sorted(runs: list[Run], sort: str) -> list[Run]:
    """Return the runs by a column of the table: numbers by size, words by name, what is missing last."""
    if not sort:
        return runs
    word = sort.removeprefix("-")

    def value(one: Run) -> Any:
        return {"run": one.name, "objective": one.objective}.get(word, one.parameters.get(word))

    held = [one for one in runs if value(one) is not None]
    numeric = all(isinstance(value(one), int | float) and not isinstance(value(one), bool) for one in held)
    held.sort(key=lambda one: value(one) if numeric else str(value(one)).lower(), reverse=sort.startswith("-"))
    return held + [one for one in runs if value(one) is None]


def _shown(request: HttpRequest, found: Run, *, form: LinkForm | None = None, status: int = 200) -> HttpResponse:
    numbers = [] if found.version_id else _free_numbers(found)
    refusal = can(actor_of(request), Permission.VERSION_REGISTER, on=found.model).reason
    if moment_of(request) is not None:
        refusal = "The past is read only."
    context = {
        "model": found.model,
        "run": found,
        "metrics": [
            (metric_names.said(name), name, told, _points(told)) for name, told in sorted(found.metrics.items())
        ],
        "parameters": sorted(found.parameters.items()),
        "refusal": refusal,
        "form": form or LinkForm(numbers=numbers) if numbers else None,
        "took": found.ended_at - found.started_at if found.started_at and found.ended_at else None,
        "is_open": found.status in (RunStatus.RUNNING, RunStatus.SCHEDULED),
    }
    return render(request, "models_registry/catalog/run.html", context, status=status)


def _points(told: dict[str, Any]) -> str:
    """Return the way of a metric as the points of a small line, 120 wide and 24 high; empty without a history."""
    history = told.get("history") or []
    if len(history) < 2:
        return ""
    steps, values = [point[0] for point in history], [point[1] for point in history]
    width, height = (max(steps) - min(steps)) or 1.0, (max(values) - min(values)) or 1.0
    return " ".join(
        f"{120 * (step - min(steps)) / width:.1f},{22 - 20 * (value - min(values)) / height:.1f}"
        for step, value in history
    )


def _free_numbers(found: Run) -> list[int]:
    free = found.model.versions.filter(runs__isnull=True, withdrawn_at__isnull=True)
    return list(free.order_by("-number").values_list("number", flat=True)[:VERSIONS_OFFERED])


def _run(request: HttpRequest, slug: str, pk: int) -> Run:
    rows = run_queries.runs_of(model=_model(request, slug)).select_related("model", "sweep", "version", "linked_by")
    found: Run = get_object_or_404(rows, pk=pk)
    return found


def _model(request: HttpRequest, slug: str) -> RegisteredModel:
    found: RegisteredModel = get_object_or_404(queries.models_for(actor=actor_of(request)), slug=slug)
    return found
