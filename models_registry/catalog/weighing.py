"""One version's results beside another's: better, worse, unclear, or different without proof.

Results meet when suite, metric and segment are the same. What was sampled on both sides is tested, and the
probabilities of one comparison are corrected together after Holm; the rest shows its difference and says that
no samples were given.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from models_registry.catalog import significance
from models_registry.catalog.significance import Tested
from models_registry.catalog.verdicts import Evidence, Way, written

LEVEL = 0.05


class Change(StrEnum):
    """How the new value stands to the old one."""

    BETTER = "BETTER"
    WORSE = "WORSE"
    UNCLEAR = "UNCLEAR"
    UNTESTED = "UNTESTED"
    SAME = "SAME"


@dataclass(frozen=True, slots=True)
class Result:
    """One result as it is compared."""

    suite: str
    metric: str
    segment: str
    value: float
    way: str
    evidence: Evidence

    @property
    def key(self) -> tuple[str, str, str]:
        """What two results have to share to be compared."""
        return self.suite, self.metric, self.segment


@dataclass(frozen=True, slots=True)
class Weighed:
    """One line of a comparison; ``adjusted`` is the probability after Holm's correction."""

    new: Result
    old: Result
    change: Change
    difference: float
    words: str
    tested: Tested | None = None
    adjusted: float | None = None

    @property
    def gain(self) -> float:
        """Return the difference, positive where it is better; 0 where neither way is."""
        if self.new.way == Way.NEITHER:
            return 0.0
        return self.difference if self.new.way == Way.HIGHER_IS_BETTER else -self.difference


def compare(*, new: Iterable[Result], old: Iterable[Result]) -> list[Weighed]:
    """Return a line for each result that both versions have, in the order of the new ones."""
    before: Mapping[tuple[str, str, str], Result] = {one.key: one for one in old}
    pairs = [(one, before[one.key]) for one in new if one.key in before]
    tests = [tested(mine.value, mine.evidence, theirs.value, theirs.evidence) for mine, theirs in pairs]
    adjusted = iter(significance.holm([test.p_value for test in tests if test is not None]))
    return [
        _weighed(mine, theirs, test, next(adjusted) if test is not None else None)
        for (mine, theirs), test in zip(pairs, tests, strict=True)
    ]


def tested(value: float, new: Evidence, other: float, old: Evidence) -> Tested | None:
    """Test a difference by what both sides give: proportions, ranks of samples, or means; None without samples."""
    if new.successes is not None and old.successes is not None and new.count and old.count:
        return significance.two_proportions(new=(new.successes, new.count), old=(old.successes, old.count))
    if (
        new.samples is not None
        and old.samples is not None
        and min(len(new.samples), len(old.samples)) >= significance.FEWEST_RANKED
    ):
        return significance.mann_whitney(new=new.samples, old=old.samples)
    mine, theirs = _moments(value, new), _moments(other, old)
    return significance.welch(new=mine, old=theirs) if mine is not None and theirs is not None else None


def summary(lines: Sequence[Weighed]) -> Mapping[Change, int]:
    """Return how many lines there are of each change, all changes named."""
    return {change: sum(1 for line in lines if line.change == change) for change in Change}


def _weighed(new: Result, old: Result, test: Tested | None, adjusted: float | None) -> Weighed:
    difference = new.value - old.value
    line = Weighed(new, old, Change.UNTESTED, difference, "", test, adjusted)
    if test is None or adjusted is None:
        if difference == 0:
            return replace(line, change=Change.SAME, words="the same value; no samples")
        return replace(line, words=f"{_direction(line.gain, difference)}; no samples, so chance is not excluded")
    if adjusted >= LEVEL:
        return replace(line, change=Change.UNCLEAR, words=f"within what chance does ({_p(adjusted)})")
    sure = replace(line, difference=test.difference) if difference == 0 else line
    if new.way == Way.NEITHER:
        return replace(line, change=Change.UNCLEAR, words=f"different, and neither way is better ({_p(adjusted)})")
    change = Change.BETTER if sure.gain > 0 else Change.WORSE
    return replace(line, change=change, words=f"{change.lower()} beyond chance ({_p(adjusted)})")


def _moments(value: float, evidence: Evidence) -> tuple[int, float, float] | None:
    if evidence.samples is not None and len(evidence.samples) > 1:
        return significance.mean_and_variance(evidence.samples)
    if evidence.variance is not None and evidence.count is not None and evidence.count > 1:
        return evidence.count, value, evidence.variance
    if evidence.successes is not None and evidence.count is not None and evidence.count > 1:
        share = evidence.successes / evidence.count
        return evidence.count, share, share * (1 - share) * evidence.count / (evidence.count - 1)
    return None


def _direction(gain: float, difference: float) -> str:
    amount = written(abs(difference))
    if gain == 0:
        return f"{'higher' if difference > 0 else 'lower'} by {amount}"
    return f"{'better' if gain > 0 else 'worse'} by {amount}"


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
