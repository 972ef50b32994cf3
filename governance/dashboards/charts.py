"""Charts as SVG markup: plain values in, escaped markup out.

Nothing here touches the database, the clock or a request. The markup carries no style
attribute and no script, so it passes a strict Content-Security-Policy, follows the theme
through the stylesheet, and can be reused in reports. Red is the line and what is past it;
series are ink and greys; a missing value is a gap, never a zero.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import escape
from math import ceil, floor, log10

from django.utils.html import json_script
from django.utils.safestring import SafeString, mark_safe

MINUS = "\u2212"
LEVELS = ("none", "low", "medium", "high", "critical")
WORDS = {"none": "no signal", "low": "low", "medium": "medium", "high": "high", "critical": "critical"}
LIKELIHOOD = ("Rare", "Unlikely", "Possible", "Likely", "Frequent")
DRAWN_POINTS = 240

type Plot = tuple[float, float]
type Scale = Callable[[float], float]


@dataclass(frozen=True)
class StripMark:
    """One model on the strip: its room in points now and a week ago; no room means quiet."""

    name: str
    url: str
    level: str
    room: float | None
    room_before: float | None = None


@dataclass(frozen=True)
class Band:
    """How many things stood at one level on each day, oldest first."""

    level: str
    values: Sequence[int]


@dataclass(frozen=True)
class Point:
    """One reading of a series; no value means that nothing was measured then."""

    at: datetime
    value: float | None


@dataclass(frozen=True)
class Threshold:
    """A line a series must not cross, with the words written on it."""

    value: float
    label: str


@dataclass(frozen=True)
class Event:
    """Something that happened while a series was running: a release, a level change."""

    at: datetime
    label: str


@dataclass(frozen=True)
class Loss:
    """Points that one component of a health score took away."""

    name: str
    points: float


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


# ------------------------------------------------------------- down-sampling


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


# ----------------------------------------------------------------- sparkline


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
        if line_at is not None:
            out.append(past_area([(i * step, y(min(v, line_at))) for i, v in run], y(line_at)))
        out.append(f'<polyline class="ln" points="{coordinates(plots)}"/>')
    if line_at is not None:
        out.append(line("redline", 0, y(line_at), 88, y(line_at)))
    return markup([*out, "</svg>"])


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


# --------------------------------------------------------------------- strip


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


def strip(marks: Sequence[StripMark]) -> SafeString:
    """Draw every model by its distance from its own line, for a wide page and for a phone.

    Left of the line one labelled row each, worst first, with a tail to last week; right of
    it dots stacked by room. Models without a signal stand apart, in a dashed ring.
    """
    return markup([draw_strip(marks, stretched(marks, WIDE)), draw_strip(marks, stretched(marks, NARROW))])


def stretched(marks: Sequence[StripMark], size: StripSize) -> StripSize:
    """Return the size with room for every model: more height for more rows and taller stacks."""
    past = sum(1 for m in marks if m.room is not None and m.room < 0)
    stacks = bins(marks)
    tallest = max((len(stack) for stack in stacks.values()), default=0)
    rows_height = 30.0 if size is NARROW else 24.0
    needed = max(min(past, ROWS_PAST) * rows_height + 6, tallest * size.dot * 2.54 + 8)
    base = max(size.base, size.top + needed)
    return StripSize(size.width, base, size.low, size.high, size.dot, size.quiet, size.css)


def bins(marks: Sequence[StripMark]) -> dict[int, list[StripMark]]:
    """Return models with room in stacks of two points, most serious level at the bottom."""
    inside = [m for m in marks if m.room is not None and m.room >= 0]
    stacks: dict[int, list[StripMark]] = {}
    for mark in sorted(inside, key=lambda m: (-LEVELS.index(m.level), m.name)):
        stacks.setdefault(min(int((mark.room or 0) // 2), 12), []).append(mark)
    return stacks


def draw_strip(marks: Sequence[StripMark], size: StripSize) -> str:
    """Return one strip of one size."""
    past = sorted((m for m in marks if m.room is not None and m.room < 0), key=lambda m: (m.room or 0, m.name))
    quiet = sorted((m for m in marks if m.room is None), key=lambda m: m.name)
    return "".join(
        [
            f'<svg class="strip {size.css}" viewBox="0 0 {size.width:g} {size.base + 32:g}" role="group" '
            f'aria-label="Distance of {len(marks)} models from their redline, in points">',
            strip_scale(size),
            *(strip_row(m, size, i, len(past)) for i, m in enumerate(past[:ROWS_PAST])),
            *(strip_dot(m, size, b, k) for b, stack in sorted(bins(marks).items()) for k, m in enumerate(stack)),
            line("redline", size.x(0), size.top - 16, size.x(0), size.base + 6),
            text(size.x(0) + 6, size.top - 7, "redline", css="redtxt"),
            strip_quiet(quiet, size) if quiet and size.quiet else "",
            "</svg>",
        ]
    )


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
    x, y = size.x(column * 2 + 1), size.base - 8 - height * size.dot * 2.54
    return (
        f'<a href="{escape(mark.url)}" aria-label="{escape(words)}"><title>{escape(words)}</title>'
        f'<circle class="dot {mark.level}" cx="{x:.1f}" cy="{y:.1f}" r="{size.dot:g}"/></a>'
    )


def strip_quiet(quiet: Sequence[StripMark], size: StripSize) -> str:
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
    return "".join([*out, text(x, size.base + 15, f"{len(quiet)} quiet", anchor="middle")])


# -------------------------------------------------------------------- matrix


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


# --------------------------------------------------------------------- steps


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


# --------------------------------------------------------------- time charts


@dataclass(frozen=True)
class TimeScale:
    """Turns moments and values into places of one frame."""

    frame: Frame
    start: float
    end: float
    low: float
    high: float

    def x(self, at: float) -> float:
        """Return the abscissa of a moment, in seconds, held inside the frame."""
        share = (at - self.start) / ((self.end - self.start) or 1)
        return self.frame.x(max(0.0, min(1.0, share)))

    def y(self, value: float) -> float:
        """Return the ordinate of a value, held inside the frame."""
        return self.frame.y(max(0.0, min(1.0, (value - self.low) / ((self.high - self.low) or 1))))


WIDE_FRAME = Frame(width=820, height=228, left=44, right=808, top=34, bottom=204)
NARROW_FRAME = Frame(width=358, height=210, left=38, right=352, top=34, bottom=186)


def health_chart(*, key: str, points: Sequence[Point], redline: float, events: Sequence[Event] = ()) -> SafeString:
    """Draw a health score of 0 to 100 with its redline; the part below it is tinted."""
    values = [p.value for p in points if p.value is not None]
    low = min([40.0, redline - 15, *(v - 5 for v in values)])
    return time_chart(
        key=key,
        name="Health",
        points=[Point(p.at, None if p.value is None else round(p.value, 1)) for p in points],
        thresholds=[Threshold(redline, f"redline {number(redline)}")],
        events=events,
        low=max(0.0, low),
        high=100.0,
        shade_below=redline,
    )


def time_chart(
    *,
    key: str,
    name: str,
    points: Sequence[Point],
    thresholds: Sequence[Threshold] = (),
    breaches: Sequence[tuple[datetime, datetime]] = (),
    events: Sequence[Event] = (),
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    shade_below: float | None = None,
) -> SafeString:
    """Draw one series over time, wide and narrow, with a read-out for pointer and arrow keys.

    `key` names the chart on its page. Breaches are spans during which a rule held; events
    are numbered and listed below. Series longer than 240 points are thinned.
    """
    known = [p for p in points if p.value is not None]
    if not known:
        return markup([f'<p class="note">No reading of {escape(name)} in this time.</p>'])
    bottom, top = bounds([p.value for p in known if p.value is not None], thresholds, low, high)
    start, end = points[0].at.timestamp(), points[-1].at.timestamp()
    label = time_label(name, known, thresholds, breaches, unit)
    drawings = [
        draw_time(
            points,
            thresholds,
            breaches,
            events,
            TimeScale(frame, start, end, bottom, top),
            label,
            css,
            shade_below,
        )
        for frame, css in ((WIDE_FRAME, "wide-only"), (NARROW_FRAME, "narrow-only"))
    ]
    return markup(
        [
            f'<div class="figure" data-chart="{escape(key)}" tabindex="0" role="group" aria-label="{escape(label)} '
            'Arrow keys move through the readings.">',
            *drawings,
            f'<div class="readout" aria-live="polite">{escape(latest_words(known[-1], unit))}</div></div>',
            event_list(events),
            str(json_script(read_out(name, known, unit, shade_below), f"data-{key}")),
        ]
    )


def bounds(
    values: Sequence[float], thresholds: Sequence[Threshold], low: float | None, high: float | None
) -> tuple[float, float]:
    """Return the range of the value axis: given, or around values and thresholds."""
    around = [*values, *(t.value for t in thresholds)]
    slack = (max(around) - min(around)) * 0.1 or abs(max(around)) * 0.1 or 1.0
    bottom = min(around) - slack if low is None else low
    if low is None and min(around) >= 0:
        bottom = max(0.0, bottom)
    return bottom, max(around) + slack if high is None else high


def with_unit(value: float, unit: str) -> str:
    """Return a value as it is read, followed by its unit."""
    places = 0 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3
    shown = number(value, places)
    return f"{shown}\u00a0{unit}" if unit else shown


def latest_words(point: Point, unit: str) -> str:
    """Return the read-out of a chart at rest: its last reading."""
    at = point.at.astimezone(UTC)
    return f"Last reading {with_unit(point.value or 0.0, unit)}, {at.day} {at:%b %H:%M} UTC"


def time_label(
    name: str,
    known: Sequence[Point],
    thresholds: Sequence[Threshold],
    breaches: Sequence[tuple[datetime, datetime]],
    unit: str,
) -> str:
    """Return the sentence that stands for the chart where it cannot be seen."""
    first, last = known[0], known[-1]
    words = (
        f"{name} from {first.at.day} {first.at:%b} to {last.at.day} {last.at:%b}: began at "
        f"{with_unit(first.value or 0.0, unit)}, now {with_unit(last.value or 0.0, unit)}"
    )
    lines = "".join(f"; {t.label}" for t in thresholds)
    crossed = f"; {len(breaches)} {'breach' if len(breaches) == 1 else 'breaches'}" if breaches else ""
    return f"{words}{lines}{crossed}."


def draw_time(
    points: Sequence[Point],
    thresholds: Sequence[Threshold],
    breaches: Sequence[tuple[datetime, datetime]],
    events: Sequence[Event],
    scale: TimeScale,
    label: str,
    css: str,
    shade_below: float | None,
) -> str:
    """Return one drawing of a series at one size."""
    frame = scale.frame
    return "".join(
        [
            f'<svg class="{css}" viewBox="0 0 {frame.width:g} {frame.height:g}" role="img" aria-label="{escape(label)}" '  # noqa: E501
            f'data-x0="{frame.left:g}" data-x1="{frame.right:g}">',
            value_axis(scale),
            *(breach_span(scale, start, end) for start, end in breaches),
            *(series_run(run, scale, shade_below) for run in point_runs(points)),
            *(threshold_line(scale, t) for t in thresholds),
            *(event_mark(scale, e, i + 1) for i, e in enumerate(events)),
            time_axis(scale),
            f'<line class="cross" x1="0" x2="0" y1="{frame.top - 8:g}" y2="{frame.bottom:g}"/></svg>',
        ]
    )


def round_step(span: float) -> float:
    """Return the distance of grid lines that gives three to six of them on round values."""
    rough = span / 4
    power = 10.0 ** floor(log10(rough))
    return float(next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999))


def value_axis(scale: TimeScale) -> str:
    """Return horizontal grid lines on round values, with their numbers."""
    frame, step = scale.frame, round_step(scale.high - scale.low)
    places = max(0, -floor(log10(step)))
    first, last = ceil(scale.low / step - 1e-9), floor(scale.high / step + 1e-9)
    return "".join(
        line("grid-l", frame.left, scale.y(k * step), frame.right, scale.y(k * step))
        + text(frame.left - 8, scale.y(k * step) + 4, number(k * step, places), anchor="end")
        for k in range(first, last + 1)
    )


def time_axis(scale: TimeScale) -> str:
    """Return five moments below the chart: dates, or hours when it spans two days or less."""
    frame, length = scale.frame, scale.end - scale.start
    shares = (0.0, 0.25, 0.5, 0.75, 1.0) if frame.width > 500 else (0.0, 0.5, 1.0)
    out = []
    for share in shares:
        at = datetime.fromtimestamp(scale.start + share * length, UTC)
        words = f"{at:%H:%M}" if length <= 2 * 86400 else f"{at.day} {at:%b}"
        anchor = "start" if share == 0 else "end" if share == 1 else "middle"
        out.append(text(frame.x(share), frame.height - 6, words, anchor=anchor))
    return "".join(out)


def breach_span(scale: TimeScale, start: datetime, end: datetime) -> str:
    """Return the tinted span during which a rule held; at least two units wide."""
    left, right = scale.x(start.timestamp()), scale.x(end.timestamp())
    frame = scale.frame
    return (
        f'<rect class="breach" x="{left:.1f}" y="{frame.top:g}" '
        f'width="{max(2.0, right - left):.1f}" height="{frame.bottom - frame.top:g}"/>'
    )


def threshold_line(scale: TimeScale, threshold: Threshold) -> str:
    """Return a red line across the chart with its words just above it, at the left."""
    y, frame = scale.y(threshold.value), scale.frame
    return line("redline", frame.left, y, frame.right, y) + text(
        frame.left + 4, y - 6 if y - frame.top > 12 else y + 14, threshold.label, css="redtxt"
    )


def point_runs(points: Sequence[Point]) -> list[list[Plot]]:
    """Return stretches of readings, each thinned in proportion to its length."""
    found = [[(points[i].at.timestamp(), v) for i, v in run] for run in runs([p.value for p in points])]
    total = sum(len(run) for run in found)
    return [lttb(run, max(3, DRAWN_POINTS * len(run) // total)) if total > DRAWN_POINTS else run for run in found]


def series_run(run: Sequence[Plot], scale: TimeScale, shade_below: float | None) -> str:
    """Return one unbroken stretch of the line; a lone reading is a dot."""
    plots = [(scale.x(at), scale.y(value)) for at, value in run]
    if len(plots) == 1:
        return f'<circle class="point" cx="{plots[0][0]:.1f}" cy="{plots[0][1]:.1f}" r="2.5"/>'
    shade = ""
    if shade_below is not None:
        below = [(scale.x(at), scale.y(min(value, shade_below))) for at, value in run]
        shade = past_area(below, scale.y(shade_below))
    return f'{shade}<polyline class="ln" points="{coordinates(plots)}"/>'


def event_mark(scale: TimeScale, event: Event, index: int) -> str:
    """Return a dotted line with a number in a ring above it."""
    x, frame = scale.x(event.at.timestamp()), scale.frame
    return (
        line("ann-l", x, frame.top - 8, x, frame.bottom)
        + f'<rect class="ann-b" x="{x - 8:.1f}" y="{frame.top - 24:g}" width="16" height="16" rx="8"/>'
        + text(x, frame.top - 12, str(index), anchor="middle", css="mid")
    )


def event_list(events: Sequence[Event]) -> str:
    """Return the words of the numbered marks."""
    if not events:
        return ""
    items = "".join(f"<li><b>{i}</b>{escape(e.label)}</li>" for i, e in enumerate(events, 1))
    return f'<ol class="legend">{items}</ol>'


def read_out(name: str, known: Sequence[Point], unit: str, redline: float | None) -> dict[str, object]:
    """Return what the cross-hair reads: at most 240 moments with their words."""
    moments = [p.at.timestamp() for p in known]
    thinned = lttb([(t, p.value or 0.0) for t, p in zip(moments, known, strict=True)])
    found: dict[str, object] = {
        "name": name.lower(),
        "at": [known[bisect_left(moments, t)].at.astimezone(UTC).isoformat() for t, _ in thinned],
        "text": [with_unit(v, unit) for _, v in thinned],
    }
    if redline is not None:
        found["gap"] = [gap_words(v - redline) for _, v in thinned]
    return found


def gap_words(room: float) -> str:
    """Return a distance from the line in words."""
    return f"{number(abs(room), 0)} past the line" if room < 0 else f"{number(room, 0)} of room"


# ---------------------------------------------------------------------- bars


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
