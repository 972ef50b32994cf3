"""The evidence of a batch: what judging many models by many rules reads, with one query per kind of row.

Every statement names the series it wants and from which moment on, so that its cost follows the batch and
not what is stored.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection

from governance.rules.definition import Width
from governance.rules.models import Episode, SeriesState
from governance.rules.windows import Window

_STATES = """
select wanted.place, state.segment, state.holds, state.firing, state.firing_since, state.cleared_at, state.value,
       state.explanation, state.evaluated_at
from unnest(%s::bigint[], %s::bigint[], %s::text[]) with ordinality as wanted(version, model, environment, place)
cross join lateral (
    select * from rules_series_state
    where rule_version_id = wanted.version and model_id = wanted.model and environment = wanted.environment
    offset 0
) as state
"""

_EPISODES = """
select wanted.place, episode.*
from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[]) with ordinality
     as wanted(version, model, environment, since, place)
cross join lateral (
    select {columns} from rules_episode
    where rule_version_id = wanted.version and model_id = wanted.model and cleared_at is null
      and environment = wanted.environment
    union all
    select {columns} from rules_episode
    where rule_version_id = wanted.version and model_id = wanted.model and cleared_at >= wanted.since
      and environment = wanted.environment
) as episode
order by wanted.place, episode.id
"""

_WINDOWS = """
select wanted.place, held.segment, held.starts_at, held.count, held.sum, held.min, held.max, held.first, held.last
from unnest(%s::bigint[], %s::text[], %s::text[], %s::integer[], %s::timestamptz[]) with ordinality
     as wanted(model, environment, metric, width, since, place)
cross join lateral (
    select segment, starts_at, count, sum, min, max, first, last from telemetry_rollup
    where model_id = wanted.model and width_s = wanted.width and metric = wanted.metric
      and environment = wanted.environment and starts_at >= wanted.since and starts_at <= %s
    offset 0
) as held
"""

_VALUES = """
select wanted.place, measured.segment, measured.observed_at, measured.value
from unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[]) with ordinality
     as wanted(model, environment, metric, since, place)
cross join lateral (
    select segment, observed_at, value from telemetry_measurement
    where model_id = wanted.model and metric = wanted.metric and environment = wanted.environment
      and observed_at >= wanted.since and observed_at <= %s
    offset 0
) as measured
"""

_STATE_COLUMNS = ("holds", "firing", "firing_since", "cleared_at", "value", "explanation", "evaluated_at")
_EPISODE_FIELDS = Episode._meta.concrete_fields


class Place(NamedTuple):
    """One rule version before one model in one environment."""

    version_id: int
    model_id: int
    environment: str


class Wanted(NamedTuple):
    """Windows of one width of one metric."""

    model_id: int
    environment: str
    metric: str
    width: Width


@dataclass(frozen=True, slots=True)
class Held:
    """The windows of one `Wanted`, by segment; ``since`` is how far back they reach."""

    since: datetime
    segments: Mapping[str, Sequence[Window]]


def states(places: Sequence[Place]) -> dict[Place, dict[str, SeriesState]]:
    """Return what the versions said last, by segment."""
    found: dict[Place, dict[str, SeriesState]] = defaultdict(dict)
    for number, segment, *rest in _rows(_STATES, *_columns(places, 3)):
        place = places[number - 1]
        found[place][segment] = SeriesState(
            rule_version_id=place.version_id,
            model_id=place.model_id,
            environment=place.environment,
            segment=segment,
            **dict(zip(_STATE_COLUMNS, rest, strict=True)),
        )
    return found


def episodes(since: Mapping[Place, datetime]) -> dict[Place, list[Episode]]:
    """Return the episodes that were open at these moments or began later."""
    places = list(since)
    found: dict[Place, list[Episode]] = defaultdict(list)
    names = [field.attname for field in _EPISODE_FIELDS]
    statement = _EPISODES.format(columns=", ".join(names))
    for number, *values in _rows(statement, *_columns([(*place, since[place]) for place in places], 4)):
        found[places[number - 1]].append(Episode.from_db("default", names, list(map(_read, _EPISODE_FIELDS, values))))
    return found


def windows(
    since: Mapping[Wanted, datetime], *, until: datetime, single_values: Iterable[Wanted]
) -> dict[Wanted, Held]:
    """Return the windows that start between these moments and ``until``.

    Those in ``single_values`` carry each reading, for percentiles.
    """
    wanted = list(since)
    rows = [(one.model_id, one.environment, one.metric, one.width.seconds, since[one]) for one in wanted]
    found: list[dict[str, list[Window]]] = [defaultdict(list) for _ in wanted]
    for number, segment, starts_at, count, total, *rest in _rows(_WINDOWS, *_columns(rows, 5), until):
        index = int(starts_at.timestamp()) // wanted[number - 1].width.seconds
        found[number - 1][segment].append(Window(index, starts_at, count, float(total), *rest))
    held = {one: Held(since[one], own) for one, own in zip(wanted, found, strict=True)}
    return held | _with_values({one: held[one] for one in single_values}, until)


def _with_values(held: Mapping[Wanted, Held], until: datetime) -> dict[Wanted, Held]:
    if not held:
        return {}
    values: dict[tuple[Wanted, str, int], list[float]] = defaultdict(list)
    wanted = list(held)
    rows = [(one.model_id, one.environment, one.metric, _floor(held[one].since, one.width)) for one in wanted]
    for number, segment, observed_at, value in _rows(_VALUES, *_columns(rows, 4), until):
        one = wanted[number - 1]
        values[one, segment, int(observed_at.timestamp() // one.width.seconds)].append(value)
    return {
        one: Held(
            own.since,
            {
                segment: [_valued(window, values.get((one, segment, window.index))) for window in windows]
                for segment, windows in own.segments.items()
            },
        )
        for one, own in held.items()
    }


def _valued(window: Window, values: Sequence[float] | None) -> Window:
    return replace(window, values=tuple(values)) if values else window


def _floor(moment: datetime, width: Width) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() // width.seconds * width.seconds, UTC)


def _read(field: Any, value: object) -> object:
    """Return a column's value as the field would read it; JSON comes as text."""
    return field.from_db_value(value, None, connection) if hasattr(field, "from_db_value") else value


def _columns(rows: Sequence[Sequence[Any]], count: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(count)]


def _rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
