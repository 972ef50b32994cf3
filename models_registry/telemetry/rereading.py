"""What was measured under a name before anyone said what it stands for, measured again under its metric.

Nothing that is on record changes: its numbers go through the line once more, in bulk, from a source of the house's
own that nobody can send to, under the metric's name and in the unit they came in. Each batch is named by the alias
and by the last measurement in it, so the same number never counts twice, and what is left is known from the events.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from django.db import connection, transaction

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import Actor
from models_registry.telemetry import actions, catalogue_actions, source_actions, units
from models_registry.telemetry.catalogue_actions import AliasEnded
from models_registry.telemetry.catalogue_models import HouseAlias, Series
from models_registry.telemetry.metrics import ANY_SOURCE, plain_name
from models_registry.telemetry.models import Source, SourceKind, TelemetryEvent

SOURCE: Final = ("Names read again", "names-read-again")
BATCH: Final = 2_000
AT_ONCE: Final = 100_000
"""Measurements that one request sends through the line; what is left is offered again."""
EXAMPLES: Final = 10

_OF = """
FROM telemetry_measurement m
JOIN telemetry_event e ON e.id = m.event_id JOIN telemetry_source s ON s.id = e.source_id
WHERE m.metric = ANY(%(names)s) AND m.id > %(after)s AND (%(kind)s = '*' OR s.kind = %(kind)s)
"""
_COUNT = f"SELECT m.unit, count(*), count(DISTINCT m.model_id), min(m.observed_at), max(m.observed_at) {_OF} GROUP BY 1"
_ROWS = f"""
SELECT m.id, r.slug, v.number, m.value, m.unit, m.environment, m.segment, m.observed_at
FROM (SELECT m.* {_OF} AND m.unit = ANY(%(units)s) ORDER BY m.id LIMIT %(limit)s) m
JOIN catalog_model r ON r.id = m.model_id LEFT JOIN catalog_version v ON v.id = m.version_id
ORDER BY m.id
"""  # noqa: S608 - constants only


class NothingToRead(Exception):
    """Nothing is left that was measured under this name."""

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
    rows = _rows(asked | {"units": [row[0] for row in fit], "limit": EXAMPLES})
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
def read_again(*, by: Actor, at: dt.datetime, alias: HouseAlias, limit: int = AT_ONCE) -> int:
    """Send what was measured under an alias's name through the line again, and return how many measurements.

    At most ``limit`` at once. Raises AccessDenied, AliasEnded, and NothingToRead when nothing is left.
    """
    if isinstance(by, Account):
        require(by, Permission.SOURCE_MANAGE)
    held = HouseAlias.objects.select_for_update().get(pk=alias.pk)
    if held.ended_at is not None:
        raise AliasEnded
    fit = [unit for unit in _units(held) if _factor(unit, held, catalogue_actions.unit_of(held.metric)) is not None]
    source = _source(by, at)
    sent = 0
    while sent < limit:
        rows = _rows(_asked(held) | {"units": fit, "limit": min(BATCH, limit - sent)})
        if not rows:
            break
        _send(source, held, rows, at)
        sent += len(rows)
    if not sent:
        raise NothingToRead(NothingToRead.__doc__)
    body = {"at": at, "name": held.name, "metric": held.metric, "count": sent}
    record(by=by, action="metric.read_again", on=held, body=body)
    return sent


def _asked(alias: HouseAlias) -> dict[str, Any]:
    return {"names": names_of(alias), "after": _reached(alias), "kind": alias.source_kind or ANY_SOURCE}


def _units(alias: HouseAlias) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _asked(alias))
        return [unit for unit, *_ in cursor.fetchall()]


def _rows(asked: Mapping[str, Any]) -> list[Stored]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, asked)
        return [Stored(*row) for row in cursor.fetchall()]


def _reached(alias: HouseAlias) -> int:
    """Return the last measurement that was read again under this alias."""
    told = TelemetryEvent.objects.filter(source__slug=SOURCE[1], event_id__startswith=f"id:{_prefix(alias)}")
    return max((int(name.rpartition("-")[2]) for name in told.values_list("event_id", flat=True)), default=0)


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
