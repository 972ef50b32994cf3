"""Where every model stands, counted by the database: what the board tells of thousands it does not list.

One statement places each model that the reader may see, counts them by group and by whole points of room,
and returns the first of each group. So nothing travels for a model that is only counted, now or in the past.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from governance.dashboards.strip import LAST_POINT, Crowd
from governance.scoring.room import CLOSE_POINTS
from models_registry.catalog.models import RegisteredModel


class Place(NamedTuple):
    """Where one model stands, and no more: what a strip and a list need to know of it first."""

    group: str
    pk: int
    name: str
    slug: str
    level: str
    room: float | None

    @property
    def drawn_room(self) -> float | None:
        """Where it is drawn, in points of room; a quiet model has no place on the scale."""
        return None if self.group == "quiet" else self.room


@dataclass(frozen=True)
class Lineup:
    """How many models stand where, and the places of the first of each group, or of all where they are few.

    Places are in the order of the board: the least room first, then by name.
    """

    counts: Mapping[str, int] = field(default_factory=Counter)
    crowd: Crowd = field(default_factory=lambda: Crowd({}, 0, 0))
    places: Mapping[str, Sequence[Place]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many models there are."""
        return sum(self.counts.values())

    def first(self, group: str, most: int) -> Sequence[Place]:
        """Return the first places of a group."""
        return self.places.get(group, ())[:most]


def lineup(
    *, models: QuerySet[RegisteredModel], at: datetime | None, listed: Mapping[str, int], whole_up_to: int = 0
) -> Lineup:
    """Return how these models stood at ``at`` (None: now), in one query.

    Of each group the first ``listed`` are placed; every model is, if there are at most ``whole_up_to``.
    """
    try:
        seen, rights = models.order_by().values("pk", "name", "slug").query.sql_with_params()
    except EmptyResultSet:
        return Lineup()
    statement = _LINEUP.format(seen=seen, stood=_NOW if at is None else _THEN)
    wanted: list[Any] = [list(listed), list(listed.values()), whole_up_to]
    moment = [] if at is None else [at]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*rights, *moment, CLOSE_POINTS, LAST_POINT, *wanted])
        return _read(cursor.fetchall())


def _read(rows: Iterable[tuple[Any, ...]]) -> Lineup:
    """Tell the counts from the places; both come as rows of one answer."""
    counts: Counter[str] = Counter()
    points: Counter[int | None] = Counter()
    places: dict[str, list[Place]] = defaultdict(list)
    for group, point, number, *place in rows:
        if number is None:
            places[group].append(Place(group, *place))
        else:
            counts[group] += number
            points[point] += number
    past, quiet = points.pop(PAST, 0), points.pop(None, 0)
    inside = {point: number for point, number in points.items() if point is not None}
    return Lineup(counts, Crowd(inside, past, quiet), places)


PAST = -1
"""The point that stands for all that is past the line."""
_NOW = "LEFT JOIN scoring_posture AS stood ON stood.model_id = seen.pk"
_THEN = """
    LEFT JOIN LATERAL (
        SELECT level, in_the_red, quiet, health, risk_score, room FROM scoring_posture_change AS change
        WHERE change.model_id = seen.pk AND change.changed_at <= %s
        ORDER BY change.changed_at DESC, change.id DESC LIMIT 1
    ) AS stood ON true"""
_LINEUP = """
WITH seen AS ({seen}),
known AS (
    SELECT seen.pk, seen.name, seen.slug, stood.level, stood.in_the_red, stood.quiet,
           CASE WHEN stood.quiet AND stood.health IS NULL AND stood.risk_score = 0 THEN NULL ELSE stood.room END AS room
    FROM seen {stood}
),
placed AS MATERIALIZED (
    SELECT pk, name, slug, coalesce(level, '') AS level, room,
           CASE WHEN in_the_red THEN 'past' WHEN quiet IS NOT FALSE OR room IS NULL THEN 'quiet'
                WHEN room <= %s THEN 'close' ELSE 'steady' END AS "group"
    FROM known
)
SELECT "group",
       CASE WHEN "group" = 'quiet' OR room IS NULL THEN NULL WHEN room < 0 THEN -1 ELSE least(trunc(room), %s)::int END
           AS point,
       count(*) AS number, NULL::bigint AS pk, NULL AS name, NULL AS slug, NULL AS level, NULL::float8 AS room
FROM placed GROUP BY 1, 2
UNION ALL
SELECT wanted."group", NULL, NULL, listed.*
FROM unnest(%s::text[], %s::int[]) AS wanted("group", most) CROSS JOIN LATERAL (
    SELECT pk, name, slug, level, room FROM placed WHERE placed."group" = wanted."group"
    ORDER BY room NULLS LAST, name COLLATE "C", pk
    LIMIT CASE WHEN (SELECT count(*) FROM placed) <= %s THEN NULL ELSE wanted.most END
) AS listed
"""
"""`standing.group_of` once more, for the database; a test holds the two against each other."""
