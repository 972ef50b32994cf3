"""Where this deployment lets messages go, and under which address people reach it."""

from urllib.parse import urljoin, urlsplit

from django.conf import settings

from models_registry.outbound.policy import policy as policy


def link(path: str) -> str:
    """Return the absolute address of a page."""
    return urljoin(settings.REDLINE_URL, path)


def host() -> str:
    """Return our own name, as it stands in a Message-ID."""
    return urlsplit(settings.REDLINE_URL).hostname or "localhost"
