"""Doors of versions: the list, one version with its moves, registering one, moving it where no gate stands."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from models_registry.access.callers import actor_of
from models_registry.access.listing import query_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, require
from models_registry.catalog import actions, clearance_actions, lifecycle, queries, run_queries, validation_panel
from models_registry.catalog.forms import AliasForm, VersionForm
from models_registry.catalog.models import ModelVersion, RegisteredModel, Stage

MOVES_SHOWN = 50
VERSIONS_SHOWN = 100
VERBS = {Stage.DEVELOPMENT: "Move to development", Stage.STAGING: "Move to staging", Stage.ARCHIVED: "Archive"}
EFFECTS = {
    Stage.DEVELOPMENT: "Back to development.",
    Stage.STAGING: "From staging, the gate can be asked to let it into production.",
    Stage.ARCHIVED: "It is kept with its history, and no longer offered for promotion.",
}
"""What a free move does, told before it is made."""


@require_safe
@page(Permission.MODEL_READ)
def version_list(request: HttpRequest, slug: str) -> HttpResponse:
    """List the versions of a model with their stages and aliases, now or at a past moment."""
    model, at = model_of(request, slug), getattr(request, "as_of", None)
    moves = queries.stage_history(model=model)
    listed = queries.versions_of(model=model)
    if at is not None:
        moves = moves.filter(moved_at__lte=at)
        listed = listed.filter(created_at__lte=at)
    count, before = listed.count(), request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 10:
        listed = listed.filter(number__lt=int(before))
    shown = list(listed[: VERSIONS_SHOWN + 1])
    older, shown = shown[VERSIONS_SHOWN:], shown[:VERSIONS_SHOWN]
    standing = queries.stages_at(at=at, versions=shown) if at is not None else {}
    here = reverse("catalog:versions", args=[slug])
    past = request.GET.get("as_of", "")
    context = {
        "model": model,
        "rows": [(version, standing.get(version.pk, version.stage)) for version in shown],
        "count": count,
        "more_url": query_of(here, as_of=past, before=str(shown[-1].number)) if older else "",
        "first_url": query_of(here, as_of=past) if before else "",
        "moves": moves[:MOVES_SHOWN],
        "holdings": queries.alias_holdings(model=model, at=at)[:MOVES_SHOWN],
        "protections": queries.protections_of(model=model) if at is None else (),
        "edit_refusal": can(actor_of(request), Permission.MODEL_EDIT, on=model).reason,
        "refusal": can(actor_of(request), Permission.VERSION_REGISTER, on=model).reason,
    }
    return render(request, "models_registry/catalog/versions.html", context)


@require_safe
@page(Permission.MODEL_READ)
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one version: what it is, where it stands, and where it may go next."""
    return _shown(request, _version(request, slug, number))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.VERSION_REGISTER)
def new_version(request: HttpRequest, slug: str) -> HttpResponse:
    """Register the next version of a model."""
    model, form = model_of(request, slug), VersionForm(request.POST or None)
    require(actor_of(request), Permission.VERSION_REGISTER, on=model)
    if request.method == "POST" and form.is_valid():
        made = actions.register_version(by=actor_of(request), at=timezone.now(), model=model, **form.cleaned_data)
        return redirect("catalog:version", slug, made.number)
    context = {"form": form, "model": model}
    return render(request, "models_registry/catalog/new_version.html", context, status=422 if form.errors else 200)


@require_POST
@page(Permission.VERSION_MOVE)
def move(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Move a version to a stage that no gate guards."""
    found, to = _version(request, slug, number), request.POST.get("to", "")
    require(actor_of(request), Permission.VERSION_MOVE, on=found)
    if to not in EFFECTS:
        return _shown(request, found, problem="Only a gate lets a version into that stage.", status=409)
    try:
        actions.move_stage(by=actor_of(request), at=timezone.now(), version=found, to=to)
    except actions.StageNotReachable as refused:
        return _shown(request, found, problem=str(refused), status=409)
    messages.success(request, f"Moved v{number} to {Stage(to).label.lower()}.")
    return redirect("catalog:version", slug, number)


@require_POST
@page(Permission.VERSION_MOVE)
def alias(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Point an alias at a version."""
    found, form = _version(request, slug, number), AliasForm(request.POST)
    require(actor_of(request), Permission.VERSION_MOVE, on=found)
    if not form.is_valid():
        return _shown(request, found, form=form, status=422)
    name = form.cleaned_data["name"]
    try:
        actions.point_alias(by=actor_of(request), at=timezone.now(), model=found.model, name=name, version=found)
    except actions.NothingToChange:
        form.add_error("name", f"{name} points at this version already.")
    except (actions.AliasProtected, actions.VersionWithdrawn) as refused:
        form.add_error("name", str(refused))
    except clearance_actions.ClearanceMissing:
        form.add_error("name", f"{name} is guarded: the gate has to approve before it moves.")
    else:
        messages.success(request, f"{name} points at v{number}.")
        return redirect("catalog:version", slug, number)
    return _shown(request, found, form=form, status=409)


def _shown(
    request: HttpRequest, found: ModelVersion, *, form: AliasForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    refusal = can(actor_of(request), Permission.VERSION_MOVE, on=found).reason
    free = sorted(lifecycle.NEXT[Stage(found.stage)] - lifecycle.GUARDED_STAGES)
    context: dict[str, Any] = {
        "version": found,
        "model": found.model,
        "run": run_queries.run_of(version=found),
        "panel": validation_panel.panel(version=found, at=request.as_of),  # type: ignore[attr-defined]
        "moves": queries.stage_history(model=found.model).filter(version=found),
        "free": [(stage.value, VERBS[stage], EFFECTS[stage]) for stage in free],
        "refusal": "" if request.as_of is None and not refusal else refusal or "The past is read only.",  # type: ignore[attr-defined]
        "form": form or AliasForm(),
        "problem": problem,
        "facts": [
            ("Stage", Stage(found.stage).label),
            ("Aliases", ", ".join(one.name for one in found.aliases.all()) or "none"),
            ("Registered", f"{found.created_at:%Y-%m-%d %H:%M} UTC"),
            ("By", found.created_by),
        ],
    }
    return render(request, "models_registry/catalog/version.html", context, status=status)


def _version(request: HttpRequest, slug: str, number: int) -> ModelVersion:
    listed = queries.versions_of(model=model_of(request, slug)).select_related("model__unit")
    return get_object_or_404(listed, number=number)


def model_of(request: HttpRequest, slug: str) -> RegisteredModel:
    """Return the model of an address; raise Http404 when it is not there for this reader."""
    return get_object_or_404(queries.models_for(actor=actor_of(request)), slug=slug)
