"""Put the results of a validation suite on record; once there, they stay as they are."""

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.canonical import digest
from models_registry.catalog import metric_names, verdicts
from models_registry.catalog.models import ModelVersion
from models_registry.catalog.validation_models import MOST_SAMPLES, Validation, ValidationResult
from models_registry.catalog.validation_statement import MOST_RESULTS, StatedResult, StatedSuite
from models_registry.catalog.verdicts import Evidence, Judged

CLOCKS_APART = dt.timedelta(minutes=5)
_DATASET = re.compile(r"[a-z0-9]{1,16}:[0-9a-f]{16,128}")


class ResultUnfit(ValueError):
    """A result contradicts itself, or cannot be judged."""

    http_status = 400


@transaction.atomic
def record_validation(
    *, by: Account, at: dt.datetime, version: ModelVersion, suite: StatedSuite
) -> tuple[Validation, bool]:
    """Judge a suite and put it on record; return it, and whether it is new: the same statement twice is one.

    Raises AccessDenied, ResultUnfit, and ValidationError for a text that is too long.
    """
    held = ModelVersion.objects.select_for_update(no_key=True, of=("self",)).select_related("model").get(pk=version.pk)
    require(by, Permission.VERSION_REGISTER, on=held)
    known = _fit(replace(suite, results=[_named(one) for one in suite.results]), at)
    identity = f"sha256:{digest(known)}"
    existing = Validation.objects.filter(version=held, digest=identity).first()
    if existing is not None:
        return existing, False
    judged = [_judged(one) for one in known.results]
    validation = Validation(
        version=held,
        suite=known.suite,
        kind=known.kind,
        dataset=known.dataset,
        dataset_digest=known.dataset_digest,
        report_uri=known.report_uri,
        note=known.note,
        ran_at=min(known.ran_at, at),
        ran_by=known.ran_by,
        verdict=verdicts.of_suite(one.outcome for one in judged),
        digest=identity,
        recorded_by=by,
        recorded_at=at,
    )
    validation.clean_fields(exclude=["version", "recorded_by"])
    validation.save(force_insert=True)
    ValidationResult.objects.bulk_create(_rows(validation, known.results, judged))
    body = {
        "at": at,
        "number": held.number,
        "suite": known.suite,
        "kind": known.kind,
        "verdict": str(validation.verdict),
        "digest": identity,
        "results": len(judged),
        "ran_at": known.ran_at,
    }
    record(by=by, action="validation.recorded", on=validation, body=body, model_id=held.model_id)
    return validation, True


def _named(one: StatedResult) -> StatedResult:
    """Return the result under the house's name, with the way the catalogue knows where none was stated."""
    name = metric_names.canonical(one.metric)
    return replace(one, metric=name, way=one.way or str(metric_names.way(name) or ""))


def _fit(suite: StatedSuite, at: dt.datetime) -> StatedSuite:
    if not 1 <= len(suite.results) <= MOST_RESULTS:
        raise ResultUnfit(f"A suite has between 1 and {MOST_RESULTS} results.")
    if suite.ran_at > at + CLOCKS_APART:
        raise ResultUnfit("The suite claims to have been run in the future.")
    if suite.dataset_digest and not _DATASET.fullmatch(suite.dataset_digest):
        raise ResultUnfit("A digest of a dataset is an algorithm, a colon and hexadecimal digits in lower case.")
    seen: set[tuple[str, str]] = set()
    for place, one in enumerate(suite.results, 1):
        where = f"Result {place} ({one.metric}{f', {one.segment}' if one.segment else ''})"
        if (one.metric, one.segment) in seen:
            raise ResultUnfit(f"{where} is there twice.")
        seen.add((one.metric, one.segment))
        if wrong := _wrong(one):
            raise ResultUnfit(f"{where}: {wrong}")
    return suite


def _wrong(one: StatedResult) -> str:
    given = (one.value, one.threshold, one.baseline, one.evidence.variance, *(one.evidence.samples or ()))
    if not all(math.isfinite(number) for number in given if number is not None):
        return "every number is finite."
    if one.threshold is not None and not one.way:
        return "a threshold needs a direction; this metric is not in the catalogue, so state one."
    if one.evidence.samples is not None and not 1 <= len(one.evidence.samples) <= MOST_SAMPLES:
        return f"between 1 and {MOST_SAMPLES} samples are kept; send count, mean and variance of more."
    return verdicts.contradiction(value=one.value, evidence=one.evidence)


def _judged(one: StatedResult) -> Judged:
    return verdicts.judge(value=one.value, way=one.way, threshold=one.threshold, evidence=one.evidence)


def _rows(validation: Validation, results: Sequence[StatedResult], judged: Sequence[Judged]) -> list[ValidationResult]:
    return [
        ValidationResult(
            validation=validation,
            position=place,
            metric=one.metric,
            segment=one.segment,
            value=one.value,
            way=one.way or verdicts.Way.NEITHER,
            threshold=one.threshold,
            baseline=one.baseline,
            verdict=answer.outcome,
            reason=answer.reason,
            low=answer.interval.low if answer.interval else None,
            high=answer.interval.high if answer.interval else None,
            **_evidence(one.evidence),
        )
        for place, (one, answer) in enumerate(zip(results, judged, strict=True))
    ]


def _evidence(evidence: Evidence) -> dict[str, object]:
    samples = list(evidence.samples) if evidence.samples is not None else None
    return {
        "count": evidence.count if evidence.count is not None or samples is None else len(samples),
        "successes": evidence.successes,
        "variance": evidence.variance,
        "samples": samples,
    }
