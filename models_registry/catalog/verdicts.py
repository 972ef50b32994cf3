"""What a validation result means: pass, fail, or too little evidence to say.

A value past its threshold fails. One on the right side passes when its 95 % interval, where samples or statistics
give one, is on the right side too; an interval that reaches across leaves the verdict open. Without samples the
value alone decides. So more evidence can settle a doubt and a worse value can never help.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models_registry.catalog import significance
from models_registry.catalog.significance import Interval

WRITTEN = 4


class Way(StrEnum):
    """Which way a metric improves. The words of the telemetry's catalogue."""

    HIGHER_IS_BETTER = "HIGHER_IS_BETTER"
    LOWER_IS_BETTER = "LOWER_IS_BETTER"
    NEITHER = "NEITHER"


class Outcome(StrEnum):
    """A verdict; an empty one means that nothing was asked of the value."""

    PASS = "PASS"  # noqa: S105 - a verdict
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    NOT_JUDGED = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a value rests on: the samples, or successes of trials, or count, mean and sample variance, or a count."""

    count: int | None = None
    successes: int | None = None
    variance: float | None = None
    samples: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with its reason, and the interval of the value where there is one."""

    outcome: Outcome
    reason: str
    interval: Interval | None = None


NOTHING = Evidence()


def judge(*, value: float, way: str, threshold: float | None, evidence: Evidence = NOTHING) -> Judged:
    """Return what a value means beside its threshold; the threshold itself is still right."""
    interval = interval_of(value, evidence)
    if threshold is None:
        return Judged(Outcome.NOT_JUDGED, "No threshold was stated.", interval)
    if way == Way.NEITHER:
        return Judged(Outcome.NOT_JUDGED, "Neither way is better, so a threshold decides nothing.", interval)
    side, limit = ("at least", "below") if way == Way.HIGHER_IS_BETTER else ("at most", "above")
    asked = f"{side} {written(threshold)}"
    if not _right(value, way, threshold):
        return Judged(Outcome.FAIL, f"{written(value)} is {limit} the threshold: {asked} is asked.", interval)
    if interval is None:
        return Judged(Outcome.PASS, f"{written(value)} is {asked}; no samples were given.", None)
    span = f"{written(interval.low)} to {written(interval.high)}"
    if _right(interval.low, way, threshold) and _right(interval.high, way, threshold):
        return Judged(Outcome.PASS, f"{written(value)} is {asked}, and so is its 95 % interval, {span}.", interval)
    text = f"{written(value)} is {asked}, but its 95 % interval, {span}, reaches past: more samples would tell."
    return Judged(Outcome.INCONCLUSIVE, text, interval)


def of_suite(outcomes: Iterable[str]) -> Outcome:
    """Return the verdict of a suite: one failure fails it, one doubt leaves it open, and nothing judged does too."""
    found = {Outcome(one) for one in outcomes}
    for gravest in (Outcome.FAIL, Outcome.INCONCLUSIVE):
        if gravest in found:
            return gravest
    return Outcome.PASS if Outcome.PASS in found else Outcome.INCONCLUSIVE


def interval_of(value: float, evidence: Evidence) -> Interval | None:
    """Return the 95 % interval of a value, or None where the evidence gives none."""
    if evidence.successes is not None and evidence.count:
        return significance.wilson(successes=evidence.successes, trials=evidence.count)
    if evidence.samples is not None and len(evidence.samples) > 1:
        count, mean, variance = significance.mean_and_variance(evidence.samples)
        return significance.mean_interval(count=count, mean=mean, variance=variance)
    if evidence.variance is not None and evidence.count is not None and evidence.count > 1:
        return significance.mean_interval(count=evidence.count, mean=value, variance=evidence.variance)
    return None


def contradiction(*, value: float, evidence: Evidence) -> str:
    """Return what is wrong between a value and its evidence, in a sentence; empty when they agree.

    A value may be rounded: it has to be within half a unit of its fourth significant digit.
    """
    if evidence.successes is not None:
        if evidence.count is None or evidence.count < 1 or not 0 <= evidence.successes <= evidence.count:
            return "Successes lie between 0 and the count, and the count is at least 1."
        if not _close(value, evidence.successes / evidence.count):
            return f"{evidence.successes} of {evidence.count} is not {value:g}."
    if evidence.samples is not None:
        if evidence.count is not None and evidence.count != len(evidence.samples):
            return f"There are {len(evidence.samples)} samples, not {evidence.count}."
        mean = significance.mean_and_variance(evidence.samples)[1]
        if not _close(value, mean):
            return f"The samples have the mean {mean:g}, not {value:g}; leave them out where the value is no mean."
    if evidence.variance is not None and (evidence.variance < 0 or evidence.count is None or evidence.count < 2):
        return "A variance is not negative and needs a count of at least 2."
    return ""


def written(value: float) -> str:
    """Return a number as sentences write it: four significant digits, a true minus."""
    return f"{value:.{WRITTEN}g}".replace("-", "−")


def _right(value: float, way: str, threshold: float) -> bool:
    return value >= threshold if way == Way.HIGHER_IS_BETTER else value <= threshold


def _close(value: float, computed: float) -> bool:
    return math.isclose(value, computed, rel_tol=5e-4, abs_tol=5e-4)
