"""Bodies are whole before anything looks at them: what ended early, or may have, is refused.

WSGI gives a stream and a declared length, and Django believes both: it reads nothing of a body without a length,
and takes one that ended early for all there was, so that a sender would be told that its event is kept when it is
not. The server does not say whether a chunked body came to its end; those are refused (411, RFC 9110 section
15.5.12). A proxy that buffers requests, as the one in `deploy/` does, gives them their length.
"""

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from io import BytesIO
from typing import Any

LARGEST = 1024 * 1024
"""The most that a door takes. What is declared to be larger is refused by its door, unread."""

type Environ = dict[str, Any]
type Start = Callable[..., Any]
type Application = Callable[[Environ, Start], Iterable[bytes]]


class WholeBodies:
    """A WSGI application whose requests have their whole body at hand."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Hand on a request with its body read, or answer 400 or 411."""
        if "HTTP_TRANSFER_ENCODING" in environ:
            why = "The length of the body must be declared: send Content-Length, not Transfer-Encoding."
            return _refused(start_response, HTTPStatus.LENGTH_REQUIRED, "E_LENGTH", why)
        declared = _length(environ.get("CONTENT_LENGTH", ""))
        if not 0 < declared <= LARGEST:
            return self.application(environ, start_response)
        body = _read(environ["wsgi.input"], declared)
        if len(body) < declared:
            return _refused(start_response, HTTPStatus.BAD_REQUEST, "E_CUT_OFF", "The body ended early.")
        environ["wsgi.input"] = BytesIO(body)
        return self.application(environ, start_response)


def _length(declared: str) -> int:
    return int(declared) if declared.isascii() and declared.isdecimal() and len(declared) < 12 else 0


def _read(stream: Any, wanted: int) -> bytes:
    body: bytes = stream.read(wanted)
    while len(body) < wanted and (piece := stream.read(wanted - len(body))):
        body += piece
    return body


def _refused(start_response: Start, status: HTTPStatus, code: str, detail: str) -> Iterable[bytes]:
    problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "code": code, "detail": detail}
    body = json.dumps(problem).encode()
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]
