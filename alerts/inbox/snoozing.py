"""Put an alert off: it leaves one person's list of what waits, until a time that must be named.

Nothing is silenced: the alert stays open for everybody, the clock of its answer runs, and the duty behind
it stands on the board and in the inbox. Who put it off, and until when, is shown to all and in the trail.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.db import transaction

from alerts.inbox.actions import AlreadyAnswered, answerable
from alerts.inbox.models import Alert, AlertState, Snooze
from models_registry.access.models import Account
from models_registry.access.rights import AccessDenied
from models_registry.audit.actions import record

LONGEST = timedelta(days=7)
MORNING = time(8)


class SnoozeNotFit(Exception):
    """A snooze needs an end that is to come, a week away at most."""

    http_status = 400


class NotSnoozed(Exception):
    """This alert is not put off by you."""

    http_status = 409


def endings(now: datetime) -> dict[str, tuple[str, datetime]]:
    """Return by a word what a snooze offers: a label and its end, in the zone that ``now`` is in."""
    tomorrow = _morning(now, 1)
    monday = _morning(now, 7 - now.weekday())
    found = {
        "1h": ("For 1 hour", now + timedelta(hours=1)),
        "4h": ("For 4 hours", now + timedelta(hours=4)),
        "tomorrow": (f"Until tomorrow, {tomorrow:%H:%M}", tomorrow),
        "monday": (f"Until Monday, {monday:%H:%M}", monday),
    }
    return {word: pair for word, pair in found.items() if word != "monday" or monday != tomorrow}


def _morning(now: datetime, days: int) -> datetime:
    return datetime.combine(now.date() + timedelta(days=days), MORNING, tzinfo=now.tzinfo)


@transaction.atomic
def snooze(*, by: Account, at: datetime, alert_id: int, until: datetime) -> Snooze:
    """Put an open alert off for this person; putting it off again moves its end.

    Raises SnoozeNotFit, AlreadyAnswered, AccessDenied.
    """
    if not at < until <= at + LONGEST:
        raise SnoozeNotFit(f"An alert is put off for {LONGEST.days} days at most, and to a time that is to come.")
    found = answerable(by, alert_id)
    if found.state != AlertState.OPEN:
        raise AlreadyAnswered(found)
    Snooze.objects.filter(alert=found, by=by, ended_at__isnull=True).update(ended_at=at)
    begun = Snooze.objects.create(alert=found, by=by, at=at, until=until)
    body = {"title": found.title, "tier": found.tier, "until": until.isoformat()}
    record(by=by, action="alert.snoozed", on=found, body=body)
    return begun


@transaction.atomic
def end_snooze(*, by: Account, at: datetime, alert_id: int) -> Alert:
    """Take an alert back onto this person's list. Raises NotSnoozed, AccessDenied."""
    found = answerable(by, alert_id)
    if not Snooze.objects.running(at=at).filter(alert=found, by=by).update(ended_at=at):
        raise NotSnoozed(f"{found.title} is not put off by you.")
    record(by=by, action="alert.snooze_ended", on=found, body={"title": found.title, "tier": found.tier})
    return found


def snooze_each(
    *, by: Account, at: datetime, alert_ids: Sequence[int], until: datetime
) -> tuple[list[Snooze], list[str]]:
    """Put many off, each by `snooze` alone; return what was, and in words why the others were not."""
    done: list[Snooze] = []
    refused: list[str] = []
    for alert_id in alert_ids:
        try:
            done.append(snooze(by=by, at=at, alert_id=alert_id, until=until))
        except (AlreadyAnswered, AccessDenied) as reason:
            refused.append(f"Alert {alert_id}: {reason}")
    return done, refused
