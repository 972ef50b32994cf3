"""The doors of the API: who calls by token, and the base of every view."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.decorators import api_view
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.views import APIView

from models_registry.access import problem, rights, tokens
from models_registry.access.guard import DenyByDefault
from models_registry.access.models import Account, Token
from models_registry.access.permissions import Permission


class TokenAuthentication(BaseAuthentication):
    """Bearer tokens (RFC 6750). The account is narrowed to the token's scopes."""

    def authenticate(self, request: Request) -> tuple[Account, Token] | None:
        """Return account and token, None without a bearer header; raise AuthenticationFailed."""
        scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = recognise(raw.strip(), at=timezone.now())
        rights.limit(token.account, token.scopes)
        rights.remember(token.account)
        return token.account, token

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme in ``WWW-Authenticate``, so that refusals are 401."""
        return 'Bearer realm="redline"'


def recognise(raw: str, *, at: datetime) -> Token:
    """Return the token behind the secret; raise AuthenticationFailed saying what is wrong with it."""
    if not tokens.well_formed(raw):
        raise AuthenticationFailed("This is not a Redline token.")
    found = Token.objects.select_related("account").filter(digest=tokens.digest_of(raw)).first()
    if found is None:
        raise AuthenticationFailed("This token is not known.")
    if found.revoked_at is not None:
        raise AuthenticationFailed("This token was revoked.")
    if found.expires_at <= at:
        raise AuthenticationFailed("This token has expired.")
    if not found.account.is_active:
        raise AuthenticationFailed("This account is disabled.")
    _note_use(found, at)
    return found


def _note_use(token: Token, at: datetime) -> None:
    """Remember the day of last use: one write a day, and none of it governed."""
    if token.last_used_on != at.date():
        Token.objects.filter(pk=token.pk).update(last_used_on=at.date())


class ApiView(APIView):
    """Base of every API view. ``permission`` is one Permission or a mapping method → Permission."""

    permission: ClassVar[Permission | Mapping[str, Permission] | None] = None
    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (DenyByDefault,)

    def get_exception_handler(self) -> Callable[..., Any]:
        """Answer problems (RFC 9457) whatever the settings say."""
        return problem.exception_handler


def endpoint(*methods: str, permission: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function an API view with one permission: ``@endpoint("POST", permission=...)``."""

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        view: Any = api_view(list(methods))(function)
        view.cls.permission = permission
        view.cls.authentication_classes = ApiView.authentication_classes
        view.cls.permission_classes = ApiView.permission_classes
        view.cls.get_exception_handler = ApiView.get_exception_handler
        wrapped: Callable[..., Any] = view
        return wrapped

    return wrap
