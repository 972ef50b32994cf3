"""From entries of the trail to messages in the outbox, and out of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from alerts.delivery import sending
from alerts.delivery.actions import attempt_due, enqueue_all
from alerts.delivery.message import Outcome, Outgoing
from alerts.delivery.models import Channel, Lane, Notification, NotificationState
from alerts.registryhooks.events import Event, event_of
from alerts.registryhooks.following import taken
from alerts.registryhooks.models import RegistryWebhook
from alerts.registryhooks.sight import Sight
from governance.vocabulary import Tier
from models_registry.audit.models import AuditEntry
from models_registry.catalog.models import ModelVersion, RegisteredModel

UNSEEN = "Who made this webhook may no longer read the model."


@transaction.atomic
def follow(*, limit: int, at: datetime) -> int:
    """Put the events of up to `limit` entries into the outbox, once per webhook; return how many entries were taken."""
    entries = taken(limit=limit)
    hooks = list(RegistryWebhook.objects.on()) if entries else []
    if hooks:
        enqueue_all(_messages(entries, hooks, at))
    return len(entries)


def _messages(entries: list[AuditEntry], hooks: list[RegistryWebhook], at: datetime) -> Iterator[Notification]:
    sight = Sight()
    for entry, model, event in _events(entries):
        for hook in hooks:
            told = event.name in hook.events and entry.at >= hook.created_at
            if told and sight.sees(hook.made_by, model):
                yield message(hook, event, happened_at=entry.at, what=str(entry.pk), at=at, model_id=model.pk)


def _events(entries: list[AuditEntry]) -> Iterator[tuple[AuditEntry, RegisteredModel, Event]]:
    models = RegisteredModel.registry.in_bulk({entry.model_id for entry in entries if entry.model_id is not None})
    made = [int(entry.object_id) for entry in entries if entry.action == "version.registered"]
    descriptions = dict(ModelVersion.objects.filter(pk__in=made).values_list("pk", "description"))
    for entry in entries:
        model = models.get(entry.model_id or 0)
        event = model and event_of(
            action=entry.action,
            body=entry.body,
            name=model.registry_name or model.slug,
            is_prompt=model.is_prompt,
            description=descriptions.get(int(entry.object_id), "") if entry.action == "version.registered" else "",
        )
        if model and event:
            yield entry, model, event


def message(
    hook: RegistryWebhook, event: Event, *, happened_at: datetime, what: str, at: datetime, model_id: int | None = None
) -> Notification:
    """Return the message that tells an event; ``what`` makes its key, and with it the delivery's id."""
    moment = happened_at.astimezone(UTC).isoformat(timespec="microseconds")
    facts: dict[str, Any] = {"entity": event.entity, "action": event.action, "timestamp": moment}
    return Notification(
        channel_id=hook.channel_id,
        lane=Lane.REGISTRY,
        tier=Tier.DIGEST,
        dedup_key=f"mlflow:{hook.pk}:{what}",
        payload={
            "title": f"{event.name} {event.data['name']}",
            "facts": {**facts, "data": dict(event.data), "model": model_id},
        },
        not_before=at,
        created_at=at,
    )


def deliver(*, limit: int, at: datetime, for_at_most: timedelta = timedelta.max) -> int:
    """Try what is due to registry webhooks; return how many messages were tried."""
    return attempt_due(limit=limit, at=at, send=send, lane=Lane.REGISTRY, for_at_most=for_at_most)


def send(channel: Channel, outgoing: Outgoing, at: datetime) -> Outcome:
    """Send a message, unless its maker lost sight of the model while it waited."""
    model_id = (outgoing.facts or {}).get("model")
    if model_id is not None:
        hook = RegistryWebhook.objects.select_related("made_by").get(channel=channel)
        model = RegisteredModel.registry.filter(pk=model_id).first()
        if model is None or not Sight().sees(hook.made_by, model):
            return Outcome(succeeded=False, permanent=True, error=UNSEEN)
    return sending.send(channel, outgoing, at)


def due(*, at: datetime, most: int) -> int:
    """Return how many messages could be sent to registry webhooks now, as far as `most`."""
    rested = Q(channel__resting_until__isnull=True) | Q(channel__resting_until__lte=at)
    waiting = Notification.objects.filter(lane=Lane.REGISTRY, state=NotificationState.PENDING, not_before__lte=at)
    return waiting.filter(rested, Q(lease_until__isnull=True) | Q(lease_until__lte=at)).values("pk")[:most].count()
