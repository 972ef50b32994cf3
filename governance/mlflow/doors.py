"""How a call comes in: who calls, which right the door asks for, and every refusal in MLflow's words.

A door answers early (`access.early`): a token is the only key here, no cookie counts.
"""

import base64
import binascii
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from governance.mlflow.errors import Refused, invalid
from governance.mlflow.wire import Parameters, answered, parameters, refused
from models_registry.access import bearers
from models_registry.access.early import early
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied, may_open

log = logging.getLogger(__name__)

BY_STATUS: Mapping[int, str] = {400: "INVALID_PARAMETER_VALUE", 403: "PERMISSION_DENIED", 409: "RESOURCE_CONFLICT"}
"""How the refusals of rooms below are told, by the status that they name."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: who made it, when, what it brings, and what its address names."""

    by: Account
    issued_by_id: int | None
    at: datetime
    given: Parameters
    address: Mapping[str, str]


type Deed = Callable[[Call], Mapping[str, object]]
type Answer = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Method:
    """What one method of a door asks for, and does; a ``bare`` one reads only what its address names."""

    asks: Permission
    deed: Deed
    bare: bool = False


def door(**methods: Method) -> Answer:
    """Return a view that answers these methods, each by its deed."""

    def answer(request: HttpRequest, **address: Any) -> HttpResponse:
        method = methods.get(str(request.method))
        if method is None:
            text = f"The method {request.method} is not known here."
            if request.method == "GET":
                text += " A redirect from http:// made a GET of it: give the registry's address with https://."
            found = answered(Refused("ENDPOINT_NOT_FOUND", text).body, status=405)
            found["Allow"] = ", ".join(sorted(methods))
            return found
        try:
            return answered(_done(request, method, address))
        except Exception as error:
            return refused(_told(error))

    answer.guarded = True  # type: ignore[attr-defined]
    return early(csrf_exempt(login_not_required(answer)))


def _done(request: HttpRequest, method: Method, address: Mapping[str, str]) -> Mapping[str, object]:
    at = timezone.now()
    held = _caller(request, at)
    answer = may_open(held.account, method.asks)
    if not answer:
        raise AccessDenied(answer.reason)
    given = Parameters({}) if method.bare else parameters(request)
    return method.deed(Call(held.account, held.issued_by_id, at, given, address))


def _caller(request: HttpRequest, at: datetime) -> bearers.Holder:
    """Return who calls, by bearer token or by account name and token (Basic). Raises Refused."""
    scheme, _, rest = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    name, raw = None, rest.strip()
    if scheme.lower() == "basic":
        name, raw = _basic(raw)
    elif scheme.lower() != "bearer":
        raise _unknown("Send a Redline token: set MLFLOW_TRACKING_TOKEN.")
    try:
        held = bearers.holder(raw, at=at)
    except bearers.NotKnown as unknown:
        raise _unknown(str(unknown)) from None
    if name is not None and name != held.account.username:
        raise _unknown("This token belongs to another account than MLFLOW_TRACKING_USERNAME names.")
    return held


def _basic(text: str) -> tuple[str, str]:
    try:
        name, _, raw = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise _unknown("The Basic credentials cannot be read.") from None
    return name, raw


def _unknown(text: str) -> Refused:
    return Refused("UNAUTHENTICATED", text)


def _told(error: Exception) -> Refused:
    """Return what a client is told. Only what nobody foresaw is an error of ours, with status 500."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, AccessDenied):
        return Refused("PERMISSION_DENIED", error.reason)
    if isinstance(error, ValidationError):
        return invalid("; ".join(error.messages))
    if isinstance(error, RequestDataTooBig | UnreadablePostError):
        return invalid("A body may have at most 1 MiB and must be whole.")
    if isinstance(error, IntegrityError):
        return Refused("RESOURCE_CONFLICT", "Somebody else changed the same thing at this moment. Repeat the call.")
    if isinstance(error, OperationalError):
        log.warning("mlflow.unavailable", exc_info=error)
        return Refused("TEMPORARILY_UNAVAILABLE", "Redline cannot reach its database.")
    code = BY_STATUS.get(getattr(error, "http_status", 0))
    if code is not None:
        return Refused(code, str(error) or str(type(error).__doc__))
    log.exception("mlflow.failed", exc_info=error)
    return Refused("INTERNAL_ERROR", "Redline failed. The failure is in its log.")
