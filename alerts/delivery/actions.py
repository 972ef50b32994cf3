"""Put messages into the outbox, send them, and keep what came of every try."""

import logging
import random
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from alerts.delivery import sending, tallies
from alerts.delivery.backoff import rest, wait
from alerts.delivery.message import Outcome, Outgoing
from alerts.delivery.models import Channel, ChannelKind, DeliveryAttempt, Lane, Notification, NotificationState
from governance.vocabulary import Tier
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import DELIVERY, Actor
from models_registry.vault.actions import keep
from models_registry.vault.envelope import Secret

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""Longer than the slowest send (15 s); after it, somebody else may try the same key again."""

LINES_KEPT = 50
"""Items that a summary names; the others are counted."""

MOST_AT_ONCE = 2
"""Messages of the registry's lane under way to one receiver, so that a slow one leaves senders to the others."""

ONCE = "once"
"""Member of a payload that is tried once and then ended, as a test is."""

UNANSWERED = "OPEN"
"""The only state of an alert about which people are still told."""

type Send = Callable[[Channel, Outgoing, datetime], Outcome]


@dataclass(frozen=True)
class Claimed:
    """One message that this process alone may send until its lease ends; `number` is this try's."""

    notification: Notification
    number: int
    outgoing: Outgoing
    began_at: datetime


@transaction.atomic
def create_channel(
    *,
    by: Account,
    at: datetime,
    name: str,
    kind: ChannelKind,
    config: Mapping[str, Any] | None = None,
    url: str = "",
    signing_secret: str = "",
) -> Channel:
    """Create a place that messages can be sent to; `url` and `signing_secret` go to the vault."""
    require(by, Permission.ROUTE_MANAGE)
    channel = Channel.objects.create(name=name, kind=kind, config=dict(config or {}), created_at=at)
    for field, secret in (("url", url), ("signing_secret", signing_secret)):
        if secret:
            keep(owner=sending.secret_owner(channel, field), secret=Secret(secret), at=at)
    record(by=by, action="channel.created", on=channel, body={"name": name, "kind": str(kind)})
    return channel


def enqueue(
    *,
    channel_id: int,
    recipient_id: int | None,
    tier: int,
    dedup_key: str,
    payload: Mapping[str, Any],
    at: datetime,
    alert_id: int | None = None,
    not_before: datetime | None = None,
) -> None:
    """Put one message into the outbox, in the caller's transaction; a key that is there stays as it is."""
    row = Notification(
        alert_id=alert_id,
        channel_id=channel_id,
        recipient_id=recipient_id,
        tier=tier,
        dedup_key=dedup_key,
        payload=dict(payload),
        not_before=not_before or at,
        created_at=at,
    )
    Notification.objects.bulk_create([row], ignore_conflicts=True)


def enqueue_all(rows: Iterable[Notification]) -> None:
    """Put messages into the outbox, in the caller's transaction; a key that is there stays as it is."""
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def collect(
    *,
    channel_id: int,
    recipient_id: int | None,
    tier: int,
    dedup_key: str,
    title: str,
    path: str,
    line: str,
    at: datetime,
    not_before: datetime,
) -> bool:
    """Add a line to a waiting summary, opening it when needed; False when it has already left."""
    opening = {"title": title, "text": "", "path": path, "thread": dedup_key, "lines": [], "count": 0}
    enqueue(
        channel_id=channel_id,
        recipient_id=recipient_id,
        tier=tier,
        dedup_key=dedup_key,
        payload=opening,
        at=at,
        not_before=not_before,
    )
    summary = Notification.objects.select_for_update().get(dedup_key=dedup_key)
    if summary.state != NotificationState.PENDING or summary.attempts:
        return False
    summary.payload["count"] += 1
    if len(summary.payload["lines"]) < LINES_KEPT:
        summary.payload["lines"].append(line)
    summary.save(update_fields=["payload"])
    return True


def cancel_pending(*, alert_id: int, at: datetime, reason: str) -> int:
    """Withdraw what has not been sent about an alert, in the caller's transaction; return how many."""
    waiting = Notification.objects.filter(alert_id=alert_id, state=NotificationState.PENDING)
    cancelled = waiting.update(state=NotificationState.CANCELLED, finished_at=at, last_error=reason)
    tallies.ended(NotificationState.CANCELLED, count=cancelled)
    return cancelled


def cancel_channel(*, channel_id: int, at: datetime, reason: str) -> int:
    """Withdraw what has not been sent to a channel, in the caller's transaction; return how many."""
    waiting = Notification.objects.filter(channel_id=channel_id, state=NotificationState.PENDING)
    cancelled = waiting.update(state=NotificationState.CANCELLED, finished_at=at, last_error=reason)
    tallies.ended(NotificationState.CANCELLED, count=cancelled)
    return cancelled


def attempt_due(
    *,
    limit: int,
    at: datetime,
    send: Send = sending.send,
    lane: Lane = Lane.PEOPLE,
    for_at_most: timedelta = timedelta.max,
) -> int:
    """Try up to `limit` messages of a lane that are due, the most urgent first; return how many were tried.

    Each is claimed, sent without any transaction open, and marked. A crash between
    sending and marking leads to a second send with the same key. None is begun after `for_at_most`.
    """
    started = time.monotonic()
    for tried in range(limit):
        passed = timedelta(seconds=time.monotonic() - started)
        claimed = claim(at=at + passed, lane=lane) if passed < for_at_most else None
        if claimed is None:
            return tried
        attempt(claimed=claimed, send=send)
    return limit


def attempt_now(*, key: str, at: datetime, send: Send = sending.send) -> Outcome:
    """Try one message at once, whatever its channel's state; whoever puts it there holds it until then."""
    with transaction.atomic():
        found = (
            Notification.objects.select_for_update(of=("self",))
            .select_related("alert", "channel", "recipient")
            .get(dedup_key=key)
        )
        claimed = _leased(found, at)
    return attempt(claimed=claimed, send=send)


def attempt(*, claimed: Claimed, send: Send = sending.send) -> Outcome:
    """Send one claimed message and keep what came of it; an unforeseen error is a failed try, not a stop."""
    started = time.monotonic()
    try:
        outcome = send(claimed.notification.channel, claimed.outgoing, claimed.began_at)
    except Exception as error:  # one message that cannot be sent must not hold the others
        log.exception("A message could not be sent", extra={"dedup_key": claimed.outgoing.key})
        outcome = Outcome(succeeded=False, error=f"{type(error).__name__}: {error}"[:300])
    elapsed = timedelta(seconds=time.monotonic() - started)
    mark(claimed=claimed, outcome=outcome, elapsed=elapsed, jitter=random.random())  # noqa: S311 - spreads load
    return outcome


def claim(*, at: datetime, lane: Lane = Lane.PEOPLE) -> Claimed | None:
    """Lease the most urgent message of a lane that is due, or None. The try is counted before the work.

    What nobody needs any more is withdrawn on the way: a stale page is worse than a late one.
    """
    while True:
        with transaction.atomic():
            found = _due(at, lane)
            if found is None:
                return None
            if _withdrawn(found, at):
                continue
            return _leased(found, at)


def _leased(found: Notification, at: datetime) -> Claimed:
    found.lease_until, found.attempts = at + LEASE, found.attempts + 1
    found.save(update_fields=["lease_until", "attempts"])
    return Claimed(found, found.attempts, sending.outgoing(found), at)


def _due(at: datetime, lane: Lane) -> Notification | None:
    """The row lock is on the message alone, so that people can answer the alert meanwhile."""
    waiting = (
        Notification.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("alert", "channel", "recipient")
        .filter(Q(lease_until__isnull=True) | Q(lease_until__lte=at))
        .filter(lane=lane, state=NotificationState.PENDING, not_before__lte=at)
    )
    if lane == Lane.REGISTRY:
        waiting = waiting.filter(Q(channel__resting_until__isnull=True) | Q(channel__resting_until__lte=at))
        waiting = waiting.exclude(channel_id__in=_busy(at))
    return waiting.order_by("tier", "not_before", "id").first()


def _busy(at: datetime) -> list[int]:
    """Return the receivers to which as much is under way as may be."""
    leased = Notification.objects.filter(lane=Lane.REGISTRY, state=NotificationState.PENDING, lease_until__gt=at)
    counted = leased.values("channel_id").annotate(under_way=Count("id")).filter(under_way__gte=MOST_AT_ONCE)
    return [row["channel_id"] for row in counted]


def _withdrawn(found: Notification, at: datetime) -> bool:
    if found.alert is not None and found.alert.state != UNANSWERED:
        _finish(found, NotificationState.CANCELLED, at, "The alert was answered before this was sent.")
        return True
    if found.channel.disabled_at is not None:
        reason = f"{found.channel} is off: {found.channel.disabled_reason}"
        _finish(found, NotificationState.GIVEN_UP, at, reason)
        return True
    return False


def _finish(found: Notification, state: NotificationState, at: datetime, error: str) -> None:
    tallies.ended(state, before=NotificationState(found.state))
    found.state, found.finished_at, found.last_error, found.lease_until = state, at, error[:300], None
    found.save(update_fields=["state", "finished_at", "last_error", "lease_until"])


@transaction.atomic
def mark(*, claimed: Claimed, outcome: Outcome, elapsed: timedelta, jitter: float) -> None:
    """Keep the try, and what it means for the message: delivered, to be tried again, or given up.

    In the registry's lane the receiver is locked before its message, as by whoever withdraws all that waits for it.
    """
    if claimed.notification.lane == Lane.REGISTRY:
        Channel.objects.select_for_update(no_key=True).get(pk=claimed.notification.channel_id)
    found = Notification.objects.select_for_update().get(pk=claimed.notification.pk)
    at = claimed.began_at + elapsed
    DeliveryAttempt.objects.create(
        notification=found,
        number=claimed.number,
        began_at=claimed.began_at,
        elapsed_ms=int(elapsed / timedelta(milliseconds=1)),
        succeeded=outcome.succeeded,
        permanent=outcome.permanent,
        status=outcome.status,
        error=outcome.error[:300],
    )
    if outcome.gone:
        disable(channel_id=found.channel_id, at=at, reason="The receiver answered that it is gone (410).")
    if found.lane == Lane.REGISTRY and ONCE not in found.payload:
        _rest(found.channel_id, outcome, at)
    if outcome.succeeded and found.state != NotificationState.DELIVERED:
        _finish(found, NotificationState.DELIVERED, at, "")
    elif found.state == NotificationState.PENDING and found.attempts == claimed.number:
        _after_failure(found, outcome, at, jitter)


def _after_failure(found: Notification, outcome: Outcome, at: datetime, jitter: float) -> None:
    pause = wait(tier=found.tier, tried=found.attempts, jitter=jitter, retry_after=outcome.retry_after)
    if outcome.permanent or pause is None or ONCE in found.payload:
        _finish(found, NotificationState.GIVEN_UP, at, outcome.error)
        return
    found.not_before, found.lease_until, found.last_error = at + pause, None, outcome.error[:300]
    found.save(update_fields=["not_before", "lease_until", "last_error"])


def _rest(channel_id: int, outcome: Outcome, at: datetime) -> None:
    """Let a receiver that failed rest, and one that answered again be served at once. Its row is locked."""
    channel = Channel.objects.filter(pk=channel_id)
    if outcome.succeeded:
        channel.filter(failures__gt=0).update(failures=0, resting_until=None)
    elif not outcome.permanent:
        failures = channel.values_list("failures", flat=True).get() + 1
        channel.update(failures=failures, resting_until=at + rest(failures=failures, retry_after=outcome.retry_after))


@transaction.atomic
def disable(*, channel_id: int, at: datetime, reason: str, by: Actor = DELIVERY) -> None:
    """Turn a channel off; what waits for it is given up, visibly, when its turn comes. Raises AccessDenied."""
    if isinstance(by, Account):
        require(by, Permission.ROUTE_MANAGE)
    turned = Channel.objects.filter(pk=channel_id, disabled_at__isnull=True)
    if turned.update(disabled_at=at, disabled_reason=reason):
        record(by=by, action="channel.disabled", on=("channel", str(channel_id)), body={"reason": reason})


@transaction.atomic
def enable(*, channel_id: int, at: datetime, by: Account) -> None:
    """Turn a channel on again; what was given up meanwhile stays given up. Raises AccessDenied."""
    require(by, Permission.ROUTE_MANAGE)
    turned = Channel.objects.filter(pk=channel_id, disabled_at__isnull=False)
    if turned.update(disabled_at=None, disabled_reason=""):
        record(by=by, action="channel.enabled", on=("channel", str(channel_id)), body={"at": at})


@transaction.atomic
def send_test(*, channel: Channel, at: datetime, by: Account) -> str:
    """Put a test message to a channel into the outbox; return its key. Raises AccessDenied."""
    require(by, Permission.ROUTE_MANAGE)
    key = f"test:{channel.pk}:{uuid.uuid4().hex}"
    text = f"{by} asked for this message to see that the channel {channel} works."
    payload = {"title": "Test message from Redline", "text": text, "path": "/alerts/routes/", "thread": key}
    person = by.pk if channel.kind == ChannelKind.EMAIL else None
    enqueue(channel_id=channel.pk, recipient_id=person, tier=Tier.PAGE, dedup_key=key, payload=payload, at=at)
    record(by=by, action="channel.tested", on=channel, body={"key": key})
    return key
