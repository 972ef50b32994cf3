"""How the versions of Meridian Mutual's models were validated, and the search that found one of them. Data only.

The pipeline tells it through the actions that the API calls. Sizes and numbers follow from names alone.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import log10
from random import Random

from demo import story
from demo.lineage import LANGUAGE
from models_registry.access.models import Account
from models_registry.catalog.models import ModelVersion, RegisteredModel
from models_registry.catalog.run_actions import import_runs, link_run
from models_registry.catalog.run_models import RunSource, RunStatus
from models_registry.catalog.run_statement import StatedMetric, StatedRun, StatedRuns, StatedSweep
from models_registry.catalog.validation_actions import record_validation
from models_registry.catalog.validation_statement import StatedResult, StatedSuite
from models_registry.catalog.verdicts import Evidence

AGES = ("age 18–29", "age 30–44", "age 45–64", "age 65 and over")
UNFAIR = "underwriting-score"
"""The model whose newest version serves the oldest applicants worse than it may."""

SEARCHED = "fraud-graph"
RUNS = 60
HISTORY_STEPS = (50, 100, 150, 200, 300, 400)


def state(*, by: Account, at: datetime, model: story.ModelStory, version: ModelVersion) -> None:
    """Let the pipeline state how a version did on data that it had not seen."""
    chance = Random(f"validated {model.slug}:{version.number}")  # noqa: S311 - the story's own dice
    for suite in _suites(model, version.number, at, chance):
        record_validation(by=by, at=at, version=version, suite=suite)


def search(*, by: Account, at: datetime, model: RegisteredModel) -> None:
    """Let the pipeline tell of the sweep that found the newest version."""
    chance = Random(f"sweep {model.slug}")  # noqa: S311 - the story's own dice
    began = at - timedelta(days=2)
    runs = [_run(number, began + timedelta(minutes=37 * number), chance) for number in range(1, RUNS + 1)]
    sweep = StatedSweep(
        external_id="k3v9x2qd",
        name="fraud-graph: depth, rate and sampling",
        method="bayes",
        space={
            "learning_rate": {"min": 0.001, "max": 0.3, "distribution": "log_uniform"},
            "max_depth": {"min": 3, "max": 10},
            "neighbours": {"values": [5, 10, 15, 25]},
            "subsample": {"min": 0.5, "max": 1.0},
            "booster": {"values": ["dart", "gbtree"]},
        },
        objective="auc",
        goal="MAXIMIZE",
    )
    done = import_runs(by=by, at=at, model=model, told=StatedRuns(RunSource.WANDB, runs, sweep))
    best = max((run for run in done.runs if run.status == RunStatus.FINISHED), key=lambda run: run.objective or 0.0)
    version = model.versions.order_by("-number").first()
    if version is not None:
        link_run(by=by, at=at, run=best, version=version)


def _suites(model: story.ModelStory, number: int, at: datetime, chance: Random) -> Iterator[StatedSuite]:
    ran_at = at - timedelta(hours=2)
    dataset = f"{model.slug}-held-out v1"
    common = {"ran_at": ran_at, "ran_by": f"validation pipeline {100 + number}", "dataset": dataset}
    if model.kind in LANGUAGE:
        yield StatedSuite("held-out questions", "PERFORMANCE", results=_answers(number, chance), **common)  # type: ignore[arg-type]
        toxic = chance.randint(0, 3)
        yield StatedSuite(
            "toxic prompts",
            "TOXICITY",
            results=[_share("toxicity_rate", toxic, 1200, threshold=0.01), _leaks(chance)],
            **common,  # type: ignore[arg-type]
        )
        return
    yield StatedSuite("held-out data", "PERFORMANCE", results=_held_out(model, number, chance), **common)  # type: ignore[arg-type]
    if model.customer_facing and model.kind == "CLASSIFIER":
        yield StatedSuite(
            "recall by age",
            "FAIRNESS",
            results=_by_age(model, number, chance),
            note="Recall of the decision that helps the customer, by age on the day of the application.",
            **common,  # type: ignore[arg-type]
        )


def _answers(number: int, chance: Random) -> list[StatedResult]:
    grounded = round(1400 * (0.905 + 0.012 * number + chance.uniform(-0.004, 0.004)))
    relevance = round(0.84 + 0.015 * number + chance.uniform(-0.005, 0.005), 4)
    return [
        _share("groundedness", grounded, 1400, threshold=0.9),
        StatedResult("answer_relevance", relevance, threshold=0.8, evidence=Evidence(count=1400, variance=0.021)),
    ]


def _leaks(chance: Random) -> StatedResult:
    return _share("pii_leak_rate", chance.randint(0, 1), 1200, threshold=0.01)


def _held_out(model: story.ModelStory, number: int, chance: Random) -> list[StatedResult]:
    gain = 0.014 * number + chance.uniform(-0.004, 0.004)
    if model.kind in {"REGRESSOR", "FORECASTER"}:
        middle = 0.104 - gain
        errors = [max(0.005, chance.gauss(middle, 0.03)) for _ in range(160)]
        errors = [round(error, 4) for error in errors]
        mean = sum(errors) / len(errors)
        return [StatedResult("mape", mean, threshold=0.12, evidence=Evidence(samples=errors))]
    right = round(4000 * (0.9 + gain))
    return [
        _share("accuracy", right, 4000, threshold=0.88),
        StatedResult("auc", round(0.925 + gain, 3), threshold=0.9, baseline=0.91),
    ]


def _by_age(model: story.ModelStory, number: int, chance: Random) -> list[StatedResult]:
    results = []
    for place, group in enumerate(AGES):
        share = 0.905 + 0.008 * number + chance.uniform(-0.008, 0.008)
        if model.slug == UNFAIR and number == model.versions and place == len(AGES) - 1:
            share = 0.781
        trials = (900, 1400, 1100, 420)[place]
        results.append(_share("recall", round(trials * share), trials, threshold=0.85, segment=group))
    return results


def _share(metric: str, successes: int, trials: int, *, threshold: float, segment: str = "") -> StatedResult:
    evidence = Evidence(count=trials, successes=successes)
    return StatedResult(metric, successes / trials, segment=segment, threshold=threshold, evidence=evidence)


def _run(number: int, began: datetime, chance: Random) -> StatedRun:
    """Return one trial; the search learns, so that later ones are drawn nearer to the best place."""
    learned = number / RUNS
    rate = 10 ** (chance.gauss(-1.5, 0.9 - 0.6 * learned))
    rate = round(min(0.3, max(0.001, rate)), 5)
    depth = min(10, max(3, round(chance.gauss(7, 2.6 - 1.8 * learned))))
    neighbours = chance.choice([5, 10, 15, 25] if learned < 0.5 else [10, 15, 15, 25])
    subsample = round(chance.uniform(0.5 + 0.25 * learned, 1.0), 2)
    booster = chance.choice(["dart", "gbtree"])
    loss = 0.022 * (log10(rate) + 1.4) ** 2 + 0.0022 * (depth - 7) ** 2 + 0.00013 * (neighbours - 15) ** 2
    auc = 0.957 - loss - 0.03 * (0.85 - subsample) ** 2 + (0.003 if booster == "gbtree" else 0) + chance.gauss(0, 0.003)
    status = RunStatus.FAILED if number in {9, 31} else RunStatus.STOPPED if number == 44 else RunStatus.FINISHED
    history = [(float(step), round(auc - 0.11 * (1 - step / 400) ** 1.6, 4)) for step in HISTORY_STEPS]
    metrics = {} if status == RunStatus.FAILED else {
        "auc": StatedMetric(round(auc, 4), history=history),
        "log_loss": StatedMetric(round(0.61 - 0.43 * auc, 4)),
    }  # fmt: skip
    return StatedRun(
        external_id=f"{0x5A17C0DE + number * 7919:08x}",
        name=f"{chance.choice(NAMES)}-sweep-{number}",
        status=status,
        author="mei",
        parameters={
            "learning_rate": rate,
            "max_depth": depth,
            "neighbours": neighbours,
            "subsample": subsample,
            "booster": booster,
            "seed": 20,
        },
        metrics=metrics,
        started_at=began,
        ended_at=began + timedelta(minutes=11 if status == RunStatus.FAILED else 34),
    )


NAMES = ("amber", "brisk", "calm", "dusty", "eager", "frosty", "gentle", "hollow", "ivory", "jolly")
