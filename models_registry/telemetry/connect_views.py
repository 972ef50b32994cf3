"""Doors of the connect pages: choose a platform, get its configuration filled in, watch its first event arrive."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from models_registry.access.callers import actor_of
from models_registry.access.listing import is_fragment
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, may_open, visible
from models_registry.catalog.actions import NameTaken, name_outside
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry import (
    actions,
    adapters,
    arriving,
    connecting,
    queries,
    samples,
    source_actions,
    trial_door,
)
from models_registry.telemetry.codings import Refused
from models_registry.telemetry.forms import NameForm, SourceForm
from models_registry.telemetry.gallery import PLATFORMS, shelves
from models_registry.telemetry.models import Source, TelemetryEvent
from models_registry.telemetry.pollers import POLLERS
from models_registry.telemetry.source_views import address_of

LONGEST = 200
REPLAY_AT_ONCE = 500
HERE_ALONE = ("localhost", "127.0.0.1", "::1")


@require_GET
@page(Permission.SOURCE_READ)
@vary_on_headers("HX-Request")
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every platform that can be connected; those who may connect one choose it here."""
    words = request.GET.get("q", "").replace("\x00", "")[:LONGEST]
    context = {
        "shelves": shelves(words=words),
        "words": words,
        "refusal": can(actor_of(request), Permission.SOURCE_MANAGE).reason,
    }
    name = "_gallery" if is_fragment(request) else "gallery"
    return render(request, f"models_registry/telemetry/{name}.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.SOURCE_MANAGE)
def choose(request: HttpRequest, kind: str) -> HttpResponse:
    """Connect a source of this kind; its secret is shown once, in what is to be copied."""
    platform = PLATFORMS.get(kind)
    if platform is None:
        raise Http404
    form = SourceForm(request.POST or None, platform=platform, models=_models(request, Permission.MODEL_READ))
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            found, secret = source_actions.create_source(
                by=actor_of(request),
                at=timezone.now(),
                name=asked["name"],
                kind=kind,
                environment=asked["environment"],
                expected_interval_s=asked["interval"],
                secret=asked.get("secret") or None,
            )
        except source_actions.SecretUnfit as unfit:
            form.add_error("secret", str(unfit) or str(unfit.__doc__))
        else:
            return _shown(request, found, secret=secret, model=asked["model"], status=201)
    context = {"form": form, "platform": platform}
    status = 422 if form.errors else 200
    return render(request, "models_registry/telemetry/choose.html", context, status=status)


@require_GET
@page(Permission.SOURCE_MANAGE)
@vary_on_headers("HX-Request")
def own(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what to copy for this source and what has arrived; alone, the part that is watched."""
    found = get_object_or_404(Source, slug=slug)
    if is_fragment(request):
        if request.GET.get("since") == arriving.token(found, at=timezone.now()):
            return HttpResponse(status=204)
        return render(request, "models_registry/telemetry/_watch.html", _watched(request, found))
    model = _models(request, Permission.MODEL_READ).filter(slug=request.GET.get("model", "").replace("\x00", ""))
    return _shown(request, found, model=model.first())


@require_POST
@page(Permission.SOURCE_MANAGE)
def prepare_secret(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a new secret and show it once. A source that was never heard has it alone; else a rotation begins."""
    found, by, at = get_object_or_404(Source, slug=slug), actor_of(request), timezone.now()
    with transaction.atomic():
        secret = source_actions.prepare_secret(by=by, at=at, source=found)
        heard = TelemetryEvent.objects.filter(source=found).exists()
        if not heard:
            source_actions.rotate_secret(by=by, at=at, source=found)
    return _shown(request, found, secret=secret, rotates=heard, status=201)


@require_POST
@page(Permission.SOURCE_MANAGE)
def trial(request: HttpRequest, slug: str) -> HttpResponse:
    """Send a sample through the source's door and show what it would give; nothing of it is kept."""
    found = get_object_or_404(Source, slug=slug, kind__in=samples.TEXTS)
    named = request.POST.get("model", "").replace("\x00", "")[:LONGEST]
    model = named or _models(request, Permission.MODEL_READ).values_list("slug", flat=True).first() or connecting.MODEL
    context: dict[str, Any] = {"source": found, "tried_model": model}
    try:
        [context["read"]] = trial_door.try_sample(source=found, model=model, at=timezone.now())
    except Refused as refused:
        context["refused"] = refused
    if is_fragment(request):
        return render(request, "models_registry/telemetry/_tried.html", context)
    return render(request, "models_registry/telemetry/tried.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.MODEL_EDIT)
def names(request: HttpRequest, slug: str) -> HttpResponse:
    """Say which registered model a source means by a name, and take up again what was held for it."""
    found, by = get_object_or_404(Source, slug=slug), actor_of(request)
    models = _models(request, Permission.MODEL_EDIT)
    initial = {"name": request.GET.get("name", "").replace("\x00", "")[:LONGEST]}
    form = NameForm(request.POST or None, models=models, initial=initial)
    if request.method == "POST" and form.is_valid():
        model, name = form.cleaned_data["model"], form.cleaned_data["name"]
        try:
            name_outside(by=by, at=timezone.now(), model=model, system=found.kind, name=name)
        except NameTaken as taken:
            form.add_error("name", str(taken))
        else:
            messages.success(request, f"{found.name} calls {model.name} {name}. {_taken_up(request, found)}")
            return redirect("telemetry:source", slug)
    context = {"source": found, "form": form, "replay_refusal": can(by, Permission.QUARANTINE_REPLAY).reason}
    status = 422 if form.errors else 200
    return render(request, "models_registry/telemetry/names.html", context, status=status)


def _taken_up(request: HttpRequest, source: Source) -> str:
    """Send what is held for want of a model through the line again, where the reader may; say what was done."""
    held = queries.held_events(source=source).filter(reason__startswith="E_UNKNOWN_MODEL").order_by("pk")
    pks = list(held.values_list("pk", flat=True)[:REPLAY_AT_ONCE])
    if not pks:
        return "Nothing is held for it."
    count = f"{len(pks)} held event{'s' if len(pks) > 1 else ''}"
    if not can(actor_of(request), Permission.QUARANTINE_REPLAY):
        return f"{count} wait until somebody who may replay them does."
    actions.replay(by=actor_of(request), at=timezone.now(), events=pks)
    return f"{count} {'go' if len(pks) > 1 else 'goes'} through the line again."


def _shown(
    request: HttpRequest,
    found: Source,
    *,
    secret: str = "",
    model: RegisteredModel | None = None,
    rotates: bool = False,
    status: int = 200,
) -> HttpResponse:
    address = address_of(found)
    setups = connecting.setups(
        kind=found.kind,
        address=address,
        secret=secret or connecting.UNKNOWN,
        model=model.slug if model else connecting.MODEL,
        environment=found.environment,
    )
    tried = found.kind in samples.TEXTS
    context = {
        **_watched(request, found),
        "platform": PLATFORMS.get(found.kind),
        "secret": secret,
        "rotates": rotates,
        "address": address,
        "setups": setups[:-1] if tried else setups,
        "attempt": setups[-1] if tried else None,
        "model": model,
        "models": _models(request, Permission.MODEL_READ)[:LONGEST],
        "can_be_asked": found.kind in POLLERS,
        "here_alone": urlsplit(settings.REDLINE_URL).hostname in HERE_ALONE,
    }
    response = render(request, "models_registry/telemetry/connect.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _watched(request: HttpRequest, found: Source) -> dict[str, Any]:
    by = actor_of(request)
    return {
        "source": found,
        "watch": arriving.watch(found, actor=by, at=timezone.now()),
        "awaits_mapping": arriving.awaits_mapping(found),
        "mapping_refusal": adapters.UNMAPPED.get(found.kind, ""),
        "register_refusal": may_open(by, Permission.MODEL_REGISTER).reason,
        "replay_refusal": can(by, Permission.QUARANTINE_REPLAY).reason,
        "name_refusal": may_open(by, Permission.MODEL_EDIT).reason,
    }


def _models(request: HttpRequest, permission: Permission) -> QuerySet[RegisteredModel]:
    return visible(actor_of(request), permission, RegisteredModel.objects.all()).order_by("name", "pk")
