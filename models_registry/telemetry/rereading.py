"""What was measured under a name before anyone said what it stands for, measured again under its metric.

Nothing that is on record changes: its numbers go through the line once more, in bulk, from a source of the house's
own that nobody can send to, under the metric's name and in the unit they came in. Each batch is named by the alias
and by the last measurement in it, so the same number never counts twice, and how far it came is known from the events.
The trail says what was asked for and what is done, so a reading goes on in another process where one ended.
"""

import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from django.db import connection, transaction
from django.db.models import BooleanField, Exists, F, Func, Max, OuterRef, QuerySet

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import TELEMETRY, Actor
from models_registry.audit.models import AuditEntry
from models_registry.telemetry import actions, catalogue_actions, source_actions, units
from models_registry.telemetry.catalogue_actions import AliasEnded
from models_registry.telemetry.catalogue_models import HouseAlias, Series
from models_registry.telemetry.metrics import ANY_SOURCE, plain_name
from models_registry.telemetry.models import EventState, Measurement, Source, SourceKind, TelemetryEvent

SOURCE: Final = ("Names read again", "names-read-again")
BATCH: Final = 2_000
WINDOW: Final = 50_000
"""So many measurements, of whatever name, are looked through in one step."""
WAITING: Final = 3
"""So many batches wait for the line at most: it takes turns with what comes in now."""
SPARE_S: Final = 0.2
"""How long of each second is worked on it."""
EXAMPLES: Final = 10
BEGAN, DONE = "metric.reading_began", "metric.read_again"

_SENT_BY = """
(%(kind)s = '*' OR EXISTS (SELECT FROM telemetry_event e JOIN telemetry_source s ON s.id = e.source_id
                            WHERE e.id = m.event_id AND s.kind = %(kind)s))
"""
_LEFT = f"""
FROM telemetry_series one JOIN telemetry_measurement m
  ON (m.model_id, m.metric, m.environment, m.segment) = (one.model_id, one.metric, one.environment, one.segment)
WHERE one.metric = ANY(%(names)s) AND m.id > %(after)s AND {_SENT_BY}
"""
_COUNT = (
    f"SELECT m.unit, count(*), count(DISTINCT m.model_id), min(m.observed_at), max(m.observed_at) {_LEFT} GROUP BY 1"
)
_SHAPED = """
SELECT m.id, r.slug, v.number, m.value, m.unit, m.environment, m.segment, m.observed_at FROM ({}) m
JOIN catalog_model r ON r.id = m.model_id LEFT JOIN catalog_version v ON v.id = m.version_id
ORDER BY m.id
"""
_FIRST = _SHAPED.format(f"SELECT m.* {_LEFT} AND m.unit = ANY(%(units)s) ORDER BY m.id LIMIT %(limit)s")
_NEXT = _SHAPED.format(
    f"""SELECT m.* FROM telemetry_measurement m
    WHERE m.id > %(after)s AND m.id <= %(upto)s AND m.metric = ANY(%(names)s) AND {_SENT_BY}
    ORDER BY m.id LIMIT %(limit)s"""  # noqa: S608 - constants only
)
_BOUNDS = (
    "SELECT (SELECT min(id) FROM telemetry_measurement WHERE id > %s), (SELECT max(id) FROM telemetry_measurement)"
)


class NothingToRead(Exception):
    """Nothing is left that was measured under this name."""

    http_status = 409


class ReadingStands(Exception):
    """What was measured under this name is being read again already."""

    http_status = 409


@dataclass(frozen=True, slots=True)
class Stored:
    """One measurement under its old name, and what it becomes."""

    pk: int
    model: str
    version: int | None
    value: float
    unit: str
    environment: str
    segment: str
    observed_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """What reading a name again would do. ``unfit`` counts by unit what cannot be turned into the metric's."""

    names: Sequence[str]
    count: int
    models: int
    first_at: dt.datetime | None
    last_at: dt.datetime | None
    unfit: Mapping[str, int]
    examples: Sequence[tuple[Stored, float]]
    kept_unit: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a reading is: of ``count`` measurements ``written`` are under the metric, ``held`` batches are held back.

    ``asked_by`` is who asked for it; ``done_at`` is None while it goes on.
    """

    count: int
    written: int
    held: int
    asked_by: str
    asked_at: dt.datetime
    done_at: dt.datetime | None

    @property
    def percent(self) -> int:
        """The share in whole percent, 100 only when it is done."""
        return 100 if self.done_at else min(99, 100 * self.written // max(1, self.count))


def names_of(alias: HouseAlias) -> list[str]:
    """Return the names, as they are measured, that an alias explains."""
    heard = Series.objects.values_list("metric", flat=True).distinct()
    return sorted(name for name in heard if plain_name(name) == alias.name and name != alias.metric)


def preview(*, alias: HouseAlias) -> Preview:
    """Return what is left to be read again under an alias, with the newest numbers as they would become."""
    kept = catalogue_actions.unit_of(alias.metric)
    asked = _asked(alias)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, asked)
        counted = cursor.fetchall()
    fit = [row for row in counted if _factor(row[0], alias, kept) is not None]
    rows = _rows(_FIRST, asked | {"units": [row[0] for row in fit], "limit": EXAMPLES})
    return Preview(
        names=asked["names"],
        count=sum(row[1] for row in fit),
        models=max((row[2] for row in fit), default=0),
        first_at=min((row[3] for row in fit), default=None),
        last_at=max((row[4] for row in fit), default=None),
        unfit={unit or alias.unit: number for unit, number, *_ in counted if _factor(unit, alias, kept) is None},
        examples=[(row, _becomes(row, alias, kept)) for row in rows],
        kept_unit=kept,
    )


@transaction.atomic
def ask(*, by: Actor, at: dt.datetime, alias: HouseAlias) -> int:
    """Have what was measured under an alias's name read again, and return how many measurements that are.

    They are read beside the line, see `advance`. Raises AccessDenied, AliasEnded, NothingToRead and ReadingStands.
    """
    if isinstance(by, Account):
        require(by, Permission.SOURCE_MANAGE)
    held = HouseAlias.objects.select_for_update().get(pk=alias.pk)
    if held.ended_at is not None:
        raise AliasEnded
    if standing().filter(object_id=str(held.pk)).exists():
        raise ReadingStands(ReadingStands.__doc__)
    count = preview(alias=held).count
    if not count:
        raise NothingToRead(NothingToRead.__doc__)
    _source(by, at)
    newest = TelemetryEvent.objects.aggregate(pk=Max("pk"))["pk"] or 0
    body = {"at": at, "name": held.name, "metric": held.metric, "count": count, "after_event": newest}
    record(by=by, action=BEGAN, on=held, body=body)
    return count


def standing() -> QuerySet[AuditEntry]:
    """Return the entries of the trail that asked for readings which are not done, the oldest first."""
    done = AuditEntry.objects.filter(
        action=DONE, object_type=OuterRef("object_type"), object_id=OuterRef("object_id"), pk__gt=OuterRef("pk")
    )
    return AuditEntry.objects.filter(~Exists(done), action=BEGAN).order_by("pk")


def reading(*, alias: HouseAlias) -> Reading | None:
    """Return how far the newest reading of an alias is, None when nobody asked for one."""
    told = AuditEntry.objects.filter(object_type=HouseAlias._meta.model_name, object_id=str(alias.pk))
    began = told.filter(action=BEGAN).newest_first().first()
    if began is None:
        return None
    done = told.filter(action=DONE, pk__gt=began.pk).first()
    sent = _sent(alias, began)
    return Reading(
        count=began.body["count"],
        written=_written(sent),
        held=sent.filter(state__in=[EventState.QUARANTINED, EventState.DEAD]).count(),
        asked_by=began.actor_name,
        asked_at=began.at,
        done_at=done.at if done else None,
    )


def work(*, at: dt.datetime) -> int:
    """Read names again for a part of a second; return how many steps were taken."""
    ends, steps = time.monotonic() + SPARE_S, 0
    while time.monotonic() < ends and (taken := sum(advance(entry=entry, at=at) for entry in _ready())):
        steps += taken
    return steps


def advance(*, entry: AuditEntry, at: dt.datetime) -> bool:
    """Send the next measurements of a reading through the line; return whether anything was done.

    A reading ends when all was looked through and its batches are measured, or when the alias ends. Nothing is done
    while another process does it, or while enough batches wait for the line.
    """
    after = _looked_to.pop(entry.pk, 0)
    with transaction.atomic():
        rows = HouseAlias.objects.select_for_update(skip_locked=True)
        alias = rows.filter(pk=entry.object_id).first()
        if alias is None or not standing().filter(pk=entry.pk).exists():
            return False
        did, reached = _advanced(alias, entry, max(after, _reached(alias)), at)
    if reached is not None:
        _looked_to[entry.pk] = reached  # not before the commit, for what was rolled back is looked through again
    return did


_looked_to: dict[int, int] = {}
"""How far this process looked, by the entry that asked; another process begins after the last batch."""
_ALL: Final = 2**63 - 1


def _advanced(alias: HouseAlias, entry: AuditEntry, after: int, at: dt.datetime) -> tuple[bool, int | None]:
    """Return whether anything was done, and how far it was looked through; None when there is nothing more to do."""
    sent = _sent(alias, entry)
    waiting = sent.filter(state=EventState.NEW).count()
    if waiting >= WAITING:
        return False, after
    first, last = _bounds(after)
    if alias.ended_at is None and first is not None:
        reached = _step(alias, after=after, upto=min(first + WINDOW, last), at=at)
        return True, _ALL if reached == last else reached
    if waiting:
        return False, after
    body = {"at": at, "name": alias.name, "metric": alias.metric, "count": _written(sent)}
    record(by=TELEMETRY, action=DONE, on=alias, body=body)
    return True, None


def _ready() -> list[AuditEntry]:
    """Return the readings that nothing can be missed by: whatever was being measured when they began is committed."""
    settled = "%(expressions)s < pg_snapshot_xmin(pg_current_snapshot())"
    return list(standing().filter(Func(F("xid"), template=settled, output_field=BooleanField())))


def _step(alias: HouseAlias, *, after: int, upto: int, at: dt.datetime) -> int:
    """Send what lies in a window of the measurements, at most one batch; return how far it was looked through."""
    rows = _rows(_NEXT, _asked(alias) | {"after": after, "upto": upto, "limit": BATCH})
    kept = catalogue_actions.unit_of(alias.metric)
    fit = [row for row in rows if _factor(row.unit, alias, kept) is not None]
    if fit:
        _send(Source.objects.get(slug=SOURCE[1]), alias, fit, at)
    return rows[-1].pk if len(rows) == BATCH else upto


def _sent(alias: HouseAlias, entry: AuditEntry) -> QuerySet[TelemetryEvent]:
    """Return the batches of a reading."""
    return _batches(alias).filter(pk__gt=entry.body["after_event"])


def _batches(alias: HouseAlias) -> QuerySet[TelemetryEvent]:
    return TelemetryEvent.objects.filter(source__slug=SOURCE[1], event_id__startswith=f"id:{_prefix(alias)}")


def _written(sent: QuerySet[TelemetryEvent]) -> int:
    return Measurement.objects.filter(event_id__in=list(sent.values_list("pk", flat=True))).count()


def _bounds(after: int) -> tuple[int | None, int]:
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDS, [after])
        first, last = cursor.fetchone()
    return first, last or 0


def _asked(alias: HouseAlias) -> dict[str, Any]:
    return {"names": names_of(alias), "after": _reached(alias), "kind": alias.source_kind or ANY_SOURCE}


def _rows(statement: str, asked: Mapping[str, Any]) -> list[Stored]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return [Stored(*row) for row in cursor.fetchall()]


def _reached(alias: HouseAlias) -> int:
    """Return the last measurement that was read again under this alias."""
    names = _batches(alias).values_list("event_id", flat=True)
    return max((int(name.rpartition("-")[2]) for name in names), default=0)


def _prefix(alias: HouseAlias) -> str:
    return f"alias-{alias.pk}-"


def _send(source: Source, alias: HouseAlias, rows: Sequence[Stored], at: dt.datetime) -> None:
    body = msgspec.json.encode({"read_again": alias.name, "measurements": list(_measurements(alias, rows))})
    headers = {"content-type": "application/json", "idempotency-key": f"{_prefix(alias)}{rows[-1].pk}"}
    actions.receive(source=source, body=body, headers=headers, at=at)


def _measurements(alias: HouseAlias, rows: Sequence[Stored]) -> Iterator[dict[str, Any]]:
    for row in rows:
        told = {
            "model": row.model,
            "metric": alias.metric,
            "value": row.value,
            "environment": row.environment,
            "observed_at": row.observed_at,
        }
        if row.version is not None:
            told["version"] = str(row.version)
        if row.unit or alias.unit:
            told["unit"] = row.unit or alias.unit
        if row.segment:
            told["segment"] = row.segment
        yield told


def _factor(unit: str, alias: HouseAlias, kept: str) -> float | None:
    """Return 1 or what a number is multiplied by; None when its unit means something else."""
    try:
        by = units.factor(unit or alias.unit, kept)
    except units.UnitMismatch:
        return None
    return 1.0 if by is None else float(by)


def _becomes(row: Stored, alias: HouseAlias, kept: str) -> float:
    by = units.factor(row.unit or alias.unit, kept)
    return row.value if by is None else units.converted(row.value, by)


def _source(by: Actor, at: dt.datetime) -> Source:
    """Return the source through which names are read again: the house's own, and switched off for everybody else."""
    name, slug = SOURCE
    found = Source.objects.filter(slug=slug).first()
    if found is None:
        found, _ = source_actions.create_source(by=by, at=at, name=name, kind=SourceKind.MEASUREMENTS.value)
        source_actions.disable_source(by=by, at=at, source=found)
    return found
