"""A result as a bar beside its threshold, and the groups of a suite on one scale."""

from collections.abc import Sequence
from typing import Protocol

from django.utils.safestring import SafeString, mark_safe

WIDTH = 160.0


class Shown(Protocol):
    """What a bar needs of a result."""

    value: float
    threshold: float | None
    baseline: float | None
    low: float | None
    high: float | None
    verdict: str


def scale_of(results: Sequence[Shown]) -> float:
    """Return the end of the scale on which these results are drawn; it begins at 0. Below 0 nothing is drawn."""
    found = [
        number for one in results for number in (one.value, one.threshold, one.baseline, one.high) if number is not None
    ]
    largest = max(found, default=0.0)
    if min([one.value for one in results], default=0.0) < 0 or largest <= 0:
        return 0.0
    return 1.0 if 0.5 <= largest <= 1.0 else largest * 1.1


def bar(one: Shown, end: float) -> SafeString:
    """Draw a value, its 95 % interval and the threshold's line; decoration beside the numbers."""
    if end <= 0:
        return SafeString("")

    def x(number: float) -> float:
        return WIDTH * max(0.0, min(1.0, number / end))

    look = "fg worst" if one.verdict == "FAIL" else "fg"
    out = [
        f'<svg class="budget-bar" viewBox="0 0 {WIDTH:g} 14" preserveAspectRatio="none" aria-hidden="true">',
        f'<rect class="bg" y="2" width="{WIDTH:g}" height="10" rx="1"/>',
        f'<rect class="{look}" y="2" width="{x(one.value):.1f}" height="10" rx="1"/>',
    ]
    if one.low is not None and one.high is not None:
        out.append(f'<line class="doubt" x1="{x(one.low):.1f}" x2="{x(one.high):.1f}" y1="7" y2="7"/>')
    if one.threshold is not None:
        at = x(one.threshold)
        out.append(f'<line class="redline" x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="14"/>')
    return mark_safe("".join([*out, "</svg>"]))  # noqa: S308 - numbers only
