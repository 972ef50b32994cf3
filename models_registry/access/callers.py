"""What every door asks of its request: who calls, and at which moment the page stands."""

from datetime import datetime
from typing import cast

from django.http import HttpRequest
from rest_framework.request import Request

from models_registry.access.models import Account


def actor_of(request: HttpRequest | Request) -> Account:
    """Return who calls; the guard before every page and every view of the API lets nobody else in."""
    return cast(Account, request.user)


def moment_of(request: HttpRequest) -> datetime | None:
    """Return the past moment that a page was asked for, None for now."""
    asked: datetime | None = getattr(request, "as_of", None)
    return asked
