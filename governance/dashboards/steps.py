"""Counts by day, as stacked steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from django.utils.safestring import SafeString

from governance.dashboards.svg import WORDS, Frame, Plot, coordinates, line, markup, text


@dataclass(frozen=True)
class Band:
    """How many things stood at one level on each day, oldest first."""

    level: str
    values: Sequence[int]


def steps(days: Sequence[date], bands: Sequence[Band], label: str) -> SafeString:
    """Draw counts by day as stacked steps, from the first band upwards, named at their end."""
    frame = Frame(width=296, height=110, left=0, right=226, top=6, bottom=92)
    count = len(days)
    out = [f'<svg class="steps-chart" viewBox="0 0 296 110" role="img" aria-label="{escape(label)}">']
    if count:
        out += step_areas(count, bands, frame)
        out.append(text(0, 106, f"{days[0].day} {days[0]:%b}"))
        out.append(text(226, 106, f"{days[-1].day} {days[-1]:%b}", anchor="end"))
    return markup([*out, line("axis-l", 0, 92, 226, 92), "</svg>"])


def step_areas(count: int, bands: Sequence[Band], frame: Frame) -> list[str]:
    """Return the stacked areas and the words at their end, kept apart."""
    top = max((sum(b.values[i] for b in bands) for i in range(count)), default=0) + 1
    total, out = [0] * count, []
    ends: list[tuple[float, str]] = []

    def outline(values: Sequence[int]) -> list[Plot]:
        return [(frame.x((i + d) / count), frame.y(v / top)) for i, v in enumerate(values) for d in (0, 1)]

    for band in bands:
        below, total = total, [t + v for t, v in zip(total, band.values, strict=True)]
        out.append(f'<polygon class="a-{band.level}" points="{coordinates(outline(total) + outline(below)[::-1])}"/>')
        if band.values[-1]:
            ends.append((frame.y((total[-1] + below[-1]) / 2 / top) + 4, f"{band.values[-1]} {WORDS[band.level]}"))
    return out + [text(frame.right + 6, y, words, css="mid") for y, words in spread(ends, 13, frame.bottom)]


def spread(labels: Sequence[tuple[float, str]], gap: float, lowest: float) -> list[tuple[float, str]]:
    """Return labels moved up just far enough that none lies on another or below the floor."""
    placed: list[tuple[float, str]] = []
    limit = lowest
    for y, words in sorted(labels, reverse=True):
        placed.append((min(y, limit), words))
        limit = placed[-1][0] - gap
    return placed[::-1]
