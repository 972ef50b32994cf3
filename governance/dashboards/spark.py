"""The small line beside a number, and how a long series is thinned without losing its peaks."""

from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString

from governance.dashboards.svg import Plot, coordinates, line, markup, past_area, runs

DRAWN_POINTS = 240


def spark(values: Sequence[float | None], line_at: float | None, label: str) -> SafeString:
    """Draw a small line with its redline; what is below the line is tinted, gaps stay open."""
    known = [v for v in values if v is not None]
    if not known:
        return markup([f'<svg class="spark" viewBox="0 0 88 26" role="img" aria-label="{escape(label)}"></svg>'])
    around = known if line_at is None else [*known, line_at]
    low, high = min(around), max(around)
    slack = (high - low) * 0.08 or 1.0
    low, high = low - slack, high + slack
    step = 88 / max(1, len(values) - 1)

    def y(value: float) -> float:
        return 2 + (high - value) * 22 / (high - low)

    out = [
        f'<svg class="spark" viewBox="0 0 88 26" preserveAspectRatio="none" role="img" aria-label="{escape(label)}">'
    ]
    for run in runs(values):
        plots = [(i * step, y(v)) for i, v in run]
        if line_at is not None and min(v for _, v in run) < line_at:
            out.append(past_area([(i * step, y(min(v, line_at))) for i, v in run], y(line_at)))
        out.append(f'<polyline class="ln" points="{coordinates(plots)}"/>')
    if line_at is not None:
        out.append(line("redline", 0, y(line_at), 88, y(line_at)))
    return markup([*out, "</svg>"])


def lttb(points: Sequence[Plot], keep: int = DRAWN_POINTS) -> list[Plot]:
    """Return at most `keep` points that keep the look of a line: its peaks and its ends.

    Largest-Triangle-Three-Buckets (Steinarsson, 2013): of each bucket, the point that
    spans the largest triangle with the last kept point and the mean of the next bucket.
    """
    count = len(points)
    if keep < 3 or count <= keep:
        return list(points)
    size = (count - 2) / (keep - 2)
    kept = [points[0]]
    for bucket in range(keep - 2):
        start, end = int(bucket * size) + 1, int((bucket + 1) * size) + 1
        following = points[end : min(int((bucket + 2) * size) + 1, count)]
        kept.append(farthest(points[start:end], kept[-1], mean(following)))
    return [*kept, points[-1]]


def mean(points: Sequence[Plot]) -> Plot:
    """Return the middle of some points."""
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def farthest(bucket: Sequence[Plot], before: Plot, after: Plot) -> Plot:
    """Return the point of the bucket that spans the largest triangle between two others."""
    (ax, ay), (cx, cy) = before, after
    return max(bucket, key=lambda p: abs((ax - cx) * (p[1] - ay) - (ax - p[0]) * (cy - ay)))
