"""Every address is guarded, or on the list of those that strangers may open."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import IsAuthenticated

from models_registry.access.permissions import Permission

PUBLIC = {
    "healthz": "a load balancer asks",
    "readyz": "a load balancer asks",
    "health": "clients of MLflow ask whether it lives",
    "version": "clients of MLflow ask what it speaks",
    "api/3.0/mlflow/server-info": "clients of MLflow ask what it can do",
    "metrics": "a monitoring system asks, with its token or on this machine",
    "sign-in/": "this is where strangers become known",
    "sign-in/as/": "answers in the demo alone",
    "sign-out/": "ends whatever session there is",
    "welcome/<str:secret>/": "the secret in the address is the key",
    r"api/v1/^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/$": "the sender's signature is the key",
    r"api/v1/^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/api/v2/alerts$": "the sender's secret is the key",
    r"api/v1/^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/api/v1/write$": "the sender's secret is the key",
    r"api/v1/^predictions/from/(?P<path_token>[A-Za-z0-9_-]{1,64})/$": "the sender's signature is the key",
    r"api/v1/^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})$": "the sender's signature is the key",
    r"api/v1/^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/(?P<place>.+)$": "answers that there is nothing here",
    r"api/v1/^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/trial$": "the sender's signature is the key",
    "otlp/<slug:path_token>": "answers that there is nothing here",
    "otlp/<slug:path_token>/<path:place>": "answers that there is nothing here",
    **{
        f"{base}v1/{signal}": "the exporter's secret is the key"
        for base in ("", "otlp/<slug:path_token>/")
        for signal in ("metrics", "logs", "traces")
    },
}
"""Address and why nobody is asked for a permission there."""

FROM_ALLAUTH = "account/"
"""django-allauth's own pages: about nobody but the one who is signed in."""


def every_address(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, Any]]:
    for one in resolver.url_patterns:
        address = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from every_address(one, address)
        elif isinstance(one, URLPattern):
            yield address, one.callback


ADDRESSES = [(address, view) for address, view in every_address(get_resolver())]


def is_page(view: Any) -> bool:
    """Return whether `access.pages.page` wraps the view, below whatever other decorators."""
    while view is not None:
        if getattr(view, "guarded", False):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def is_guarded_api(view: Any) -> bool:
    """Return whether an API view names its permission for every method, or asks for any account."""
    cls = getattr(view, "cls", None)
    if cls is None:
        return False
    wanted = getattr(cls, "permission", None)
    if isinstance(wanted, Permission):
        return True
    if wanted:
        return all(isinstance(one, Permission) for one in wanted.values())
    return IsAuthenticated in getattr(cls, "permission_classes", ())


@pytest.mark.parametrize(
    ("address", "view"),
    [pair for pair in ADDRESSES if pair[0] not in PUBLIC and not pair[0].startswith(FROM_ALLAUTH)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_address_is_guarded(address, view):
    assert is_page(view) or is_guarded_api(view), f"{address}: guard it with access.pages.page or an ApiView"


def test_the_public_list_names_no_address_that_is_gone():
    assert set(PUBLIC) <= {address for address, _ in ADDRESSES}


def test_addresses_are_unique():
    found = [address for address, _ in ADDRESSES]

    assert sorted({one for one in found if found.count(one) > 1}) == []


@pytest.mark.parametrize(
    ("address", "view"),
    [pair for pair in ADDRESSES if is_guarded_api(pair[1])],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_api_view_answers_tokens(address, view):
    names = {one.__name__ for one in view.cls.authentication_classes}

    assert "TokenAuthentication" in names, address
