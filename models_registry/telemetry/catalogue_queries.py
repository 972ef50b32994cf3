"""The metric catalogue as its pages show it: what there is, who sends it under which name, and who reads it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.utils.module_loading import import_string

from models_registry.telemetry.catalogue_models import HouseAlias, HouseMetric, Series
from models_registry.telemetry.metrics import ANY_SOURCE, CATALOGUE, Direction, Metric, plain_name
from models_registry.telemetry.models import SourceKind

type Uses = Mapping[str, Sequence[tuple[str, str]]]

_HEARD = """
SELECT s.metric, count(*), count(DISTINCT s.model_id), max(r.last_at), coalesce(sum(r.count), 0)::bigint
FROM telemetry_series s
LEFT JOIN LATERAL (
    SELECT last_at, count FROM telemetry_rollup r
    WHERE r.model_id = s.model_id AND r.width_s = 86400 AND r.metric = s.metric
      AND r.environment = s.environment AND r.segment = s.segment
    ORDER BY starts_at DESC LIMIT 1
) r ON true
GROUP BY s.metric
"""
"""One step into the index of windows per series. The sum counts the newest day of each."""

_SENDERS = """
SELECT DISTINCT src.name, src.slug, src.kind FROM telemetry_series s
JOIN LATERAL (
    SELECT event_id FROM telemetry_measurement m
    WHERE m.model_id = s.model_id AND m.metric = s.metric AND m.environment = s.environment AND m.segment = s.segment
    ORDER BY observed_at DESC LIMIT 1
) m ON true
JOIN telemetry_event e ON e.id = m.event_id JOIN telemetry_source src ON src.id = e.source_id
WHERE s.metric = %s ORDER BY src.name LIMIT 20
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """How much of a metric there is. ``newest_day`` counts the measurements of each series' newest day."""

    series: int = 0
    models: int = 0
    last_at: dt.datetime | None = None
    newest_day: int = 0


@dataclass(frozen=True, slots=True)
class Alias:
    """A name under which a metric is sent; ``house`` is the row where people of the house said so."""

    name: str
    sender: str
    house: HouseAlias | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of the catalogue."""

    name: str
    unit: str
    direction: Direction
    description: str
    house: HouseMetric | None
    heard: Heard
    aliases: Sequence[Alias] = ()
    uses: Sequence[tuple[str, str]] = ()

    @property
    def direction_words(self) -> str:
        """Which way it improves, in words."""
        return _DIRECTIONS[self.direction]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A name that senders use and the catalogue does not know."""

    name: str
    heard: Heard = field(default_factory=Heard)


_DIRECTIONS = {
    Direction.HIGHER_IS_BETTER: "higher is better",
    Direction.LOWER_IS_BETTER: "lower is better",
    Direction.NEITHER: "neither way is better",
}


def catalogue(*, words: str = "") -> list[Row]:
    """Return the metrics whose name, alias or description has the words, those that are sent first."""
    heard, uses, house = heard_metrics(), used_by(), _house_aliases()
    own = {metric.name: metric for metric in HouseMetric.objects.order_by("name")}
    rows = [
        *(_shipped(metric, heard, uses, house) for metric in CATALOGUE.values()),
        *(_own(metric, heard, uses, house) for metric in own.values()),
    ]
    found = [row for row in rows if _matches(row, words)]
    return sorted(found, key=lambda row: (not row.heard.series, row.name))


def metric(*, name: str) -> Row | None:
    """Return one metric, or None when the catalogue has none of this name."""
    return next((row for row in catalogue() if row.name == name), None)


def unmapped() -> list[Unmapped]:
    """Return the names that are measured and that nobody has said the meaning of, most series first."""
    known = {*CATALOGUE, *HouseMetric.objects.values_list("name", flat=True)}
    adopted = set(HouseAlias.objects.filter(ended_at__isnull=True).values_list("name", flat=True))
    found = [
        Unmapped(name, heard)
        for name, heard in heard_metrics().items()
        if name not in known and plain_name(name) not in adopted
    ]
    return sorted(found, key=lambda each: (-each.heard.series, each.name))


def heard_metrics() -> dict[str, Heard]:
    """Return how much there is of every metric that was ever measured."""
    with connection.cursor() as cursor:
        cursor.execute(_HEARD)
        return {name: Heard(*counts) for name, *counts in cursor.fetchall()}


def senders(*, name: str) -> list[tuple[str, str, str]]:
    """Return the sources whose newest measurements bear this name: name, slug and kind."""
    with connection.cursor() as cursor:
        cursor.execute(_SENDERS, [name])
        return [(source, slug, kind) for source, slug, kind in cursor.fetchall()]


def crowded(*, at_least: float = 0.8, limit: int = 20) -> list[tuple[str, str, int]]:
    """Return (model's slug, metric, series) of those that come near the limit of series, the fullest first."""
    least = ceil(settings.REDLINE_SERIES_LIMIT * at_least)
    counted = Series.objects.values_list("model__slug", "metric").annotate(n=Count("pk")).filter(n__gte=least)
    return list(counted.order_by("-n", "model__slug", "metric")[:limit])


def of_many_names(*, at_least: float = 0.8, limit: int = 20) -> list[tuple[str, int]]:
    """Return (model's slug, metrics) of the models that come near the limit of names, the fullest first."""
    least = ceil(settings.REDLINE_NAMES_LIMIT * at_least)
    counted = Series.objects.values_list("model__slug").annotate(n=Count("metric", distinct=True)).filter(n__gte=least)
    return list(counted.order_by("-n", "model__slug")[:limit])


def used_by() -> Uses:
    """Return who reads each metric; the rooms that know are named by the setting METRIC_USES."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in settings.METRIC_USES:
        ask: Callable[[], Uses] = import_string(path)
        for name, uses in ask().items():
            found[name].extend(uses)
    return found


def metric_names() -> list[tuple[str, str]]:
    """Return every metric with its unit, for menus."""
    own = HouseMetric.objects.values_list("name", "unit")
    return sorted([*((each.name, each.unit) for each in CATALOGUE.values()), *own])


def _house_aliases() -> Mapping[str, Sequence[Alias]]:
    found: dict[str, list[Alias]] = defaultdict(list)
    standing = HouseAlias.objects.filter(ended_at__isnull=True).select_related("created_by")
    for row in standing.order_by("name", "source_kind"):
        found[row.metric].append(Alias(row.name, _sender(row.source_kind), row))
    return found


def _shipped(metric: Metric, heard: Mapping[str, Heard], uses: Uses, house: Mapping[str, Sequence[Alias]]) -> Row:
    shipped = [Alias(name, _sender(kind)) for kind, names in metric.aliases.items() for name in names]
    return Row(
        name=metric.name,
        unit=metric.unit,
        direction=metric.direction,
        description=metric.description,
        house=None,
        heard=heard.get(metric.name, Heard()),
        aliases=(*house.get(metric.name, ()), *shipped),
        uses=tuple(uses.get(metric.name, ())),
    )


def _own(metric: HouseMetric, heard: Mapping[str, Heard], uses: Uses, house: Mapping[str, Sequence[Alias]]) -> Row:
    return Row(
        name=metric.name,
        unit=metric.unit,
        direction=Direction(metric.direction),
        description=metric.description,
        house=metric,
        heard=heard.get(metric.name, Heard()),
        aliases=tuple(house.get(metric.name, ())),
        uses=tuple(uses.get(metric.name, ())),
    )


def _matches(row: Row, words: str) -> bool:
    text = " ".join([row.name, row.description, *(alias.name for alias in row.aliases)]).lower()
    return all(word in text for word in words.lower().split())


def _sender(kind: str) -> str:
    if kind == ANY_SOURCE:
        return "every source"
    return str(dict(SourceKind.choices).get(kind, kind.replace("_", " ")))
