"""One series over time: its thresholds, its breaches, the events around it, and a read-out."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from math import ceil, floor, log10

from django.utils.html import json_script
from django.utils.safestring import SafeString

from governance.dashboards.spark import DRAWN_POINTS, lttb
from governance.dashboards.svg import Frame, Plot, coordinates, line, markup, number, past_area, runs, text
from models_registry.templatetags.figures import UNITLESS


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
    """Return a value as it is read, followed by its unit; shares and indexes show none."""
    places = 0 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3
    shown = number(value, places)
    return f"{shown}\u00a0{unit}" if unit and unit not in UNITLESS else shown


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
