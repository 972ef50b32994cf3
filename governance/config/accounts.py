"""Who may open an account: nobody, by themselves. And where people land."""

from typing import cast

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from models_registry.access.landing import landing
from models_registry.access.models import Account


class ClosedDoor(DefaultAccountAdapter):
    """Accounts are made by an administrator or by `manage.py create_account`, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: there is no public sign-up."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the page of the person's role; an address asked for before signing in goes first."""
        return landing(cast(Account, request.user))
