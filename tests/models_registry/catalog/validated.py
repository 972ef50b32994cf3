"""Versions with validation results and runs, made by the actions that people use."""

from datetime import timedelta
from typing import Any

from models_registry.catalog.models import ModelVersion, RegisteredModel
from models_registry.catalog.run_actions import import_runs
from models_registry.catalog.run_models import Run, Sweep
from models_registry.catalog.run_statement import StatedMetric, StatedRun, StatedRuns, StatedSweep
from models_registry.catalog.validation_actions import record_validation
from models_registry.catalog.validation_models import Validation
from models_registry.catalog.validation_statement import StatedResult, StatedSuite
from models_registry.catalog.verdicts import Evidence
from tests.models_registry.lineage.world import AT, a_version, otto_ci


def a_result(metric: str = "accuracy", value: float = 0.93, **facts: Any) -> StatedResult:
    """Return a result that passes its threshold."""
    evidence = Evidence(**facts.pop("evidence", {}))
    return StatedResult(metric=metric, value=value, **{"threshold": 0.9, **facts}, evidence=evidence)


def a_suite(*results: StatedResult, suite: str = "held-out", kind: str = "PERFORMANCE", **facts: Any) -> StatedSuite:
    """Return a suite that was run an hour ago."""
    given = {"ran_at": AT - timedelta(hours=1), "dataset": "claims-held-out v3", "ran_by": "pipeline 118"}
    return StatedSuite(suite=suite, kind=kind, results=list(results) or [a_result()], **{**given, **facts})


def recorded(version: ModelVersion, suite: StatedSuite | None = None, **facts: Any) -> Validation:
    """Record a suite as the pipeline, and return it."""
    return record_validation(by=otto_ci(), at=AT, version=version, suite=suite or a_suite(), **facts)[0]


def shares(right: int, of: int = 1000, **facts: Any) -> StatedResult:
    """Return an accuracy counted on that many samples."""
    return a_result(value=right / of, evidence={"successes": right, "count": of}, **facts)


def two_versions() -> tuple[ModelVersion, ModelVersion]:
    """Return the version in production and a newer one of the same model."""
    serving, newer = a_version(), a_version()
    ModelVersion.objects.filter(pk=serving.pk).update(stage="PRODUCTION")
    return serving, newer


def a_sweep(runs: int = 4, model: RegisteredModel | None = None) -> tuple[Sweep, list[Run]]:
    """Return a sweep of so many finished runs, imported by the pipeline; the last is the best."""
    model = model or a_version().model
    stated = [
        StatedRun(
            external_id=f"run-{n}",
            name=f"trial {n}",
            status="FINISHED",
            parameters={"depth": 2 + n % 5, "rate": 0.1 / (1 + n), "booster": "dart" if n % 2 else "gbtree", "seed": 7},
            metrics={"auc": StatedMetric(0.8 + n / 1000), "log_loss": StatedMetric(0.4 - n / 1000)},
            started_at=AT + timedelta(minutes=n),
            ended_at=AT + timedelta(minutes=n + 5),
        )
        for n in range(runs)
    ]
    space = {"depth": {"min": 2, "max": 6}, "rate": {"min": 0.001, "max": 0.1}}
    sweep = StatedSweep("sweep-1", "Depth and rate", "random", space, "auc", "MAXIMIZE")
    done = import_runs(by=otto_ci(), at=AT + timedelta(hours=3), model=model, told=StatedRuns("OWN", stated, sweep))
    return Sweep.objects.get(external_id="sweep-1", model=model), list(done.runs)
