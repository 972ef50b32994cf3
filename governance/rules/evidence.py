"""The evidence of a batch: what judging many models by many rules reads, with one query per kind of row.

Every statement names the series it wants and from which moment on, so that its cost follows the batch and
not what is stored.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from governance.rules.definition import Width
from governance.rules.models import Episode
from governance.rules.windows import Window
from models_registry.access.arrays import literals

_STATES = """
select wanted.place, state.segment, state.holds, state.cleared_at, state.evaluated_at
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

_EARLIER = """
select wanted.place, held.segment, held.starts_at, held.count, held.sum, held.min, held.max, held.first, held.last
from unnest(%s::bigint[], %s::text[], %s::text[], %s::integer[], %s::timestamptz[], %s::integer[]) with ordinality
     as wanted(model, environment, metric, width, since, most, place)
cross join lateral (
    with recursive named(segment) as (
        (select segment from telemetry_rollup
         where model_id = wanted.model and width_s = wanted.width and metric = wanted.metric
           and environment = wanted.environment
         order by segment limit 1)
        union all
        select (select segment from telemetry_rollup
                where model_id = wanted.model and width_s = wanted.width and metric = wanted.metric
                  and environment = wanted.environment and segment > named.segment
                order by segment limit 1)
        from named where named.segment is not null
    )
    select named.segment, older.*
    from named cross join lateral (
        select starts_at, count, sum, min, max, first, last from telemetry_rollup
        where model_id = wanted.model and width_s = wanted.width and metric = wanted.metric
          and environment = wanted.environment and segment = named.segment and starts_at < wanted.since
        order by starts_at desc limit wanted.most
    ) as older
) as held
"""
"""The newest windows of each segment before a moment, however long ago: a few steps down the index each."""

_EARLIER_VALUES = """
select wanted.place, measured.value
from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[]) with ordinality
     as wanted(model, environment, metric, segment, since, until, place)
cross join lateral (
    select value from telemetry_measurement
    where model_id = wanted.model and metric = wanted.metric and environment = wanted.environment
      and segment = wanted.segment and observed_at >= wanted.since and observed_at < wanted.until
    offset 0
) as measured
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

_EPISODE_FIELDS = Episode._meta.concrete_fields


class Place(NamedTuple):
    """One rule version before one model in one environment."""

    version_id: int
    model_id: int
    environment: str


class Standing(NamedTuple):
    """What a version said of one segment when it was judged last."""

    holds: bool | None
    cleared_at: datetime | None
    evaluated_at: datetime


class Wanted(NamedTuple):
    """Windows of one width of one metric."""

    model_id: int
    environment: str
    metric: str
    width: Width


@dataclass(frozen=True, slots=True)
class Held:
    """The windows of one `Wanted`, by segment; ``since`` is how far back they reach.

    ``earlier`` holds the newest ones before that, newest first, for rules that look over a gap.
    """

    since: datetime
    segments: Mapping[str, Sequence[Window]]
    earlier: Mapping[str, Sequence[Window]] = field(default_factory=dict)

    def reaching(self, since: datetime, *, earlier: int) -> dict[str, Sequence[Window]]:
        """Return the windows from a moment on, and with them the newest ``earlier`` before it; by segment."""
        if not earlier:
            if self.since == since:
                return dict(self.segments)
            cut = {segment: [one for one in own if one.start >= since] for segment, own in self.segments.items()}
            return {segment: own for segment, own in cut.items() if own}
        return {
            segment: _reaching((*self.segments.get(segment, ()), *self.earlier.get(segment, ())), since, earlier)
            for segment in self.segments.keys() | self.earlier.keys()
        }


def _reaching(windows: Sequence[Window], since: datetime, earlier: int) -> list[Window]:
    older = sorted((one for one in windows if one.start < since), key=lambda one: -one.index)
    return [*(one for one in windows if one.start >= since), *older[:earlier]]


def states(places: Sequence[Place]) -> dict[Place, dict[str, Standing]]:
    """Return what the versions said last, by segment."""
    found: dict[Place, dict[str, Standing]] = defaultdict(dict)
    for number, segment, *rest in _rows(_STATES, *literals(places, count=3)):
        found[places[number - 1]][segment] = Standing(*rest)
    return found


def episodes(since: Mapping[Place, datetime]) -> dict[Place, list[Episode]]:
    """Return the episodes that were open at these moments or began later."""
    places = list(since)
    found: dict[Place, list[Episode]] = defaultdict(list)
    names = [field.attname for field in _EPISODE_FIELDS]
    statement = _EPISODES.format(columns=", ".join(names))
    for number, *values in _rows(statement, *literals([(*place, since[place]) for place in places], count=4)):
        found[places[number - 1]].append(Episode.from_db("default", names, list(map(_read, _EPISODE_FIELDS, values))))
    return found


def windows(
    since: Mapping[Wanted, datetime],
    *,
    until: datetime,
    single_values: Collection[Wanted],
    earlier: Mapping[Wanted, int],
) -> dict[Wanted, Held]:
    """Return the windows that start between these moments and ``until``, and so many ``earlier`` ones.

    Those in ``single_values`` carry each reading, for percentiles.
    """
    wanted = list(since)
    rows = [(one.model_id, one.environment, one.metric, one.width.seconds, since[one]) for one in wanted]
    found: list[dict[str, list[Window]]] = [defaultdict(list) for _ in wanted]
    for number, segment, starts_at, count, total, *rest in _rows(_WINDOWS, *literals(rows, count=5), until):
        index = int(starts_at.timestamp()) // wanted[number - 1].width.seconds
        found[number - 1][segment].append(Window(index, starts_at, count, float(total), *rest))
    held = {one: Held(since[one], own) for one, own in zip(wanted, found, strict=True)}
    held |= _with_values({one: held[one] for one in single_values}, until)
    return held | _with_earlier({one: held[one] for one, most in earlier.items() if most}, earlier, single_values)


def _with_values(held: Mapping[Wanted, Held], until: datetime) -> dict[Wanted, Held]:
    if not held:
        return {}
    values: dict[tuple[Wanted, str, int], list[float]] = defaultdict(list)
    wanted = list(held)
    rows = [(one.model_id, one.environment, one.metric, _floor(held[one].since, one.width)) for one in wanted]
    for number, segment, observed_at, value in _rows(_VALUES, *literals(rows, count=4), until):
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


def _with_earlier(
    held: Mapping[Wanted, Held], most: Mapping[Wanted, int], single_values: Collection[Wanted]
) -> dict[Wanted, Held]:
    if not held:
        return {}
    wanted = list(held)
    rows = [(*one[:3], one.width.seconds, held[one].since, most[one]) for one in wanted]
    found: list[dict[str, list[Window]]] = [defaultdict(list) for _ in wanted]
    for number, segment, starts_at, count, total, *rest in _rows(_EARLIER, *literals(rows, count=6)):
        index = int(starts_at.timestamp()) // wanted[number - 1].width.seconds
        found[number - 1][segment].append(Window(index, starts_at, count, float(total), *rest))
    older = dict(zip(wanted, found, strict=True))
    values = _values_of({one: older[one] for one in wanted if one in single_values})
    return {
        one: replace(
            held[one],
            earlier={
                segment: [_valued(window, values.get((one, segment, window.index))) for window in own]
                for segment, own in older[one].items()
            },
        )
        for one in wanted
    }


def _values_of(older: Mapping[Wanted, Mapping[str, Sequence[Window]]]) -> dict[tuple[Wanted, str, int], list[float]]:
    """Return each reading of exactly these windows; the time between them is not read."""
    places = [
        (one, segment, window) for one, own in older.items() for segment, windows in own.items() for window in windows
    ]
    rows = [
        (*one[:3], segment, window.start, window.start + timedelta(seconds=one.width.seconds))
        for one, segment, window in places
    ]
    values: dict[tuple[Wanted, str, int], list[float]] = defaultdict(list)
    for number, value in _rows(_EARLIER_VALUES, *literals(rows, count=6)) if rows else ():
        one, segment, window = places[number - 1]
        values[one, segment, window.index].append(value)
    return values


def _valued(window: Window, values: Sequence[float] | None) -> Window:
    return replace(window, values=tuple(values)) if values else window


def _floor(moment: datetime, width: Width) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() // width.seconds * width.seconds, UTC)


def _read(field: Any, value: object) -> object:
    """Return a column's value as the field would read it; JSON comes as text."""
    return field.from_db_value(value, None, connection) if hasattr(field, "from_db_value") else value


def _rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
