"""Pages of the catalog: register and edit a model."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify

from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.catalog import actions, queries
from models_registry.catalog.forms import ModelForm
from models_registry.catalog.models import RegisteredModel

LONGEST = 120


@page(Permission.MODEL_REGISTER)
def register(request: HttpRequest) -> HttpResponse:
    """Put a model on record; an address may bring the name that a sender uses."""
    name = request.GET.get("name", "").replace("\x00", "")[:LONGEST]
    initial = {"owner": request.user.pk, "name": name, "slug": slugify(name)}
    form = ModelForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.register_model(by=actor_of(request), at=timezone.now(), **form.cleaned_data)
        except (actions.NameTaken, actions.NameUnfit) as error:
            form.add_error("slug", str(error))
        else:
            return redirect(_page_of(form.cleaned_data["slug"]))
    return _form(request, form, "Register a model", verb="Register model")


@page(Permission.MODEL_EDIT)
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change facts of a model."""
    model = _model(request, slug)
    require(actor_of(request), Permission.MODEL_EDIT, on=model)
    form = ModelForm(request.POST if request.method == "POST" else None, instance=model)
    if request.method == "POST" and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        try:
            actions.edit_model(by=actor_of(request), at=timezone.now(), model=model, changes=changes)
        except actions.NothingToChange as error:
            form.add_error(None, str(error) or (type(error).__doc__ or ""))
        else:
            return redirect(_page_of(slug))
    return _form(request, form, f"Edit {model.name}", verb="Save changes", model=model)


def _form(
    request: HttpRequest, form: ModelForm, heading: str, *, verb: str, model: RegisteredModel | None = None
) -> HttpResponse:
    status = 422 if form.is_bound else 200
    context = {"form": form, "heading": heading, "verb": verb, "model": model}
    return render(request, "models_registry/catalog/form.html", context, status=status)


def _page_of(slug: str) -> str:
    """Return the page of a model, which a room above shows."""
    return f"/models/{slug}/"


def _model(request: HttpRequest, slug: str) -> RegisteredModel:
    return get_object_or_404(queries.models_for(actor=actor_of(request)), slug=slug)
