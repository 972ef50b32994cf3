"""The same request twice has one effect (draft-ietf-httpapi-idempotency-key-header).

The first request inserts its key inside its own transaction; a second one waits
on that row and then gives the stored answer. Check-then-insert would run both.
Only successful answers are stored: a refused request may be corrected and sent
again under the same key. Keys belong to one account.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, cast

from django.db import connection, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.models import Account, IdempotentRequest

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(days=7)
LONGEST_KEY = 255

CLAIM = """
insert into access_idempotent_request (account_id, key, route, request_digest, content_type, created_at)
values (%s, %s, %s, %s, '', %s) on conflict (account_id, key) do nothing returning id
"""


class KeyReused(APIException):
    """This idempotency key was already used for a different request."""

    status_code = 422
    default_detail = "This idempotency key was already used for a different request."


class KeyNotFit(APIException):
    """An idempotency key has at most 255 characters, all of them printable."""

    status_code = 400
    default_detail = "An idempotency key has at most 255 characters, all of them printable."


def idempotent(method: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a view method, or a function view: honour ``Idempotency-Key`` when it is sent."""

    @wraps(method)
    def once(*args: Any, **kwargs: Any) -> HttpResponseBase:
        request = next(argument for argument in args if isinstance(argument, Request))
        key = request.headers.get(HEADER, "")
        if not key:
            return method(*args, **kwargs)
        if len(key) > LONGEST_KEY or not key.isprintable():
            raise KeyNotFit
        return _once(request, key, lambda: method(*args, **kwargs))

    once.idempotent = True  # type: ignore[attr-defined]
    return once


def forget(*, at: datetime) -> int:
    """Remove keys older than seven days and return how many."""
    removed, _ = IdempotentRequest.objects.filter(created_at__lt=at - KEPT_FOR).delete()
    return removed


@transaction.atomic
def _once(request: Request, key: str, work: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    digest = _digest(request)
    claimed = _claim(request, key, digest)
    if claimed is None:
        return _stored(request, key, digest)
    response = work()
    if response.status_code >= 400:
        transaction.set_rollback(True)
        return response
    body, content_type = _content(response)
    IdempotentRequest.objects.filter(pk=claimed).update(
        status=response.status_code, content_type=content_type, answer=body
    )
    return response


def _claim(request: Request, key: str, digest: bytes) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, (request.user.pk, key, request.path[:200], digest, timezone.now()))
        row = cursor.fetchone()
    return row[0] if row else None


def _stored(request: Request, key: str, digest: bytes) -> HttpResponse:
    first = IdempotentRequest.objects.get(account=cast(Account, request.user), key=key)
    if bytes(first.request_digest) != digest:
        raise KeyReused
    headers = {"Idempotency-Replayed": "true"}
    return HttpResponse(
        bytes(first.answer or b""), status=first.status, content_type=first.content_type, headers=headers
    )


def _digest(request: Request) -> bytes:
    target = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(target + request.body).digest()


def _content(response: HttpResponseBase) -> tuple[bytes, str]:
    if isinstance(response, Response):
        return JSONRenderer().render(response.data), response.content_type or "application/json"
    content = bytes(getattr(response, "content", b""))
    return content, response.headers.get("Content-Type", "application/json")[:80]
