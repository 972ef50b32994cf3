"""The strip: every model by its distance from its own line.

Up to 120 models each is a dot in stacks of two points; up to 400 a half-size dot in stacks of one
point; beyond that the side with room is an outline of how many stand where, and only models past
the line are drawn one by one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from django.utils.safestring import SafeString

from governance.dashboards.svg import LEVELS, MINUS, WORDS, Plot, coordinates, line, markup, number, text


@dataclass(frozen=True)
class StripMark:
    """One model on the strip: its room in points now and a week ago; no room means quiet."""

    name: str
    url: str
    level: str
    room: float | None
    room_before: float | None = None


@dataclass(frozen=True)
class StripSize:
    """Measures of the strip, for a wide page or a phone."""

    width: float
    base: float
    low: float
    high: float
    dot: float
    quiet: float
    css: str
    top: float = 26
    left: float = 4
    bin: int = 2

    @property
    def right(self) -> float:
        """Return where the scale ends and the quiet column begins."""
        return self.width - self.quiet - 8

    def x(self, room: float) -> float:
        """Return the abscissa of a room in points, held inside the scale."""
        held = max(self.low, min(self.high, room))
        return self.left + (held - self.low) * (self.right - self.left) / (self.high - self.low)


WIDE = StripSize(width=1168, base=150, low=-28, high=26, dot=5.5, quiet=92, css="wide-only")
NARROW = StripSize(width=358, base=176, low=-27, high=26, dot=4.2, quiet=0, css="narrow-only")
ROWS_PAST = 12
COARSE_UP_TO, DOTS_UP_TO = 120, 400
LAST_POINT = 25
"""More room than this is drawn at the end of the scale."""


@dataclass(frozen=True)
class Crowd:
    """So many models that they are counted rather than drawn: by whole points of room, past the line, and quiet."""

    inside: Mapping[int, int]
    past: int
    quiet: int

    @classmethod
    def of(cls, rooms: Iterable[float | None]) -> "Crowd":
        """Count models by their room in points; None is quiet."""
        known = list(rooms)
        inside = Counter(min(int(room), LAST_POINT) for room in known if room is not None and room >= 0)
        past = sum(1 for room in known if room is not None and room < 0)
        return cls(inside, past, sum(1 for room in known if room is None))


def strip(marks: Sequence[StripMark], crowd: Crowd | None = None, *, more_url: str = "") -> SafeString:
    """Draw every model by its distance from its own line, for a wide page and for a phone.

    Left of the line one labelled row each, worst first, with a tail to last week; right of it dots
    stacked by room. Models without a signal stand apart, in a dashed ring. With a `crowd` the marks
    are the worst models past the line alone, and everything else is an outline of counts. Models past
    the line that find no row are counted in words that lead to `more_url`.
    """
    crowd = crowd or (Crowd.of(mark.room for mark in marks) if len(marks) > DOTS_UP_TO else None)
    narrow_crowd = crowd or (Crowd.of(mark.room for mark in marks) if len(marks) > COARSE_UP_TO else None)
    fine = len(marks) > COARSE_UP_TO
    wide = replace(WIDE, bin=1, dot=2.75) if fine else WIDE
    return markup(
        [
            draw_strip(marks, stretched(marks, wide, crowd), crowd, more_url),
            draw_strip(marks, stretched(marks, NARROW, narrow_crowd), narrow_crowd, more_url),
        ]
    )


def stretched(marks: Sequence[StripMark], size: StripSize, crowd: Crowd | None = None) -> StripSize:
    """Return the size with room for every model: more height for more rows and taller stacks."""
    past = sum(1 for m in marks if m.room is not None and m.room < 0)
    stacks = {} if crowd else bins(marks, size.bin)
    tallest = max((len(stack) for stack in stacks.values()), default=0)
    rows_height = 24.0 if size.quiet else 30.0
    needed = max(min(past, ROWS_PAST) * rows_height + 6, tallest * size.dot * 2.54 + 8)
    return replace(size, base=max(size.base, size.top + needed))


def bins(marks: Sequence[StripMark], points: int = 2) -> dict[int, list[StripMark]]:
    """Return models with room in stacks of so many points, most serious level at the bottom."""
    inside = [m for m in marks if m.room is not None and m.room >= 0]
    stacks: dict[int, list[StripMark]] = {}
    for mark in sorted(inside, key=lambda m: (-LEVELS.index(m.level), m.name)):
        stacks.setdefault(min(int(mark.room or 0), LAST_POINT) // points, []).append(mark)
    return stacks


def draw_strip(marks: Sequence[StripMark], size: StripSize, crowd: Crowd | None = None, more_url: str = "") -> str:
    """Return one strip of one size."""
    past = sorted((m for m in marks if m.room is not None and m.room < 0), key=lambda m: (m.room or 0, m.name))
    quiet = sorted((m for m in marks if m.room is None), key=lambda m: m.name)
    past_count, quiet_count = (crowd.past, crowd.quiet) if crowd else (len(past), len(quiet))
    total = sum(crowd.inside.values()) + past_count + quiet_count if crowd else len(marks)
    return "".join(
        [
            f'<svg class="strip {size.css}" viewBox="0 0 {size.width:g} {size.base + 32:g}" role="group" '
            f'aria-label="Distance of {total} models from their redline, in points">',
            strip_scale(size),
            *(strip_row(m, size, i, len(past)) for i, m in enumerate(past[:ROWS_PAST])),
            strip_more(past_count - ROWS_PAST, size, more_url),
            strip_crowd(crowd, size) if crowd else strip_dots(marks, size),
            line("redline", size.x(0), size.top - 16, size.x(0), size.base + 6),
            text(size.x(0) + 6, size.top - 7, "redline", css="redtxt"),
            strip_quiet([] if crowd else quiet, size, quiet_count) if quiet_count and size.quiet else "",
            "</svg>",
        ]
    )


def strip_dots(marks: Sequence[StripMark], size: StripSize) -> str:
    """Return every model with room, as a dot in its stack."""
    stacks = sorted(bins(marks, size.bin).items())
    return "".join(strip_dot(m, size, b, k) for b, stack in stacks for k, m in enumerate(stack))


def strip_crowd(crowd: Crowd, size: StripSize) -> str:
    """Return how many models stand at each whole point of room, as one outline with its highest count."""
    most = max(crowd.inside.values(), default=0)
    if not most:
        return ""
    height = (size.base - size.top - 18) / most
    plots: list[Plot] = [(size.x(0), size.base)]
    for point in range(LAST_POINT + 1):
        y = size.base - crowd.inside.get(point, 0) * height
        plots += [(size.x(point), y), (size.x(point + 1), y)]
    plots.append((size.x(LAST_POINT + 1), size.base))
    peak = max(crowd.inside, key=lambda point: crowd.inside[point])
    words = f"{number(sum(crowd.inside.values()), 0)} models with room, most at +{peak}"
    return (
        f'<g role="img" aria-label="{escape(words)}"><polygon class="crowd" points="{coordinates(plots)}"/></g>'
        + text(size.x(peak + 0.5), size.base - most * height - 5, number(most, 0), anchor="middle", css="mid")
    )


def strip_more(count: int, size: StripSize, url: str) -> str:
    """Return how many models past the line found no row of their own."""
    if count <= 0:
        return ""
    words = text(size.left + 8, size.base - 8, f"and {number(count, 0)} more past the line", css="strong")
    return f'<a href="{escape(url)}">{words}</a>' if url else words


def strip_scale(size: StripSize) -> str:
    """Return the hatched side past the line, the grid and its words."""
    ticks = "".join(
        line("grid-l", size.x(t), size.top - 8, size.x(t), size.base)
        + text(size.x(t), size.base + 15, f"{'+' if t > 0 else MINUS}{abs(t)}", anchor="middle")
        for t in (-20, -10, 10, 20)
    )
    tails = "; tails reach back to last week" if size.quiet else ""
    return (
        f'<rect class="past-zone" x="{size.left:g}" y="{size.top - 8:g}" '
        f'width="{size.x(0) - size.left:.1f}" height="{size.base - size.top + 8:.1f}"/>{ticks}'
        + line("axis-l", size.left, size.base, size.right, size.base)
        + text(size.left, size.base + 28, f"points past the line{tails}")
        + text(size.right, size.base + 28, "points of room", anchor="end")
    )


def strip_row(mark: StripMark, size: StripSize, index: int, count: int) -> str:
    """Return one model past the line: its dot, its name and the path since last week."""
    points = mark.room or 0.0
    rows = (size.base - size.top - 6) / max(4, min(count, ROWS_PAST))
    x, y = size.x(points), size.top + 8 + rows * (index + 0.32)
    words = f"{mark.name} {number(points, 0)}"
    before = f", {number(mark.room_before, 0)} last week" if mark.room_before is not None else ""
    out = [
        f'<a href="{escape(mark.url)}" aria-label="{escape(words)} points, past its redline, '
        f'{WORDS[mark.level]} risk{before}">'
    ]
    if mark.room_before is not None:
        start = size.x(mark.room_before)
        out.append(line("trail", x + 7 if start > x else x - 7, y, start, y))
        out.append(f'<circle class="was" cx="{start:.1f}" cy="{y:.1f}" r="2.5"/>')
    out.append(f'<circle class="dot {mark.level}" cx="{x:.1f}" cy="{y:.1f}" r="6"/>')
    return "".join([*out, strip_name(words, x, y, size), "</a>"])


def strip_name(words: str, x: float, y: float, size: StripSize) -> str:
    """Return a model's name where it fits: left of its dot, or above it."""
    length = len(words) * 6.2
    if size.quiet and x - size.left > length + 14:
        return text(x - 12, y + 4, words, anchor="end", css="strong")
    if x - 6 + length > size.x(0) - 4:
        return text(size.x(0) - 7, y - 9, words, anchor="end", css="strong")
    return text(x - 6 if not size.quiet else x + 12, y - 9 if not size.quiet else y - 8, words, css="strong")


def strip_dot(mark: StripMark, size: StripSize, column: int, height: int) -> str:
    """Return one model with room, as a dot in its stack."""
    words = f"{mark.name} +{number(mark.room or 0, 0)}, {WORDS[mark.level]} risk"
    x, y = size.x((column + 0.5) * size.bin), size.base - 8 - height * size.dot * 2.54
    return (
        f'<a href="{escape(mark.url)}" aria-label="{escape(words)}"><title>{escape(words)}</title>'
        f'<circle class="dot {mark.level}" cx="{x:.1f}" cy="{y:.1f}" r="{size.dot:g}"/></a>'
    )


def strip_quiet(quiet: Sequence[StripMark], size: StripSize, count: int) -> str:
    """Return the column of models that send nothing; the name is written when there is one."""
    x = size.width - 46
    out = [line("ann-l", size.right + 16, size.top - 8, size.right + 16, size.base)]
    for k, mark in enumerate(quiet[:8]):
        words = f"{mark.name}, quiet: no signal"
        out.append(
            f'<a href="{escape(mark.url)}" aria-label="{escape(words)}"><title>{escape(words)}</title>'
            f'<circle class="dot none" cx="{x:g}" cy="{size.base - 8 - k * 14:.1f}" r="5.5"/></a>'
        )
    if len(quiet) == 1:
        out.append(text(x, size.base - 22, quiet[0].name[:16], anchor="middle", css="mid"))
    return "".join([*out, text(x, size.base + 15, f"{number(count, 0)} quiet", anchor="middle")])
