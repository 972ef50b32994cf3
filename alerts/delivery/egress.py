"""Where this deployment lets messages go, and under which address people reach it."""

import ipaddress
from urllib.parse import urljoin, urlsplit

from django.conf import settings

from models_registry.outbound.guard import Policy


def policy() -> Policy:
    """Return what the settings allow beyond public https addresses (`OUTBOUND_*`)."""
    ports = getattr(settings, "OUTBOUND_PORTS", ())
    return Policy(
        allowed_hosts=frozenset(getattr(settings, "OUTBOUND_HOSTS", ())),
        allowed_networks=tuple(ipaddress.ip_network(network) for network in getattr(settings, "OUTBOUND_NETWORKS", ())),
        allow_http=bool(getattr(settings, "OUTBOUND_HTTP", False)),
        ports=Policy().ports | frozenset(int(port) for port in ports),
    )


def link(path: str) -> str:
    """Return the absolute address of a page."""
    return urljoin(settings.REDLINE_URL, path)


def host() -> str:
    """Return our own name, as it stands in a Message-ID."""
    return urlsplit(settings.REDLINE_URL).hostname or "localhost"
