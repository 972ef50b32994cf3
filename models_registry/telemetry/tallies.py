"""Books kept by counting: writers append tallies beside their work, one fold a second adds them up.

A row per source that every worker updates would make all of them wait for each other; appending does not.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from django.db import connection, transaction

from models_registry.telemetry.models import EventState, Tally, TelemetryEvent
from models_registry.telemetry.tally_sql import FOLD

COLUMNS = {EventState.DONE: "done", EventState.QUARANTINED: "quarantined", EventState.DEAD: "dead"}


def ended(events: Iterable[TelemetryEvent], *, state: EventState, at: dt.datetime) -> None:
    """Count events that ended in this state, in the caller's transaction."""
    day = at.astimezone(dt.UTC).date()
    found: Counter[int] = Counter()
    today: Counter[int] = Counter()
    for event in events:
        found[event.source_id] += 1
        today[event.source_id] += event.received_at.astimezone(dt.UTC).date() == day
    Tally.objects.bulk_create(
        Tally(source_id=source, day=day, today=today[source], **{COLUMNS[state]: count})
        for source, count in sorted(found.items())
    )


def taken_up_again(events: Iterable[TelemetryEvent], *, at: dt.datetime) -> None:
    """Count held events back out of the state they are in, because they will be measured again."""
    day = at.astimezone(dt.UTC).date()
    Tally.objects.bulk_create(
        Tally(
            source_id=event.source_id,
            day=day,
            today=-int(event.received_at.astimezone(dt.UTC).date() == day),
            **{COLUMNS[EventState(event.state)]: -1},
        )
        for event in events
    )


@transaction.atomic
def fold() -> int:
    """Add the waiting tallies to the books and return how many sources they were of."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD)
        sources: int = cursor.rowcount
    return sources
