"""The guard of every page: signed in, permitted, and at which moment the page stands."""

from collections.abc import Callable
from datetime import date, datetime, time
from functools import wraps
from typing import Any, Concatenate, cast
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme

from models_registry.access import rights
from models_registry.access.permissions import Permission

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def page[**P](permission: Permission | None) -> Callable[[View[P]], View[P]]:
    """Guard a page: sign-in, permission (None: any signed-in person), and ``request.as_of``.

    A refusal is a 403 page with the reason, whether the guard or an action inside
    the page refused. ``request.as_of`` is the aware moment asked for, or None for now.
    """

    def guard(view: View[P]) -> View[P]:
        @login_not_required  # the guard itself answers strangers, htmx requests included
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            with timezone.override(ZoneInfo(request.user.time_zone)):
                response = _answer(request, permission, lambda: view(request, *args, **kwargs))
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        guarded.permission = permission  # type: ignore[attr-defined]
        guarded.guarded = True  # type: ignore[attr-defined]
        return cast(View[P], guarded)

    return guard


def way_back(request: HttpRequest, *, otherwise: str) -> str:
    """Return the page that held the button, as its form says in ``next``; ``otherwise`` where it names none of ours."""
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if ours and target.startswith("/") else otherwise


FIRST_YEAR = 1970
"""Nothing is on record before; earlier years do not survive the arithmetic of time zones."""


def parse_as_of(text: str, *, now: datetime) -> datetime | None:
    """Return the moment named by ``as_of``: an ISO time, or a day, which means its end.

    Raises BadRequest for text that is no time and for a moment yet to come.
    """
    if not text:
        return None
    moment = _moment(text)
    if moment is None or moment.year < FIRST_YEAR:
        raise BadRequest(f"as_of={text!r} is not a date or an ISO 8601 time.")
    if moment.date() == now.astimezone(moment.tzinfo).date() and "T" not in text and " " not in text:
        return None
    if moment > now:
        raise BadRequest("as_of lies in the future.")
    return moment


def _moment(text: str) -> datetime | None:
    try:
        day: date | None = parse_date(text)
        found = datetime.combine(day, time.max) if day else parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    if found is None or timezone.is_aware(found):
        return found
    return timezone.make_aware(found)


def _answer(
    request: HttpRequest, permission: Permission | None, view: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    actor: Any = request.user
    rights.remember(actor)
    request.as_of = parse_as_of(request.GET.get("as_of", ""), now=timezone.now())  # type: ignore[attr-defined]
    if request.as_of and request.method not in SAFE:  # type: ignore[attr-defined]
        raise BadRequest("The past cannot be changed: leave as_of first.")
    answer = rights.may_open(actor, permission) if permission else rights.Answer(True)
    if not answer:
        return refusal(request, answer.reason)
    try:
        return view()
    except rights.AccessDenied as denied:
        return refusal(request, denied.reason)


def refusal(request: HttpRequest, reason: str) -> HttpResponse:
    """Return the 403 page with its reason."""
    return render(request, "403.html", {"reason": reason, "exception": reason}, status=403)


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    response = redirect_to_login(request.get_full_path())
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": response.url})
    return response
