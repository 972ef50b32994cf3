"""One adapter per kind of source: bytes in, readings out, or Unreadable with every reason.

An adapter is pure: no clock, no database, no network. `received_at` stands in
where the sender gives no time, so that a replay reads the same numbers again.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry.adapters import (
    alertmanager,
    arize,
    azure_ml,
    cloudevents,
    datadog,
    evidently,
    generic_json,
    grafana,
    measurements,
    mlflow,
    opentelemetry,
    phoenix,
    prometheus,
    sagemaker,
    security,
    standard_webhooks,
    vertex,
    wandb,
    wandb_runs,
)
from models_registry.telemetry.placed import Placed
from models_registry.telemetry.readings import Reading, Unreadable
from models_registry.telemetry.strict_json import loads

ADAPTERS: Final[Mapping[str, Callable[..., list[Reading]]]] = {
    "arize": arize.read,
    "alertmanager": alertmanager.read,
    "opentelemetry": opentelemetry.read,
    "cloudevents": cloudevents.read,
    "standard_webhooks": standard_webhooks.read,
    "generic_json": generic_json.read,
    "measurements": measurements.read,
    "prometheus": prometheus.read,
    "grafana": grafana.read,
    "mlflow": mlflow.read,
    "wandb": wandb.read,
    "phoenix": phoenix.read,
    "datadog": datadog.read,
    "evidently": evidently.read,
    "sagemaker": sagemaker.read,
    "azure_ml": azure_ml.read,
    "vertex": vertex.read,
    "security": security.read,
    "backfill": measurements.read,
}

CONTENT_IDS: Final[Mapping[str, Callable[[Any, datetime], str | None]]] = {
    "alertmanager": alertmanager.content_id,
    "prometheus": prometheus.content_id,
    "grafana": grafana.content_id,
    "datadog": datadog.content_id,
    "sagemaker": sagemaker.content_id,
    "azure_ml": azure_ml.content_id,
    "vertex": vertex.content_id,
    "security": security.content_id,
}
"""How senders without a delivery header name what they send: by an id in the body, or by the alerts themselves."""

PLACEMENTS: Final[Mapping[str, Callable[..., list[Placed]]]] = {
    "wandb": wandb.placements,
    "mlflow": mlflow.placements,
}
"""Kinds that are registries: their bodies say where aliases and stages stand, whatever a mapping reads in them."""

SWEPT_EVENTS: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "arize": ("event", frozenset({arize.POLLED})),
    "wandb": ("event_type", frozenset({wandb.OBSERVED, wandb_runs.EVENT})),
}
"""What only sweeps write: the member that says so, and its values. A mapping is for what the platform sends."""

MAPPED: Final = frozenset(
    {"arize", "azure_ml", "datadog", "evidently", "phoenix", "sagemaker", "security", "standard_webhooks", "wandb"}
)
"""Kinds whose mapping, when a source has one, decides alone; the others read with it what they do not know."""

UNMAPPED: Final[Mapping[str, str]] = {
    "opentelemetry": "Attributes name the model, its version and its segment: exports are read without a mapping.",
    "measurements": "Measurements in bulk say by their own fields what they measure: they are read without a mapping.",
    "backfill": "Files say by their columns what they measure: they are read without a mapping.",
}
"""Kinds that no mapping reads, and why."""

SHORT_WINDOW: Final = frozenset({"wandb"})
"""Kinds whose bodies have neither id nor time, and may say the same again soon: they count once a minute."""

MAX_EVENT_ID: Final = 255
ALERTS: Final = "alerts:"
"""How ids begin that adapters make of alerts themselves; no sender can choose one."""
_DELIVERY_HEADERS: Final = (
    "webhook-id",
    "x-arize-webhook-id",
    "x-mlflow-delivery-id",
    "x-github-delivery",
    "idempotency-key",
)


class UnknownSourceKind(Exception):
    """There is no adapter for this kind of source."""


def read(
    kind: str, body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of a body. Raises Unreadable, and UnknownSourceKind when there is no such adapter."""
    if kind not in ADAPTERS:
        raise UnknownSourceKind(kind)
    if mapping and kind in MAPPED and not _is_of_a_sweep(kind, body):
        return generic_json.read_document(loads(body), mapping=mapping, received_at=received_at, kind=kind)
    return ADAPTERS[kind](body, headers=headers, mapping=mapping, received_at=received_at)


def _is_of_a_sweep(kind: str, body: bytes) -> bool:
    if kind not in SWEPT_EVENTS:
        return False
    member, events = SWEPT_EVENTS[kind]
    document = loads(body)
    return isinstance(document, dict) and document.get(member) in events


def placements(kind: str, body: bytes, *, received_at: datetime) -> list[Placed]:
    """Return what a body says of aliases and stages; nothing for other kinds and for what cannot be read."""
    placed = PLACEMENTS.get(kind)
    if placed is None:
        return []
    try:
        return placed(loads(body), received_at=received_at)
    except Unreadable:
        return []


def event_id(
    kind: str,
    headers: Mapping[str, str],
    body: bytes,
    mapping: Mapping[str, Any] | None,
    received_at: datetime,
    *,
    content: bytes | None = None,
) -> str:
    """Return the id by which deliveries of one event are known, 1 to 255 characters. Never raises on hostile bodies.

    In order: the source and id of a CloudEvent, the sender's delivery header, the
    mapping's `event_id` pointer, the alerts themselves (Alertmanager gives no id),
    and the body's SHA-256 within its UTC day. The last two name content: equal
    alerts, or equal bodies within a day, count once. The prefixes keep a sender
    from choosing another's id. ``content`` stands for the body where only a part of it is kept.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    if told := cloudevents.identity(lowered, body):
        return _bounded("ce:", told)
    for header in _DELIVERY_HEADERS:
        if lowered.get(header, "").strip():
            return _bounded("id:", lowered[header].strip())
    named = _named_in_body(kind, body, mapping, received_at)
    window = received_at.strftime("%Y%m%dT%H%M" if kind in SHORT_WINDOW else "%Y%m%d")
    return named or f"sha256:{window}:{hashlib.sha256(body if content is None else content).hexdigest()}"


def names_content(event_id: str) -> bool:
    """Say whether an id is made of all that matters in a body, so that another body of this id tells nothing else.

    A firing alert is posted every minute with a later end; the members of a pair of Alertmanagers sign differently.
    """
    return event_id.startswith(ALERTS)


def _named_in_body(kind: str, body: bytes, mapping: Mapping[str, Any] | None, received_at: datetime) -> str | None:
    content_id = CONTENT_IDS.get(kind)
    if not (mapping and mapping.get("event_id")) and content_id is None:
        return None
    try:
        document = loads(body)
        if mapping and mapping.get("event_id"):
            found = generic_json.resolve(document, mapping["event_id"])
            return _bounded("body:", str(found)) if isinstance(found, str | int) and str(found) else None
        return content_id(document, received_at) if content_id else None
    except Unreadable:
        return None


def _bounded(prefix: str, text: str) -> str:
    """Return the id as it is when it is short printable ASCII, else its digest."""
    if text.isascii() and text.isprintable() and len(prefix + text) <= MAX_EVENT_ID:
        return prefix + text
    return prefix + "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
