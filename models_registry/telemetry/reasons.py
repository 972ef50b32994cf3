"""Why an event is held, in words for people; the codes are those of docs/reference/errors.md."""

from collections.abc import Mapping
from typing import Final

HELD: Final[Mapping[str, str]] = {
    "E_EMPTY": "The body is empty",
    "E_BOM": "The body starts with a byte order mark",
    "E_UTF8": "A byte is not UTF-8",
    "E_SYNTAX": "The body is not JSON",
    "E_PROTOBUF": "The body is not the protobuf message it should be",
    "E_SNAPPY": "The body is not a snappy block",
    "E_DEPTH": "Nested too deep",
    "E_DUPLICATE_KEY": "A key appears twice",
    "E_NUL": "A text contains a NUL character",
    "E_SURROGATE": "A text contains half a character",
    "E_INTEGER_RANGE": "An integer is too large",
    "E_NOT_FINITE": "Not a finite number",
    "E_SHAPE": "A shape that nothing reads yet; a mapping may help",
    "E_MAPPING": "The mapping is wrong",
    "E_MISSING": "Something required is missing",
    "E_TYPE": "A value of another type",
    "E_NOT_NUMERIC": "A text where a number belongs",
    "E_UNIT": "A unit that cannot be turned into the metric's own",
    "E_SEGMENTS": "More segments than one metric of a model may have",
    "E_NAMES": "More metrics than one model may have",
    "E_CHOICE": "A word that is not allowed there",
    "E_EMPTY_TEXT": "A name is empty",
    "E_EMPTY_LIST": "The list of readings is empty",
    "E_TOO_LONG": "A name is too long",
    "E_TOO_MANY": "Too many items",
    "E_CONTROL": "A name contains control characters",
    "E_TIME": "No time, or none that exists",
    "E_NAIVE_TIME": "A time without its offset from UTC",
    "E_FUTURE": "Observed later than received",
    "E_PAST": "Observed before the year 2000",
    "E_UNKNOWN_MODEL": "No registered model has this name",
    "E_DIED": "Five attempts to read it ended without an answer",
}


def in_words(reason: str) -> str:
    """Return a stored reason as people read it: `E_MISSING:/data/drift` as what is missing and where."""
    code, _, place = reason.partition(":")
    said = HELD.get(code, code)
    return f"{said}, at {place}" if place else said
