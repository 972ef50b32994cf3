"""Score a model's health from its rollups, and keep the score when it moved."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import transaction

from governance.health.composite import Health, NoComponents, Part, Reading, composite, segments
from governance.health.formula import Formula, parse
from governance.health.models import FormulaVersion, HealthScore
from governance.rules.models import VersionState
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.models import Rollup

HOUR_S = 3600
REACH = timedelta(days=30)
"""A reading older than this is not held any longer, whatever the formula says."""
ENVIRONMENT = "production"


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
    if formula is None:
        return None
    readings = _readings(model, formula.formula, at)
    row = _row(model, formula, readings, at)
    last = HealthScore.objects.filter(model=model).order_by("-scored_at", "-id").first()
    if last and _same(last, row):
        return last
    row.save()
    return row


def _readings(model: RegisteredModel, formula: Formula, at: datetime) -> dict[str, dict[str, Reading]]:
    """Return, per segment and component key, the average of the newest hour that has readings."""
    keys = {component.metric: component.key for component in formula.components}
    rows = (
        Rollup.objects.filter(model=model, width_s=HOUR_S, metric__in=keys, environment=ENVIRONMENT)
        .filter(starts_at__gt=at - REACH, starts_at__lte=at)
        .order_by("metric", "segment", "-starts_at")
        .distinct("metric", "segment")
    )
    found: dict[str, dict[str, Reading]] = defaultdict(dict)
    for row in rows:
        found[row.segment][keys[row.metric]] = Reading(float(row.sum) / row.count, min(row.last_at, at))
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
