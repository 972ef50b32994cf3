"""Readings: what an adapter takes out of one body, and the reasons when it cannot."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Any, Final, NamedTuple

FUTURE_TOLERANCE: Final = timedelta(minutes=5)
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM: Final = 100_000_000_000  # as seconds this is the year 5138, as milliseconds 1973
MAX_PROBLEMS: Final = 100

_MAX_LENGTH: Final = {"model": 200, "version": 100, "metric": 80, "unit": 24, "environment": 40, "segment": 120}
_MAX_ATTRIBUTE: Final = 1000
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\u0080-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_PLAIN_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_ISO_8601: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:[Zz]|[+-]\d\d:?\d\d)?", re.ASCII
)


def printable(text: str, *, limit: int = 300) -> str:
    """Return the text safe to store and show: control, bidirectional and surrogate characters become escapes."""
    safe = _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text[:limit])
    return safe if len(text) <= limit else safe + "…"


def pointer(*parts: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of the parts."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a body, or one place in it, cannot be read. `path` is a JSON pointer, empty for the whole."""

    code: str
    path: str
    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", printable(self.path))
        object.__setattr__(self, "message", printable(self.message))

    @property
    def reason(self) -> str:
        """The short form that a quarantined event stores: `E_MISSING:/data/drift`."""
        return f"{self.code}:{self.path}" if self.path else self.code


class Reading(NamedTuple):
    """One observed number, not yet tied to a registered model.

    `model` is a slug or the sender's own name for the model, and `also` holds further
    names that are tried in turn when no registered model has it; `segment` is empty
    for the whole model; `observed_at` is in UTC. `value` is in `unit`; `sent_unit` is the unit it came in,
    where that was another one.
    """

    model: str
    version: str | None
    metric: str
    value: float
    unit: str
    environment: str
    segment: str
    observed_at: datetime
    attributes: Mapping[str, str] = MappingProxyType({})
    sent_unit: str = ""
    also: tuple[str, ...] = ()


class Unreadable(Exception):
    """The body cannot be read in full. Carries every problem found and the readings that were sound."""

    def __init__(self, problems: Sequence[Problem], readings: Sequence[Reading] = ()) -> None:
        self.problems = tuple(problems[:MAX_PROBLEMS])
        self.problem_count = len(problems)
        self.readings = tuple(readings)
        super().__init__("; ".join(f"{each.reason} {each.message}" for each in self.problems[:5]))

    @classmethod
    def because(cls, code: str, path: str, message: str) -> "Unreadable":
        """Return the exception for a single problem."""
        return cls([Problem(code, path, message)])

    @property
    def reason(self) -> str:
        """The first problem's short form."""
        return self.problems[0].reason


def number(value: Any, *, path: str) -> float:
    """Return a finite float. Booleans, text, NaN and infinity are errors: `True > 0.15` holds in Python."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable.because("E_TYPE", path, f"a number is required, not {_kind(value)}")
    try:
        result = float(value)
    except OverflowError:
        raise Unreadable.because("E_NOT_FINITE", path, "the number is too large") from None
    if not math.isfinite(result):
        raise Unreadable.because("E_NOT_FINITE", path, "the number must be finite")
    return result


def number_in_text(text: Any, *, path: str) -> float:
    """Return the number written in a text, for formats whose every value is text (Prometheus annotations)."""
    if not isinstance(text, str) or not _PLAIN_NUMBER.fullmatch(text):
        raise Unreadable.because("E_NOT_NUMERIC", path, "the text is not a plain finite number")
    return number(float(text), path=path)


def name(value: Any, *, field_name: str, path: str) -> str:
    """Return a non-empty text without control characters, at most as long as its field allows."""
    if not isinstance(value, str):
        raise Unreadable.because("E_TYPE", path, f"{field_name} must be text, not {_kind(value)}")
    text = value.strip()
    if not text:
        raise Unreadable.because("E_EMPTY_TEXT", path, f"{field_name} is empty")
    if len(text) > _MAX_LENGTH[field_name]:
        limit = _MAX_LENGTH[field_name]
        raise Unreadable.because("E_TOO_LONG", path, f"{field_name} is longer than {limit} characters")
    if _UNPRINTABLE.search(text):
        raise Unreadable.because("E_CONTROL", path, f"{field_name} contains control characters")
    return text


def optional_name(value: Any, *, field_name: str, path: str) -> str:
    """Return the text as `name` does, or an empty one when it is absent, null or blank."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    return name(value, field_name=field_name, path=path)


def segment(value: Any, *, path: str) -> str:
    """Return one text for a segment: text as it is, an object as `cohort=premium,region=eu` in key order."""
    if not isinstance(value, Mapping):
        return optional_name(value, field_name="segment", path=path)
    pairs = [f"{_plain(key)}={_plain(_scalar(each, path=path + pointer(key)))}" for key, each in sorted(value.items())]
    return optional_name(",".join(pairs), field_name="segment", path=path)


def attributes(value: Any, *, path: str) -> dict[str, str]:
    """Return extra facts as text. Nested values are refused: they belong to the body, which is kept."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Unreadable.because("E_TYPE", path, "attributes must be an object")
    if len(value) > 50:
        raise Unreadable.because("E_TOO_MANY", path, "more than 50 attributes")
    return {str(key)[:200]: _scalar(each, path=path + pointer(key))[:_MAX_ATTRIBUTE] for key, each in value.items()}


def moment(value: Any, *, path: str, received_at: datetime, timezone: tzinfo | None = None) -> datetime:
    """Return when something was observed, in UTC.

    Accepts ISO 8601 with an offset, or epoch seconds or milliseconds. A time
    without an offset is an error unless the mapping names a timezone. More than
    five minutes after `received_at` is E_FUTURE; before 2000 is E_PAST.
    """
    observed = _from_text(value, path, timezone) if isinstance(value, str) else _from_epoch(value, path)
    if observed > received_at + FUTURE_TOLERANCE:
        raise Unreadable.because("E_FUTURE", path, "the time is more than 5 minutes after its receipt")
    if observed < EARLIEST:
        raise Unreadable.because("E_PAST", path, "the time is before the year 2000")
    return observed


def _from_text(text: str, path: str, timezone: tzinfo | None) -> datetime:
    if not _ISO_8601.fullmatch(text):
        raise Unreadable.because("E_TIME", path, "the time is not ISO 8601")
    try:
        parsed = datetime.fromisoformat(text.upper())
        if parsed.tzinfo is None and timezone is None:
            raise Unreadable.because("E_NAIVE_TIME", path, "the time has no offset from UTC")
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable.because("E_TIME", path, "there is no such time") from None


def _from_epoch(value: Any, path: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable.because("E_TIME", path, f"a time is required, not {_kind(value)}")
    seconds = number(value, path=path)
    seconds = seconds / 1000 if abs(seconds) >= MILLISECONDS_FROM else seconds
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable.because("E_TIME", path, "the epoch time is out of range") from None


def _scalar(value: Any, *, path: str) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case None:
            return ""
        case int() | float():
            return repr(value)
    raise Unreadable.because("E_TYPE", path, f"text or a number is required, not {_kind(value)}")


def _plain(text: str) -> str:
    """Escape the two separators of a segment's text, so that different segments never share one name."""
    return text.replace("%", "%25").replace(",", "%2C").replace("=", "%3D")


def _kind(value: Any) -> str:
    kinds = {bool: "a boolean", str: "text", type(None): "null", list: "an array", dict: "an object"}
    return kinds.get(type(value), "a number")
