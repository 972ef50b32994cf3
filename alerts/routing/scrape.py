"""`/metrics`: for a monitoring system with the token, or on this very machine where no token is set."""

import ipaddress
import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from alerts.routing.metrics import exposition

TEXT = "text/plain; version=0.0.4; charset=utf-8"
PASSED_ON = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@login_not_required
@never_cache
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the numbers; 401 or 403 to others, 503 while the database does not answer."""
    if settings.METRICS_TOKEN:
        if not _has_token(request):
            return HttpResponse("A token is needed.\n", TEXT, 401, headers={"WWW-Authenticate": "Bearer"})
    elif not _is_here(request):
        return HttpResponse("Set REDLINE_METRICS_TOKEN to read this from another machine.\n", TEXT, 403)
    try:
        return HttpResponse(exposition(at=timezone.now()), TEXT)
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", TEXT, 503)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    given, wanted = token.strip().encode(), str(settings.METRICS_TOKEN).encode()
    return scheme.lower() == "bearer" and secrets.compare_digest(given, wanted)


def _is_here(request: HttpRequest) -> bool:
    """Return whether this machine asks; behind a proxy everybody seems to, so one that says so does not count."""
    try:
        near = ipaddress.ip_address(str(request.META.get("REMOTE_ADDR"))).is_loopback
    except ValueError:
        return False
    return near and not any(request.META.get(name) for name in PASSED_ON)


app_name = "metrics"
urlpatterns = [path("metrics", metrics, name="metrics")]
