"""Bars: where the points of a health score went, and a value as a share of its column."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString

from governance.dashboards.svg import line, markup, number, text


@dataclass(frozen=True)
class Loss:
    """Points that one component of a health score took away."""

    name: str
    points: float


def lost_bar(losses: Sequence[Loss], *, kept: float, redline: float) -> SafeString:
    """Draw 100 points as one bar: what is kept, then what each component took, largest first."""
    label = f"Of 100 points {number(kept)} are kept; " + "; ".join(f"{x.name} took {number(x.points)}" for x in losses)
    return markup(
        [draw_lost(losses, kept, redline, w, css, label) for w, css in ((820, "wide-only"), (358, "narrow-only"))]
    )


def draw_lost(losses: Sequence[Loss], kept: float, redline: float, width: float, css: str, label: str) -> str:
    """Return one bar of one width. A label is left out where its part is too narrow for it."""
    unit, at = width / 100, kept * width / 100
    out = [
        f'<svg class="lost {css}" viewBox="0 0 {width:g} 54" role="img" aria-label="{escape(label)}">',
        f'<rect class="keep" x="0" y="16" width="{max(0.0, at - 1):.1f}" height="20"/>',
        text(8, 30, f"{number(kept)} kept", css="strong") if kept * unit > 60 else "",
    ]
    for index, loss in enumerate(losses):
        size = loss.points * unit
        out.append(
            f'<rect class="l{min(index + 1, 5)}" x="{at:.1f}" y="16" width="{max(1.0, size - 1):.1f}" height="20"/>'
        )
        if size >= 26:
            out.append(text(at, 10, number(-loss.points), css="mid"))
        at += size
    x = redline * unit
    out.append(line("redline", x, 13, x, 40))
    out.append(text(x, 52, f"redline {number(redline)}", anchor="end" if redline > 90 else "middle", css="redtxt"))
    return "".join([*out, "</svg>"])


def mini_bar(value: float, largest: float, *, worst: bool = False) -> SafeString:
    """Draw a value as a share of the largest of its column; decoration beside the number."""
    share = 0.0 if largest <= 0 else max(0.0, min(1.0, value / largest))
    return markup(
        [
            '<svg class="mini-bar" viewBox="0 0 80 8" preserveAspectRatio="none" aria-hidden="true">'
            f'<rect class="bg" width="80" height="8" rx="1"/><rect class="fg{" worst" if worst else ""}" '
            f'width="{80 * share:.1f}" height="8" rx="1"/></svg>'
        ]
    )
