"""Answers that are given before Django makes a request of what a caller sent.

Some questions and deliveries come thousands of times a second from machines that bring a token or a signature and
want a hundred bytes. Making a request, walking the middleware and sending Django's signals costs several times what
such an answer does. An address of the porch answers from the bare WSGI environment; it takes one method without a
query, and whatever it leaves unanswered, whatever is unusual and whatever goes wrong takes the way of every other
request. What it leaves must have had no effect, or one that may happen twice.
"""

import logging
import uuid
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any, NamedTuple

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.utils.module_loading import import_string

type Environ = dict[str, Any]
type Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Reply(NamedTuple):
    """A JSON body that is sent with what every answer says."""

    body: bytes
    status: str = "200 OK"


type Answer = Callable[[str, Environ], Reply | None]
"""From the rest of the path and the environment to a reply; None leaves the question to the view."""

logger = logging.getLogger(__name__)


class Porch:
    """A WSGI application in front of another.

    ``settings.PORCH`` names the answers by a method and the start of a path, as in ``GET /api/v1/gates/runtime/``.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self.answers = [(*asked.split(" "), import_string(name)) for asked, name in settings.PORCH.items()]
        self.headers = [*_headers_of_every_answer(), ("Content-Type", "application/json")]

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer here, or hand the question on."""
        path: str = environ["PATH_INFO"]
        for method, start, answer in self.answers:
            if path.startswith(start) and environ["REQUEST_METHOD"] == method and _is_plain(environ):
                reply = _reply(answer, path[len(start) :], environ)
                if reply is None:
                    break
                about = [("Content-Length", str(len(reply.body))), ("X-Request-ID", str(uuid.uuid4()))]
                start_response(reply.status, [*self.headers, *about])
                return [reply.body]
        return self.application(environ, start_response)


def _reply(answer: Answer, rest: str, environ: Environ) -> Reply | None:
    try:
        close_old_connections()  # what the signals of a request do
        return answer(rest, environ)
    except Exception:
        logger.exception("The porch hands on a question that it cannot answer.")
        return None


def _is_plain(environ: Environ) -> bool:
    """Return whether there is no query, and a safe transport where one is demanded."""
    if environ.get("QUERY_STRING"):
        return False
    if not settings.SECURE_SSL_REDIRECT:
        return True
    name, safe = _sign_of_https() or ("wsgi.url_scheme", "https")
    return bool(environ.get(name) == safe)


def _sign_of_https() -> tuple[str, str] | None:
    """Return the header by which a proxy says that the caller came by HTTPS, and what it then says."""
    found: tuple[str, str] | None = settings.SECURE_PROXY_SSL_HEADER
    return found


def _headers_of_every_answer() -> list[tuple[str, str]]:
    """Return what Django's security middleware says of every answer."""
    scheme = "https" if settings.SECURE_SSL_REDIRECT else "http"
    environ = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": scheme, "wsgi.input": BytesIO()}
    if sign := _sign_of_https():
        environ[sign[0]] = sign[1]
    bare = HttpResponse()
    del bare["Content-Type"]
    return list(SecurityMiddleware(lambda _: bare).process_response(WSGIRequest(environ), bare).items())
