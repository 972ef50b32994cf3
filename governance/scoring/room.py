"""The one definition of room: how far a model is from its line, in points.

Room is the smaller of two distances: tolerance − risk score, and health − health
redline. Below zero the model is in the red, whether the risk is accepted or not.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from governance.risks.method import Factor, model_score
from governance.vocabulary import RiskLevel, rounded

CLOSE_POINTS = 5.0
"""A model with at most so many points of room is close to its line."""


@dataclass(frozen=True, slots=True)
class Room:
    """Points to the line, negative past it. A side that is not known is None."""

    points: float | None
    risk_points: float | None
    health_points: float | None

    @property
    def in_the_red(self) -> bool:
        """Return whether the model is past its line; unknown is not past it, it is quiet."""
        return self.points is not None and self.points < 0

    @property
    def past(self) -> float:
        """Return how many points past the line, 0 if not past it."""
        return rounded(-self.points) if self.points is not None and self.points < 0 else 0.0


@dataclass(frozen=True, slots=True)
class WayOut:
    """One change that alone would bring one side back to its line."""

    sentence: str
    points: float


def room(
    *,
    risk_score: float | None,
    tolerance: float,
    health: float | None,
    health_redline: float,
) -> Room:
    """Return the room of a model; all scores 0–100, None where nothing was measured."""
    risk_side = None if risk_score is None else _distance(tolerance, risk_score)
    health_side = None if health is None else _distance(health, health_redline)
    sides = [side for side in (risk_side, health_side) if side is not None]
    return Room(min(sides, default=None), risk_side, health_side)


def way_out(
    *,
    factors: Iterable[Factor],
    tolerance: float,
    health: float | None,
    health_redline: float,
    points_lost: Iterable[tuple[str, float]] = (),
) -> tuple[WayOut, ...]:
    """Return the smallest change on each side that is past its line; empty if none is.

    `points_lost` names each health component and the points it takes. Risk is
    lowered factor by factor, gravest first, until the score fits.
    """
    found = [_lower_risk(list(factors), tolerance), _raise_health(health, health_redline, points_lost)]
    return tuple(one for one in found if one is not None)


def _distance(upper: float, lower: float) -> float:
    return _signed(rounded(upper) - rounded(lower))


def _signed(points: float) -> float:
    return round(points, 1) + 0.0


def _lower_risk(factors: list[Factor], tolerance: float) -> WayOut | None:
    score = rounded(model_score(factors))
    if score <= tolerance:
        return None
    steps: list[str] = []
    for index in _gravest_first(factors):
        best = _lowest_needed(factors, index, tolerance)
        steps.append(_step(factors[index], best))
        factors[index] = Factor(factors[index].category, best, factors[index].weight)
        if rounded(model_score(factors)) <= tolerance:
            break
    sentence = f"Lower {' and '.join(steps)}, and the risk score fits {tolerance:g}."
    return WayOut(sentence, _signed(score - tolerance))


def _gravest_first(factors: list[Factor]) -> list[int]:
    return sorted(range(len(factors)), key=lambda index: -factors[index].effective)


def _lowest_needed(factors: list[Factor], index: int, tolerance: float) -> float:
    """Return the highest tenth of a point this factor may have; 0 if none suffices."""
    low, high = 0, int(factors[index].effective * 10)
    while low < high:
        middle = (low + high + 1) // 2
        trial = [*factors]
        trial[index] = Factor(factors[index].category, middle / 10, factors[index].weight)
        low, high = (middle, high) if rounded(model_score(trial)) <= tolerance else (low, middle - 1)
    return low / 10


def _step(factor: Factor, target: float) -> str:
    level = RiskLevel.of_points(target)
    now = rounded(factor.effective)
    return f"{factor.category.label} from {now:g} to {target:g} ({level.label})"


def _raise_health(health: float | None, redline: float, points_lost: Iterable[tuple[str, float]]) -> WayOut | None:
    if health is None or _distance(health, redline) >= 0:
        return None
    gap = -_distance(health, redline)
    steps, left = [], gap
    for name, lost in sorted(points_lost, key=lambda pair: (-pair[1], pair[0])):
        if left <= 0 or lost <= 0:
            break
        gain = min(left, rounded(lost))
        steps.append(f"{gain:g} of the {rounded(lost):g} points {name} took")
        left = _signed(left - gain)
    if not steps:
        return WayOut(f"Raise health by {gap:g} points to {redline:g}.", gap)
    return WayOut(f"Win back {' and '.join(steps)}, and health reaches {redline:g}.", gap)
