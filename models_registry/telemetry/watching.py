"""Which fields sources send: counted behind the line, so that a new one is seen before anybody misses it.

A follower reads each event once, in the order of its transactions, never past one that may still commit. It
keeps places, kinds and counts, and no values. Fields that the mapping in force reads are told apart when the
page is shown, so that saving a mapping needs no counting again.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from models_registry.telemetry import drafting, trees
from models_registry.telemetry.catalogue_models import FieldWatch, SeenField
from models_registry.telemetry.models import MappingVersion, Source, SourceKind
from models_registry.telemetry.readings import Unreadable
from models_registry.telemetry.strict_json import loads

FIELDS_KEPT: Final = 500
"""Fields of one source that are listed; a sender that writes ids into its keys would have any number."""
AT_ONCE: Final = 500
"""Events of one source that are looked at in one go."""
SLACK: Final = 1_000
"""So many numbers back an event may still have been uncommitted when a later one was looked at."""
MAPPED_KINDS: Final = (SourceKind.GENERIC_JSON, SourceKind.ARIZE)
"""Kinds that a mapping reads. The others have a form of their own, in which further fields are usual."""

_NEXT: Final = """
SELECT id, xid::text::bigint, received_at, raw FROM telemetry_event
WHERE source_id = %s AND id > %s AND xid < pg_snapshot_xmin(pg_current_snapshot())
  AND (xid::text::bigint, id) > (%s, %s)
ORDER BY xid, id LIMIT %s
"""

_COUNT: Final = """
INSERT INTO telemetry_seen_field AS held (source_id, path, kind, count, first_seen_at, last_seen_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (source_id, path, kind) DO UPDATE SET count = held.count + excluded.count,
    first_seen_at = least(held.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(held.last_seen_at, excluded.last_seen_at)
"""

type Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Unread:
    """A field that nothing reads. ``is_new`` says that it came after the mapping in force and the first event."""

    path: str
    kind: str
    count: int
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    is_new: bool
    before: str = ""


@dataclass(frozen=True, slots=True)
class Unreads:
    """The fields of a source that nothing reads, new ones first, and how often one was not listed."""

    fields: Sequence[Unread] = ()
    over_count: int = 0

    @property
    def new(self) -> Sequence[Unread]:
        """Those that came after the mapping in force."""
        return [each for each in self.fields if each.is_new]


def look(*, at: dt.datetime) -> int:
    """Count the fields of events that were not looked at yet and return how many events were."""
    sources = Source.objects.filter(kind__in=MAPPED_KINDS, disabled_at__isnull=True).order_by("pk")
    return sum(_look_at(pk, at) for pk in sources.values_list("pk", flat=True))


def unread(*, source: Source, active: MappingVersion | None) -> Unreads:
    """Return the fields of a source that its mapping does not read."""
    if source.kind not in MAPPED_KINDS or (active is None and source.kind != SourceKind.GENERIC_JSON):
        return Unreads()
    read = drafting.read_paths(active.document) if active is not None else set()
    rows = list(SeenField.objects.filter(source=source).order_by("-first_seen_at", "path", "kind"))
    first_kinds: dict[str, SeenField] = {}
    for row in sorted(rows, key=lambda each: (each.first_seen_at, each.kind)):
        first_kinds.setdefault(row.path, row)
    began = min((row.first_seen_at for row in rows), default=None)
    since = max(active.activated_at, began) if active is not None and active.activated_at and began else None
    listed = [_as_unread(row, first_kinds[row.path], since) for row in rows if not _is_read(row, read, first_kinds)]
    watch = FieldWatch.objects.filter(source=source).first()
    return Unreads(sorted(listed, key=lambda each: not each.is_new), watch.over_count if watch else 0)


def _as_unread(row: SeenField, first: SeenField, since: dt.datetime | None) -> Unread:
    return Unread(
        path=row.path,
        kind=row.kind,
        count=row.count,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        is_new=since is not None and row.first_seen_at > since,
        before=first.kind if first.pk != row.pk else "",
    )


def _is_read(row: SeenField, read: set[str], first: Mapping[str, SeenField]) -> bool:
    """Say whether the mapping reads this field; one that changed its kind is told, read or not."""
    return row.path in read and first[row.path].pk == row.pk


@transaction.atomic
def _look_at(source_id: int, at: dt.datetime) -> int:
    FieldWatch.objects.get_or_create(source_id=source_id, defaults={"looked_at": at})
    watch = FieldWatch.objects.select_for_update(skip_locked=True).filter(source_id=source_id).first()
    if watch is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [source_id, watch.looked_to - SLACK, watch.looked_xid, watch.looked_to, AT_ONCE])
        events = cursor.fetchall()
    if not events:
        return 0
    found = _fields((received_at, bytes(raw)) for _, _, received_at, raw in events)
    over = _keep(source_id, found)
    watch.looked_to, watch.looked_xid = events[-1][:2]
    watch.over_count += over
    watch.looked_at = at
    watch.save()
    return len(events)


def _fields(events: Iterable[tuple[dt.datetime, bytes]]) -> dict[Key, tuple[int, dt.datetime, dt.datetime]]:
    found: dict[Key, tuple[int, dt.datetime, dt.datetime]] = {}
    for received_at, raw in events:
        try:
            document = loads(raw)
        except Unreadable:
            continue
        for key in trees.fields(document):
            count, first, last = found.get(key, (0, received_at, received_at))
            found[key] = count + 1, min(first, received_at), max(last, received_at)
    return found


def _keep(source_id: int, found: Mapping[Key, tuple[int, dt.datetime, dt.datetime]]) -> int:
    """Add the counts of fields and return how many were left out, because the source has too many."""
    known = set(SeenField.objects.filter(source_id=source_id).values_list("path", "kind"))
    fresh = sorted(found.keys() - known)
    left_out = set(fresh[max(0, FIELDS_KEPT - len(known)) :])
    rows = [(source_id, *key, *found[key]) for key in sorted(found.keys() - left_out)]
    with connection.cursor() as cursor:
        cursor.executemany(_COUNT, rows)
    return len(left_out)
