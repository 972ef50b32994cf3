"""Strict JSON: one meaning per body, or a named reason.

Python's parser accepts NaN, 1e400, duplicate keys and any depth; PostgreSQL's
jsonb refuses NUL and lone surrogates. What is accepted here means the same to
both (ASVS 5.0 1.5.3, RFC 7493 "I-JSON").
"""

import json
import math
import re
from itertools import accumulate
from typing import Any, Final

import msgspec

from models_registry.telemetry.readings import Problem, Unreadable, pointer

MAX_DEPTH: Final = 64
INTEGER_LIMIT: Final = 2**63

_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_SPACES: Final = b" \t\r\n"
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_LONG_DIGITS: Final = re.compile(rb"[0-9]{19}")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_STEP: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class _Duplicated(dict[str, Any]):
    """An object that named one of its keys twice."""

    key: str


class _HugeInteger:
    """An integer with more digits than a signed 64-bit number can have."""


def loads(body: bytes) -> Any:
    """Return the value of a JSON body.

    Raises Unreadable with one of E_EMPTY, E_BOM, E_UTF8, E_SYNTAX, E_DEPTH (more
    than 64 levels), E_DUPLICATE_KEY, E_NUL, E_SURROGATE, E_INTEGER_RANGE (outside
    ±2^63) or E_NOT_FINITE (NaN, Infinity, 1e400).
    """
    text = _text(body)
    outline = _outline(body)
    if _depth(outline) > MAX_DEPTH:
        raise Unreadable.because("E_DEPTH", "", f"nested deeper than {MAX_DEPTH} levels")
    quick = _quickly(body, outline)
    return _thoroughly(text) if quick is None else quick


def _text(body: bytes) -> str:
    if not body.strip(b" \t\r\n"):
        raise Unreadable.because("E_EMPTY", "", "the body is empty")
    if body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable.because("E_BOM", "", "the body starts with a byte order mark")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable.because("E_UTF8", "", f"byte {error.start} is not valid UTF-8") from None


def _outline(body: bytes) -> bytes:
    """Return the body without white space, with one quote for each of its strings."""
    bare = _STRING.sub(b'"', body) if b"\\" in body else b'"'.join(body.split(b'"')[::2])
    return bare.translate(None, _SPACES)


def _depth(outline: bytes) -> int:
    """Return the deepest nesting, without recursion."""
    brackets = outline.translate(None, _NO_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) if len(brackets) > MAX_DEPTH else 0


def _quickly(body: bytes, outline: bytes) -> Any | None:
    """Return the value by msgspec where it means the same, or None when the thorough way must decide.

    Without a backslash there is no escape, hence no NUL, no surrogate, and every
    quote followed by a colon is a key: equal counts before and after prove that
    no key was dropped. Fewer than 19 digits in a row prove every integer small.
    """
    if b"\\" in body or _LONG_DIGITS.search(outline):
        return None
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    kept = msgspec.json.encode(value).count(b'":')
    return value if kept == outline.count(b'":') else None


def _thoroughly(text: str) -> Any:
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_int=_integer)
    except json.JSONDecodeError as error:
        where = f"{error.msg} at line {error.lineno} column {error.colno}"
        raise Unreadable.because("E_SYNTAX", "", where) from None
    except RecursionError:
        raise Unreadable.because("E_DEPTH", "", f"nested deeper than {MAX_DEPTH} levels") from None
    problems: list[Problem] = []
    _inspect(value, "", problems)
    if problems:
        raise Unreadable(problems)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    seen: set[str] = set()
    marked = _Duplicated(plain)
    marked.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return marked


def _integer(digits: str) -> int | _HugeInteger:
    return int(digits) if len(digits) <= 20 else _HugeInteger()


def _inspect(value: Any, path: str, problems: list[Problem]) -> None:
    """Collect what the parser let through; the depth is already bounded."""
    match value:
        case str():
            _inspect_text(value, path, problems)
        case dict():
            if isinstance(value, _Duplicated):
                problems.append(Problem("E_DUPLICATE_KEY", path + pointer(value.key), "the key appears twice"))
            for key, each in value.items():
                _inspect_text(key, path + pointer(key), problems)
                _inspect(each, path + pointer(key), problems)
        case list():
            for index, each in enumerate(value):
                _inspect(each, path + pointer(index), problems)
        case float() if not math.isfinite(value):
            problems.append(Problem("E_NOT_FINITE", path, "the number must be finite"))
        case _HugeInteger():
            problems.append(Problem("E_INTEGER_RANGE", path, "the integer is outside ±2^63"))
        case int() if not -INTEGER_LIMIT <= value < INTEGER_LIMIT:
            problems.append(Problem("E_INTEGER_RANGE", path, "the integer is outside ±2^63"))


def _inspect_text(text: str, path: str, problems: list[Problem]) -> None:
    if "\x00" in text:
        problems.append(Problem("E_NUL", path, "the text contains a NUL character"))
    if _SURROGATE.search(text):
        problems.append(Problem("E_SURROGATE", path, "the text contains a lone surrogate"))
