"""Reads of validation results: the newest of each suite, and a version beside the one in production."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from models_registry.access.loose import newest_of_each
from models_registry.catalog import weighing
from models_registry.catalog.models import ModelVersion, RegisteredModel, Stage
from models_registry.catalog.queries import standing
from models_registry.catalog.validation_models import Validation, ValidationResult
from models_registry.catalog.verdicts import Evidence
from models_registry.catalog.weighing import Result, Weighed


@dataclass(frozen=True)
class Comparison:
    """A version beside the one in production; ``other`` is None where there is no other."""

    other: ModelVersion | None
    lines: Sequence[Weighed]
    only_new: int
    only_old: int


def validations_of(*, version: ModelVersion, at: datetime | None = None) -> QuerySet[Validation]:
    """Return every validation of a version as known at ``at``, newest first, with results."""
    results = Prefetch("results", queryset=ValidationResult.objects.order_by("position"))
    rows = Validation.objects.filter(version=version).select_related("recorded_by").prefetch_related(results)
    if at is not None:
        rows = rows.filter(recorded_at__lte=at)
    return rows.order_by("-ran_at", "-pk")


def newest_of(*, version: ModelVersion, at: datetime | None = None) -> Sequence[Validation]:
    """Return the newest run of each suite, by kind and name."""
    newest = newest_of_each(
        Validation, of="version_id", owner=version.pk, by="suite", newest="ran_at", known="recorded_at", at=at
    )
    return list(validations_of(version=version).filter(pk__in=newest).order_by("kind", "suite"))


def serving_version(*, model: RegisteredModel, at: datetime | None = None) -> ModelVersion | None:
    """Return the newest version in production at a moment, or now."""
    if at is not None:
        serving = standing(model=model, at=at, each=1, stages=(Stage.PRODUCTION,))
        return serving[0].version if serving else None
    return model.versions.filter(stage=Stage.PRODUCTION).order_by("-number").first()


def against_production(
    *, version: ModelVersion, own: Sequence[Validation] | None = None, at: datetime | None = None
) -> Comparison:
    """Compare the newest suites of a version with those of the version in production."""
    serving = serving_version(model=version.model, at=at)
    if serving is None or serving.pk == version.pk:
        return Comparison(None, [], 0, 0)
    new = _results(newest_of(version=version, at=at) if own is None else own)
    old = _results(newest_of(version=serving, at=at))
    lines = weighing.compare(new=new, old=old)
    return Comparison(serving, lines, len(new) - len(lines), len(old) - len(lines))


def _results(validations: Sequence[Validation]) -> list[Result]:
    return [as_result(validation, one) for validation in validations for one in validation.results.all()]


def as_result(validation: Validation, one: ValidationResult) -> Result:
    """Return a stored result as it is compared."""
    evidence = Evidence(one.count, one.successes, one.variance, one.samples)
    return Result(validation.suite, one.metric, one.segment, one.value, one.way, evidence)
