"""Open risks by likelihood and impact, with the edge of the appetite."""

from collections.abc import Callable, Mapping
from html import escape

from django.utils.safestring import SafeString

from governance.dashboards.svg import Plot, coordinates, markup, text

LIKELIHOOD = ("Rare", "Unlikely", "Possible", "Likely", "Frequent")


def matrix_level(likelihood: int, impact: int) -> str:
    """Return the level of a cell: 1–4 low, 5–9 medium, 10–16 high, 20–25 critical."""
    product = likelihood * impact
    return "critical" if product >= 20 else "high" if product >= 10 else "medium" if product >= 5 else "low"


def matrix(counts: Mapping[tuple[int, int], int], *, href: Callable[[int, int], str], outside: int = 12) -> SafeString:
    """Draw open risks by likelihood and impact, 1 to 5 each; keys are (likelihood, impact).

    Cells with risks link to `href(likelihood, impact)`. The red edge encloses the cells
    whose product reaches `outside`.
    """
    out = ['<svg class="matrix" viewBox="0 0 290 196" role="group" aria-label="Open risks by likelihood and impact">']
    for likelihood in range(5, 0, -1):
        out.append(text(50, 4 + (5 - likelihood) * 32 + 20, LIKELIHOOD[likelihood - 1], anchor="end"))
        out += [matrix_cell(likelihood, impact, counts.get((likelihood, impact), 0), href) for impact in range(1, 6)]
    out += [text(58 + (i - 0.5) * 46, 179, str(i), anchor="middle") for i in range(1, 6)]
    out.append(text(58 + 2.5 * 46, 193, "Impact", anchor="middle"))
    return markup([*out, matrix_edge(outside), "</svg>"])


def matrix_cell(likelihood: int, impact: int, count: int, href: Callable[[int, int], str]) -> str:
    """Return one cell; a cell with risks is a link that says what it counts."""
    level, x, y = matrix_level(likelihood, impact), 58 + (impact - 1) * 46, 4 + (5 - likelihood) * 32
    cell = f'<rect class="m-{level}" x="{x}" y="{y}" width="46" height="32" rx="2"/>'
    if not count:
        return cell
    words = f"{count} {'risk' if count == 1 else 'risks'}: likelihood {LIKELIHOOD[likelihood - 1]}, impact {impact}, {level}"  # noqa: E501
    return (
        f'<a href="{escape(href(likelihood, impact))}" aria-label="{escape(words)}">{cell}'
        f'<text class="c" x="{x + 23}" y="{y + 20.5:g}">{count}</text></a>'
    )


def matrix_edge(outside: int) -> str:
    """Return the staircase between the cells inside the appetite and those outside it."""
    plots: list[Plot] = []
    for likelihood in range(5, 0, -1):
        first = next((i for i in range(1, 6) if likelihood * i >= outside), 6)
        x, y = 58.0 + (first - 1) * 46, 4.0 + (5 - likelihood) * 32
        if first == 6:
            break
        plots += [(x, y), (x, y + 32)]
    else:
        return f'<polyline class="edge" points="{coordinates(plots)}"/>'
    if plots:
        plots.append((58.0 + 5 * 46, plots[-1][1]))
    return f'<polyline class="edge" points="{coordinates(plots)}"/>'
