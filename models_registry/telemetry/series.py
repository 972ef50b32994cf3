"""Which series there are, how many one metric of one model may have, and how many metrics one model.

A sender that writes a request's or a person's id into its segments would make a series of each, and one that writes
it into a metric's name as well. Past the limit an event is held with E_SEGMENTS or E_NAMES, whole: nothing is lost,
the problem is shown and counted like any other, and a replay reads it once the sender or the limit has changed. Two
workers at once may each let in the last few.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.db import connection

from models_registry.access.arrays import literals
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.folding import SeriesRef
from models_registry.telemetry.readings import Problem

type Metric = tuple[int, str]
"""A model's key and a metric."""

_ARRAYS: Final = "unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS s(model_id, metric, environment, segment)"

_UNKNOWN: Final = f"""
SELECT s.model_id, s.metric, s.environment, s.segment FROM {_ARRAYS}
LEFT JOIN telemetry_series t USING (model_id, metric, environment, segment) WHERE t.id IS NULL
"""  # noqa: S608 - constants only

_COUNT: Final = """
SELECT w.model_id, w.metric, count(t.id) FROM unnest(%s::bigint[], %s::text[]) AS w(model_id, metric)
LEFT JOIN telemetry_series t USING (model_id, metric) GROUP BY 1, 2
"""

_NAMES: Final = """
SELECT w.model_id, count(DISTINCT t.metric) FROM unnest(%s::bigint[]) AS w(model_id)
LEFT JOIN telemetry_series t USING (model_id) GROUP BY 1
"""

_ADD: Final = f"""
INSERT INTO telemetry_series (model_id, metric, environment, segment, first_seen_at)
SELECT s.model_id, s.metric, s.environment, s.segment, %s FROM {_ARRAYS} ORDER BY 1, 2, 3, 4
ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants only


def unknown(series: Iterable[SeriesRef]) -> set[SeriesRef]:
    """Return those of the series that were never measured, in one query."""
    asked = sorted(set(series))
    if not asked:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN, literals(asked, count=4))
        return {SeriesRef(*row) for row in cursor.fetchall()}


def add(series: Iterable[SeriesRef], *, at: dt.datetime) -> None:
    """Put new series on record; those that another worker put there first stay as they are."""
    fresh = sorted(set(series))
    if fresh:
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [at, *literals(fresh, count=4)])


def over_limit(batch: Sequence[Collection[SeriesRef]], *, new: set[SeriesRef]) -> list[list[Problem]]:
    """Return, for each event's series, a problem per metric that would get more series than the limit.

    Events are let in one after the other; one that does not fit takes no room from those after it.
    """
    if not new:
        return [[] for _ in batch]
    room = _Room({(each.model_id, each.metric) for each in new})
    let_in: set[SeriesRef] = set()
    found = []
    for series in batch:
        fresh = {each for each in series if each in new and each not in let_in}
        refused = room.take(fresh)
        found.append(refused)
        if not refused:
            let_in |= fresh
    return found


class _Room:
    """How many series each metric and how many names each model may still get."""

    def __init__(self, metrics: set[Metric]) -> None:
        counted = _counted(_COUNT, sorted(metrics), columns=2)
        self.series = {(model, metric): settings.REDLINE_SERIES_LIMIT - count for model, metric, count in counted}
        self.unheard = {(model, metric) for model, metric, count in counted if not count}
        models = sorted({(model,) for model, _ in self.unheard})
        named = _counted(_NAMES, models, columns=1) if models else []
        self.names = {model: settings.REDLINE_NAMES_LIMIT - count for model, count in named}

    def take(self, fresh: Collection[SeriesRef]) -> list[Problem]:
        """Take room for all of these new series, or for none: then say which metric and which model has too little."""
        series = Counter((each.model_id, each.metric) for each in fresh)
        unheard = self.unheard & series.keys()
        names = Counter(model for model, _ in unheard)
        refused = [_too_many_series(key) for key, count in sorted(series.items()) if count > self.series[key]]
        refused += [_too_many_names(model) for model, count in sorted(names.items()) if count > self.names[model]]
        if not refused:
            self.unheard -= unheard
            for key, count in series.items():
                self.series[key] -= count
            for model, count in names.items():
                self.names[model] -= count
        return refused


def named(problems: Sequence[Sequence[Problem]]) -> list[list[Problem]]:
    """Return the problems with the models' slugs for their keys, in one query where there are any."""
    keys = {each.path.split("/")[0] for own in problems for each in own}
    slugs: Mapping[str, str] = {}
    if keys:
        rows = RegisteredModel.objects.filter(pk__in=keys).values_list("pk", "slug")
        slugs = {str(pk): slug for pk, slug in rows}
    return [[_slugged(each, slugs) for each in own] for own in problems]


def _slugged(problem: Problem, slugs: Mapping[str, str]) -> Problem:
    key, slash, metric = problem.path.partition("/")
    return replace(problem, path=f"{slugs.get(key, key)}{slash}{metric}")


def _too_many_series(key: Metric) -> Problem:
    limit = settings.REDLINE_SERIES_LIMIT
    text = f"more than {limit} combinations of environment and segment (REDLINE_SERIES_LIMIT)"
    return Problem("E_SEGMENTS", f"{key[0]}/{key[1]}", text)


def _too_many_names(model: int) -> Problem:
    return Problem("E_NAMES", str(model), f"more than {settings.REDLINE_NAMES_LIMIT} metrics (REDLINE_NAMES_LIMIT)")


def _counted(statement: str, wanted: Sequence[tuple[Any, ...]], *, columns: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, literals(wanted, count=columns))
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
