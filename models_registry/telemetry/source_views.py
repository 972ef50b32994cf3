"""Doors that change a source: connect one, rotate its secret, say how long it may be silent, switch it off."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.telemetry import connecting, source_actions
from models_registry.telemetry.forms import IntervalForm, SourceForm
from models_registry.telemetry.models import Source, SourceKind


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.SOURCE_MANAGE)
def connect(request: HttpRequest) -> HttpResponse:
    """Connect a source; its secret is shown once."""
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        found, secret = source_actions.create_source(
            by=_actor(request),
            at=timezone.now(),
            name=asked["name"],
            kind=asked["kind"],
            environment=asked["environment"],
            expected_interval_s=asked["interval"],
        )
        return _show_once(request, found, secret)
    status = 422 if form.errors else 200
    return render(request, "models_registry/telemetry/connect.html", {"form": form}, status=status)


@require_POST
@page(Permission.SOURCE_MANAGE)
def prepare_secret(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a rotation: a second secret is accepted from now on, and shown once."""
    found = get_object_or_404(Source, slug=slug)
    secret = source_actions.prepare_secret(by=_actor(request), at=timezone.now(), source=found)
    return _show_once(request, found, secret)


@require_POST
@page(Permission.SOURCE_MANAGE)
def end_rotation(request: HttpRequest, slug: str) -> HttpResponse:
    """End a rotation: from now on only the new secret is accepted."""
    found = get_object_or_404(Source, slug=slug)
    return _done(
        request, found, lambda: source_actions.rotate_secret(by=_actor(request), at=timezone.now(), source=found)
    )


@require_POST
@page(Permission.SOURCE_MANAGE)
def switch(request: HttpRequest, slug: str) -> HttpResponse:
    """Switch the source off, or on again."""
    found = get_object_or_404(Source, slug=slug)
    act = source_actions.enable_source if found.disabled_at else source_actions.disable_source
    by, at = _actor(request), timezone.now()
    return _done(request, found, lambda: act(by=by, at=at, source=found))


@require_POST
@page(Permission.SOURCE_MANAGE)
def expect(request: HttpRequest, slug: str) -> HttpResponse:
    """Set how long the source may be silent."""
    found, form = get_object_or_404(Source, slug=slug), IntervalForm(request.POST)
    if form.is_valid():
        source_actions.expect(
            by=_actor(request), at=timezone.now(), source=found, interval_s=form.cleaned_data["interval"]
        )
    return redirect("telemetry:source", slug)


def address_of(source: Source) -> str:
    """Return where the source sends to, whole; for OpenTelemetry the endpoint to which exporters add a path."""
    if source.kind == SourceKind.OPENTELEMETRY:
        return settings.REDLINE_URL.rstrip("/") + reverse("otlp:base", args=[source.path_token])
    return settings.REDLINE_URL.rstrip("/") + reverse("telemetry_api:telemetry-ingest", args=[source.path_token])


def setups_of(source: Source, secret: str = connecting.UNKNOWN) -> tuple[connecting.Setup, ...]:
    """Return what to paste into the platform."""
    return connecting.setups(kind=source.kind, address=address_of(source), secret=secret)


def _show_once(request: HttpRequest, found: Source, secret: str) -> HttpResponse:
    setups = setups_of(found, secret)
    context = {"source": found, "secret": secret, "address": address_of(found), "setups": setups}
    response = render(request, "models_registry/telemetry/secret.html", context, status=201)
    response["Cache-Control"] = "no-store"
    return response


def _done(request: HttpRequest, found: Source, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except (source_actions.AlreadyDisabled, source_actions.NotDisabled, source_actions.NoNextSecret) as refused:
        messages.error(request, str(refused) or (type(refused).__doc__ or ""))
    return redirect("telemetry:source", found.slug)


def _actor(request: HttpRequest) -> Account:
    return cast(Account, request.user)
