"""Pages of the registry's webhooks: who is told of changes, what came of it; make, try, turn off, delete."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.delivery.models import Notification, NotificationState
from alerts.registryhooks import actions
from alerts.registryhooks.forms import WebhookForm, words_of
from alerts.registryhooks.models import RegistryWebhook
from alerts.registryhooks.queries import seen
from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open
from models_registry.telemetry.source_actions import new_secret

PAGE = 50
RECENT = 50
WAITS = Count("channel__notifications", filter=Q(channel__notifications__state=NotificationState.PENDING))


@require_safe
@page(Permission.MODEL_READ)
def webhooks(request: HttpRequest) -> HttpResponse:
    """List the reader's webhooks, or everybody's, the newest first."""
    by = actor_of(request)
    found = seen(by).annotate(waiting=WAITS).order_by("-created_at", "pk")
    may_make = may_open(by, Permission.WEBHOOK_MANAGE)
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "sees_all": actions.sees_all(by),
        "refusal": "" if may_make else may_make.reason,
    }
    return render(request, "alerts/registryhooks/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.WEBHOOK_MANAGE)
def new_webhook(request: HttpRequest) -> HttpResponse:
    """Make a webhook; its secret is made here and shown once."""
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        secret = new_secret()
        try:
            hook = actions.create(
                by=actor_of(request), at=timezone.now(), asked=actions.Asked(**form.asked()), secret=secret
            )
        except (actions.WebhookUnfit, actions.TooManyWebhooks) as refused:
            form.add_error(None, str(refused))
        else:
            context = {"webhook": hook, "secret": secret}
            return render(request, "alerts/registryhooks/secret.html", context, status=201)
    return render(request, "alerts/registryhooks/new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@page(Permission.MODEL_READ)
def webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a webhook: its state, what it is told, and the last deliveries."""
    by, found = actor_of(request), _found(request, pk)
    recent = Notification.objects.filter(channel=found.channel).order_by("-id")[:RECENT]
    context = {
        "webhook": found,
        "recent": recent,
        "events": [(name, words_of(name)) for name in found.events],
        "refusal": actions.may_care(by, found),
        "kept_off": actions.kept_off(by, found),
        "facts": [
            ("Posts to", found.shown_url(to=by.pk)),
            ("Signed", "With its secret" if found.is_signed else "Not signed"),
            ("Made by", str(found.made_by)),
            ("Since", f"{found.created_at:%Y-%m-%d %H:%M} UTC"),
            ("Identifier", str(found.pk)),
        ],
    }
    return render(request, "alerts/registryhooks/webhook.html", context)


@require_POST
@page(Permission.WEBHOOK_MANAGE)
def test(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send an example and say what came of it."""
    outcome = actions.try_out(by=actor_of(request), at=timezone.now(), webhook=_found(request, pk))
    if outcome.succeeded:
        messages.success(request, f"The receiver took the test event ({outcome.status}).")
    else:
        messages.error(request, f"The test event did not arrive: {outcome.error}.")
    return redirect("registryhooks:webhook", pk=pk)


@require_POST
@page(Permission.WEBHOOK_MANAGE)
def switch(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Turn a webhook off, or on again."""
    found = _found(request, pk)
    turn = actions.stop if found.channel.disabled_at is None else actions.start
    try:
        turn(by=actor_of(request), at=timezone.now(), webhook=found)
    except actions.TurnedOffByOthers as refused:
        messages.error(request, str(refused))
    return redirect("registryhooks:webhook", pk=pk)


@require_POST
@page(Permission.WEBHOOK_MANAGE)
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a webhook."""
    found = _found(request, pk)
    actions.delete(by=actor_of(request), at=timezone.now(), webhook=found)
    messages.success(request, f"Deleted the webhook {found}.")
    return redirect("registryhooks:webhooks")


def _found(request: HttpRequest, pk: UUID) -> RegistryWebhook:
    return get_object_or_404(seen(actor_of(request)), pk=pk)
