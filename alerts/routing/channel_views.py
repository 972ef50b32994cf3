"""Doors of channels: add one, see what went through it, try it, turn it off."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.delivery import actions
from alerts.delivery.models import Channel, ChannelKind, Notification
from alerts.routing import wiring
from alerts.routing.defaults import ensure_default_routes
from alerts.routing.forms import DESCRIPTIONS, ChannelForm, RoutesForm
from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open
from models_registry.telemetry.source_actions import new_secret

RECENT = 50


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.ROUTE_MANAGE)
def new_channel(request: HttpRequest) -> HttpResponse:
    """Add a channel; the secret of a signed webhook is made here and shown once."""
    form = ChannelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _added(request, form.cleaned_data, timezone.now())
    context = {"form": form, "descriptions": DESCRIPTIONS}
    return render(request, "alerts/routing/new_channel.html", context, status=422 if form.errors else 200)


def _added(request: HttpRequest, asked: dict[str, Any], at: datetime) -> HttpResponse:
    by, kind = actor_of(request), ChannelKind(asked["kind"])
    secret = new_secret() if kind == ChannelKind.WEBHOOK else ""
    channel = actions.create_channel(
        by=by, at=at, name=asked["name"], kind=kind, url=asked["url"], signing_secret=secret
    )
    ensure_default_routes(by=by, at=at)
    wiring.connect(by=by, at=at, channel=channel, route_ids=[route.pk for route in asked["routes"]])
    if secret:
        return render(request, "alerts/routing/secret.html", {"channel": channel, "secret": secret}, status=201)
    return redirect("routing:channel", pk=channel.pk)


@require_safe
@page(Permission.ALERT_READ)
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a channel: the routes that use it, and the last messages that went through it."""
    found = get_object_or_404(Channel.objects.for_people(), pk=pk)
    return render(request, "alerts/routing/channel.html", _context(request, found))


def _context(request: HttpRequest, found: Channel) -> dict[str, Any]:
    recent = Notification.objects.filter(channel=found).select_related("alert", "recipient").order_by("-id")
    may_manage = may_open(actor_of(request), Permission.ROUTE_MANAGE)
    return {
        "channel": found,
        "recent": recent[:RECENT],
        "refusal": "" if may_manage else may_manage.reason,
        "form": RoutesForm(initial={"routes": found.routes.all()}),
        "facts": [("Kind", found.get_kind_display()), ("Added", f"{found.created_at:%Y-%m-%d %H:%M} UTC")],
    }


@require_POST
@page(Permission.ROUTE_MANAGE)
def connect(request: HttpRequest, pk: int) -> HttpResponse:
    """Set the routes that use a channel."""
    found, form = get_object_or_404(Channel.objects.for_people(), pk=pk), RoutesForm(request.POST)
    if not form.is_valid():
        context = {**_context(request, found), "form": form}
        return render(request, "alerts/routing/channel.html", context, status=422)
    routes = [route.pk for route in form.cleaned_data["routes"]]
    wiring.connect(by=actor_of(request), at=timezone.now(), channel=found, route_ids=routes)
    messages.success(request, f"Saved the routes of {found}.")
    return redirect("routing:channel", pk=pk)


@require_POST
@page(Permission.ROUTE_MANAGE)
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test message through the channel."""
    found = get_object_or_404(Channel.objects.for_people(), pk=pk)
    actions.send_test(channel=found, by=actor_of(request), at=timezone.now())
    messages.success(request, "A test message is on its way. What comes of it stands below within seconds.")
    return redirect("routing:channel", pk=pk)


@require_POST
@page(Permission.ROUTE_MANAGE)
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn the channel off, or on again."""
    found, by, at = get_object_or_404(Channel.objects.for_people(), pk=pk), actor_of(request), timezone.now()
    if found.disabled_at:
        actions.enable(channel_id=pk, by=by, at=at)
    else:
        actions.disable(channel_id=pk, by=by, at=at, reason=f"{by} turned it off.")
    return redirect("routing:channel", pk=pk)
