"""Every address: health first, then each room's own `urls` module."""

from django.urls import include, path

ROOM_URLS: tuple[tuple[str, str], ...] = ()
"""Pairs of address prefix and module of the rooms that have pages or an API, most specific first."""

urlpatterns = [
    path("", include("governance.config.health")),
    path("account/", include("allauth.urls")),
    *(path(prefix, include(module)) for prefix, module in ROOM_URLS),
]
