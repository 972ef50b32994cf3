"""Doors of protected aliases: who alone may move one, and lifting that."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.catalog import registry_actions
from models_registry.catalog.actions import NothingToChange
from models_registry.catalog.forms import ProtectionForm
from models_registry.catalog.version_views import model_of

MEANINGS = {
    "pipelines": "Automation accounts that may move this model's versions. No person, its owner included.",
    "named": "Those chosen below, as long as they may move this model's versions.",
}
"""What each answer to who may move an alias means."""


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.MODEL_EDIT)
def protect(request: HttpRequest, slug: str) -> HttpResponse:
    """Let only pipelines, or only named accounts, move an alias."""
    model, form = model_of(request, slug), ProtectionForm(request.POST or None, initial={"who": "pipelines"})
    require(actor_of(request), Permission.MODEL_EDIT, on=model)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        registry_actions.protect_alias(
            by=actor_of(request),
            at=timezone.now(),
            model=model,
            name=given["name"],
            pipeline_only=given["who"] == "pipelines",
            movers=given["movers"] if given["who"] == "named" else (),
        )
        messages.success(request, f"Protected the alias {given['name']}.")
        return redirect("catalog:versions", slug)
    context = {"form": form, "model": model, "descriptions": MEANINGS}
    return render(request, "models_registry/catalog/protect.html", context, status=422 if form.errors else 200)


@require_POST
@page(Permission.MODEL_EDIT)
def lift(request: HttpRequest, slug: str) -> HttpResponse:
    """Lift the protection of an alias."""
    model, name = model_of(request, slug), request.POST.get("name", "").replace("\x00", "")
    require(actor_of(request), Permission.MODEL_EDIT, on=model)
    try:
        registry_actions.unprotect_alias(by=actor_of(request), at=timezone.now(), model=model, name=name)
    except NothingToChange as refused:
        messages.info(request, str(refused))
    else:
        messages.success(request, f"Lifted the protection of {name}.")
    return redirect("catalog:versions", slug)
