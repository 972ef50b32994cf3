"""What a call brings, read as strictly as MLflow's server reads it: query of a GET, JSON of every other method."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec
from django.http import HttpRequest, HttpResponse

from governance.mlflow.errors import SEE_DOCS, Refused, invalid, missing

JSON = "application/json"
LISTS = frozenset({"order_by", "stages"})
"""Parameters of a query that may be repeated."""
LARGEST = 2**63 - 1


class Parameters:
    """The parameters of one call. Every reader raises Refused for a value of another type."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def text(self, name: str) -> str:
        """Return a text that must be there and not be empty."""
        found = self.optional(name)
        if not found:
            raise missing(name)
        return found

    def optional(self, name: str) -> str | None:
        """Return a text, None when it was not sent."""
        found = self._given.get(name)
        if found is None:
            return None
        if not isinstance(found, str):
            raise _mistyped(name, found)
        if "\x00" in found:
            raise invalid(f"'{name}' holds a NUL character.")
        return found

    def number(self, name: str, *, default: int, most: int) -> int:
        """Return a whole number of at most ``most``."""
        found = self._given.get(name)
        if found is None:
            return default
        try:
            number = int(found) if isinstance(found, str | int) and not isinstance(found, bool) else None
        except ValueError:
            number = None
        if number is None or number > min(most, LARGEST):
            raise _mistyped(name, found)
        return number

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return true or false."""
        found = self._given.get(name)
        if found is None:
            return default
        if not isinstance(found, bool):
            raise _mistyped(name, found)
        return found

    def texts(self, name: str) -> Sequence[str]:
        """Return a list of texts, empty when it was not sent."""
        found = self._given.get(name)
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(one, str) and "\x00" not in one for one in found):
            raise _mistyped(name, found)
        return cast("list[str]", found)

    def tags(self, name: str = "tags") -> dict[str, str]:
        """Return labels by key; of a key that was sent twice, the last counts."""
        return {part.text("key"): part.optional("value") or "" for part in self.parts(name)}

    def parts(self, name: str) -> Sequence["Parameters"]:
        """Return a list of objects, each to be read like a call's own parameters; empty when it was not sent."""
        found = self._given.get(name)
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise _mistyped(name, found)
        return [Parameters(one) for one in found]

    def part(self, name: str) -> "Parameters | None":
        """Return an object, to be read like a call's own parameters; None when it was not sent."""
        found = self._given.get(name)
        if found is None:
            return None
        if not isinstance(found, dict):
            raise _mistyped(name, found)
        return Parameters(found)

    def names(self, name: str) -> bool:
        """Return whether the parameter was sent at all."""
        return self._given.get(name) is not None


def parameters(request: HttpRequest) -> Parameters:
    """Return what the request brings; a body that is no JSON object counts as an empty one. Raises Refused."""
    if request.method == "GET":
        query = request.GET
        return Parameters({name: query.getlist(name) if name in LISTS else query[name] for name in query})
    if request.content_type != JSON:
        raise invalid(f"Bad Request. Content-Type must be one of ['{JSON}'].")
    try:
        body = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        body = {}
    return Parameters(body if isinstance(body, dict) else {})


def answered(body: Mapping[str, object], *, status: int = 200) -> HttpResponse:
    """Return an answer as JSON. Every success is 200: clients take any other status for a failure."""
    return HttpResponse(msgspec.json.encode(body), status=status, content_type=JSON)


def refused(refusal: Refused) -> HttpResponse:
    """Return a refusal as its clients read it."""
    answer = answered(refusal.body, status=refusal.status)
    if refusal.status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="redline", Basic realm="redline"'
    return answer


def _mistyped(name: str, value: object) -> Refused:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))[:200]
    hint = f"Hint: Value was of type '{type(value).__name__}'."
    return invalid(f"Invalid value {text} for parameter '{name}' supplied:  {hint} {SEE_DOCS}")
