"""Notices kept: added up at their source, in the transaction that measures their event."""

from collections.abc import Iterable
from typing import Final

from django.db import connection

from models_registry.telemetry.models import TelemetryEvent
from models_registry.telemetry.notice_models import SourceNotice
from models_registry.telemetry.notices import Notice

SUBJECTS_KEPT: Final = 200
"""How many subjects of one sort are told apart at a source; the rest are counted together."""
THE_REST: Final = "(further ones)"

_ADD: Final = """
INSERT INTO telemetry_notice AS held (source_id, code, subject, count, first_at, last_at, newest_event)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (source_id, code, subject) DO UPDATE SET
    count = held.count + excluded.count,
    first_at = least(held.first_at, excluded.first_at),
    last_at = greatest(held.last_at, excluded.last_at),
    newest_event = greatest(held.newest_event, excluded.newest_event)
"""


def note(found: Iterable[tuple[TelemetryEvent, tuple[Notice, ...]]]) -> None:
    """Add what the events told to their sources' notices. Rows are taken in one order, so that writers never cross."""
    told = [(event, notice) for event, notices in found for notice in notices]
    if not told:
        return
    kept = SourceNotice.objects.filter(source_id__in={event.source_id for event, _ in told})
    known = set(kept.values_list("source_id", "code", "subject"))
    rows: dict[tuple[int, str, str], tuple[int, TelemetryEvent, TelemetryEvent]] = {}
    for event, notice in sorted(told, key=lambda each: each[0].pk):
        key = _key(known, event.source_id, notice)
        known.add(key)
        count, first, last = rows.get(key, (0, event, event))
        first = min(first, event, key=lambda each: each.received_at)
        last = max(last, event, key=lambda each: each.received_at)
        rows[key] = (count + notice.count, first, last)
    with connection.cursor() as cursor:
        cursor.executemany(
            _ADD,
            [
                (*key, count, first.received_at, last.received_at, last.pk)
                for key, (count, first, last) in sorted(rows.items())
            ],
        )


def _key(known: set[tuple[int, str, str]], source_id: int, notice: Notice) -> tuple[int, str, str]:
    key = (source_id, notice.code, notice.subject)
    if key in known:
        return key
    of_a_sort = sum(1 for source, code, _ in known if source == source_id and code == notice.code)
    return key if of_a_sort < SUBJECTS_KEPT else (source_id, notice.code, THE_REST)
