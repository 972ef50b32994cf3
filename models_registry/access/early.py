"""Addresses that are asked so often that they answer before sessions, messages and forms are looked at.

What machines ask thousands of times a second needs no cookie. Such an address answers from inside the
second middleware, after the request has its identifier and the transport is known to be safe; every other
request, and every one that its early answer leaves alone, goes the whole way.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

type View = Callable[..., HttpResponse]
type Early = Callable[..., HttpResponse | None]

PREFIXES = ("/api/v1/telemetry/", "/api/v1/gates/runtime/")
"""Where early answers live; other paths are not resolved twice."""


def early[V: View](view: V, by: Early | None = None) -> V:
    """Let the view, or ``by`` in its stead, answer early. ``by`` returns None to leave a request to the view.

    Whatever answers early authenticates its caller by itself and takes no cookie.
    """
    view.early = by or view  # type: ignore[attr-defined]
    return view


class EarlyAnswers:
    """Give the early answer of an address that has one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self._early(request) if request.path_info.startswith(PREFIXES) else None
        if answer is None:
            return self.get_response(request)
        if not answer.has_header("Content-Length"):
            answer["Content-Length"] = str(len(answer.content))
        return answer

    def _early(self, request: HttpRequest) -> HttpResponse | None:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return None
        answer: Early | None = getattr(match.func, "early", None)
        return answer(request, *match.args, **match.kwargs) if answer else None
