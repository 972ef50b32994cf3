"""Platforms asked again soon after they told of something: what a webhook leaves out, the platform answers.

The body of Arize's monitor webhook is not published, so a delivery may be held or tell no number. The sweep that
follows it reads the monitor as it is. A W&B automation that tells of an unlinked version does not name the aliases
that stood on it; the sweep that follows sees where they stand now.
"""

import datetime as dt
from typing import Final

from django.db import transaction
from django.db.models import BinaryField, F, Func, IntegerField, Q, Value

from models_registry.telemetry.models import SourceKind, TelemetryEvent
from models_registry.telemetry.poll_models import Polling

TELLS: Final = {SourceKind.ARIZE: b"", SourceKind.WANDB: b"UNLINK_ARTIFACT"}
"""By kind, what is in a delivery that brings the next sweep forward."""
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
        idle, free, source__kind__in=TELLS, paused_at__isnull=True, failure_count=0, done_at__isnull=False,
        next_at__gt=at,
    )  # fmt: skip
    brought = 0
    rows = waiting.select_related("source").select_for_update(skip_locked=True, no_key=True, of=("self",))
    for polling in rows.order_by("pk"):
        assert polling.done_at is not None
        due = max(at, polling.done_at + AT_MOST_EVERY)
        if due < polling.next_at and _was_told(polling, polling.done_at):
            polling.next_at = due
            polling.save(update_fields=["next_at"])
            brought += 1
    return brought


def _was_told(polling: Polling, since: dt.datetime) -> bool:
    """Say whether a delivery came since then that brings the next sweep forward; the database reads the bodies."""
    newest = TelemetryEvent.objects.filter(source_id=polling.source_id).order_by("-pk").values("pk")[:LOOKED_AT]
    fresh = TelemetryEvent.objects.filter(pk__in=newest, received_at__gt=since).exclude(event_id__startswith="poll:")
    mark = Value(TELLS[SourceKind(polling.source.kind)], output_field=BinaryField())
    place = Func(mark, F("raw"), function="POSITION", arg_joiner=" IN ", output_field=IntegerField())
    return fresh.annotate(place=place).filter(place__gt=0).exists()
