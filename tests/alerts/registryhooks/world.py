"""Webhooks, and what their receivers read."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from django.utils import timezone

from alerts.registryhooks import actions, telling
from alerts.registryhooks.events import NAMES
from alerts.registryhooks.models import RegistryWebhook
from models_registry.access.models import Account
from tests.alerts.receiving import Receiver

SECRET = "not that secret"


def a_webhook(by: Account, url: str, **asked: Any) -> RegistryWebhook:
    """Make a webhook; everything that is sent is asked for unless `events` says less."""
    facts = {"name": "ci", "url": url, "events": NAMES, **asked}
    secret, active = facts.pop("secret", SECRET), facts.pop("active", True)
    return actions.create(by=by, at=timezone.now(), asked=actions.Asked(**facts), secret=secret, active=active)


def told(at: datetime | None = None) -> int:
    """Follow the trail to its end and deliver what is due; return how many messages were tried."""
    while telling.follow(limit=50, at=timezone.now()):
        pass
    return telling.deliver(limit=10_000, at=at or timezone.now())


def verified(headers: dict[str, str], body: bytes, secret: str = SECRET) -> dict[str, Any]:
    """Read a delivery as MLflow's documentation tells receivers to: signature first, then the body."""
    version, _, given = headers["X-MLflow-Signature"].partition(",")
    signed = f"{headers['X-MLflow-Delivery-Id']}.{headers['X-MLflow-Timestamp']}.{body.decode()}"
    expected = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    assert version == "v1"
    assert hmac.compare_digest(base64.b64decode(given), expected)
    found: dict[str, Any] = json.loads(body)
    return found


def heard(receiver: Receiver) -> list[tuple[str, dict[str, Any]]]:
    """Return name and data of every event that came, each with a signature that holds."""
    bodies = [verified(headers, body) for headers, body in receiver.got]
    return [(f"{body['entity']}.{body['action']}", body["data"]) for body in bodies]
