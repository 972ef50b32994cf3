"""Who may open an account: nobody, by themselves. And where people land."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from models_registry.access.landing import landing
from models_registry.access.models import Account


class ClosedDoor(DefaultAccountAdapter):
    """Accounts are made by an administrator or by `manage.py create_account`, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: there is no public sign-up."""
        return False

    def pre_login(self, request: HttpRequest, user: Account, **kwargs: Any) -> HttpResponse | None:
        """Turn automation away: it presents tokens and never holds a session."""
        if user.is_automation:
            return render(request, "account/automation.html", status=403)
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the page of the person's role; an address asked for before signing in goes first."""
        return landing(cast(Account, request.user))
