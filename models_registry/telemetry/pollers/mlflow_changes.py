"""Changes of an MLflow registry, told as its webhooks tell them, so that both make one event.

Source: mlflow 3.17 `webhooks/types.py`. Only models and versions have a moment of their own there. An alias or a tag
was changed between two looks, and its webhook may be sent some minutes later, when the server's ten senders are busy.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from models_registry.telemetry.pollers.reading import EARLIER, milliseconds_of, moment_of, short_digest, written
from models_registry.telemetry.pollers.shapes import Change, Found

LATER: Final = dt.timedelta(minutes=1)
"""How long after a change its webhook may say that it happened."""
MUCH_LATER: Final = dt.timedelta(minutes=10)
"""The same for what can happen once only, where a generous answer confuses nothing."""

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "registered_model.created": ("name",),
    "model_version.created": ("name", "version"),
    "model_version_tag.set": ("name", "version", "key", "value"),
    "model_version_tag.deleted": ("name", "version", "key"),
    "model_version_alias.created": ("name", "alias", "version"),
    "model_version_alias.deleted": ("name", "alias"),
}
"""What names each change that MLflow sends a webhook for, apart from its moment."""

API: Final = "api/2.0/mlflow/"

type Interval = tuple[dt.datetime, dt.datetime]


def change(document: Any, received_at: dt.datetime) -> Change | None:
    """Return what a webhook tells, by the key that a sweep gives it."""
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict):
        return None
    event = f"{document.get('entity')}.{document.get('action')}"
    names = KEYS.get(event)
    parts = [data.get(name) for name in names or ()]
    if names is None or not all(isinstance(part, str) for part in parts):
        return None
    try:
        told = dt.datetime.fromisoformat(str(document.get("timestamp")))
    except ValueError:
        return None
    moment = told if told.tzinfo else told.replace(tzinfo=dt.UTC)
    return Change(key_of(event, [str(part) for part in parts]), min(moment, received_at + MUCH_LATER))


def key_of(event: str, parts: Sequence[str]) -> str:
    """Return a change's key. The value of a tag may be long and private, so its digest stands for it."""
    told = [*parts[:3], short_digest(parts[3])] if event == "model_version_tag.set" else parts
    return ":".join((event, *(part.replace("%", "%25").replace(":", "%3A") for part in told)))


def dated(event: str, data: Mapping[str, Any], made: int, parts: Sequence[str]) -> Found:
    """Return a change that the server dates."""
    key, moment = key_of(event, parts), moment_of(made)
    return Found(
        f"{key}@{made}", body_of(event, moment, data), change=key, since=moment - EARLIER, until=moment + MUCH_LATER
    )


def between(event: str, data: Mapping[str, Any], interval: Interval, parts: Sequence[str]) -> Found:
    """Return a change that was made between two looks; the moment of the latter is all that is known of it."""
    key, (since, until) = key_of(event, parts), interval
    seen = until - LATER
    return Found(
        f"{key}@{milliseconds_of(since)}-{milliseconds_of(seen)}",
        body_of(event, max(seen, since + EARLIER), data),
        change=key,
        since=since,
        until=until,
    )


def body_of(event: str, moment: dt.datetime, data: Mapping[str, Any]) -> bytes:
    """Return what a webhook of this event would say."""
    entity, _, action = event.partition(".")
    told = moment.isoformat(timespec="microseconds")
    return written({"entity": entity, "action": action, "timestamp": told, "data": data})
