"""What platform files share: taking answers apart with a named complaint, moments, and bodies of one form."""

import datetime as dt
import email.utils
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from models_registry.telemetry.pollers.shapes import Answer, Unread

LONGEST_THING: Final = 200
EARLIER: Final = dt.timedelta(seconds=3)
"""The Date header of an answer is rounded down to a second and may be as old as that."""
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def object_in(value: Any, what: str) -> Mapping[str, Any]:
    """Return the object. Raises Unread."""
    if not isinstance(value, dict):
        raise Unread(f"The answer has no {what} where its interface has one.")
    return value


def list_in(source: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """Return a list of objects, empty when it is absent. Raises Unread."""
    found = source.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unread(f"The answer's {name} are not as its interface describes them.")
    return found


def text_in(source: Mapping[str, Any], name: str) -> str:
    """Return a text, empty when it is absent; a whole number is taken as its digits. Raises Unread."""
    found = source.get(name)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if found is None or isinstance(found, str):
        return found or ""
    raise Unread(f"The answer's {name} is no text.")


def milliseconds_in(source: Mapping[str, Any], name: str) -> int:
    """Return milliseconds since 1970, which some write as a text; 0 when absent. Raises Unread."""
    text = text_in(source, name) or "0"
    if not (text.isascii() and text.isdecimal() and len(text) <= 14):
        raise Unread(f"The answer's {name} is no time in milliseconds.")
    return int(text)


def moment_of(milliseconds: int) -> dt.datetime:
    """Return the moment, in UTC."""
    return _EPOCH + dt.timedelta(milliseconds=milliseconds)


def milliseconds_of(moment: dt.datetime) -> int:
    """Return milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // dt.timedelta(milliseconds=1)


def moment_told(value: Any, what: str) -> dt.datetime:
    """Return an ISO 8601 moment with its offset. Raises Unread."""
    try:
        found = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unread(f"The answer's {what} is no ISO 8601 time.") from None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def lines_in(config: Mapping[str, str], name: str) -> list[str]:
    """Return the lines of a field, without blanks around them and without empty ones."""
    return [line.strip() for line in config.get(name, "").splitlines() if line.strip()]


def keep_place(place: dict[str, Any], name: str, token: str) -> bool:
    """Keep where the next page begins under this name, nothing after the last one; say whether there is one."""
    place.pop(name, None)
    if token:
        place[name] = token
    return bool(token)


def answered_at(answer: Answer, otherwise: dt.datetime) -> dt.datetime:
    """Return when the platform answered by its own clock, rounded down to a second; else ours."""
    try:
        told = email.utils.parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return otherwise
    return told if told.tzinfo else told.replace(tzinfo=dt.UTC)


def written(body: Any) -> bytes:
    """Return the one form of a body: equal things have equal bytes."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def short_digest(text: str) -> str:
    """Return the beginning of a text's SHA-256, for telling values apart without keeping them."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def thing(*parts: str) -> str:
    """Return the name under which something is remembered, at most 200 characters."""
    plain = "\x1f".join(parts)
    fits = len(plain) <= LONGEST_THING and "\x00" not in plain
    return plain if fits else f"{plain[:100]}\x1f{hashlib.sha256(plain.encode()).hexdigest()}".replace("\x00", "")
