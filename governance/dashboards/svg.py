"""What every chart is drawn with: numbers, coordinates and elements, escaped where text is put in.

Charts are SVG markup: plain values in, escaped markup out. No drawing touches the database, the
clock or a request. The markup carries no style attribute and no script, so it passes a strict
Content-Security-Policy, follows the theme through the stylesheet, and can be reused in reports.
Red is the line and what is past it; series are ink and greys; a missing value is a gap, never a zero.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

MINUS = "\u2212"
LEVELS = ("none", "low", "medium", "high", "critical")
WORDS = {"none": "no signal", "low": "low", "medium": "medium", "high": "high", "critical": "critical"}

type Plot = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """The drawing area of a chart: outer size and the inner box of the data, in SVG units."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    def x(self, share: float) -> float:
        """Return the abscissa of a share, 0 to 1, of the width."""
        return self.left + share * (self.right - self.left)

    def y(self, share: float) -> float:
        """Return the ordinate of a share, 0 at the bottom to 1 at the top."""
        return self.bottom - share * (self.bottom - self.top)


def number(value: float, places: int = 1) -> str:
    """Return a number for reading, without trailing zeros and with a true minus."""
    text = f"{abs(value):,.{places}f}".replace(",", "\u202f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{MINUS}{text}" if value < 0 and text != "0" else text


def coordinates(plots: Iterable[Plot]) -> str:
    """Return points in the notation of a polyline."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in plots)


def markup(parts: Iterable[str]) -> SafeString:
    """Join parts whose text was escaped where it was put in."""
    return mark_safe("".join(parts))  # noqa: S308


def text(x: float, y: float, words: str, *, anchor: str = "start", css: str = "") -> str:
    """Return a text element; the words are escaped."""
    look = f' class="{css}"' if css else ""
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}"{place}{look}>{escape(words)}</text>'


def line(css: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """Return a straight line."""
    return f'<line class="{css}" x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}"/>'


def runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Return the stretches of a series that have values, each with its positions."""
    found: list[list[tuple[int, float]]] = [[]]
    for index, value in enumerate(values):
        if value is not None:
            found[-1].append((index, value))
        elif found[-1]:
            found.append([])
    return [run for run in found if run]


def past_area(plots: Sequence[Plot], level: float) -> str:
    """Return the area between a line and a level, from its first point to its last."""
    closed = [*plots, (plots[-1][0], level), (plots[0][0], level)]
    return f'<polygon class="fill-past" points="{coordinates(closed)}"/>'
