"""Numbers, words and moments as people read them; `redline` offers these filters and tags to the templates."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from models_registry.telemetry.metrics import CATALOGUE, label
from models_registry.telemetry.reasons import in_words

register = template.Library()

MINUS = "\u2212"
NARROW = "\u202f"
HARD = "\u00a0"
UNITLESS = ("ratio", "index", "distance", "statistic", "flag")

type Number = int | float | Decimal
type Perhaps = Number | Literal[""] | None
"""A number, or nothing: in a template an attribute of an absent object is an empty string."""


def plain(value: object) -> str:
    """Return the bare word of an enum member or a string, lower case; nothing becomes ''."""
    return str(getattr(value, "value", value) or "").lower()


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
