"""Standard Webhooks 1.0.0: `{"type", "timestamp", "data"}`, signed; the signature is the door's to judge."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry.adapters import plain_data
from models_registry.telemetry.adapters.fields import as_object
from models_registry.telemetry.readings import Reading, Unreadable
from models_registry.telemetry.strict_json import loads

KIND: Final = "standard_webhooks"


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of one delivery."""
    event = loads(body)
    event = as_object(event, "")
    if not isinstance(event.get("type"), str):
        raise Unreadable.because("E_MISSING", "/type", "the type is missing")
    return plain_data.readings_of(
        event, subject="", time="timestamp", facts=("type",), kind=KIND, received_at=received_at
    )
