"""Open, join, answer and close alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from alerts.delivery.actions import cancel_pending
from alerts.inbox.models import Alert, AlertState, Annotation, Snooze
from governance.vocabulary import Tier
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied, require
from models_registry.audit.actions import record


class AlreadyAnswered(Exception):
    """Somebody has answered this alert already."""

    http_status = 409

    def __init__(self, alert: Alert) -> None:
        super().__init__(f"This alert is {alert.get_state_display().lower()} already.")
        self.alert = alert


class NothingWritten(Exception):
    """A note needs some words."""

    http_status = 400


@dataclass(frozen=True)
class Told:
    """What became of an alert when an entry arrived: it was opened, or joined, or joined and made louder."""

    alert: Alert
    opened: bool
    escalated: bool


@transaction.atomic
def open_or_join(
    *,
    fingerprint: str,
    tier: Tier,
    title: str,
    body: str,
    url: str,
    model_id: int | None,
    risk_id: int | None,
    at: datetime,
) -> Told:
    """Open the alert of this fingerprint, or join the one that is open; the row stays locked.

    A louder tier makes an acknowledged alert open again, and ends who put it off: what was seen is not what is
    there now.
    """
    opened = _open(
        Alert(
            fingerprint=fingerprint,
            tier=tier,
            title=title,
            body=body,
            url=url,
            model_id=model_id,
            risk_id=risk_id,
            opened_at=at,
            last_at=at,
        )
    )
    if opened is not None:
        return Told(opened, opened=True, escalated=False)
    found = _locked(fingerprint)
    if found is None:  # resolved by somebody between the two statements
        return open_or_join(
            fingerprint=fingerprint,
            tier=tier,
            title=title,
            body=body,
            url=url,
            model_id=model_id,
            risk_id=risk_id,
            at=at,
        )
    return _join(found, tier=tier, title=title, body=body, url=url, at=at)


def _open(alert: Alert) -> Alert | None:
    """Insert the alert, or return None when one is open: the partial unique index decides the race."""
    try:
        with transaction.atomic():
            alert.save(force_insert=True)
    except IntegrityError:
        return None
    return alert


def _locked(fingerprint: str) -> Alert | None:
    still_open = Alert.objects.select_for_update().exclude(state=AlertState.RESOLVED)
    return still_open.filter(fingerprint=fingerprint).first()


def _join(found: Alert, *, tier: Tier, title: str, body: str, url: str, at: datetime) -> Told:
    escalated = tier < found.tier
    found.occurrence_count += 1
    found.last_at = max(found.last_at, at)
    found.title, found.body, found.url = title, body, url
    if escalated:
        found.tier, found.state = tier, AlertState.OPEN
        found.acknowledged_at = found.acknowledged_by = None
        Snooze.objects.filter(alert=found).running(at=at).update(ended_at=at)
    found.save()
    return Told(found, opened=False, escalated=escalated)


@transaction.atomic
def ease(*, fingerprint: str, at: datetime) -> Alert | None:
    """Note on the open alert, if there is one, that its matter became smaller; return it."""
    found = _locked(fingerprint)
    if found is not None:
        found.last_at = max(found.last_at, at)
        found.save(update_fields=["last_at"])
    return found


@transaction.atomic
def settle(*, fingerprint: str, at: datetime) -> Alert | None:
    """Resolve the open alert, if there is one, because its matter is over; return it."""
    found = _locked(fingerprint)
    if found is not None:
        _resolve(found, at, "The matter was over before this was sent.")
    return found


def _resolve(found: Alert, at: datetime, reason: str) -> None:
    found.state, found.resolved_at = AlertState.RESOLVED, at
    found.save(update_fields=["state", "resolved_at"])
    cancel_pending(alert_id=found.pk, at=at, reason=reason)


def answerable(by: Account, alert_id: int) -> Alert:
    """Return the alert, locked, for somebody who may answer it. Raises AccessDenied."""
    found = Alert.objects.select_for_update(of=("self",)).select_related("model").get(pk=alert_id)
    require(by, Permission.ALERT_ACKNOWLEDGE, on=found)
    return found


@transaction.atomic
def acknowledge(*, by: Account, at: datetime, alert_id: int) -> Alert:
    """Take the alert on: nobody is told again until it grows louder. Raises AlreadyAnswered, AccessDenied."""
    found = answerable(by, alert_id)
    if found.state != AlertState.OPEN:
        raise AlreadyAnswered(found)
    found.state, found.acknowledged_at, found.acknowledged_by = AlertState.ACKNOWLEDGED, at, by
    found.save(update_fields=["state", "acknowledged_at", "acknowledged_by"])
    withdrawn = cancel_pending(alert_id=found.pk, at=at, reason=f"{by} acknowledged the alert.")
    seconds = int((at - found.opened_at).total_seconds())
    body = {"title": found.title, "tier": found.tier, "withdrawn": withdrawn, "after_seconds": seconds}
    record(by=by, action="alert.acknowledged", on=found, body=body)
    return found


def acknowledge_each(
    *, by: Account, at: datetime, alert_ids: Sequence[int], note: str = ""
) -> tuple[list[Alert], list[str]]:
    """Take many alerts on, each by `acknowledge` alone, with a note copied to each.

    Returns those that were taken, and in words why the others were not.
    """
    done: list[Alert] = []
    refused: list[str] = []
    for alert_id in alert_ids:
        try:
            with transaction.atomic():
                done.append(acknowledge(by=by, at=at, alert_id=alert_id))
                if note.strip():
                    annotate(by=by, at=at, alert_id=alert_id, text=note)
        except (AlreadyAnswered, AccessDenied) as reason:
            refused.append(f"Alert {alert_id}: {reason}")
    return done, refused


@transaction.atomic
def annotate(*, by: Account, at: datetime, alert_id: int, text: str) -> Annotation:
    """Write a note on the alert. Raises NothingWritten, AccessDenied."""
    found = answerable(by, alert_id)
    if not text.strip():
        raise NothingWritten(NothingWritten.__doc__)
    note = Annotation.objects.create(alert=found, text=text.strip(), by=by, at=at)
    record(by=by, action="alert.annotated", on=found, body={"note": note.pk, "text": note.text})
    return note


@transaction.atomic
def resolve(*, by: Account, at: datetime, alert_id: int) -> Alert:
    """Close the alert by hand; the next entry about it opens a new one. Raises AlreadyAnswered."""
    found = answerable(by, alert_id)
    if found.state == AlertState.RESOLVED:
        raise AlreadyAnswered(found)
    _resolve(found, at, f"{by} resolved the alert.")
    record(by=by, action="alert.resolved", on=found, body={"title": found.title, "tier": found.tier})
    return found
