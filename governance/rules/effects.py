"""How many points a firing rule contributes to its risk (scoring method, §2)."""

from bisect import bisect_right

from governance.rules.definition import Effect, Floor, Points, Scale


def contribution(effect: Effect, *, value: float | None) -> float:
    """Return the points, 0–100, for the value the rule fired on.

    A floor gives its band's entry (0, 20, 40, 75), points give themselves, a
    scale interpolates between its steps and stays flat beyond both ends. Without
    a value (the rule fired on missing data) a scale gives its mildest step.
    """
    match effect:
        case Floor(level):
            return float(level.entry_points)
        case Points(points):
            return points
        case Scale(steps):
            return _interpolate(steps, value)


def _interpolate(steps: tuple[tuple[float, float], ...], value: float | None) -> float:
    if value is None:
        return min(points for _, points in steps)
    place = bisect_right(steps, value, key=lambda step: step[0])
    if place == 0:
        return steps[0][1]
    if place == len(steps):
        return steps[-1][1]
    (left, left_points), (right, right_points) = steps[place - 1], steps[place]
    share = (value - left) / (right - left)
    return left_points * (1 - share) + right_points * share
