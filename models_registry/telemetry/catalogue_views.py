"""Pages of the metric catalogue: what is measured, which names nobody has explained, and what a name stands for."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.telemetry import catalogue_actions, catalogue_queries, rereading
from models_registry.telemetry.catalogue_actions import MetricKnown, MetricNameUnfit, MetricUnknown, UnitUnfit
from models_registry.telemetry.catalogue_forms import ALIAS, OWN, AdoptForm
from models_registry.telemetry.catalogue_models import HouseAlias
from models_registry.telemetry.metrics import Direction
from models_registry.templatetags.figures import digits

LONGEST = 200
PAGE = 50
CHOICES = {
    ALIAS: "Rules and formulas that read the metric read this name too.",
    OWN: "It gets a unit, a direction and a meaning; rules can name it.",
}


@require_GET
@page(Permission.SOURCE_READ)
def metrics(request: HttpRequest) -> HttpResponse:
    """List the metrics of the catalogue, those that are sent first."""
    words = request.GET.get("q", "").replace("\x00", "")[:LONGEST]
    context = {
        "rows": catalogue_queries.catalogue(words=words),
        "words": words,
        "tabs": _tabs(request),
        "refusal": _refusal(request),
    }
    return render(request, "models_registry/telemetry/metrics.html", context)


@require_GET
@page(Permission.SOURCE_READ)
def unmapped(request: HttpRequest) -> HttpResponse:
    """List the names that senders use and the catalogue does not know."""
    found = Paginator(catalogue_queries.unmapped(), PAGE)
    context = {
        "page_obj": found.get_page(request.GET.get("page")),
        "crowded": catalogue_queries.crowded(),
        "limit": settings.REDLINE_SERIES_LIMIT,
        "of_many_names": catalogue_queries.of_many_names(),
        "names_limit": settings.REDLINE_NAMES_LIMIT,
        "tabs": _tabs(request),
        "refusal": _refusal(request),
    }
    return render(request, "models_registry/telemetry/unmapped.html", context)


@require_GET
@page(Permission.SOURCE_READ)
def metric(request: HttpRequest, name: str) -> HttpResponse:
    """Show one metric: its names, who sends it and who reads it."""
    row = catalogue_queries.metric(name=name)
    if row is None:
        raise Http404
    context = {"row": row, "senders": catalogue_queries.senders(name=name), "refusal": _refusal(request)}
    return render(request, "models_registry/telemetry/metric.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.SOURCE_MANAGE)
def adopt(request: HttpRequest) -> HttpResponse:
    """Say what a sender's name stands for: a metric there is, or one of the house's own."""
    asked = request.POST.get("name") or request.GET.get("name", "")
    name = asked.replace("\x00", "")[:80]
    form = AdoptForm(request.POST or None, initial={"name": name})
    if request.method == "POST" and form.is_valid() and _adopted(request, form):
        return redirect("metric_catalogue:metric", form.cleaned_data["metric"] or form.cleaned_data["name"])
    found = {each.name: each for each in catalogue_queries.unmapped()}.get(name)
    context = {
        "form": form,
        "name": name,
        "found": found,
        "senders": catalogue_queries.senders(name=name),
        "choices": CHOICES,
    }
    status = 422 if form.errors else 200
    return render(request, "models_registry/telemetry/adopt.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.SOURCE_MANAGE)
def read_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was measured under a name before it had a meaning, and measure it again under its metric."""
    alias = get_object_or_404(HouseAlias, pk=pk, ended_at__isnull=True)
    if request.method == "POST":
        try:
            count = rereading.ask(by=actor_of(request), at=timezone.now(), alias=alias)
        except (rereading.NothingToRead, rereading.ReadingStands) as refused:
            messages.error(request, str(refused))
        else:
            counted = "1 measurement" if count == 1 else f"{digits(count)} measurements"
            go = "goes" if count == 1 else "go"
            messages.success(request, f"{counted} of {alias.name} {go} through the line again, as {alias.metric}.")
        return redirect("metric_catalogue:read-again", alias.pk)
    reading = rereading.reading(alias=alias)
    going_on = reading is not None and reading.done_at is None
    context = {
        "alias": alias,
        "reading": reading,
        "going_on": going_on,
        "preview": None if going_on else rereading.preview(alias=alias),
        "source": rereading.SOURCE[1],
    }
    return render(request, "models_registry/telemetry/read_again.html", context)


@require_POST
@page(Permission.SOURCE_MANAGE)
def end_alias(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a name stand for itself again."""
    alias = get_object_or_404(HouseAlias, pk=pk)
    try:
        catalogue_actions.end_alias(by=actor_of(request), at=timezone.now(), alias=alias)
    except catalogue_actions.AliasEnded as refused:
        messages.error(request, str(refused.__doc__))
    else:
        messages.success(request, f"{alias.name} stands for itself from now on.")
    return redirect("metric_catalogue:metric", alias.metric)


def _adopted(request: HttpRequest, form: AdoptForm) -> bool:
    """Do what the form asks; put the reason beside its field where that cannot be."""
    asked, by, at = form.cleaned_data, actor_of(request), timezone.now()
    act: Callable[[], Any]
    if asked["how"] == ALIAS:
        act = lambda: catalogue_actions.add_alias(  # noqa: E731 - one of two acts, done below
            by=by, at=at, name=asked["name"], metric=asked["metric"], source_kind=asked["sender"], unit=asked["unit"]
        )
        said = f"{asked['name']} is read as {asked['metric']} from now on. What was measured before can be read again."
    else:
        act = lambda: catalogue_actions.define_metric(  # noqa: E731
            by=by,
            at=at,
            name=asked["name"],
            unit=asked["own_unit"],
            direction=Direction(asked["direction"]),
            description=asked["description"],
        )
        said = f"{asked['name']} is a metric of the catalogue."
    places: dict[type[Exception], str] = {UnitUnfit: "unit", MetricUnknown: "metric"}
    try:
        act()
    except (MetricKnown, MetricNameUnfit, MetricUnknown, UnitUnfit) as refused:
        form.add_error(places.get(type(refused), "name"), str(refused) or str(refused.__doc__))
        return False
    messages.success(request, said)
    return True


def _tabs(request: HttpRequest) -> list[dict[str, object]]:
    count = len(catalogue_queries.unmapped())
    places = (("Metrics", "metric_catalogue:metrics", None), ("Unmapped names", "metric_catalogue:unmapped", count))
    return [
        {"label": label, "url": reverse(name), "count": count, "current": request.path == reverse(name)}
        for label, name, count in places
    ]


def _refusal(request: HttpRequest) -> str:
    return can(actor_of(request), Permission.SOURCE_MANAGE).reason
