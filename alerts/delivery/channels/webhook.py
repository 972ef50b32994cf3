"""Signed webhooks to anybody: Standard Webhooks 1.0.0."""

from datetime import datetime

from alerts.delivery.channels.answers import judge
from alerts.delivery.message import Outcome, Outgoing
from models_registry.audit.canonical import canonical
from models_registry.outbound import client
from models_registry.outbound.guard import Policy
from models_registry.telemetry.signatures import sign

EVENT_TYPE = "alert.told"


def build(outgoing: Outgoing) -> bytes:
    """Return the body, equal for every try: type, timestamp of the message, and what it says."""
    told = {
        "key": outgoing.key,
        "tier": outgoing.tier,
        "title": outgoing.title,
        "text": outgoing.text,
        "link": outgoing.link,
        "lines": list(outgoing.lines),
        "facts": dict(outgoing.facts or {}),
    }
    return canonical({"type": EVENT_TYPE, "timestamp": outgoing.at, "data": told})


def headers(body: bytes, *, key: str, secret: str, at: datetime) -> dict[str, str]:
    """Return the headers of one try: the identifier stays, timestamp and signature are of this try."""
    signed = sign(event_id=key.replace(".", "_"), at=at, body=body, secret=secret)
    return {"Content-Type": "application/json", **signed}


def send(body: bytes, *, url: str, key: str, secret: str, policy: Policy, at: datetime) -> Outcome:
    """Post the signed body; redirects are not followed."""
    signed = headers(body, key=key, secret=secret, at=at)
    return judge(client.send(method="POST", url=url, headers=signed, body=body, policy=policy))
