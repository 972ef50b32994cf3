"""Doors that change a source: end a rotation, say how long it may be silent, switch it off and on."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.telemetry import source_actions
from models_registry.telemetry.forms import IntervalForm
from models_registry.telemetry.models import Source, SourceKind


@require_POST
@page(Permission.SOURCE_MANAGE)
def end_rotation(request: HttpRequest, slug: str) -> HttpResponse:
    """End a rotation: from now on only the new secret is accepted."""
    found = get_object_or_404(Source, slug=slug)
    return _done(
        request, found, lambda: source_actions.rotate_secret(by=actor_of(request), at=timezone.now(), source=found)
    )


@require_POST
@page(Permission.SOURCE_MANAGE)
def switch(request: HttpRequest, slug: str) -> HttpResponse:
    """Switch the source off, or on again."""
    found = get_object_or_404(Source, slug=slug)
    act = source_actions.enable_source if found.disabled_at else source_actions.disable_source
    by, at = actor_of(request), timezone.now()
    return _done(request, found, lambda: act(by=by, at=at, source=found))


@require_POST
@page(Permission.SOURCE_MANAGE)
def expect(request: HttpRequest, slug: str) -> HttpResponse:
    """Set how long the source may be silent."""
    found, form = get_object_or_404(Source, slug=slug), IntervalForm(request.POST)
    if form.is_valid():
        source_actions.expect(
            by=actor_of(request), at=timezone.now(), source=found, interval_s=form.cleaned_data["interval"]
        )
    return redirect("telemetry:source", slug)


def address_of(source: Source) -> str:
    """Return where the source sends to, whole; for OpenTelemetry the endpoint to which exporters add a path."""
    if source.kind == SourceKind.OPENTELEMETRY:
        return settings.REDLINE_URL.rstrip("/") + reverse("otlp:base", args=[source.path_token])
    return settings.REDLINE_URL.rstrip("/") + reverse("telemetry_api:telemetry-ingest", args=[source.path_token])


def _done(request: HttpRequest, found: Source, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except (source_actions.AlreadyDisabled, source_actions.NotDisabled, source_actions.NoNextSecret) as refused:
        messages.error(request, str(refused) or (type(refused).__doc__ or ""))
    return redirect("telemetry:source", found.slug)
