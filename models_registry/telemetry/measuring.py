"""Events read into measurements, a batch at a time: read, resolve names, then write or say why not."""

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models_registry.telemetry import adapters, naming, placements, resolving, series
from models_registry.telemetry.folding import SeriesRef
from models_registry.telemetry.models import MappingVersion, TelemetryEvent
from models_registry.telemetry.notices import Findings, Notice, merged
from models_registry.telemetry.readings import Problem, Reading, Unreadable
from models_registry.telemetry.writing import Row

PROBLEMS_TOLD = 20
REASON_LENGTH = 200
WEIGHTS, OBSERVED = "weight_digest_change_count", "observed_digest"
"""The metric that says whether weights changed, and the attribute of a reading that leaves this to the record."""
SHA256 = re.compile(r"[0-9a-f]{64}")
_new = tuple.__new__
"""Makes a named tuple of values in their order: half the cost of naming them, for every measurement."""


@dataclass(frozen=True)
class Read:
    """What one event gave: rows to write, or problems and nothing to write. `readings` is for the reader's eyes."""

    event_id: int
    received_at: dt.datetime
    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    readings: tuple[Reading, ...] = ()
    notices: tuple[Notice, ...] = ()
    new_series: frozenset[SeriesRef] = frozenset()

    @property
    def series(self) -> frozenset[SeriesRef]:
        """The series that the rows belong to."""
        return frozenset(row.series for row in self.rows)

    @property
    def reason(self) -> str:
        """The first problem's short form, or nothing."""
        return self.problems[0].reason[:REASON_LENGTH] if self.problems else ""

    @property
    def detail(self) -> str:
        """The first problems, one a line."""
        told = [f"{each.reason} {each.message}" for each in self.problems[:PROBLEMS_TOLD]]
        rest = len(self.problems) - len(told)
        return "\n".join([*told, f"and {rest} more"] if rest else told)


def read_events(events: Sequence[TelemetryEvent], *, mapping: Mapping[str, Any] | None = None) -> list[Read]:
    """Return what each event gives, in their order, with the same few queries for any number of events.

    ``mapping`` stands in for the sources' active mappings, to try one out. An
    event is read whole or not at all. Writes nothing.
    """
    documents = {} if mapping is not None else active_mappings({event.source_id for event in events})
    found = [_read_one(event, mapping if mapping is not None else documents.get(event.source_id)) for event in events]
    by_kind: dict[str, list[Reading]] = {}
    for event, (readings, _) in zip(events, found, strict=True):
        by_kind.setdefault(event.source.kind, []).extend(readings)
    names, changes = resolving.look_up(by_kind), _changes(by_kind)
    places = {kind: resolving.Places(names, kind) for kind in by_kind}
    read = [
        _resolve(event, *_renamed(*each, changes.get(event.source.kind)), places[event.source.kind], told=each[0])
        for event, each in zip(events, found, strict=True)
    ]
    return _within_limits(_with_placements(events, read))


def _with_placements(events: Sequence[TelemetryEvent], found: Sequence[Read]) -> list[Read]:
    """Return what was read, with what registries say of guarded aliases and stages measured beside it."""
    extra = placements.rows(events, after={each.event_id: len(each.readings) for each in found})
    return [
        replace(each, rows=(*each.rows, *extra[each.event_id]))
        if each.event_id in extra and not each.problems
        else each
        for each in found
    ]


def _changes(by_kind: Mapping[str, Collection[Reading]]) -> dict[str, dict[naming.Said, naming.Change]]:
    """Return, per kind of source, what its metrics and units are turned into."""
    said = {kind: {(each.metric, each.unit) for each in readings} for kind, readings in by_kind.items()}
    house = naming.house_names(names={metric for pairs in said.values() for metric, _ in pairs})
    return {kind: naming.changes(kind=kind, said=pairs, house=house) for kind, pairs in said.items()}


def _renamed(
    readings: Sequence[Reading], problems: Sequence[Problem], changes: Mapping[naming.Said, naming.Change] | None
) -> tuple[Sequence[Reading], Sequence[Problem]]:
    if not changes:
        return readings, problems
    named, found = naming.apply(readings, changes)
    return named, [*problems, *found]


def _within_limits(found: Sequence[Read]) -> list[Read]:
    """Return what was read, with a problem for events that would make more series than a metric may have."""
    touched = [each.series for each in found]
    new = series.unknown(one for own in touched for one in own)
    if not new:
        return list(found)
    over = series.named(series.over_limit(touched, new=new))
    return [
        replace(each, rows=(), problems=tuple(problems)) if problems else replace(each, new_series=own & new)
        for each, own, problems in zip(found, touched, over, strict=True)
    ]


def active_mappings(source_ids: Collection[int]) -> dict[int, Mapping[str, Any]]:
    """Return the active mapping of each source that has one: the one activated last."""
    rows = (
        MappingVersion.objects.filter(source_id__in=source_ids, activated_at__isnull=False)
        .order_by("source_id", "-activated_at", "-number")
        .distinct("source_id")
    )
    return dict(rows.values_list("source_id", "document"))


def _read_one(event: TelemetryEvent, mapping: Mapping[str, Any] | None) -> tuple[Sequence[Reading], Sequence[Problem]]:
    try:
        readings = adapters.read(
            event.source.kind,
            bytes(event.raw),
            headers=event.headers,
            mapping=mapping,
            received_at=event.received_at,
        )
    except Unreadable as error:
        return error.readings, error.problems
    return readings, ()


def _resolve(
    event: TelemetryEvent,
    readings: Sequence[Reading],
    problems: Sequence[Problem],
    places: resolving.Places,
    *,
    told: Sequence[Reading],
) -> Read:
    every, rows = list(problems), []
    aside, lenient = (list(told.notices), told.lenient) if isinstance(told, Findings) else ([], False)
    for ordinal, reading in enumerate(readings):
        model, version, metric, value, unit, environment, segment, observed_at, _, sent_unit, also = reading
        place = places[model, also, metric, unit, environment, segment]
        if place is None and lenient and not places.model(model, also):
            aside.append(Notice("N_UNKNOWN_MODEL", model))
        elif place is None:
            every += resolving.problems(reading, place=f"#{ordinal}", model_id=places.model(model, also))
        elif not every:
            version_id = places.names.version(model_id=place.model_id, name=version) if version else None
            if metric == WEIGHTS and OBSERVED in reading.attributes:
                differs = _differs(reading.attributes[OBSERVED], places.names.digests.get(version_id or 0, ""))
                if differs is None:
                    aside.append(Notice("N_NO_DIGEST", f"{model} {version or ''}".strip()))
                    continue
                value = float(differs)
            rows.append(_new(Row, (place, value + 0.0, observed_at, ordinal, version_id, unit, sent_unit)))
    return Read(
        event_id=event.pk,
        received_at=event.received_at,
        rows=() if every else tuple(rows),
        problems=tuple(every),
        readings=tuple(readings),
        notices=merged(aside),
    )


def _differs(observed: str, on_record: str) -> bool | None:
    """Say whether weights are others than those on record; None when that cannot be known."""
    plain = observed.strip().lower().removeprefix("sha256:")
    return None if not on_record or not SHA256.fullmatch(plain) else f"sha256:{plain}" != on_record
