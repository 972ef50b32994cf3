"""Why a door refused, and what to do about it, in words for whoever connects a platform."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from models_registry.telemetry.models import SourceKind
from models_registry.telemetry.refusal_models import DoorRefusal

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "E_AUTH_MISSING": (
        "It came without a secret.",
        "{proof} A proxy in between may take the header away.",
    ),
    "E_AUTH_WRONG": (
        "It came with a secret or a signature that is not this source's.",
        "Copy the secret again, whole and without spaces or quotes around it. {proof} If it is lost, make a new one.",
    ),
    "E_AUTH_TIME": (
        "It was signed more than five minutes ago, or in the future.",
        "Set the clock of the machine that sends. A delivery that waited has to be signed anew.",
    ),
    "E_TOO_LARGE": (
        "The body is too large: {most} at most, packed or not.",
        "Send less at once: fewer series, fewer events, or a shorter interval.",
    ),
    "E_CUT_OFF": (
        "The body ended before it was whole.",
        "A proxy or a time limit cut it off. Let the sender wait longer, or send less at once.",
    ),
    "E_CODING": (
        "The body is packed in a way that this address does not take, or is damaged.",
        "Bodies may be packed with gzip or zstd; remote write with snappy alone.",
    ),
    "E_FORMAT": (
        "The content type is not one that this address takes.",
        "{type}",
    ),
    "E_BACKLOG": (
        "So many events of this source wait that no more are taken.",
        "The sender tries again by itself. Whoever runs Redline sees what holds the line under Sources.",
    ),
    "E_ELSEWHERE": (
        "It was sent below this source's address, where nothing receives.",
        "{address}",
    ),
    "E_SWITCHED_OFF": (
        "This source is switched off, so what it sends is refused.",
        "Switch it on again on its page.",
    ),
    "E_NO_SOURCE": (
        "It was sent to an address that no source has.",
        "Compare the address at the platform with the one above, letter by letter.",
    ),
}
_PROOFS: Final[Mapping[str, str]] = {
    SourceKind.STANDARD_WEBHOOKS: (
        "This source takes signatures alone: webhook-id, webhook-timestamp and webhook-signature. No token is taken."
    ),
    SourceKind.GRAFANA: "Grafana signs with the header X-Grafana-Alerting-Signature, or sends Authorization: Bearer.",
    SourceKind.WANDB: "At W&B the secret belongs under Secret; under Access token it is taken as a token.",
    SourceKind.VERTEX: (
        "The secret stands in the push endpoint as ?token=, percent-encoded. A source set up with google: takes tokens "
        "of Google instead, for the account and the audience that it names."
    ),
    SourceKind.PROMETHEUS: "The credentials file holds the secret alone, without a line that says what it is.",
    SourceKind.ALERTMANAGER: "The credentials file holds the secret alone, without a line that says what it is.",
    SourceKind.OPENTELEMETRY: (
        "In OTEL_EXPORTER_OTLP_HEADERS the secret is percent-encoded, and the space after Bearer is %20."
    ),
}
_ADDRESSES: Final[Mapping[str, str]] = {
    SourceKind.OPENTELEMETRY: (
        "Exporters add /v1/metrics, /v1/logs or /v1/traces to the endpoint by themselves. Where one address per signal "
        "is asked for, write the path too."
    ),
    SourceKind.PROMETHEUS: (
        "Alerts go to path_prefix, to which Prometheus adds api/v2/alerts; samples go to the address with api/v1/write."
    ),
}
_ADDRESS: Final = (
    "The address ends after its token and a slash. If the platform adds a path of its own, choose its kind of source."
)
_PROOF: Final = "The header is Authorization: Bearer, a space and the secret."
_TYPES: Final[Mapping[str, str]] = {
    SourceKind.OPENTELEMETRY: "Exports are application/x-protobuf or application/json: choose http/protobuf.",
    SourceKind.PROMETHEUS: "Remote write is application/x-protobuf, version 1.0 or 2.0.",
    SourceKind.CLOUDEVENTS: "Events are JSON: application/cloudevents+json, or their attributes as ce- headers.",
}
LARGE: Final = frozenset({SourceKind.OPENTELEMETRY.value, SourceKind.PROMETHEUS.value})


@dataclass(frozen=True, slots=True)
class Told:
    """One reason for which deliveries were refused: what happened, what to do, by whom, how often at least."""

    code: str
    status: int
    what: str
    do: str
    sender: str
    place: str
    count: int
    first_at: dt.datetime
    last_at: dt.datetime


def told(row: DoorRefusal, *, kind: str) -> Told:
    """Return a refusal in words for the sender of this kind."""
    what, do = _WORDS.get(row.code, (f"It was refused with {row.code}.", "The answer to the sender says why."))
    said = {
        "proof": _PROOFS.get(kind, _PROOF),
        "most": "4 MiB" if kind in LARGE else "1 MiB",
        "type": _TYPES.get(kind, "Bodies are application/json."),
        "address": _ADDRESSES.get(kind, _ADDRESS),
    }
    return Told(
        code=row.code,
        status=row.status,
        what=what.format(**said),
        do=do.format(**said),
        sender=row.sender,
        place=row.place,
        count=row.count,
        first_at=row.first_at,
        last_at=row.last_at,
    )
