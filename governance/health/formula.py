"""A health formula as a file: strictly read, errors with line and column.

    formula: rag-llm
    title: Retrieval and language models
    redline: 75
    components:
      - {key: grounded, metric: groundedness, weight: 30, zero_at: 0.5, hundred_at: 0.95,
         missing: quiet, max_age: 7d}

`zero_at` and `hundred_at` are the SLO bounds between which a reading becomes
0–100; which of them is larger says which way is better.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from governance.rules.yamltree import (
    Mapping,
    Node,
    Place,
    RuleError,
    RuleInvalid,
    Scalar,
    Sequence,
    read_tree,
)
from governance.vocabulary import Word

TOP_KEYS = ("formula", "title", "redline", "components")
COMPONENT_KEYS = ("key", "metric", "weight", "zero_at", "hundred_at", "missing", "max_age")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?")
AGE = re.compile(r"([1-9]\d{0,3})([mhd])")
NAME = re.compile(r"[a-z][a-z0-9_-]{0,79}")

FormulaInvalid = RuleInvalid


class Missing(Word):
    """What a stale reading means: HOLD its last value, or go QUIET and leave it out."""

    HOLD = "HOLD"
    QUIET = "QUIET"


@dataclass(frozen=True, slots=True)
class Component:
    """One reading that counts, with its weight and its SLO bounds in the metric's unit."""

    key: str
    metric: str
    weight: float
    zero_at: float
    hundred_at: float
    missing: Missing
    max_age: timedelta


@dataclass(frozen=True, slots=True)
class Formula:
    """What health means for some models: components and the health redline, 0–100."""

    name: str
    title: str
    redline: float
    components: tuple[Component, ...]

    @property
    def shares(self) -> tuple[tuple[Component, float], ...]:
        """Return every component with its share of the whole, 0–1."""
        total = sum(one.weight for one in self.components)
        return tuple((one, one.weight / total) for one in self.components)


def parse(text: str) -> Formula:
    """Return the formula this text defines; raises FormulaInvalid with every error found."""
    tree, errors = read_tree(text)
    reader = _Reader(list(errors))
    formula = reader.formula(tree)
    if reader.errors:
        raise FormulaInvalid(sorted(reader.errors, key=lambda one: (one.line, one.column)))
    return formula


class _Reader:
    """Reads nodes into values; a wrong value leaves an error and a harmless stand-in."""

    def __init__(self, errors: list[RuleError]) -> None:
        self.errors = errors

    def formula(self, tree: Node) -> Formula:
        top = self.block(tree, "", TOP_KEYS)
        return Formula(
            name=self.read(top, "", "formula", self.name),
            title=self.read(top, "", "title", self.text),
            redline=self.read(top, "", "redline", self.points),
            components=self.components(top),
        )

    def components(self, top: Mapping) -> tuple[Component, ...]:
        node = top.entries.get("components")
        if node is None:
            self.note(top.place, "", "`components` is missing")
            return ()
        if not isinstance(node, Sequence) or not node.items:
            self.note(node.place, "components", "must be a list of at least one component")
            return ()
        found: list[Component] = []
        for index, item in enumerate(node.items):
            one = self.component(item, f"components[{index}]")
            if any(other.key == one.key for other in found):
                self.note(item.place, f"components[{index}]", f"the key `{one.key}` occurs twice")
            found.append(one)
        return tuple(found)

    def component(self, node: Node, path: str) -> Component:
        block = self.block(node, path, COMPONENT_KEYS)
        one = Component(
            key=self.read(block, path, "key", self.name),
            metric=self.read(block, path, "metric", self.name),
            weight=self.read(block, path, "weight", self.weight),
            zero_at=self.read(block, path, "zero_at", self.number),
            hundred_at=self.read(block, path, "hundred_at", self.number),
            missing=self.read(block, path, "missing", self.missing),
            max_age=self.read(block, path, "max_age", self.age),
        )
        if {"zero_at", "hundred_at"} <= block.entries.keys() and one.zero_at == one.hundred_at:
            self.note(block.place, path, "`zero_at` and `hundred_at` must differ")
        return one

    def block(self, node: Node, path: str, known: tuple[str, ...]) -> Mapping:
        if not isinstance(node, Mapping):
            self.note(node.place, path, f"must be a block with {', '.join(known)}")
            return Mapping({}, {}, node.place)
        for key in node.entries.keys() - set(known):
            self.note(node.key_places[key], path, f"unknown key; known: {', '.join(known)}")
        return node

    def read[T](self, block: Mapping, path: str, key: str, read: Callable[[Node, str], T]) -> T:
        node = block.entries.get(key)
        if node is None:
            self.note(block.place, path, f"`{key}` is missing")
            node = Scalar("", plain=True, place=block.place)
            return _Reader([]).stand_in(read, node)
        return read(node, f"{path}.{key}".lstrip("."))

    def stand_in[T](self, read: Callable[[Node, str], T], node: Node) -> T:
        quiet: Callable[[Node, str], T] = getattr(self, read.__name__)
        return quiet(node, "")

    def text(self, node: Node, path: str) -> str:
        if not isinstance(node, Scalar) or not node.text.strip() or len(node.text) > 160:
            self.note(node.place, path, "must be one line of text, at most 160 characters")
            return ""
        return node.text.strip()

    def name(self, node: Node, path: str) -> str:
        if not isinstance(node, Scalar) or not NAME.fullmatch(node.text):
            self.note(node.place, path, "must be a lower-case name like p95_latency_ms")
            return ""
        return node.text

    def number(self, node: Node, path: str) -> float:
        plain = isinstance(node, Scalar) and node.plain and NUMBER.fullmatch(node.text)
        value = float(node.text) if plain and isinstance(node, Scalar) else math.nan
        if not math.isfinite(value):
            self.note(node.place, path, "must be a plain finite number, without quotes")
            return 0.0
        return value

    def points(self, node: Node, path: str) -> float:
        value = self.number(node, path)
        if not 0 <= value <= 100:
            self.note(node.place, path, "must be points from 0 to 100")
        return value

    def weight(self, node: Node, path: str) -> float:
        value = self.number(node, path)
        if value <= 0:
            self.note(node.place, path, "must be a weight above 0")
        return value

    def missing(self, node: Node, path: str) -> Missing:
        if not isinstance(node, Scalar) or node.text not in ("hold", "quiet"):
            self.note(node.place, path, "must be hold or quiet")
            return Missing.QUIET
        return Missing.from_word(node.text)

    def age(self, node: Node, path: str) -> timedelta:
        match = AGE.fullmatch(node.text) if isinstance(node, Scalar) else None
        if match is None:
            self.note(node.place, path, "must be a duration like 30m, 24h or 7d")
            return timedelta()
        return int(match[1]) * UNITS[match[2]]

    def note(self, place: Place, path: str, message: str) -> None:
        self.errors.append(RuleError(place.line, place.column, path, message))
