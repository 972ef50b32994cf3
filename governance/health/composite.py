"""From readings to one health score, and where the points went."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from governance.health.formula import Component, Formula, Missing
from governance.vocabulary import rounded


class NoComponents(Exception):
    """Nothing of this formula was ever measured, so there is no health to tell."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The latest value of a component's metric, in its unit."""

    value: float
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One component's place in a score; None where it was left out.

    `weight` is its share of what was measured, 0–1; `lost` the points it took.
    """

    component: Component
    reading: Reading | None
    score: float | None
    weight: float
    lost: float
    fresh: bool


@dataclass(frozen=True, slots=True)
class Health:
    """A score 0–100, one decimal, with its coverage 0–1 and its parts.

    The points lost over all parts are exactly 100 − score.
    """

    score: float
    coverage: float
    parts: tuple[Part, ...]
    observed_at: datetime

    @property
    def where_the_points_went(self) -> tuple[Part, ...]:
        """Return the parts that took points, the greediest first."""
        taking = (part for part in self.parts if part.lost > 0)
        return tuple(sorted(taking, key=lambda part: (-part.lost, part.component.key)))


def normalised(component: Component, value: float) -> float:
    """Return a reading as 0–100 between the component's SLO bounds."""
    share = (value - component.zero_at) / (component.hundred_at - component.zero_at)
    return 100 * min(1.0, max(0.0, share))


def composite(formula: Formula, readings: Mapping[str, Reading], *, now: datetime) -> Health:
    """Return the weighted health score of readings by component key.

    A missing reading lowers coverage, not the score: a stale one that the formula
    holds still counts in the score, any other is left out. Raises NoComponents.
    """
    used = [one for one in formula.components if _counts(one, readings.get(one.key), now)]
    if not used:
        raise NoComponents("Nothing of this formula was measured.")
    total = sum(one.weight for one in used)
    parts: list[Part] = []
    lost_before, shown_before = 0.0, 0.0
    for one in formula.components:
        reading = readings.get(one.key)
        if reading is None or one not in used:
            parts.append(Part(one, None, None, 0.0, 0.0, fresh=False))
            continue
        score, weight = normalised(one, reading.value), one.weight / total
        lost_before += weight * (100 - score)
        shown = rounded(lost_before)
        lost = rounded(shown - shown_before)
        parts.append(Part(one, reading, rounded(score), weight, lost, _is_fresh(one, reading, now)))
        shown_before = shown
    return Health(
        score=rounded(100 - shown_before),
        coverage=_coverage(formula, parts),
        parts=tuple(parts),
        observed_at=max(part.reading.observed_at for part in parts if part.reading),
    )


def segments(formula: Formula, readings: Mapping[str, Mapping[str, Reading]], *, now: datetime) -> dict[str, Health]:
    """Return the health of each segment, worst first; those never measured are left out."""
    found: list[tuple[str, Health]] = []
    for name, of_segment in readings.items():
        try:
            found.append((name, composite(formula, of_segment, now=now)))
        except NoComponents:
            continue
    return dict(sorted(found, key=lambda pair: (pair[1].score, pair[0])))


def _is_fresh(component: Component, reading: Reading | None, now: datetime) -> bool:
    return reading is not None and now - component.max_age <= reading.observed_at <= now


def _counts(component: Component, reading: Reading | None, now: datetime) -> bool:
    if reading is None or reading.observed_at > now:
        return False
    return component.missing is Missing.HOLD or _is_fresh(component, reading, now)


def _coverage(formula: Formula, parts: Iterable[Part]) -> float:
    total = sum(one.weight for one in formula.components)
    return min(1.0, sum(part.component.weight for part in parts if part.fresh) / total)
