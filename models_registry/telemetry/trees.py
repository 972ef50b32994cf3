"""A JSON body as people look at it: its places in reading order, and the kinds of what stands there. Never deep."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from models_registry.telemetry.readings import pointer, printable

SHOWN_PLACES: Final = 300
"""Places of a body that are shown; a body with more is cut, and says so."""
SHOWN_LENGTH: Final = 80
LOOKED_AT: Final = 2_000
"""Places of a body that are looked at for their fields."""
ITEMS_LOOKED_AT: Final = 100
LONGEST_PATH: Final = 300
ITEM: Final = "*"


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a body. ``text`` is its value for the eye, empty for objects and lists."""

    pointer: str
    name: str
    depth: int
    kind: str
    text: str = ""
    size: int = 0

    @property
    def is_leaf(self) -> bool:
        """Say whether a value stands here."""
        return self.kind not in ("object", "list")


def kind_of(value: Any) -> str:
    """Return what people call the kind of a JSON value."""
    match value:
        case bool():
            return "yes or no"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case dict():
            return "object"
    return "nothing"


def places(document: Any) -> list[Place]:
    """Return the places of a body, parents before children; of a list the first item alone.

    One more than `SHOWN_PLACES` tells that there are further ones.
    """
    found: list[Place] = []
    for place in _walk(document, "", "", 0):
        found.append(place)
        if len(found) > SHOWN_PLACES:
            break
    return found[1:] if found[0].kind == "object" else found


def fields(document: Any) -> set[tuple[str, str]]:
    """Return (path, kind) of every value that is not null, items of a list under `*`; bounded, whatever the body."""
    found: set[tuple[str, str]] = set()
    waiting: list[tuple[str, Any]] = [("", document)]
    looked = 0
    while waiting and looked < LOOKED_AT:
        path, value = waiting.pop()
        looked += 1
        if isinstance(value, dict):
            waiting.extend((path + pointer(key), each) for key, each in value.items())
        elif isinstance(value, list):
            waiting.extend((f"{path}/{ITEM}", each) for each in value[:ITEMS_LOOKED_AT])
        elif value is not None and path and len(path) <= LONGEST_PATH:
            found.add((printable(path), kind_of(value)))
    return found


def _walk(value: Any, path: str, name: str, depth: int) -> Iterator[Place]:
    kind = kind_of(value)
    if isinstance(value, dict):
        yield Place(path, name, depth, kind, size=len(value))
        for key, each in value.items():
            yield from _walk(each, path + pointer(key), key, depth + 1)
    elif isinstance(value, list):
        yield Place(path, name, depth, kind, size=len(value))
        if value:
            yield from _walk(value[0], path + pointer(0), "0", depth + 1)
    else:
        yield Place(path, name, depth, kind, printable(_text(value), limit=SHOWN_LENGTH))


def _text(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return value
    return repr(value)
