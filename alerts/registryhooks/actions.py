"""What is done to webhooks of the registry: make, change, turn off and on, try, delete."""

import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import transaction

from alerts.delivery import egress, sending
from alerts.delivery.actions import LEASE, ONCE, attempt_now, cancel_channel, enqueue_all
from alerts.delivery.message import Outcome
from alerts.delivery.models import Channel, ChannelKind
from alerts.registryhooks import following, telling
from alerts.registryhooks.events import NAMES, example
from alerts.registryhooks.models import RegistryWebhook
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied, everywhere, may_open, require
from models_registry.audit.actions import record
from models_registry.outbound.guard import AddressRefused, check_url
from models_registry.vault.actions import forget, keep
from models_registry.vault.envelope import Secret

MOST: Final = 50
"""Webhooks of one account."""
LONGEST_SECRET: Final = 1000
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?", re.IGNORECASE | re.ASCII)


class WebhookUnfit(ValueError):
    """A webhook has a name, an address that may be called, and at least one event."""

    http_status = 400


class TooManyWebhooks(Exception):
    """An account has at most 50 webhooks. Delete one that is no longer needed."""

    http_status = 409


class TurnedOffByOthers(Exception):
    """Somebody who looks after channels turned this webhook off; only they turn it on again."""

    http_status = 409


@dataclass(frozen=True)
class Asked:
    """What a webhook is to be. ``secret`` signs its deliveries; without one they are not signed."""

    name: str
    url: str
    events: tuple[str, ...]
    description: str = ""


@transaction.atomic
def create(*, by: Account, at: datetime, asked: Asked, secret: str = "", active: bool = True) -> RegistryWebhook:
    """Tell an address of changes of the registry from now on, as far as the maker may read the models.

    Raises AccessDenied, WebhookUnfit and TooManyWebhooks.
    """
    _require(by)
    require_sight(by)
    _check(asked, secret)
    Account.objects.select_for_update(no_key=True).get(pk=by.pk)  # one's webhooks are counted in line
    if RegistryWebhook.objects.filter(made_by=by, deleted_at__isnull=True).count() >= MOST:
        raise TooManyWebhooks(TooManyWebhooks.__doc__)
    identifier = uuid.uuid4()
    channel = Channel.objects.create(
        name=f"{asked.name} {identifier}",
        kind=ChannelKind.MLFLOW_WEBHOOK,
        config={"url": asked.url, "signed": bool(secret)},
        disabled_at=None if active else at,
        disabled_reason="" if active else "It was made turned off.",
        created_at=at,
    )
    hook = RegistryWebhook.objects.create(
        id=identifier,
        name=asked.name,
        description=asked.description,
        events=list(asked.events),
        channel=channel,
        made_by=by,
        created_at=at,
        changed_at=at,
    )
    _keep(channel, secret, at)
    following.begin()
    record(by=by, action="webhook.created", on=hook, body={"at": at, **_told(asked), "signed": bool(secret)})
    return hook


@transaction.atomic
def change(
    *, by: Account, at: datetime, webhook: RegistryWebhook, changes: Mapping[str, Any], secret: str | None = None
) -> RegistryWebhook:
    """Change name, description, address or events, and the secret where one is given ("" removes it).

    Only its maker may: whoever changes the address reads what the maker may read. Raises AccessDenied, WebhookUnfit.
    """
    hook = _held(webhook)
    _require(by)
    if hook.made_by_id != by.pk:
        raise AccessDenied(f"Only {hook.made_by}, who made this webhook, may change it. You may turn it off.")
    before = Asked(hook.name, hook.url, tuple(hook.events), hook.description)
    after = Asked(**{**asdict(before), **changes})
    _check(after, secret or "")
    hook.name, hook.description, hook.events, hook.changed_at = after.name, after.description, list(after.events), at
    hook.save(update_fields=["name", "description", "events", "changed_at"])
    hook.channel.config["url"] = after.url
    if secret is not None:
        hook.channel.config["signed"] = bool(secret)
        _keep(hook.channel, secret, at)
    hook.channel.save(update_fields=["config"])
    told = {key: value for key, value in _told(after).items() if _told(before)[key] != value}
    secret_told = {} if secret is None else {"signed": bool(secret)}
    record(by=by, action="webhook.changed", on=hook, body={"at": at, "name": after.name, **told, **secret_told})
    return hook


@transaction.atomic
def stop(*, by: Account, at: datetime, webhook: RegistryWebhook) -> None:
    """Turn a webhook off: it is told of nothing, and what waits for it is given up. Raises AccessDenied."""
    hook = _held(webhook)
    _require_care(by, hook)
    if hook.channel.disabled_at is not None:
        return
    Channel.objects.filter(pk=hook.channel_id).update(disabled_at=at, disabled_reason=f"{by} turned it off."[:200])
    _turned(by, at, hook, "webhook.stopped", stopped_by=None if hook.made_by_id == by.pk else by)


@transaction.atomic
def start(*, by: Account, at: datetime, webhook: RegistryWebhook) -> None:
    """Turn a webhook on again; what happened meanwhile is not told. Raises AccessDenied and TurnedOffByOthers."""
    hook = _held(webhook)
    _require_care(by, hook)
    if hook.channel.disabled_at is None:
        return
    if refusal := kept_off(by, hook):
        raise TurnedOffByOthers(refusal)
    Channel.objects.filter(pk=hook.channel_id).update(
        disabled_at=None, disabled_reason="", failures=0, resting_until=None
    )
    _turned(by, at, hook, "webhook.started", stopped_by=None)


@transaction.atomic
def delete(*, by: Account, at: datetime, webhook: RegistryWebhook) -> None:
    """Delete a webhook for good, with its secret; what waits for it is withdrawn. Raises AccessDenied."""
    hook = _held(webhook)
    _require_care(by, hook)
    hook.deleted_at = hook.changed_at = at
    hook.save(update_fields=["deleted_at", "changed_at"])
    Channel.objects.filter(pk=hook.channel_id).update(disabled_at=at, disabled_reason="Its webhook was deleted.")
    forget(owners=[sending.secret_owner(hook.channel, "signing_secret")])
    cancel_channel(channel_id=hook.channel_id, at=at, reason="Its webhook was deleted.")
    record(by=by, action="webhook.deleted", on=hook, body={"at": at, "name": hook.name})


def try_out(*, by: Account, at: datetime, webhook: RegistryWebhook, event: str = "") -> Outcome:
    """Send MLflow's example of an event, by default the webhook's first, once and now; return what came of it.

    Waits for the receiver, so no transaction may be open. Raises AccessDenied and WebhookUnfit.
    """
    with transaction.atomic():
        hook = _held(webhook)
        _require_care(by, hook)
        if event and event not in NAMES:
            raise WebhookUnfit(f"{event} is not an event.")
        told = example(event or hook.events[0])
        message = telling.message(hook, told, happened_at=at, what=f"test:{uuid.uuid4().hex}", at=at)
        message.payload[ONCE] = True
        message.lease_until = at + LEASE  # for the try below: the lane would send it a second time
        enqueue_all([message])
        record(by=by, action="webhook.tested", on=hook, body={"at": at, "name": hook.name, "event": told.name})
    return attempt_now(key=message.dedup_key, at=at)


def may_care(by: Account, hook: RegistryWebhook) -> str:
    """Return why somebody may not turn off, try or delete a webhook; nothing when they may."""
    if may_open(by, Permission.ROUTE_MANAGE):
        return ""
    answer = may_open(by, Permission.WEBHOOK_MANAGE)
    if not answer:
        return answer.reason
    return "" if hook.made_by_id == by.pk else f"Only {hook.made_by}, who made this webhook, or who manages routes may."


def kept_off(by: Account, hook: RegistryWebhook) -> str:
    """Return why a webhook stays off for this account; nothing when it may be turned on."""
    if hook.stopped_by_id in (None, by.pk) or may_open(by, Permission.ROUTE_MANAGE):
        return ""
    return f"{hook.stopped_by} turned it off, and somebody who manages routes has to turn it on."


def sees_all(by: Account) -> bool:
    """Return whether the account sees everybody's webhooks: who manages routes, and who reads the whole trail."""
    return bool(may_open(by, Permission.ROUTE_MANAGE)) or everywhere(by, Permission.AUDIT_READ)


def require_sight(by: Account) -> None:
    """Ask for the right to read models: a token without it may not make others read for it. Raises AccessDenied."""
    answer = may_open(by, Permission.MODEL_READ)
    if not answer:
        raise AccessDenied(answer.reason)


def _require(by: Account) -> None:
    require(by, Permission.WEBHOOK_MANAGE)


def _require_care(by: Account, hook: RegistryWebhook) -> None:
    if refusal := may_care(by, hook):
        raise AccessDenied(refusal)


def _held(webhook: RegistryWebhook) -> RegistryWebhook:
    """Return the webhook as it stands, with its row locked. Raises DoesNotExist for one deleted meanwhile."""
    return RegistryWebhook.objects.standing().select_for_update(of=("self", "channel")).get(pk=webhook.pk)


def _turned(by: Account, at: datetime, hook: RegistryWebhook, action: str, *, stopped_by: Account | None) -> None:
    """Keep who turned the webhook off, and say so on the trail."""
    hook.stopped_by, hook.changed_at = stopped_by, at
    hook.save(update_fields=["stopped_by", "changed_at"])
    record(by=by, action=action, on=hook, body={"at": at, "name": hook.name})


def _check(asked: Asked, secret: str) -> None:
    if not _NAME.fullmatch(asked.name):
        raise WebhookUnfit(
            f"Webhook name {asked.name!r} is invalid. It must start and end with a letter or digit, "
            "be less than 63 characters long, and contain only letters, digits, dots (.), "
            "underscores (_), and hyphens (-)."
        )
    if len(asked.description) > 1000:
        raise WebhookUnfit("'description' exceeds the maximum length of 1000 characters")
    if len(secret) > LONGEST_SECRET:
        raise WebhookUnfit(f"'secret' exceeds the maximum length of {LONGEST_SECRET} characters")
    if not asked.events or not set(asked.events) <= set(NAMES):
        raise WebhookUnfit("Webhook events must be a non-empty list of events that are sent.")
    try:
        check_url(asked.url, egress.policy())
    except AddressRefused as refused:
        raise WebhookUnfit(f"Invalid webhook URL: {refused}.") from None


def _keep(channel: Channel, secret: str, at: datetime) -> None:
    owner = sending.secret_owner(channel, "signing_secret")
    if secret:
        keep(owner=owner, secret=Secret(secret), at=at)
    else:
        forget(owners=[owner])


def _told(asked: Asked) -> dict[str, Any]:
    """Return what the trail says: of the address the host alone, as the rest may hold a key."""
    events: Collection[str] = asked.events
    return {
        "name": asked.name,
        "description": asked.description,
        "host": urlsplit(asked.url).netloc,
        "events": sorted(events),
    }
