"""Pages on which an administrator lets somebody in: a new account, and a new link for who has not come yet."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from models_registry.access import actions, issuing
from models_registry.access.callers import actor_of
from models_registry.access.forms import JoinForm
from models_registry.access.models import Account, AccountKind
from models_registry.access.pages import page
from models_registry.access.permissions import Permission


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.PEOPLE_MANAGE)
def add(request: HttpRequest) -> HttpResponse:
    """Make an account with its first role; a person's link to set a password is shown this once."""
    form = JoinForm(request.POST or None)
    if form.is_valid() and (joined := _joined(request, form)):
        account, secret = joined
        if secret:
            return _shown(request, account, secret)
        messages.success(request, f"{account} is ready. It acts by a token.")
        return redirect("access:person", username=account.username)
    status = 422 if form.is_bound else 200
    return render(request, "models_registry/access/join.html", {"form": form}, status=status)


@require_POST
@page(Permission.PEOPLE_MANAGE)
def link(request: HttpRequest, username: str) -> HttpResponse:
    """Make a new link for somebody who has set no password yet."""
    account = get_object_or_404(Account, username=username.replace("\x00", "/"))
    try:
        secret = issuing.renew_link(by=actor_of(request), at=timezone.now(), account=account)
    except (issuing.HasPassword, actions.AlreadyEnded) as refused:
        messages.error(request, str(refused))
        return redirect("access:person", username=account.username)
    return _shown(request, account, secret)


def _joined(request: HttpRequest, form: JoinForm) -> tuple[Account, str] | None:
    """Return the new account and its link, which automation has not; None with the form saying what is wrong."""
    by, at, given = actor_of(request), timezone.now(), form.cleaned_data
    kind = AccountKind.AUTOMATION if form.is_for_automation else AccountKind.PERSON
    about: dict[str, Any] = {name: given[name] for name in ("username", "display_name", "email", "unit")}
    try:
        with transaction.atomic():
            account = actions.create_account(by=by, at=at, kind=kind, **about)
            actions.grant_role(by=by, at=at, account=account, role=given["role"])
            return account, "" if account.is_automation else issuing.create_link(by=by, at=at, account=account)
    except actions.NameTaken as taken:
        form.add_error("username", str(taken))
    except ValidationError as unfit:
        form.add_error(None, unfit)
    return None


def _shown(request: HttpRequest, account: Account, secret: str) -> HttpResponse:
    address = f"{settings.REDLINE_URL}/welcome/{secret}/"
    return render(request, "models_registry/access/invited.html", {"account": account, "address": address})
