"""Addresses that are asked so often that they answer before sessions, messages and forms are looked at.

What machines ask thousands of times a second needs no cookie. Such an address answers from inside the
third middleware, after the request has its identifier and the transport is known to be safe; every other
request goes the whole way.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, URLResolver
from django.urls.resolvers import RoutePattern

type View = Callable[..., HttpResponse]


def early[V: View](view: V) -> V:
    """Let the view answer early. It authenticates its caller by itself and takes no cookie."""
    view.answers_early = True  # type: ignore[attr-defined]
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
    if not getattr(match.func, "answers_early", False):
        return None
    answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
    if not answer.has_header("Content-Length"):
        answer["Content-Length"] = str(len(answer.content))
    return answer
