"""Events of the registry as an MLflow server sends them, so that receivers written for one keep working.

Format: mlflow 3.17.2, ``webhooks/delivery.py`` and ``webhooks/types.py`` (INTEGRATIONS A5.2). One thing differs:
a delivery is repeated over days, so timestamp and signature are of the try, while the delivery's id stays.
"""

import base64
import hashlib
import hmac
import json
import uuid
from datetime import datetime
from typing import Final

from alerts.delivery.channels.answers import judge
from alerts.delivery.message import Outcome, Outgoing
from models_registry.outbound import client
from models_registry.outbound.guard import Policy

DELIVERIES: Final = uuid.UUID("6f1f1c5e-3a63-5b0c-9d0f-0c1a5f6f7d21")
"""Namespace of delivery ids; each is made of a message's key."""

ENVELOPE: Final = ("entity", "action", "timestamp", "data")
DATA: Final = (
    "name",
    "alias",
    "version",
    "source",
    "run_id",
    "key",
    "value",
    "template",
    "tags",
    "description",
)
"""The members in the order in which a server writes them."""


def build(outgoing: Outgoing) -> bytes:
    """Return the body, equal for every try, with spaces after ``:`` and ``,`` as the server writes it."""
    facts = dict(outgoing.facts or {})
    told = facts["data"]
    body = {name: facts[name] for name in ENVELOPE} | {"data": {name: told[name] for name in DATA if name in told}}
    return json.dumps(body).encode()


def delivery_id(key: str) -> str:
    """Return the id under which a receiver knows the delivery, whichever try it is."""
    return str(uuid.uuid5(DELIVERIES, key))


def headers(body: bytes, *, key: str, secret: str, at: datetime) -> dict[str, str]:
    """Return the headers of one try; without a secret there is no signature."""
    identifier, moment = delivery_id(key), str(int(at.timestamp()))
    held = {"Content-Type": "application/json", "X-MLflow-Delivery-Id": identifier, "X-MLflow-Timestamp": moment}
    if not secret:
        return held
    digest = hmac.new(secret.encode(), f"{identifier}.{moment}.".encode() + body, hashlib.sha256).digest()
    return held | {"X-MLflow-Signature": f"v1,{base64.b64encode(digest).decode()}"}


def send(body: bytes, *, url: str, key: str, secret: str, policy: Policy, at: datetime) -> Outcome:
    """Post the body; redirects are not followed."""
    signed = headers(body, key=key, secret=secret, at=at)
    return judge(client.send(method="POST", url=url, headers=signed, body=body, policy=policy))
