"""A sweep as parallel coordinates: one axis per parameter, the objective last, one line per run.

Axes of numbers are scaled, by logarithm where the values span a hundredfold; the others stand as words. Lines
are coloured by the objective in four steps of one ramp, the winning run is drawn strong on top, and every value
is in the table beneath. Pure but for the numbers' spelling.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

from models_registry.catalog.verdicts import written

type Value = str | float | bool | None

HEIGHT, TOP, BOTTOM = 320.0, 44.0, 26.0
STEP, SIDE, WIDE = 140.0, 76.0, 860.0
MOST_AXES = 9
MOST_WORDS = 12
STEPS = 4
SPAN_OF_LOGARITHM = 100.0
LONGEST = 14


@dataclass(frozen=True, slots=True)
class Trace:
    """One run: its name, its parameters, its objective, and whether it won."""

    name: str
    parameters: Mapping[str, Value]
    objective: float | None
    wins: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its name, what it can say from bottom to top, and how numbers lie on it."""

    name: str
    words: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    logarithmic: bool = False

    def place(self, value: Value) -> float | None:
        """Return where a value lies, 0 at the bottom and 1 at the top; None where it has no place."""
        if self.words:
            word = _word(value)
            if word not in self.words:
                return None
            return (self.words.index(word) + 0.5) / len(self.words)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if self.high == self.low:
            return 0.5
        low, high, at = (math.log10(one) if self.logarithmic else one for one in (self.low, self.high, value))
        return (at - low) / (high - low)


def axis_of(name: str, values: Sequence[Value]) -> Axis:
    """Return the axis for these values: a scale where all are numbers, else the words by name."""
    given = [value for value in values if value is not None]
    numbers = [float(value) for value in map(_number, given) if value is not None]
    if given and len(numbers) == len(given):
        low, high = min(numbers), max(numbers)
        return Axis(name, low=low, high=high, logarithmic=low > 0 and high / low >= SPAN_OF_LOGARITHM)
    words = sorted({_word(value) for value in given})
    return Axis(name, words=tuple(words[:MOST_WORDS]))


def drawing(
    traces: Sequence[Trace], parameters: Sequence[str], objective: str, *, maximise: bool, name: str
) -> SafeString:
    """Draw the runs that have a value of the objective; nothing where there is none."""
    lines = [trace for trace in traces if trace.objective is not None]
    if not lines:
        return SafeString("")
    shown = list(parameters[:MOST_AXES])
    axes = [axis_of(one, [trace.parameters.get(one) for trace in lines]) for one in shown]
    reached = [trace.objective for trace in lines]
    axes.append(axis_of(objective, reached))
    step = max(STEP, WIDE / max(1, len(axes) - 1))
    width = 2 * SIDE + step * (len(axes) - 1)
    out = [
        f'<svg class="graph" width="{width:g}" height="{HEIGHT:g}" viewBox="0 0 {width:g} {HEIGHT:g}" role="img"'
        f' aria-label="{escape(name)}">'
    ]
    ordered = sorted(lines, key=lambda trace: (trace.wins, _rank(trace, axes[-1], maximise)))
    out += [_line(trace, axes, shown, step, maximise) for trace in ordered]
    out += [_axis(axis, SIDE + step * place) for place, axis in enumerate(axes)]
    return mark_safe("".join([*out, "</svg>"]))  # noqa: S308 - every text is escaped where it is written


def step_of(value: float, *, low: float, high: float, maximise: bool) -> int:
    """Return which of the four steps of the ramp a value has: 1 for the worst quarter, 4 for the best."""
    share = 1.0 if high == low else (value - low) / (high - low)
    good = share if maximise or high == low else 1 - share
    return min(STEPS, 1 + int(good * STEPS))


def legend(traces: Sequence[Trace], *, maximise: bool) -> list[tuple[int, str]]:
    """Return the steps of the ramp with the values that each stands for, the best first."""
    reached = [trace.objective for trace in traces if trace.objective is not None]
    if not reached or min(reached) == max(reached):
        return []
    low, width = min(reached), (max(reached) - min(reached)) / STEPS
    bounds = [(low + width * n, low + width * (n + 1)) for n in range(STEPS)]
    ordered = bounds if maximise else bounds[::-1]
    return [(n, f"{written(bottom)} to {written(top)}") for n, (bottom, top) in reversed([*enumerate(ordered, 1)])]


def _rank(trace: Trace, axis: Axis, maximise: bool) -> float:
    place = axis.place(trace.objective) or 0.0
    return place if maximise else 1 - place


def _line(trace: Trace, axes: Sequence[Axis], shown: Sequence[str], apart: float, maximise: bool) -> str:
    values = [*(trace.parameters.get(one) for one in shown), trace.objective]
    points = []
    for place, (axis, value) in enumerate(zip(axes, values, strict=True)):
        height = axis.place(value)
        if height is not None:
            points.append((SIDE + apart * place, HEIGHT - BOTTOM - height * (HEIGHT - TOP - BOTTOM)))
    last = axes[-1]
    step = step_of(trace.objective or 0.0, low=last.low, high=last.high, maximise=maximise)
    look = f"trace s{step}{' wins' if trace.wins else ''}"
    said = escape(f"{trace.name}: {written(trace.objective or 0.0)}")
    if len(points) == 1:
        x, y = points[0]
        return f'<circle class="{look}" cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{said}</title></circle>'
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{look}" points="{path}"><title>{said}</title></polyline>'


def _axis(axis: Axis, x: float) -> str:
    bottom = HEIGHT - BOTTOM
    out = [
        f'<line class="edge" x1="{x:g}" x2="{x:g}" y1="{TOP:g}" y2="{bottom:g}"/>',
        f'<text class="t" x="{x:g}" y="16" text-anchor="middle">{escape(_short(axis.name, 18))}</text>',
    ]
    if axis.words:
        for place, word in enumerate(axis.words):
            y = bottom - (place + 0.5) / len(axis.words) * (bottom - TOP)
            out.append(f'<text class="k" x="{x - 6:g}" y="{y + 4:.1f}" text-anchor="end">{escape(_short(word))}</text>')
        return "".join(out)
    if axis.logarithmic:
        out.append(f'<text class="k" x="{x:g}" y="{HEIGHT:g}" text-anchor="middle" dy="-4">log</text>')
    out.append(f'<text class="k" x="{x + 5:g}" y="{TOP - 6:g}">{written(axis.high)}</text>')
    if axis.low != axis.high:
        out.append(f'<text class="k" x="{x + 5:g}" y="{bottom + 12:g}">{written(axis.low)}</text>')
    return "".join(out)


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _word(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _short(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
