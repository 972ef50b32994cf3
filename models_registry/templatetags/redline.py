"""Template tags of the house: they format and nothing else.

No tag queries, and none decides. Levels, verdicts and kinds arrive as enum members or
their values; a number arrives as a number. Every tag returns escaped markup without a
`style` attribute, so that pages pass `style-src 'self'`.
"""

import difflib
import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from models_registry.telemetry.metrics import CATALOGUE, label
from models_registry.telemetry.reasons import in_words

register = template.Library()

type Number = int | float | Decimal

MINUS = "\u2212"
NARROW = "\u202f"
HARD = "\u00a0"
UNITLESS = ("ratio", "index", "distance", "statistic", "flag")
LEVELS = ("none", "low", "medium", "high", "critical")
LEVEL_WORDS = {"none": "No signal", "low": "Low", "medium": "Medium", "high": "High", "critical": "Critical"}
VERDICT_TINTS = {"APPROVE": "approve", "REVIEW_REQUIRED": "review", "BLOCK": "block"}
ACTOR_ICONS = {"person": "user", "automation": "robot", "rule": "rule", "source": "plug", "system": "gear"}
NOTICE_ICONS = {"block-gate": "stop", "warn": "warn", "ok": "check", "info": "info"}
MESSAGE_TONES = {"error": "block-gate", "warning": "warn", "success": "ok", "info": "info", "debug": "info"}


def plain(value: object) -> str:
    """Return the bare word of an enum member or a string, lower case; nothing becomes ''."""
    return str(getattr(value, "value", value) or "").lower()


# ------------------------------------------------------------------ numbers


type Perhaps = Number | Literal[""] | None
"""A number, or nothing: in a template an attribute of an absent object is an empty string."""


def digits(value: Number, places: int = 0) -> str:
    """Return a number for reading: fixed places, narrow-space thousands, a true minus."""
    text = f"{abs(value):,.{places}f}".replace(",", NARROW)
    below_zero = value < 0 and any(d in text for d in "123456789")
    return MINUS + text if below_zero else text


@register.filter
def num(value: Perhaps, places: int = 0) -> str:
    """Format a number with fixed places; an absent one, or one of an absent object, is a dash."""
    return "–" if value is None or value == "" else digits(value, int(places))


@register.filter
def signed(value: Perhaps, places: int = 0) -> str:
    """Format a number that is a change: `+3`, `−2`, `0`."""
    if value is None or value == "":
        return "–"
    text = digits(value, int(places))
    return f"+{text}" if value > 0 else text


@register.filter
def money(micros: Perhaps, currency: str = "") -> str:
    """Format millionths of a currency with two places, then its code; an absent amount is a dash."""
    if micros is None or micros == "":
        return "–"
    text = digits(micros / 1_000_000, 2)
    return f"{text}{HARD}{currency}" if currency else text


@register.filter
def about_money(micros: Perhaps, currency: str = "") -> str:
    """Format an expected amount: whole units from a hundred on, because it is not known to the cent."""
    if micros is None or micros == "":
        return "–"
    text = digits(micros / 1_000_000, 0 if abs(float(micros)) >= 100_000_000 else 2)
    return f"{text}{HARD}{currency}" if currency else text


@register.filter
def percent(value: Perhaps, places: int = 0) -> str:
    """Format a ratio of 0 to 1 as a percentage."""
    return "–" if value is None or value == "" else f"{digits(value * 100, int(places))}{HARD}%"


@register.filter
def reading(value: Perhaps, unit: str = "") -> str:
    """Format a measured value with as many places as it needs, then its unit.

    Small numbers keep three significant figures; the unit never breaks from its number.
    Shares and indexes are their own unit and show none.
    """
    if value is None or value == "":
        return "–"
    size = abs(float(value))
    places = 0 if size >= 1000 or size == int(size) else 1 if size >= 100 else 2 if size >= 1 else 3
    text = digits(value, places)
    return f"{text}{HARD}{unit}" if unit and unit not in UNITLESS else text


ACRONYMS = {"llm": "LLM", "rag": "RAG"}


@register.filter
def words(value: object) -> str:
    """Write a machine word as people read it: `RAG_APPLICATION` as `RAG application`."""
    first, *rest = plain(value).split("_")
    return " ".join([ACRONYMS.get(first, first.capitalize()), *(ACRONYMS.get(one, one) for one in rest)])


@register.filter
def metric_words(name: str) -> str:
    """Say a metric as a heading does: `p95_latency_ms` as `P95 latency`."""
    said = label(name)
    return said[:1].upper() + said[1:] if name in CATALOGUE else name


@register.filter
def held_for(reason: str) -> str:
    """Say why an event of telemetry is held."""
    return in_words(reason)


# --------------------------------------------------------------------- time


@register.filter
def span(value: timedelta | None) -> str:
    """Format a length of time with its one useful unit: `38 min`, `26 h`, `9 days`."""
    if value is None:
        return "–"
    seconds = abs(int(value.total_seconds()))
    if seconds < 60:
        return f"{seconds}{HARD}s"
    if seconds < 3600:
        return f"{seconds // 60}{HARD}min"
    if seconds < 48 * 3600:
        return f"{seconds // 3600}{HARD}h"
    return f"{seconds // 86400} days"


def moment(context: Context) -> datetime:
    """Return the instant the page speaks about: `now`, else `as_of`, else the clock."""
    given = context.get("now") or context.get("as_of")
    return given if isinstance(given, datetime) else timezone.now()


def day(value: datetime, now: datetime) -> str:
    """Return `12 Nov`, with the year only where it differs from this one."""
    text = f"{value.day} {value:%b}"
    return text if value.year == now.year else f"{text} {value.year}"


def same_day_or_date(value: datetime, now: datetime) -> str:
    """Return `09:20` on the day of `now`, otherwise the date."""
    local, here = timezone.localtime(value), timezone.localtime(now)
    return f"{local:%H:%M}" if local.date() == here.date() else day(local, here)


@register.simple_tag(takes_context=True)
def when(context: Context, value: datetime | None, absolute: bool = False) -> SafeString | str:
    """Write a `<time>`: how long ago within 24 hours, after that the date; UTC in the title."""
    if value is None:
        return "never"
    now = moment(context)
    age = now - value
    local = timezone.localtime(value)
    if absolute:
        text = f"{day(local, timezone.localtime(now))}, {local:%H:%M}"
    elif timedelta(0) <= age < timedelta(hours=24):
        text = f"{span(age)} ago"
    elif timedelta(hours=-24) < age < timedelta(0):
        text = f"in {span(age)}"
    else:
        text = day(local, timezone.localtime(now))
    utc = value.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{} UTC" class="nowrap">{}</time>',
        utc.isoformat(),
        f"{utc:%d %b %Y %H:%M:%S}",
        text,
    )


@register.simple_tag(takes_context=True)
def clock(context: Context, due: datetime | None, label: str = "Due") -> SafeString | str:
    """Write a deadline: `Due 10:20, in 38 min`; past it `Was due 09:20`, in the late colour."""
    if due is None:
        return ""
    now = moment(context)
    at, left, utc = same_day_or_date(due, now), due - now, due.astimezone(UTC)
    late = left < timedelta(0)
    text = f"Was {label.lower()} {at}" if late else f"{label} {at}"
    if timedelta(0) <= left < timedelta(hours=24):
        text = f"{text}, in {span(left)}"
    return format_html(
        '<time class="clock{}" datetime="{}" title="{} UTC">{}</time>',
        " late" if late else "",
        utc.isoformat(),
        f"{utc:%d %b %Y %H:%M}",
        text,
    )


# -------------------------------------------------------------------- marks


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw one icon of `static/icons.svg`; with a label it is announced, without it is decoration."""
    address = static("icons.svg")
    if label:
        return format_html('<svg class="i" role="img" aria-label="{}"><use href="{}#{}"/></svg>', label, address, name)
    return format_html('<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>', address, name)


@register.simple_tag
def actor_icon(kind: object) -> SafeString:
    """Draw the icon of whoever acted: a person, automation, a rule, a source or the system."""
    return icon(ACTOR_ICONS.get(plain(kind), "user"))


def ladder(step: int) -> SafeString:
    """Draw four rising bars with `step` of them filled."""
    heights = ("4", "7.33", "10.66", "14")
    bars = "".join(
        f'<rect x="{i * 4.25:g}" y="{14 - float(h):g}" width="3.25" height="{h}"{"" if i < step else " class=" + chr(34) + "off" + chr(34)}/>'  # noqa: E501
        for i, h in enumerate(heights)
    )
    return mark_safe(f'<svg viewBox="0 0 16 14" aria-hidden="true">{bars}</svg>')  # noqa: S308


LADDERS = {level: ladder(step) for step, level in enumerate(LEVELS)}


@register.simple_tag
def risk(level: object, size: str = "") -> SafeString:
    """Write a risk level as bars and a word; colour only repeats them. `size` may be `big`."""
    key = plain(level)
    return _risk(key if key in LEVEL_WORDS else "none", size)


@cache
def _risk(key: str, size: str) -> SafeString:
    return format_html(
        '<span class="risk {}{}">{}{}</span>', key, f" {size}" if size else "", LADDERS[key], LEVEL_WORDS[key]
    )


@register.simple_tag
def pill(text: object, icon_name: str = "") -> SafeString:
    """Write a quiet tag for a stage, a kind or a mark."""
    return format_html('<span class="tag">{}{}</span>', icon(icon_name) if icon_name else "", text)


@register.simple_tag
def verdict(value: object) -> SafeString:
    """Write a gate answer: the machine word, tinted."""
    word = str(getattr(value, "value", value)).upper()
    return format_html('<code class="verdict is-{}">{}</code>', VERDICT_TINTS.get(word, "review"), word)


def gap_words(room: Number, line: Number | None = None) -> str:
    """Return room in words: `23 past 75`, `5 above 70`, `on the line`."""
    points = digits(abs(float(room)))
    if points == "0":
        return "past the line" if room < 0 else "on the line"
    if line is None:
        return f"{points} past the line" if room < 0 else f"{points} of room"
    return f"{points} {'past' if room < 0 else 'above'} {digits(line)}"


@register.simple_tag
def health(score: Number | None, line: Number | None = None, spark: str = "") -> SafeString:
    """Write a health score with its distance from its line and, when given, its sparkline.

    `spark` is markup made by `governance.dashboards.spark.spark`.
    """
    if score is None:
        return format_html('<span class="risk none">{}Not measured</span>', LADDERS["none"])
    gap = SafeString("")
    if line is not None:
        room = float(score) - float(line)
        gap = format_html('<span class="gap{}">{}</span>', " neg" if room < 0 else "", gap_words(room, line))
    return format_html(
        '<div class="health"><span><span class="v">{}</span>{}</span>{}</div>', digits(score), gap, spark
    )


@register.simple_tag
def room(points: Number | None) -> SafeString:
    """Write a model's room in points: `23 past the line` or `5 of room`."""
    if points is None:
        return format_html('<span class="muted">{}</span>', "not scored")
    return format_html('<span class="{}">{}</span>', "late" if points < 0 else "", gap_words(points))


@register.simple_tag(takes_context=True)
def live(context: Context, topic: str, url: str, *, since: bool = True, every_s: int = 60) -> SafeString:
    """Write the attributes that keep a fragment up to date: it asks `url` for itself when the topic changes.

    The answer is laid over the fragment, so that focus, typed text, open parts and the scroll stay. A streamed
    page asks every ``every_s`` seconds as well, because deadlines and ages move without an event. Nothing where the
    page shows the past or live pages are off. The fragment's field ``since`` goes along, unless it has none.
    """
    mode = context.get("live_mode", "off")
    if mode == "off" or context.get("as_of"):
        return SafeString("")
    trigger = f"sse:{topic}, every {every_s}s" if context.get("live_url") else "every 5s"
    return format_html(
        ' data-live hx-get="{}" hx-trigger="{}" hx-target="this" hx-ext="patch" hx-swap="patch"{}',
        url,
        trigger,
        SafeString(' hx-include="find [name=since]"') if since else "",
    )


# ------------------------------------------------------------------ buttons


@register.simple_tag
def refused_button(label: str, reason: object) -> SafeString:
    """Write a button that is off and says why; it can be reached by keyboard and read aloud."""
    key = f"why-{zlib.crc32(f'{label}|{reason}'.encode()):x}"
    return format_html(
        '<span class="refused"><button class="btn" type="button" aria-disabled="true" aria-describedby="{0}">{1}</button>'  # noqa: E501
        '<span class="hint" id="{0}">{2}</span></span>',
        key,
        label,
        reason,
    )


@register.inclusion_tag("components/post_button.html", takes_context=True)
def post_button(
    context: Context,
    label: str,
    url: str,
    refusal: object = None,
    kind: str = "",
    target: str = "",
    key: str = "",
    **fields: object,
) -> dict[str, object]:
    """Write a button that posts to `url`; with a `refusal` it is off and says why.

    `kind` adds a class (`go`, `small`, `bare`), `target` is the selector htmx swaps,
    `key` the letter that presses it, and further keyword arguments are hidden fields.
    """
    return {
        "label": label,
        "url": url,
        "refusal": str(refusal) if refusal else "",
        "kind": kind,
        "target": target,
        "key": key,
        "fields": fields,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("components/choice_cards.html")
def choice_cards(field: Any, descriptions: Mapping[str, str] | None = None) -> dict[str, object]:
    """Write a radio field as decision cards, each with a sentence on what it leads to."""
    known = descriptions or {}
    chosen = str(field.value() or "")
    cards = [
        {"value": value, "label": label, "text": known.get(str(value), ""), "checked": str(value) == chosen}
        for value, label in field.field.choices
        if value != ""
    ]
    return {"field": field, "cards": cards}


# -------------------------------------------------------------------- shell


@register.simple_tag
def bar_items(nav: Sequence[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    """Return the four places of the bottom bar: those marked `bar`, or the first four."""
    items = [item for group in nav or () for item in group["items"]]
    return ([item for item in items if item.get("bar")] or items)[:4]


# --------------------------------------------------------------------- text


@register.filter
def tone(message_tags: str) -> str:
    """Return the notice class for the tags of a Django message."""
    return next((MESSAGE_TONES[t] for t in message_tags.split() if t in MESSAGE_TONES), "info")


@register.filter
def tone_icon(name: str) -> SafeString:
    """Draw the icon that goes with a notice class."""
    return icon(NOTICE_ICONS.get(name, "info"))


@register.filter
def pretty_json(value: object) -> str:
    """Return a value as indented JSON; text that is JSON is parsed first, other text is kept."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return str(value)
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


@register.simple_tag
def json_view(value: object, label: str = "JSON") -> SafeString:
    """Show a value as indented JSON in a scrolling region that the keyboard can reach."""
    return format_html(
        '<pre class="code" tabindex="0" role="region" aria-label="{}">{}</pre>', label, pretty_json(value)
    )


@register.simple_tag
def diff(old: str, new: str, label: str = "Difference") -> SafeString:
    """Show what changed between two texts, line by line, with three lines around each change."""
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3))[2:]
    if not lines:
        return format_html('<p class="note">{}</p>', "Nothing changed.")
    rows = format_html_join("", "{}", ((diff_line(line),) for line in lines))
    return format_html('<div class="diff" tabindex="0" role="region" aria-label="{}">{}</div>', label, rows)


def diff_line(line: str) -> SafeString:
    """Mark one line of a unified difference as added, removed, a gap or unchanged."""
    text = line[1:] or " "
    if line.startswith("+"):
        return format_html('<span class="add"><ins>+ {}</ins></span>', text)
    if line.startswith("-"):
        return format_html('<span class="del"><del>{} {}</del></span>', MINUS, text)
    if line.startswith("@@"):
        return format_html('<span class="gap">{}</span>', line)
    return format_html("<span>  {}</span>", text)
