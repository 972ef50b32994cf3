"""Monitors read again soon after their platform told of one: what a webhook leaves out, the platform answers.

The body of Arize's monitor webhook is not published, so a delivery may be held or tell no number. The sweep that
follows it reads the monitor as it is.
"""

import datetime as dt
from typing import Final

from django.db import transaction
from django.db.models import Q

from models_registry.telemetry.models import SourceKind, TelemetryEvent
from models_registry.telemetry.poll_models import Polling

KINDS: Final = (SourceKind.ARIZE,)
AT_MOST_EVERY: Final = dt.timedelta(seconds=30)
LOOKED_AT: Final = 50
"""So many of a source's newest events are looked at for a delivery."""


@transaction.atomic
def ask_again(*, at: dt.datetime) -> int:
    """Bring the next sweep forward where a delivery came after the last one; return for how many sources.

    What is paused, being asked, or told to wait is left alone.
    """
    idle = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
    free = Q(held_until__isnull=True) | Q(held_until__lte=at)
    waiting = Polling.objects.filter(
        idle, free, source__kind__in=KINDS, paused_at__isnull=True, failure_count=0, done_at__isnull=False,
        next_at__gt=at,
    )  # fmt: skip
    brought = 0
    for polling in waiting.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("pk"):
        assert polling.done_at is not None
        due = max(at, polling.done_at + AT_MOST_EVERY)
        if due < polling.next_at and _was_told(polling.source_id, polling.done_at):
            polling.next_at = due
            polling.save(update_fields=["next_at"])
            brought += 1
    return brought


def _was_told(source_id: int, since: dt.datetime) -> bool:
    newest = TelemetryEvent.objects.filter(source_id=source_id).order_by("-pk")
    rows = newest.values_list("event_id", "received_at")[:LOOKED_AT]
    return any(received_at > since and not event_id.startswith("poll:") for event_id, received_at in rows)
