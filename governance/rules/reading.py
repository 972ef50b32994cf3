"""From nodes to words and numbers: the strict readings that a rule is made of, and the errors they leave."""

import re
from collections.abc import Callable, Collection
from difflib import get_close_matches
from math import isfinite
from typing import NoReturn
from unicodedata import category

from governance.rules.yamltree import Mapping, Node, Place, RuleError, Scalar, Sequence
from governance.vocabulary import Word

MAX_WINDOWS = 366
MAX_NUMBER = 1e15
NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
NOT_TEXT = re.compile(r"true|false|null|~|", re.IGNORECASE)


class Unreadable(Exception):
    """The value being read is wrong; the error is already recorded."""


class Reader:
    """Reads nodes into values.

    A reading that fails records its error and raises `Unreadable`; `attempt`
    swallows it so that the neighbours are still read.
    """

    def __init__(self, errors: list[RuleError]) -> None:
        self.errors = errors

    # ---- errors

    def note(self, node: Node | Place, path: str, message: str) -> None:
        """Keep an error at a place and go on."""
        place = node if isinstance(node, Place) else node.place
        self.errors.append(RuleError(place.line, place.column, path, message))

    def refuse(self, node: Node, path: str, message: str) -> NoReturn:
        """Keep an error and give this value up."""
        self.note(node, path, message)
        raise Unreadable

    def attempt[T](self, read: Callable[[Node, str], T], node: Node, path: str) -> T | None:
        """Return what ``read`` makes of a node; None when it gave up."""
        try:
            return read(node, path)
        except Unreadable:
            return None

    # ---- shapes

    def mapping(self, node: Node, path: str, known: Collection[str]) -> Mapping:
        """Return a block; note every key that is not known."""
        if not isinstance(node, Mapping):
            self.refuse(node, path, f"must be a block with {listed(known)}")
        for key in node.entries.keys() - set(known):
            near = get_close_matches(key, known, n=1)
            hint = f": did you mean `{near[0]}`?" if near else f"; known: {listed(known)}"
            self.note(node.key_places[key], join(path, key[:60]), f"unknown key{hint}")
        return node

    def required[T](self, node: Mapping, path: str, key: str, read: Callable[[Node, str], T]) -> T | None:
        """Return the value of a key that must be there."""
        if key not in node.entries:
            self.note(node, path, f"`{key}` is missing")
            return None
        return self.attempt(read, node.entries[key], join(path, key))

    def optional[T](self, node: Mapping, path: str, key: str, read: Callable[[Node, str], T], default: T) -> T:
        """Return the value of a key, or the default."""
        if key not in node.entries:
            return default
        value = self.attempt(read, node.entries[key], join(path, key))
        return default if value is None else value

    def one_key(self, node: Mapping, path: str, keys: Collection[str]) -> str:
        """Return the one of these keys that is there."""
        present = [key for key in keys if key in node.entries]
        if len(present) != 1:
            verb = "give one of" if not present else "give only one of"
            self.refuse(node, path, f"{verb} {listed(keys)}")
        return present[0]

    def many_of[T](self, node: Mapping, path: str, key: str, read: Callable[[Node, str], T]) -> tuple[T, ...]:
        """Return the values of a list without repetitions."""
        if key not in node.entries:
            return ()
        inside, at = node.entries[key], join(path, key)
        if not isinstance(inside, Sequence):
            self.note(inside, at, "must be a list: [one, two]")
            return ()
        found: list[T] = []
        for place, item in enumerate(inside.items):
            value = self.attempt(read, item, f"{at}[{place}]")
            if value in found:
                self.note(item, f"{at}[{place}]", "is listed twice")
            elif value is not None:
                found.append(value)
        return tuple(found)

    # ---- scalars

    def number(self, node: Node, path: str) -> float:
        """Return a finite decimal number."""
        if not isinstance(node, Scalar):
            self.refuse(node, path, "must be a number")
        if not node.plain:
            self.refuse(node, path, "must be a number, without quotes")
        if len(node.text) > 32 or not NUMBER.fullmatch(node.text):
            self.refuse(node, path, f"must be a plain decimal number, not `{node.text[:40]}`")
        value = float(node.text)
        if not isfinite(value) or abs(value) > MAX_NUMBER:
            self.refuse(node, path, "must be a finite number between -1e15 and 1e15")
        return value

    def count(self, node: Node, path: str) -> int:
        """Return a whole number of windows."""
        value = self.number(node, path)
        if not value.is_integer() or not 1 <= value <= MAX_WINDOWS:
            self.refuse(node, path, f"must be a whole number from 1 to {MAX_WINDOWS}")
        return int(value)

    def points(self, node: Node, path: str) -> float:
        """Return points, 0–100."""
        value = self.number(node, path)
        if not 0 <= value <= 100:
            self.refuse(node, path, "must be points from 0 to 100")
        return value

    def text(self, node: Node, path: str) -> str:
        """Return text that was meant as text."""
        if not isinstance(node, Scalar):
            self.refuse(node, path, "must be text")
        words = node.text.strip()
        if node.plain and (NOT_TEXT.fullmatch(words) or NUMBER.fullmatch(words)):
            self.refuse(node, path, "must be text; put it in quotes if it is meant as text")
        if not words:
            self.refuse(node, path, "must not be empty")
        if any(category(character) in ("Cc", "Cs") for character in words.replace("\n", "")):
            self.refuse(node, path, "must not contain control characters")
        return words

    def line(self, limit: int) -> Callable[[Node, str], str]:
        """Return a reader of one line."""

        def read(node: Node, path: str) -> str:
            words = self.text(node, path)
            if len(words) > limit or "\n" in words:
                self.refuse(node, path, f"must be one line of at most {limit} characters")
            return words

        return read

    def prose(self, node: Node, path: str) -> str:
        """Return a reader of a longer text."""
        words = self.text(node, path)
        if len(words) > 2_000:
            self.refuse(node, path, "must be at most 2,000 characters")
        return words

    def shaped(self, pattern: str, meaning: str) -> Callable[[Node, str], str]:
        """Return a reader of a word of this shape."""

        def read(node: Node, path: str) -> str:
            words = self.line(200)(node, path)
            if not re.fullmatch(pattern, words):
                self.refuse(node, path, f"must be {meaning}")
            return words

        return read

    def word(self, node: Node, path: str, known: Collection[str]) -> str:
        """Return one of the known words."""
        if not isinstance(node, Scalar):
            self.refuse(node, path, f"must be one of {listed(known)}")
        if node.text not in known:
            near = get_close_matches(node.text[:60], known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"must be one of {listed(known)}"
            self.refuse(node, path, f"`{node.text[:40]}` is not known: {hint}")
        return node.text

    def member[W: Word](self, kind: type[W]) -> Callable[[Node, str], W]:
        """Return a reader of a member of ``kind``."""
        known = [member.word for member in kind]
        return lambda node, path: kind.from_word(self.word(node, path, known))


def listed(words: Collection[str]) -> str:
    """Return words as a text names them: `one`, `two`."""
    return ", ".join(f"`{word}`" for word in words)


def join(path: str, key: str) -> str:
    """Return the path of a key below a path."""
    return f"{path}.{key}" if path else key
