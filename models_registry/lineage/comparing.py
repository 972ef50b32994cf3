"""What changed between two versions of a model: what they are made from, their numbers, their texts."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

ADDED, REMOVED, CHANGED, SAME = "added", "removed", "changed", "same"
MINUS = "\u2212"
MOST_LINES = 4_000
"""Longer texts are not compared line by line: the work grows with the square of their length."""


@dataclass(frozen=True, slots=True)
class Held[V]:
    """Something a version uses: its role, the artifact behind it, and the version of that."""

    role: str
    artifact: int
    name: str
    value: V


@dataclass(frozen=True, slots=True)
class Change[V]:
    """One line of the comparison; an absent side is None."""

    name: str
    state: str
    old: V | None
    new: V | None
    role: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """A number or word about the build, before and after; ``by`` says how far it moved where both are numbers."""

    name: str
    state: str
    old: str | None
    new: str | None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One line of a text on one side: its number, its words, and whether it changed."""

    number: int | None
    text: str
    state: str


def artifacts[V](old: Iterable[Held[V]], new: Iterable[Held[V]]) -> Sequence[Change[V]]:
    """Return what was added, removed or exchanged, then what stayed, by role and name.

    One version of an artifact that gives way to one other in the same role is one change.
    """
    before, after = _grouped(old), _grouped(new)
    found = [
        change
        for key in sorted({*before, *after})
        for change in _changes(key[0], key[1], before.get(key, []), after.get(key, []))
    ]
    return sorted(found, key=lambda change: change.state == SAME)


def facts(old: Mapping[str, str], new: Mapping[str, str]) -> Sequence[Shift]:
    """Return every parameter or metric by name, with the difference where both sides are numbers."""
    shifts = []
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        state = SAME if before == after else ADDED if before is None else REMOVED if after is None else CHANGED
        shifts.append(Shift(name, state, before, after, moved(before, after) if before and after else ""))
    return shifts


def moved(old: str, new: str) -> str:
    """Return by how much a number moved, as exactly as both are written; empty where one of them is none."""
    try:
        by = Decimal(new) - Decimal(old)
    except InvalidOperation:
        return ""
    if not by.is_finite() or by == 0:
        return ""
    return f"{'+' if by > 0 else MINUS}{abs(by):f}"


def may_compare(old: str, new: str) -> bool:
    """Say whether two texts are short enough to be compared line by line."""
    return max(old.count("\n"), new.count("\n")) < MOST_LINES


def sides(old: str, new: str) -> tuple[list[Side], list[Side]]:
    """Return both texts line by line, as many lines each: what faces nothing faces an empty line."""
    before, after = old.splitlines(), new.splitlines()
    left: list[Side] = []
    right: list[Side] = []
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    for _, first, last, start, end in matcher.get_opcodes():
        same = before[first:last] == after[start:end]
        for place in range(max(last - first, end - start)):
            left.append(_side(before, first + place, last, SAME if same else REMOVED))
            right.append(_side(after, start + place, end, SAME if same else ADDED))
    return left, right


def _side(lines: Sequence[str], place: int, end: int, state: str) -> Side:
    return Side(place + 1, lines[place], state) if place < end else Side(None, "", SAME)


def _grouped[V](held: Iterable[Held[V]]) -> dict[tuple[str, str, int], list[V]]:
    found: dict[tuple[str, str, int], list[V]] = {}
    for one in held:
        found.setdefault((one.role, one.name, one.artifact), []).append(one.value)
    return found


def _changes[V](role: str, name: str, old: Sequence[V], new: Sequence[V]) -> list[Change[V]]:
    stayed = [Change(name, SAME, one, one, role) for one in old if one in new]
    gone = [one for one in old if one not in new]
    come = [one for one in new if one not in old]
    if len(gone) == len(come) == 1:
        return [Change(name, CHANGED, gone[0], come[0], role), *stayed]
    removed = [Change(name, REMOVED, one, None, role) for one in gone]
    return [*removed, *(Change(name, ADDED, None, one, role) for one in come), *stayed]
