"""From contributions to scores: worst factor plus bounded corroboration.

All scores are points from 0 (no risk) to 100. The result never lies below the
worst input, and corroboration lifts it by at most one band, so one bad factor is
neither averaged away nor able to make everything Critical. The baseline comes
from an impact × likelihood matrix (ISO 31000); matrices alone rank badly (Cox,
Risk Analysis 2008), hence everything above the baseline is measured.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from governance.vocabulary import Materiality, RiskCategory, RiskLevel, rounded

FACTOR_LAMBDA = 0.25
MODEL_LAMBDA = 0.15
FULL_COVERAGE = 0.8
MINIMUM_COVERAGE = 0.6
BASELINE = "baseline"
DWELL_HOURS = {RiskLevel.MEDIUM: 24, RiskLevel.HIGH: 72, RiskLevel.CRITICAL: 72}
"""How long a level must have been calm before it steps down."""


class PointsOutOfRange(ValueError):
    """Points must be a finite number from 0 to 100."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """One cause that adds points to a factor.

    `text` is what people read ("drift 0.17 > 0.15 for 3 days"), `rule` the rule
    and version that saw it ("DI-1 v4"), `evidence` the evaluation's id. `peak` is
    what the points were before they began to fade.
    """

    cause: str
    points: float
    text: str = ""
    rule: str = ""
    evidence: str = ""
    peak: float | None = None

    def __post_init__(self) -> None:
        for points in (self.points, self.points if self.peak is None else self.peak):
            require_points(points)


@dataclass(frozen=True, slots=True)
class Share:
    """What one contribution adds to a factor score; the shares sum to the score."""

    contribution: Contribution
    added: float


@dataclass(frozen=True, slots=True)
class Factor:
    """One risk category's score of one model, ready to be combined."""

    category: RiskCategory
    effective: float
    weight: float = 1.0

    def __post_init__(self) -> None:
        require_points(self.effective)
        if not 0.5 <= self.weight <= 1:
            raise ValueError(f"the weight {self.weight!r} is not between 0.5 and 1")


@dataclass(frozen=True, slots=True)
class Limits:
    """Up to `appetite` points are wished for, above `tolerance` points is in the red."""

    appetite: float
    tolerance: float


class Status(StrEnum):
    """A score against its limits. GREY means too little fresh evidence to say."""

    GREEN = "GREEN"
    AMBER = "AMBER"
    RED = "RED"
    GREY = "GREY"


LIMITS = {
    Materiality.HIGH: Limits(appetite=19, tolerance=39),
    Materiality.MEDIUM: Limits(appetite=39, tolerance=59),
    Materiality.LOW: Limits(appetite=59, tolerance=74),
}


def require_points(points: float) -> None:
    """Raise PointsOutOfRange unless `points` is a finite number from 0 to 100."""
    if isinstance(points, bool) or not math.isfinite(points) or not 0 <= points <= 100:
        raise PointsOutOfRange(f"{points!r} is not a number of points from 0 to 100")


def level_of(score: float) -> RiskLevel:
    """Return the band a score falls into: Low, Medium from 20, High 40, Critical 75."""
    return RiskLevel.of_points(rounded(score))


def matrix_points(*, impact: int, likelihood: int) -> int:
    """Return 4 × impact × likelihood, both assessed from 1 to 5."""
    for grade in (impact, likelihood):
        if not 1 <= grade <= 5:
            raise ValueError(f"{grade!r} is not a grade from 1 to 5")
    return 4 * impact * likelihood


def placed(score: float, *, likelihood: int, impact: int) -> tuple[int, int]:
    """Return the cell of a live score: from the assessed one likelihood rises first, then impact.

    Live evidence says how likely harm has become rather than how grave it would be.
    """
    while likelihood < 5 and matrix_points(impact=impact, likelihood=likelihood) < score:
        likelihood += 1
    while impact < 5 and matrix_points(impact=impact, likelihood=likelihood) < score:
        impact += 1
    return likelihood, impact


def combine(values: Iterable[float], *, corroboration: float) -> float:
    """Return the worst value plus a bounded share of what is left to 100.

    x1 + λ (100 − x1) (1 − Π (1 − xk / 100)) over the rest, λ = `corroboration`.
    Never below the worst value, never above 100; zeros and order do not matter.
    """
    worst, *others = sorted(values, reverse=True) or [0.0]
    untouched = math.prod(1 - value / 100 for value in others)
    return min(100.0, worst + corroboration * (100 - worst) * (1 - untouched))


def strongest(contributions: Iterable[Contribution]) -> list[Contribution]:
    """Return the strongest contribution of each cause, strongest first.

    Repeats and duplicates of a cause therefore do not stack.
    """
    by_cause: dict[str, Contribution] = {}
    for one in sorted(contributions, key=_rank, reverse=True):
        by_cause.setdefault(one.cause, one)
    return list(by_cause.values())


def factor_score(contributions: Iterable[Contribution]) -> float:
    """Return F, the score of one risk category, not rounded."""
    points = (one.points for one in strongest(contributions))
    return combine(points, corroboration=FACTOR_LAMBDA)


def effective_score(score: float, *, held: RiskLevel) -> float:
    """Return E: the factor score, but not below the entry of the level still held."""
    return max(score, float(held.entry_points))


def model_score(factors: Iterable[Factor]) -> float:
    """Return R, the risk score of a model, not rounded.

    A Critical factor makes the model at least High, whatever the weights.
    """
    known = list(factors)
    score = combine((one.effective * one.weight for one in known), corroboration=MODEL_LAMBDA)
    if any(level_of(one.effective) is RiskLevel.CRITICAL for one in known):
        return max(score, float(RiskLevel.HIGH.entry_points))
    return score


def scaled_points(value: float, *, scale: Sequence[tuple[float, float]]) -> float:
    """Return the points of a reading between a rule's (limit, points) pairs.

    Nothing until the reading passes the first limit, then linear from pair to
    pair, then onward with the last slope up to 100. Falling limits mean that low
    readings are bad. Raises ValueError for fewer than two pairs or pairs that do
    not rise together.
    """
    ordered = sorted(scale, key=lambda pair: pair[1])
    sign = -1.0 if len(ordered) > 1 and ordered[0][0] > ordered[-1][0] else 1.0
    steps = [(sign * limit, points) for limit, points in ordered]
    if len(steps) < 2 or any(a[0] >= b[0] or a[1] >= b[1] for a, b in pairwise(steps)):
        raise ValueError("a scale needs two or more limits whose points rise with them")
    reading = sign * value
    if reading <= steps[0][0]:
        return 0.0
    (low, start), (high, end) = next(
        (pair for pair in pairwise(steps) if reading <= pair[1][0]), (steps[-2], steps[-1])
    )
    return min(100.0, start + (end - start) * (reading - low) / (high - low))


def coverage(*, fresh: int, required: int) -> float:
    """Return the share of required signals that are fresh, 0 to 1.

    A model of which nothing is required misses nothing: 1.
    """
    if not 0 <= fresh <= required:
        raise ValueError(f"{fresh} fresh of {required} required signals is not a share")
    return fresh / required if required else 1.0


def is_partial(share: float) -> bool:
    """Return whether a coverage deserves the mark "partial view"."""
    return share < FULL_COVERAGE


def status(score: float, *, materiality: Materiality, coverage: float) -> Status:
    """Return a score's status against the limits of the model's materiality.

    An acceptance never changes the status; it is a mark beside it.
    """
    limits = LIMITS[materiality]
    if coverage < MINIMUM_COVERAGE:
        return Status.GREY
    if rounded(score) > limits.tolerance:
        return Status.RED
    return Status.AMBER if rounded(score) > limits.appetite else Status.GREEN


def shares(contributions: Iterable[Contribution]) -> list[Share]:
    """Return what each cause adds, strongest first; they sum to the shown score."""
    ordered = strongest(contributions)
    found: list[Share] = []
    before = 0.0
    for count, one in enumerate(ordered, start=1):
        after = rounded(factor_score(ordered[:count]))
        found.append(Share(one, rounded(after - before)))
        before = after
    return found


def explain(contributions: Iterable[Contribution], *, held: RiskLevel | None = None) -> str:
    """Return one sentence that says where a factor's points come from.

    "Medium (23.2): drift 0.17 > 0.15 for 3 days (+20, rule DI-1 v4), assessed
    baseline 16 adds 3.2." A level held above the score is said in a second one.
    """
    known = list(contributions)
    score = factor_score(known)
    parts = [_phrase(share, first=not index) for index, share in enumerate(shares(known))]
    visible = ", ".join(part for part in parts if part) or "nothing contributes"
    sentence = f"{level_of(score).label} ({rounded(score):.1f}): {visible}."
    if held is None or held <= level_of(score):
        return sentence
    return f"{sentence} Held at {held.label} ({held.entry_points}) {_until(held)}."


def _rank(one: Contribution) -> tuple[float, float, str, str, str, str]:
    return (one.points, one.peak or 0.0, one.rule, one.text, one.evidence, one.cause)


def _until(held: RiskLevel) -> str:
    if held >= RiskLevel.HIGH:
        return "until a person releases it"
    return f"until it has been calm for {DWELL_HOURS[held]} hours"


def _phrase(share: Share, *, first: bool) -> str:
    one = share.contribution
    points = _short(one.points)
    rule = f", rule {one.rule}" if one.rule else ""
    fading = f", fading from {_short(one.peak)}" if one.peak is not None else ""
    if one.points == 0:
        return ""
    if one.cause == BASELINE:
        text = f"{one.text or 'assessed baseline'} {points}"
        return text if first else f"{text} adds {_short(share.added)}"
    text = one.text or one.cause.replace("_", " ")
    if first:
        return f"{text} (+{points}{fading}{rule})"
    return f"{text} adds {_short(share.added)} ({points} points{fading}{rule})"


def _short(points: float) -> str:
    return f"{rounded(points):.1f}".removesuffix(".0")
