"""Doors by which people record what a version uses, and take back what was recorded by mistake."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from models_registry.access.callers import actor_of
from models_registry.access.listing import query_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.catalog.models import ModelVersion
from models_registry.catalog.queries import models_for
from models_registry.lineage import actions, queries
from models_registry.lineage.forms import ArtifactForm, WithdrawalForm
from models_registry.lineage.keeping import CircleFound, DigestMismatch, StatedOtherwise
from models_registry.lineage.statement import Statement, StatementUnfit

REFUSALS = (StatementUnfit, DigestMismatch, StatedOtherwise, CircleFound)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.VERSION_REGISTER)
def record(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Record one artifact that a version uses."""
    version, form = _version(request, slug, number), ArtifactForm(request.POST or None)
    require(actor_of(request), Permission.VERSION_REGISTER, on=version)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            statement = Statement(members=(form.member(),))
            try:
                done = actions.record_lineage(
                    by=actor_of(request), at=timezone.now(), version=version, statement=statement
                )
            except REFUSALS as refused:
                form.add_error(None, str(refused))
                status = getattr(refused, "http_status", 409) if not isinstance(refused, StatementUnfit) else 422
            else:
                messages.success(request, _told(done, version))
                return redirect(_page_of(version))
    context = {"form": form, "version": version, "model": version.model}
    return render(request, "models_registry/lineage/record.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.VERSION_REGISTER)
def withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say why an edge of a model was a mistake, and withdraw it."""
    edges = queries.edges_for(actor=actor_of(request)).filter(version__model__slug=slug)
    edge, form = get_object_or_404(edges, pk=pk), WithdrawalForm(request.POST or None)
    version = cast(ModelVersion, edge.version)
    require(actor_of(request), Permission.VERSION_REGISTER, on=version)
    problem = "This edge was withdrawn before." if edge.withdrawn_at is not None else ""
    if request.method == "POST" and not problem and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            actions.withdraw_edge(by=actor_of(request), at=timezone.now(), edge=edge, reason=reason)
        except actions.AlreadyWithdrawn as refused:
            problem = str(refused)
        else:
            messages.success(request, f"Withdrew {edge.used} from v{version.number}.")
            return redirect(_page_of(version))
    status = 409 if problem and request.method == "POST" else 422 if form.errors else 200
    context = {"form": form, "edge": edge, "version": version, "model": version.model, "problem": problem}
    return render(request, "models_registry/lineage/withdraw.html", context, status=status)


def _told(done: actions.Recorded, version: ModelVersion) -> str:
    used = next(iter(done.versions.values()))
    return f"Recorded {used} for v{version.number}." if done.is_fresh else f"{used} was on record already."


def _page_of(version: ModelVersion) -> str:
    return query_of(reverse("lineage:model", args=[version.model.slug]), version=str(version.number))


def _version(request: HttpRequest, slug: str, number: int) -> ModelVersion:
    model = get_object_or_404(models_for(actor=actor_of(request)), slug=slug)
    version = queries.told_version(model=model, number=number)
    if version is None:
        raise Http404
    return version
