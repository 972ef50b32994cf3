"""Score a model's health from its rollups, and keep the score when it moved."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection, transaction

from governance.health.composite import Health, NoComponents, Part, Reading, composite, segments
from governance.health.formula import Formula, parse
from governance.health.models import FormulaVersion, HealthScore
from governance.rules.models import VersionState
from models_registry.catalog.models import RegisteredModel

HOUR_S = 3600
REACH = timedelta(days=30)
"""A reading older than this is not held any longer, whatever the formula says."""
ENVIRONMENT = "production"

_NEWEST = """
select wanted.model, wanted.metric, newest.segment, newest.sum, newest.count, newest.last_at
from unnest(%(models)s::bigint[], %(metrics)s::text[]) as wanted(model, metric)
cross join lateral (
    with recursive named(segment) as (
        (select segment from telemetry_rollup
         where model_id = wanted.model and width_s = %(width)s and metric = wanted.metric
           and environment = %(environment)s
         order by segment limit 1)
        union all
        select (select segment from telemetry_rollup
                where model_id = wanted.model and width_s = %(width)s and metric = wanted.metric
                  and environment = %(environment)s and segment > named.segment
                order by segment limit 1)
        from named where named.segment is not null
    )
    select named.segment, hour.sum, hour.count, hour.last_at
    from named cross join lateral (
        select sum, count, last_at from telemetry_rollup
        where model_id = wanted.model and width_s = %(width)s and metric = wanted.metric
          and environment = %(environment)s and segment = named.segment
          and starts_at > %(since)s and starts_at <= %(until)s
        order by starts_at desc limit 1
    ) as hour
) as newest
"""
"""The newest hour of each segment: one step down the index per segment, however long its history is."""

_LAST = """
select score.id from unnest(%s::bigint[]) as wanted(model)
cross join lateral (
    select id from health_score where model_id = wanted.model order by scored_at desc, id desc limit 1
) as score
"""


@dataclass(frozen=True, slots=True)
class InForce:
    """An enforced formula version with its parsed formula."""

    version: FormulaVersion
    formula: Formula


@lru_cache(maxsize=256)
def formula_of(text: str) -> Formula:
    """Return the parsed formula of a version's text; equal texts share one."""
    return parse(text)


def in_force() -> dict[str, InForce]:
    """Return the enforced formula per kind of model."""
    versions = FormulaVersion.objects.filter(state=VersionState.ENFORCED).select_related("formula").order_by("id")
    return {kind: InForce(version, formula_of(version.text)) for version in versions for kind in version.formula.kinds}


@transaction.atomic
def rescore(*, model: RegisteredModel, formula: InForce | None, at: datetime) -> HealthScore | None:
    """Derive the model's health at ``at``; write a row if it differs from the last. None without a formula."""
    formulas = {model.kind: formula} if formula else {}
    return rescore_all(models=[model], formulas=formulas, at=at).get(model.pk)


@transaction.atomic(savepoint=False)
def rescore_all(
    *, models: Collection[RegisteredModel], formulas: Mapping[str, InForce], at: datetime
) -> dict[int, HealthScore]:
    """Derive many models' health at ``at``; write a row for each that differs from its last.

    ``formulas`` is by kind of model; a model without one has no health and is left out.
    """
    covered = [(model, formulas[model.kind]) for model in models if model.kind in formulas]
    readings = _readings(covered, at)
    last = latest(model_ids=[model.pk for model, _ in covered])
    found = {model.pk: _row(model, formula, readings[model.pk], at) for model, formula in covered}
    kept = {pk: last[pk] for pk, row in found.items() if pk in last and _same(last[pk], row)}
    HealthScore.objects.bulk_create([row for pk, row in found.items() if pk not in kept])
    return found | kept


def latest(*, model_ids: Collection[int]) -> dict[int, HealthScore]:
    """Return the newest score of each model that ever had one."""
    if not model_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [list(model_ids)])
        keys = [pk for (pk,) in cursor.fetchall()]
    return {score.model_id: score for score in HealthScore.objects.filter(pk__in=keys)}


def _readings(
    covered: Iterable[tuple[RegisteredModel, InForce]], at: datetime
) -> dict[int, dict[str, dict[str, Reading]]]:
    """Return, per model, segment and component key, the average of the newest hour that has readings."""
    keys = {(model.pk, one.metric): one.key for model, own in covered for one in own.formula.components}
    found: dict[int, dict[str, dict[str, Reading]]] = defaultdict(lambda: defaultdict(dict))
    if not keys:
        return found
    wanted: dict[str, Any] = {
        "models": [model for model, _ in keys],
        "metrics": [metric for _, metric in keys],
        "width": HOUR_S,
        "environment": ENVIRONMENT,
        "since": at - REACH,
        "until": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, wanted)
        for model, metric, segment, total, count, last_at in cursor.fetchall():
            found[model][segment][keys[model, metric]] = Reading(float(total) / count, min(last_at, at))
    return found


def _row(
    model: RegisteredModel, formula: InForce, readings: Mapping[str, Mapping[str, Reading]], at: datetime
) -> HealthScore:
    row = HealthScore(
        model=model,
        formula_version=formula.version,
        redline=formula.formula.redline,
        score=None,
        coverage=0.0,
        scored_at=at,
    )
    try:
        health = composite(formula.formula, readings.get("", {}), now=at)
    except NoComponents:
        return row
    row.score, row.coverage = health.score, health.coverage
    row.components = [_part(part) for part in health.parts]
    named = {segment: of for segment, of in readings.items() if segment}
    row.segments = _segments(segments(formula.formula, named, now=at))
    return row


def _part(part: Part) -> dict[str, object]:
    return {
        "name": part.component.key,
        "metric": part.component.metric,
        "weight": part.component.weight,
        "score": part.score,
        "lost": part.lost,
        "value": part.reading.value if part.reading else None,
        "observed_at": part.reading.observed_at.isoformat() if part.reading else None,
        "fresh": part.fresh,
        "zero_at": part.component.zero_at,
        "hundred_at": part.component.hundred_at,
    }


def _segments(found: Mapping[str, Health]) -> list[dict[str, object]]:
    return [
        {"name": name, "score": health.score, "parts": {part.component.key: part.score for part in health.parts}}
        for name, health in found.items()
    ]


def _same(last: HealthScore, row: HealthScore) -> bool:
    compared: Iterable[str] = ("formula_version_id", "score", "coverage", "redline", "components", "segments")
    return all(getattr(last, name) == getattr(row, name) for name in compared)
