"""How the API reads a body: at most 1 MiB of JSON that every part behind it can hold and say again."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

LARGEST = 1024 * 1024
HALF = ("\\ud", "\\uD")
"""How half of a surrogate pair begins when it is escaped."""


class BodyTooLarge(APIException):
    """A body may have at most 1 MiB."""

    status_code = 413
    default_detail = "A body may have at most 1 MiB."


class StrictJsonParser(JSONParser):
    """Refuses with 400 what the standard library would fail on, or what could not be stored or answered."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the parsed body. Raises BodyTooLarge, and ParseError with what is wrong."""
        raw = stream.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise BodyTooLarge
        try:
            text = raw.decode()
            found = json.loads(text, parse_constant=_no_number, object_pairs_hook=_each_once)
            if any(half in text for half in HALF):
                json.dumps(found, ensure_ascii=False).encode()
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        except UnicodeError:
            raise ParseError("The body has characters that are not Unicode.") from None
        except ValueError as wrong:
            raise ParseError(f"The body is not JSON: {wrong}") from None
        return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that is said twice: two readers would not agree on which one counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for number, (key, _) in enumerate(pairs) if any(key == one for one, _ in pairs[:number]))
        raise ParseError(f"The key {json.dumps(twice[:80])} is said twice.")
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is not a number of JSON.")
