"""From a row of the outbox to the provider: read the secrets, build the message, hand it over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from alerts.delivery import egress
from alerts.delivery.channels import email, mlflow_webhook, slack_webhook, webhook
from alerts.delivery.message import Outcome, Outgoing
from alerts.delivery.models import Channel, ChannelKind, Notification
from models_registry.vault.actions import NoSuchSecret, open_secret
from models_registry.vault.envelope import EnvelopeRefused, KeyUnknown, Owner


def secret_owner(channel: Channel, field: str) -> Owner:
    """Return where a channel's secret is kept: `url` or `signing_secret`."""
    return Owner(table="delivery_channel", pk=str(channel.pk), field=field)


def outgoing(row: Notification) -> Outgoing:
    """Return what a row says; a person's address is read now, so that a changed one is used."""
    said = row.payload
    address = row.recipient.email if row.recipient else str(said.get("address", ""))
    return Outgoing(
        key=row.dedup_key,
        thread=said.get("thread", row.dedup_key),
        tier=row.tier,
        title=said["title"],
        text=said.get("text", ""),
        link=egress.link(said.get("path", "/alerts/")),
        at=row.created_at,
        address=address,
        facts=said.get("facts"),
        lines=_lines(said),
    )


def _lines(said: Mapping[str, Any]) -> tuple[str, ...]:
    lines = tuple(said.get("lines", ()))
    more = int(said.get("count", 0)) - len(lines)
    return (*lines, f"and {more} more") if more > 0 else lines


def send(channel: Channel, message: Outgoing, at: datetime) -> Outcome:
    """Hand the message to the channel's provider. No transaction may be open: this waits for the network."""
    if channel.kind == ChannelKind.EMAIL:
        return _mail(message)
    try:
        if channel.kind == ChannelKind.SLACK_WEBHOOK:
            return slack_webhook.send(slack_webhook.build(message), url=_secret(channel, "url"), policy=egress.policy())
        if channel.kind == ChannelKind.MLFLOW_WEBHOOK:
            return _mlflow(channel, message, at)
        return webhook.send(
            webhook.build(message),
            url=_secret(channel, "url"),
            key=message.key,
            secret=_secret(channel, "signing_secret"),
            policy=egress.policy(),
            at=at,
        )
    except (NoSuchSecret, KeyUnknown, EnvelopeRefused) as error:
        return Outcome(succeeded=False, permanent=True, error=f"The channel's secret cannot be read: {error}")


def _mlflow(channel: Channel, message: Outgoing, at: datetime) -> Outcome:
    """Post an event of the registry; its receiver may have asked for no signature."""
    return mlflow_webhook.send(
        mlflow_webhook.build(message),
        url=channel.config["url"],
        key=message.key,
        secret=_secret(channel, "signing_secret") if channel.config["signed"] else "",
        policy=egress.policy(),
        at=at,
    )


def _secret(channel: Channel, field: str) -> str:
    return open_secret(owner=secret_owner(channel, field)).reveal()


def _mail(message: Outgoing) -> Outcome:
    if not message.address:
        return Outcome(succeeded=False, permanent=True, error="The recipient has no e-mail address.")
    return email.send(email.build(message, sender=settings.DEFAULT_FROM_EMAIL, host=egress.host()))
