"""Template tags of the house: they format and nothing else.

No tag queries, and none decides. Levels, verdicts and kinds arrive as enum members or
their values; a number arrives as a number. Every tag returns escaped markup without a
`style` attribute, so that pages pass `style-src 'self'`. How figures and moments are written is in `figures`.
"""

import difflib
import json
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from models_registry.templatetags import figures
from models_registry.templatetags.figures import MINUS, Number, digits, plain

register = template.Library()
register.filters.update(figures.register.filters)
register.tags.update(figures.register.tags)

LEVELS = ("none", "low", "medium", "high", "critical")
LEVEL_WORDS = {"none": "No signal", "low": "Low", "medium": "Medium", "high": "High", "critical": "Critical"}
VERDICT_TINTS = {"APPROVE": "approve", "REVIEW_REQUIRED": "review", "BLOCK": "block"}
ACTOR_ICONS = {"person": "user", "automation": "robot", "rule": "rule", "source": "plug", "system": "gear"}
NOTICE_ICONS = {"block-gate": "stop", "warn": "warn", "ok": "check", "info": "info"}
MESSAGE_TONES = {"error": "block-gate", "warning": "warn", "success": "ok", "info": "info", "debug": "info"}


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
