"""Events read into measurements, a batch at a time: read, resolve names, then write or say why not."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models_registry.telemetry import adapters, resolving
from models_registry.telemetry.folding import Point, SeriesRef
from models_registry.telemetry.models import MappingVersion, TelemetryEvent
from models_registry.telemetry.readings import Problem, Reading, Unreadable
from models_registry.telemetry.writing import Row

PROBLEMS_TOLD = 20
REASON_LENGTH = 200


@dataclass(frozen=True)
class Read:
    """What one event gave: rows to write, or problems and nothing to write. `readings` is for the reader's eyes."""

    event_id: int
    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    readings: tuple[Reading, ...] = ()

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

    @property
    def points(self) -> list[Point]:
        """The rows as points of their series."""
        return [
            Point(SeriesRef(model, metric, environment, segment), value, observed_at)
            for _, _, model, _, metric, value, _, environment, segment, observed_at, _ in self.rows
        ]


def read_events(events: Sequence[TelemetryEvent], *, mapping: Mapping[str, Any] | None = None) -> list[Read]:
    """Return what each event gives, in their order; four queries for any number of events.

    ``mapping`` stands in for the sources' active mappings, to try one out. An
    event is read whole or not at all. Writes nothing.
    """
    documents = {} if mapping is not None else active_mappings({event.source_id for event in events})
    found = [_read_one(event, mapping if mapping is not None else documents.get(event.source_id)) for event in events]
    by_kind: dict[str, list[Reading]] = {}
    for event, (readings, _) in zip(events, found, strict=True):
        by_kind.setdefault(event.source.kind, []).extend(readings)
    names = resolving.look_up(by_kind)
    return [_resolve(event, *each, names) for event, each in zip(events, found, strict=True)]


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
    event: TelemetryEvent, readings: Sequence[Reading], problems: Sequence[Problem], names: resolving.Names
) -> Read:
    every, rows = list(problems), []
    kind, event_id, received_at, known = event.source.kind, event.pk, event.received_at, names.models
    for ordinal, reading in enumerate(readings):
        model, version, metric, value, unit, environment, segment, observed_at, _, also = reading
        model_id = known.get((kind, model))
        if also and model_id is None:
            model_id = names.any_model(kind=kind, names=also)
        if model_id is None or resolving.too_long(metric, unit, environment, segment):
            every += resolving.problems(reading, place=f"#{ordinal}", model_id=model_id)
        elif not every:
            version_id = names.version(model_id=model_id, name=version) if version else None
            rows.append(
                Row(
                    event_id, ordinal, model_id, version_id, metric, value + 0.0, unit, environment, segment,
                    observed_at, received_at,
                )
            )  # fmt: skip
    return Read(
        event_id=event_id,
        rows=() if every else tuple(rows),
        problems=tuple(every),
        readings=tuple(readings),
    )
