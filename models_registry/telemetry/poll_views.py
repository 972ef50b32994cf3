"""Doors of polling: set it up, ask for a sweep, pause and resume it."""

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.telemetry import poll_actions, poll_queries
from models_registry.telemetry.models import Source
from models_registry.telemetry.poll_forms import PollingForm
from models_registry.telemetry.poll_models import Polling

REFUSED = (
    poll_actions.NotPollable,
    poll_actions.NotPolled,
    poll_actions.AlreadyPaused,
    poll_actions.NotPaused,
    poll_actions.PlatformAsksToWait,
    poll_actions.SweepRuns,
)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.SOURCE_MANAGE)
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Set how the source's platform is asked."""
    found = get_object_or_404(Source, slug=slug)
    standing = poll_queries.standing(source=found, at=timezone.now())
    if standing.poller is None:
        reason = poll_actions.NotPollable.__doc__
        return render(request, "models_registry/telemetry/refused.html", {"reason": reason}, status=409)
    form = PollingForm(request.POST or None, poller=standing.poller, polling=standing.polling)
    if request.method == "POST" and form.is_valid() and _set(request, found, form):
        messages.success(request, f"Sweeps of {found.name} begin now.")
        return _back(slug)
    context = {"source": found, "form": form, "polling": standing.polling}
    status = 422 if form.errors else 200
    return render(request, "models_registry/telemetry/polling.html", context, status=status)


@require_POST
@page(Permission.SOURCE_MANAGE)
def sweep_now(request: HttpRequest, slug: str) -> HttpResponse:
    """Let the next sweep begin at once."""
    return _done(request, slug, poll_actions.ask_now, "The next sweep begins now.")


@require_POST
@page(Permission.SOURCE_MANAGE)
def switch(request: HttpRequest, slug: str) -> HttpResponse:
    """Pause the sweeps, or resume them."""
    found = get_object_or_404(Source, slug=slug)
    if Polling.objects.filter(source=found, paused_at__isnull=False).exists():
        return _done(request, slug, poll_actions.resume_polling, "Sweeps go on where they ended.")
    return _done(request, slug, poll_actions.pause_polling, "Sweeps are paused.")


def _set(request: HttpRequest, found: Source, form: PollingForm) -> bool:
    """Set the polling; what cannot be used stands beside its field."""
    asked = form.cleaned_data
    try:
        poll_actions.set_polling(
            by=cast(Account, request.user),
            at=timezone.now(),
            source=found,
            config=form.config,
            scheme=asked["scheme"],
            interval_s=asked["interval_s"],
            credential=asked["credential"] or None,
            sweep_budget=asked["sweep_budget"],
            day_budget=asked["day_budget"],
        )
    except poll_actions.PollingUnfit as unfit:
        for name, fault in unfit.faults.items():
            form.add_error(name if name in form.fields else None, fault)
        return False
    return True


def _done(request: HttpRequest, slug: str, act: Callable[..., object], told: str) -> HttpResponse:
    found = get_object_or_404(Source, slug=slug)
    try:
        act(by=cast(Account, request.user), at=timezone.now(), source=found)
    except REFUSED as refused:
        messages.error(request, str(refused) or (type(refused).__doc__ or ""))
    else:
        messages.success(request, told)
    return _back(slug)


def _back(slug: str) -> HttpResponse:
    return redirect(reverse("telemetry:source", args=[slug]) + "#sweeps")
