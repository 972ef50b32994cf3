"""Deliveries that nothing is unusual about, on the porch: kept and answered before a request is made of them.

What is refused here is handed on, so that the door itself says why. What may have been kept, although the database
did not say so any more, is handed on with the moment at which it came: an event is known by the day or minute of its
receipt where its sender does not name it, and must not become two because that ended in between.
"""

from collections.abc import MutableMapping
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


def keep(rest: str, environ: MutableMapping[str, Any]) -> Reply | None:
    """Keep a delivery to ``<path token>/`` and return its receipt after the commit. None leaves it to the door."""
    sent = environ["wsgi.input"]
    if type(sent) is not BytesIO or not rest.endswith("/") or any(name in environ for name in UNUSUAL):
        return None  # without a whole body, compressed, or with questions of its own
    if environ.get("CONTENT_TYPE", "").lower().startswith(cloudevents.FORMATS):
        return None
    at = environ[door.ARRIVED] = timezone.now()
    try:
        receipt, *_ = door.deliver(rest.removesuffix("/"), sent.getvalue(), door.headers_in(environ), at=at)
    except (door.Refused, Error):
        return None
    return Reply(door.told(receipt), ACCEPTED)
