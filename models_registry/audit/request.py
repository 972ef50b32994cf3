"""The identifier that ties every entry of one request together."""

import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

current: ContextVar[uuid.UUID | None] = ContextVar("request_id", default=None)


class RequestIdMiddleware:
    """Give each request a fresh identifier, which its audit entries and its answer carry."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        identifier = uuid.uuid4()
        token = current.set(identifier)
        try:
            response = self.get_response(request)
        finally:
            current.reset(token)
        response["X-Request-ID"] = str(identifier)
        return response
