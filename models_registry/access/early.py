"""Addresses that are asked so often that they answer before sessions, messages and forms are looked at.

What machines ask thousands of times a second needs no cookie. Such an address answers from inside the
third middleware, after the request has its identifier and the transport is known to be safe; every other
request, and every one that its early answer leaves alone, goes the whole way.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, URLResolver
from django.urls.resolvers import RoutePattern

type View = Callable[..., HttpResponse]
type Early = Callable[..., HttpResponse | None]


def early[V: View](view: V, by: Early | None = None) -> V:
    """Let the view, or ``by`` in its stead, answer early. ``by`` returns None to leave a request to the view.

    Whatever answers early authenticates its caller by itself and takes no cookie.
    """
    view.early = by or view  # type: ignore[attr-defined]
    return view


class EarlyAnswers:
    """Give the early answer of an address that has one.

    ``settings.EARLY_URLS`` maps the start of a path to the address prefix and the module that hold it, so that
    finding the view does not search every address of the house.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.resolvers = {
            start: URLResolver(RoutePattern(f"/{prefix}"), module)
            for start, (prefix, module) in settings.EARLY_URLS.items()
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for start, resolver in self.resolvers.items():
            if request.path_info.startswith(start):
                answer = _answer(request, resolver)
                return self.get_response(request) if answer is None else answer
        return self.get_response(request)


def _answer(request: HttpRequest, resolver: URLResolver) -> HttpResponse | None:
    try:
        match = resolver.resolve(request.path_info)
    except Resolver404:
        return None
    chosen: Early | None = getattr(match.func, "early", None)
    answer = chosen(request, *match.args, **match.kwargs) if chosen else None
    if answer is not None and not answer.has_header("Content-Length"):
        answer["Content-Length"] = str(len(answer.content))
    return answer
