"""Deliveries that nothing is unusual about, on the porch: kept and answered before a request is made of them.

What is refused here is handed on, so that the door itself says why.
"""

from collections.abc import Mapping
from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.db import Error
from django.utils import timezone

from models_registry.access.porch import Reply
from models_registry.telemetry import door
from models_registry.telemetry.adapters import cloudevents

ACCEPTED = f"{HTTPStatus.ACCEPTED.value} {HTTPStatus.ACCEPTED.phrase}"
UNUSUAL = ("HTTP_CONTENT_ENCODING", "HTTP_AEG_EVENT_TYPE", door.CLOUD_EVENT_ID)


def keep(rest: str, environ: Mapping[str, Any]) -> Reply | None:
    """Keep a delivery to ``<path token>/`` and return its receipt after the commit. None leaves it to the door."""
    sent = environ["wsgi.input"]
    if type(sent) is not BytesIO or not rest.endswith("/") or any(name in environ for name in UNUSUAL):
        return None  # without a whole body, compressed, or with questions of its own
    if environ.get("CONTENT_TYPE", "").lower().startswith(cloudevents.FORMATS):
        return None
    try:
        (receipt,) = door.deliver(rest.removesuffix("/"), sent.getvalue(), door.headers_in(environ), at=timezone.now())
    except (door.Refused, Error):
        return None
    return Reply(door.told(receipt), ACCEPTED)
