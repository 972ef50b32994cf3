"""A strict, bounded reading of YAML: text → a tree in which every node has a place.

Built on PyYAML's event stream, so nothing is constructed and nothing expands.
Aliases, anchors, tags, several documents and duplicate keys are refused; size,
depth and node count are bounded before any work is done on the content.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import yaml

MAX_CHARACTERS = 65_536
MAX_DEPTH = 12
MAX_NODES = 4_000


@dataclass(frozen=True, slots=True)
class RuleError:
    """One thing wrong with a rule's text. Line and column count from 1."""

    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f" ({self.path})" if self.path else ""
        return f"line {self.line}, column {self.column}{where}: {self.message}"


class RuleInvalid(ValueError):
    """The rule's text cannot be read; `errors` says where and why."""

    def __init__(self, errors: list[RuleError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


class Mark(Protocol):
    """A place as PyYAML tells it, counted from 0."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the text something begins, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as written. `plain` means without quotes."""

    text: str
    plain: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: "tuple[Node, ...]"
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their nodes, in the order written, and where each key stands."""

    entries: "dict[str, Node]"
    key_places: dict[str, Place]
    place: Place


type Node = Scalar | Sequence | Mapping


def read_tree(text: str) -> tuple[Node, list[RuleError]]:
    """Return the tree of one YAML document and the errors that leave it readable.

    Raises RuleInvalid when there is no tree to speak of: bad syntax, an alias,
    anchor or tag, too long, too deep, empty.
    """
    if len(text) > MAX_CHARACTERS:
        raise _refusal(Place(1, 1), f"longer than {MAX_CHARACTERS:,} characters")
    builder = _Builder(text)
    try:
        return builder.document(), builder.errors
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise _refusal(_place(mark), f"not valid YAML: {problem.problem}") from None
    except yaml.reader.ReaderError as problem:
        raise _refusal(_place_at(text, problem.position), _unprintable(problem)) from None


class _Builder:
    """Turns events into nodes; keeps going after a duplicate key."""

    def __init__(self, text: str) -> None:
        self.errors: list[RuleError] = []
        self.events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=yaml.SafeLoader))
        self.nodes = 0

    def document(self) -> Node:
        next(self.events)
        start = next(self.events)
        if isinstance(start, yaml.StreamEndEvent):
            raise _refusal(_place(start.start_mark), "empty: a rule begins with `rule: <name>`")
        root = self.node(next(self.events), depth=0)
        next(self.events)
        end = next(self.events)
        if not isinstance(end, yaml.StreamEndEvent):
            raise _refusal(_place(end.start_mark), "a second document: one file holds one rule")
        return root

    def node(self, event: yaml.Event, *, depth: int) -> Node:
        place = _place(event.start_mark)
        self._refuse_cleverness(event, place, depth)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, event.style is None, place)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(tuple(self._items(depth)), place)
        return self._mapping(place, depth)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self.node(event, depth=depth + 1)

    def _mapping(self, place: Place, depth: int) -> Mapping:
        entries: dict[str, Node] = {}
        places: dict[str, Place] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth=depth + 1)
            value = self.node(next(self.events), depth=depth + 1)
            if not isinstance(key, Scalar):
                raise _refusal(key.place, "a key must be a word")
            if key.text in entries:
                first = places[key.text].line
                message = f"`{key.text[:60]}` is already given on line {first}"
                self.errors.append(_error(key.place, message))
                continue
            entries[key.text], places[key.text] = value, key.place
        return Mapping(entries, places, place)

    def _refuse_cleverness(self, event: yaml.Event, place: Place, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _refusal(place, f"more than {MAX_NODES:,} values")
        if depth > MAX_DEPTH:
            raise _refusal(place, f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            raise _refusal(place, f"alias `*{event.anchor}`: write the value out")
        if anchor := getattr(event, "anchor", None):
            raise _refusal(place, f"anchor `&{anchor}`: rules have no anchors")
        if tag := getattr(event, "tag", None):
            raise _refusal(place, f"tag `{tag}`: rules have no tags")


def _place(mark: Mark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _place_at(text: str, position: int) -> Place:
    before = text[:position]
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _unprintable(problem: yaml.reader.ReaderError) -> str:
    character = problem.character
    code = character if isinstance(character, int) else ord(character)
    return f"the character U+{code:04X} is not allowed in a rule"


def _error(place: Place, message: str) -> RuleError:
    return RuleError(place.line, place.column, "", message)


def _refusal(place: Place, message: str) -> RuleInvalid:
    return RuleInvalid([_error(place, message)])
