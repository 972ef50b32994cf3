"""One spelling for one structure, so that equal facts have equal digests.

The bytes follow RFC 8785 (JSON Canonicalization Scheme): no white space, keys
sorted by UTF-16 code units, numbers as ECMAScript prints them, text as UTF-8.
Values JSON does not know are first written as JSON in one fixed way, listed in
`plain`.
"""

import dataclasses
import datetime as dt
import hashlib
import json
import math
import uuid
from collections.abc import Mapping, Sequence, Set
from decimal import Decimal
from enum import Enum

type Plain = bool | int | float | str | list[Plain] | dict[str, Plain] | None

LARGEST_INTEGER = 2**53 - 1
"""Beyond this a JSON reader that uses doubles sees another number (RFC 7493)."""


class NotCanonical(ValueError):
    """This value has no canonical form."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path or '/'}: {reason}")
        self.path = path
        self.reason = reason


def canonical(value: object) -> bytes:
    """Return the RFC 8785 bytes of a structure.

    Raises NotCanonical, naming the place, for NaN and infinity, integers beyond
    2**53 - 1, lone surrogates, keys that are not text, times without a zone and
    types outside `plain`.
    """
    return _write(plain(value)).encode("utf-8")


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical bytes, as 64 lower-case hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def plain(value: object, path: str = "") -> Plain:
    """Return the structure in JSON's own types.

    Dataclasses become objects of their fields, enums their values, times RFC
    3339 text in UTC with microseconds, decimals and UUIDs text, and sets lists
    in the order of their canonical bytes. Raises NotCanonical.
    """
    if isinstance(value, Enum):
        return plain(value.value, path)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, int | float):
        return _number(value, path)
    if isinstance(value, Decimal | uuid.UUID | dt.date):
        return _as_text(value, path)
    return _container(value, path)


def _container(value: object, path: str) -> Plain:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return plain(fields, path)
    if isinstance(value, Mapping):
        return _members(value, path)
    if isinstance(value, Set):
        return sorted((plain(item, path) for item in value), key=_write)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [plain(item, f"{path}/{index}") for index, item in enumerate(value)]
    raise NotCanonical(path, f"a {type(value).__name__} cannot be written as JSON")


def _members(value: Mapping[object, object], path: str) -> dict[str, Plain]:
    members: dict[str, Plain] = {}
    for key, item in value.items():
        name = key.value if isinstance(key, Enum) else key
        if not isinstance(name, str):
            raise NotCanonical(path, f"the key {name!r} is not text")
        if name in members:
            raise NotCanonical(path, f"the key {name!r} occurs twice")
        members[_text(name, path)] = plain(item, f"{path}/{name}")
    return members


def _text(value: str, path: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise NotCanonical(path, "the text holds a lone surrogate") from None
    return str(value)


def _number(value: float, path: str) -> float:
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise NotCanonical(path, "the integer is beyond 2**53 - 1")
    if not math.isfinite(value):
        raise NotCanonical(path, "the number is not finite")
    return value


def _as_text(value: Decimal | uuid.UUID | dt.date, path: str) -> str:
    if isinstance(value, Decimal) and not value.is_finite():
        raise NotCanonical(path, "the number is not finite")
    if not isinstance(value, dt.datetime):
        return str(value)
    if value.utcoffset() is None:
        raise NotCanonical(path, "the time has no zone")
    moment = value.astimezone(dt.UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="microseconds") + "Z"


def _write(value: Plain) -> str:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_quote(name)}:{_write(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_write(item) for item in value) + "]"
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, float):
        return _ecmascript(value)
    return json.dumps(value)


def _quote(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _ecmascript(value: float) -> str:
    """Return a number as ECMAScript's Number::toString prints it.

    Python's repr finds the same shortest digits; only the layout differs.
    """
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    _, digit_tuple, exponent = Decimal(repr(abs(value))).normalize().as_tuple()
    digits = "".join(map(str, digit_tuple))
    point = len(digits) + int(exponent)  # where the decimal point stands, counted from the left
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    return f"{sign}{mantissa}e{point - 1:+d}"
