"""Prometheus Alertmanager's webhook, version "4" (notify/webhook and template/template.go, 0.34).

The number behind an alert is there only when its rule annotates it as `value` and labels it as `metric`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry.adapters import generic_json
from models_registry.telemetry.adapters.alerts import (
    LIMIT,
    Value,
    annotated_value,
    read_alert,
    state_of_status,
    truncated,
)
from models_registry.telemetry.adapters.fields import as_items, as_object, each_readable
from models_registry.telemetry.notices import Findings
from models_registry.telemetry.readings import Reading, Unreadable
from models_registry.telemetry.strict_json import loads

KIND: Final = "alertmanager"
VERSION: Final = "4"
_IDENTITY: Final = ("fingerprint", "startsAt", "endsAt", "status", "labels", "annotations")


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of every alert. A body with a custom template needs a mapping and is read by it."""
    return read_delivery(
        body, kind=KIND, version=VERSION, value=annotated_value, mapping=mapping, received_at=received_at
    )


def read_delivery(
    body: bytes,
    *,
    kind: str,
    version: str,
    value: Value,
    mapping: Mapping[str, Any] | None,
    received_at: datetime,
) -> list[Reading]:
    """Return the readings of a delivery of alerts in this version; ``value`` finds each alert's number."""
    document = loads(body)
    if mapping and not is_version(document, version):
        return generic_json.read_document(document, mapping=mapping, received_at=received_at, kind=kind)
    delivery = as_object(document, "")
    if delivery.get("version") != version:
        raise Unreadable.because("E_SHAPE", "/version", f'the version must be "{version}"; other bodies need a mapping')
    alerts = as_items(delivery.get("alerts"), "/alerts", limit=LIMIT)
    cut = truncated(delivery)
    told = each_readable(
        alerts,
        "/alerts",
        lambda alert, path: read_alert(alert, path, received_at, kind=kind, state=state_of_status, value=value),
    )
    return Findings(told, cut)


def content_id(document: Any, received_at: datetime) -> str | None:
    """Return an id over the group and its alerts' identity and state, or None for another shape.

    The two members of a highly available pair differ in `externalURL` and order
    only, so both give the same id; a changed annotation gives a new one.
    """
    return told_id(document, version=VERSION, identity=_IDENTITY)


def told_id(document: Any, *, version: str, identity: Iterable[str]) -> str | None:
    """Return an id over the group and what identifies each of its alerts, or None for another shape.

    Alerts that do not say since when they fire are another shape: two of them would be one by all that is left.
    """
    if not is_version(document, version) or not all(map(begins, document["alerts"])):
        return None
    alerts = sorted(json.dumps([alert.get(key) for key in identity], sort_keys=True) for alert in document["alerts"])
    told = json.dumps([document.get("receiver"), document.get("groupKey"), alerts], sort_keys=True)
    return "alerts:sha256:" + hashlib.sha256(told.encode()).hexdigest()


def begins(alert: Any) -> bool:
    """Say whether an alert tells since when it fires."""
    return isinstance(alert, dict) and isinstance(alert.get("startsAt"), str)


def is_version(document: Any, version: str) -> bool:
    """Say whether a body is a delivery of alerts of this version."""
    return (
        isinstance(document, dict) and document.get("version") == version and isinstance(document.get("alerts"), list)
    )
