"""One shape for every refusal of the API: problem details, RFC 9457."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.http import Http404, UnreadablePostError
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import set_rollback

from models_registry.access.rights import AccessDenied

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int, detail: str, *, kind: str = "about:blank", errors: Sequence[Mapping[str, str]] = ()
) -> Response:
    """Return a problem: what kind, what is so, and which fields are wrong."""
    body: dict[str, object] = {
        "type": kind,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    return Response(body, status=status, content_type=MEDIA_TYPE)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn an exception of a view into a problem; None leaves it to Django as a 500.

    An invisible object and an absent one give the same 404. An exception class of
    a room names its status with ``http_status`` (409 for a wrong state).
    """
    found = _translate(error)
    if found is not None:
        set_rollback()
    return found


def _translate(error: Exception) -> Response | None:
    if isinstance(error, AccessDenied):
        return problem(403, error.reason)
    if isinstance(error, Http404 | NotFound):
        return problem(404, "Not found.")
    if isinstance(error, PermissionDenied):
        return problem(403, str(error) or "Not allowed.")
    if isinstance(error, RequestDataTooBig):
        return problem(413, "A body may have at most 1 MiB.")
    if isinstance(error, UnreadablePostError):
        return problem(400, "The body ended early.")
    if isinstance(error, BadRequest):
        return problem(400, str(error))
    if isinstance(error, ValidationError):
        return problem(400, "Some fields are wrong.", errors=flatten(error.detail))
    if isinstance(error, APIException):
        return _with_headers(problem(error.status_code, _first(error.detail)), error)
    status = getattr(error, "http_status", None)
    return problem(status, str(error)) if isinstance(status, int) else None


def flatten(detail: Any, path: str = "") -> list[dict[str, str]]:
    """Return one ``{"pointer", "detail"}`` per wrong field; pointers are RFC 6901."""
    if isinstance(detail, Mapping):
        return [row for key, value in detail.items() for row in flatten(value, _step(path, key))]
    if isinstance(detail, list):
        nested = any(isinstance(item, Mapping | list) for item in detail)
        return [
            row for index, item in enumerate(detail) for row in flatten(item, _step(path, index) if nested else path)
        ]
    return [{"pointer": f"#{path}", "detail": str(detail)}]


def _step(path: str, key: object) -> str:
    if key == "non_field_errors":
        return path
    return f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}"


def _first(detail: Any) -> str:
    rows = flatten(detail)
    return rows[0]["detail"] if rows else ""


def _with_headers(response: Response, error: APIException) -> Response:
    challenge = getattr(error, "auth_header", None)
    wait = getattr(error, "wait", None)
    if challenge:
        response["WWW-Authenticate"] = challenge
    if wait:
        response["Retry-After"] = str(int(wait))
    return response
