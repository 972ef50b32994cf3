"""The drawings of costs: a month's way to its end, and a share as a bar.

Own SVG without style or script, as every chart of the house: series are ink and greys, red is the line.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from html import escape
from itertools import accumulate
from math import ceil, floor, log10

from django.utils.safestring import SafeString, mark_safe

from models_registry.costs.forecast import last_day, month_of
from models_registry.costs.money import MICROS
from models_registry.costs.queries import Course
from models_registry.templatetags.figures import digits

DAY = timedelta(days=1)
WIDE, COLUMN, NARROW = 1120.0, 820.0, 358.0
"""Widths in which the text keeps its size: a whole page, a column beside an aside, a phone."""

LEFT, RIGHT, TOP, BOTTOM = 52.0, 12.0, 26.0, 26.0

type Plot = tuple[float, float]
type Place = Callable[[float], float]


def share_bar(share: float) -> SafeString:
    """Draw a share, 0 to 1; decoration beside the number."""
    return mark_safe(  # noqa: S308 - numbers only
        '<svg class="mini-bar" viewBox="0 0 80 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="bg" width="80" height="8" rx="1"/>'
        f'<rect class="fg" width="{80 * max(0.0, min(1.0, share)):.1f}" height="8" rx="1"/></svg>'
    )


def budget_bar(used: float, expected: float | None) -> SafeString:
    """Draw a budget: what is spent of it, where it is heading, and the line at its end."""
    widest = max(1.25, used, expected or 0.0)
    unit = 160 / widest
    ahead = "" if expected is None else f'<rect class="ahead" width="{expected * unit:.1f}" height="10" rx="1"/>'
    return mark_safe(  # noqa: S308 - numbers only
        '<svg class="budget-bar" viewBox="0 0 160 14" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="bg" width="160" height="10" rx="1"/>{ahead}'
        f'<rect class="fg" width="{used * unit:.1f}" height="10" rx="1"/>'
        f'<line class="redline" x1="{unit:.1f}" x2="{unit:.1f}" y1="0" y2="14"/></svg>'
    )


def month_chart(
    course: Course, *, currency: str, budget_micros: int | None = None, width: float = COLUMN
) -> SafeString:
    """Draw what a month has cost day by day, added up, beside the month before, and where it will end."""
    if not course.days and not course.before:
        return mark_safe('<p class="note">Nothing was spent in this month or the one before.</p>')
    label = _label(course, currency, budget_micros)
    sizes = ((width, 236.0, "wide-only"), (NARROW, 216.0, "narrow-only"))
    drawings = "".join(_draw(course, wide, height, css, label, budget_micros) for wide, height, css in sizes)
    return mark_safe(f'<div class="figure">{drawings}</div>{_legend(course, budget_micros)}')  # noqa: S308


def _draw(course: Course, width: float, height: float, css: str, label: str, budget: int | None) -> str:
    end = last_day(course.span.month)
    now, before = _added(course.days, course.span.month, course.span.until), _before(course)
    ahead = course.forecast
    tops = [now[-1], before[-1] if before else 0, budget or 0, (ahead and ahead.high) or 0]
    top = max(1, *tops) * 1.08

    def x(place: float) -> float:
        return LEFT + (width - LEFT - RIGHT) * place / max(1, (end - course.span.month).days)

    def y(micros: float) -> float:
        return height - BOTTOM - (height - TOP - BOTTOM) * micros / top

    parts = [
        f'<svg class="{css}" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label)}">',
        *_grid(top, width, y),
        _days(course.span.month, end, height, x, wide=width > 500),
        _line("ln-before", [(x(n), y(micros)) for n, micros in enumerate(before)]),
    ]
    if ahead and ahead.expected is not None and ahead.low is not None and ahead.high is not None:
        last, start = (end - course.span.month).days, len(now) - 1
        corner = (x(start), y(now[-1]))
        band = [corner, (x(last), y(ahead.high)), (x(last), y(ahead.low))]
        parts += [
            f'<polygon class="band-ahead" points="{_points(band)}"/>',
            _line("ln-ahead", [corner, (x(last), y(ahead.expected))]),
        ]
    parts.append(_line("ln", [(x(n), y(micros)) for n, micros in enumerate(now)]))
    if budget:
        parts.append(
            f'<line class="redline" x1="{LEFT:g}" x2="{width - RIGHT:g}" y1="{y(budget):.1f}" y2="{y(budget):.1f}"/>'
            f'<text class="redtxt" x="{LEFT + 4:g}" y="{y(budget) - 6:.1f}">budget {_short(budget)}</text>'
        )
    return "".join([*parts, "</svg>"])


def _added(days: Mapping[date, int], first: date, until: date) -> list[int]:
    count = (until - first).days + 1
    return list(accumulate(days.get(first + n * DAY, 0) for n in range(count)))


def _before(course: Course) -> list[int]:
    """Return the month before added up, no longer than this one, so that days stand above each other."""
    if not course.before:
        return []
    first = month_of(course.span.month - DAY)
    return _added(course.before, first, last_day(first))[: last_day(course.span.month).day]


def _grid(top: float, width: float, place: Place) -> Sequence[str]:
    rough = top / 4
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    found = []
    for n in range(ceil(top / step)):
        at = place(n * step)
        found.append(
            f'<line class="grid-l" x1="{LEFT:g}" x2="{width - RIGHT:g}" y1="{at:.1f}" y2="{at:.1f}"/>'
            f'<text x="{LEFT - 8:g}" y="{at + 4:.1f}" text-anchor="end">{_short(n * step)}</text>'
        )
    return found


def _days(first: date, end: date, height: float, place: Place, *, wide: bool) -> str:
    marks = [0, 7, 14, 21, (end - first).days] if wide else [0, 14, (end - first).days]
    words = []
    for n in marks:
        day = first + n * DAY
        anchor = "start" if n == 0 else "end" if day == end else "middle"
        text = f"{day.day} {day:%b}"
        words.append(f'<text x="{place(n):.1f}" y="{height - 6:g}" text-anchor="{anchor}">{text}</text>')
    return "".join(words)


def _line(css: str, plots: Sequence[Plot]) -> str:
    if len(plots) == 1:
        return f'<circle class="point" cx="{plots[0][0]:.1f}" cy="{plots[0][1]:.1f}" r="2.5"/>' if css == "ln" else ""
    return f'<polyline class="{css}" points="{_points(plots)}"/>' if plots else ""


def _points(plots: Sequence[Plot]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in plots)


def _short(micros: float) -> str:
    """Return an amount as an axis writes it: `1.2k`."""
    amount = micros / MICROS
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if amount >= size:
            return f"{amount / size:.1f}".rstrip("0").rstrip(".") + letter
    return f"{amount:.2f}".rstrip("0").rstrip(".") if 0 < amount < 10 else f"{amount:.0f}"


def _label(course: Course, currency: str, budget: int | None) -> str:
    month, until = course.span.month, course.span.until
    spent = _added(course.days, month, until)[-1]
    words = f"{month:%B %Y} until {until.day} {until:%b}: {_said(spent, currency)}"
    if course.before:
        words += f"; the month before came to {_said(sum(course.before.values()), currency)}"
    if course.forecast and course.forecast.expected is not None:
        words += f"; {_said(course.forecast.expected, currency)} expected at its end"
    return f"{words}; the budget is {_said(budget, currency)}." if budget else f"{words}."


def _said(micros: int, currency: str) -> str:
    return f"{digits(micros / MICROS, 2)} {currency}"


def _legend(course: Course, budget: int | None) -> str:
    items = ["<li><b>Solid</b>this month, added up</li>"]
    if course.before:
        items.append("<li><b>Dotted</b>the month before</li>")
    if course.forecast and course.forecast.expected is not None:
        items.append("<li><b>Dashed</b>expected, with the band of 8 in 10 cases</li>")
    if budget:
        items.append("<li><b>Red</b>the budget</li>")
    return f'<ul class="legend">{"".join(items)}</ul>'
