"""What is answered where no view did: a problem (RFC 9457) to programs, an error of its own to MLflow, else a page."""

import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from governance.mlflow.errors import Refused, invalid, not_served
from governance.mlflow.wire import refused
from models_registry.access.problem import MEDIA_TYPE

PROGRAMS = ("/api/v1/", "/v1/")
"""How the addresses begin that only programs ask."""
MLFLOW = ("/api/2.0/mlflow", "/api/3.0/mlflow", "/ajax-api/")
"""How the addresses begin that MLflow's clients ask; they read no problem, and show a page as it is."""

RETRY_AFTER_S = 5


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    if _is_mlflow(request):
        return refused(invalid("The request cannot be read."))
    if _is_program(request):
        return _problem(HTTPStatus.BAD_REQUEST, "The request cannot be read.")
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    if _is_mlflow(request):
        return refused(Refused("PERMISSION_DENIED", str(exception) or "Not allowed."))
    if _is_program(request):
        return _problem(HTTPStatus.FORBIDDEN, str(exception) or "Not allowed.")
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    if _is_mlflow(request):
        return refused(not_served(request.path_info))
    if _is_program(request):
        return _problem(HTTPStatus.NOT_FOUND, "Not found.")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 while the database is away, so that callers come again, else 500; the log knows more."""
    if _is_without_database(sys.exception()):
        return _unavailable(request)
    if _is_mlflow(request):
        return refused(Refused("INTERNAL_ERROR", "Redline failed here. The request may be sent again."))
    if _is_program(request):
        return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Redline failed here. The request may be sent again.")
    return defaults.server_error(request)


def _is_without_database(error: BaseException | None) -> bool:
    """Say whether the server could not be reached or is ending: no state, or one of the classes 08 and 57P."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return not state or state.startswith(("08", "57P"))


def _unavailable(request: HttpRequest) -> HttpResponse:
    if _is_mlflow(request):
        answer = refused(Refused("TEMPORARILY_UNAVAILABLE", "The database does not answer. Send the request again."))
    elif _is_program(request):
        answer = _problem(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer. Send the request again.")
    else:
        answer = defaults.server_error(request, template_name="503.html")
        answer.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    answer["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def _is_program(request: HttpRequest) -> bool:
    return request.path_info.startswith(PROGRAMS)


def _is_mlflow(request: HttpRequest) -> bool:
    return request.path_info.startswith(MLFLOW)


def _problem(status: HTTPStatus, detail: str) -> HttpResponse:
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)
