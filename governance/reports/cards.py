"""A model card as plain values: parts, each with statements that say where they come from, and what people wrote.

The same values make the page, the files and the frozen document, so that none of them can say something else.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from models_registry.audit.canonical import plain

FORMAT = "redline/model-card/1"


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing the card says. ``url`` leads to where it comes from, ``at`` is since when it is so.

    ``level`` is a risk level and ``verdict`` a gate's answer, where the statement is about one.
    """

    term: str
    text: str
    url: str = ""
    at: dt.datetime | None = None
    level: str = ""
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote in a section: Markdown, the number of its version, and who, when."""

    text: str
    number: int
    digest: str
    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the card. ``missing`` says what it lacks; ``permission`` is what its readers hold besides."""

    key: str
    title: str
    statements: tuple[Statement, ...] = ()
    written: Written | None = None
    missing: str = ""
    section: str = ""
    permission: str = ""

    @property
    def is_blank(self) -> bool:
        """Say whether it says nothing at all, not even that something is missing."""
        return not (self.statements or self.written or self.missing)


@dataclass(frozen=True, slots=True)
class Result:
    """One result of a validation, as programs read it."""

    suite: str
    kind: str
    metric: str
    value: float
    verdict: str = ""
    segment: str = ""
    dataset: str = ""
    dataset_digest: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What formats for programs need as values; a field without a value is not on record.

    ``hub_ids`` says under which id of the Hub a name is kept, where its source states one.
    """

    kind: str
    purpose: str = ""
    version: int | None = None
    licence: str = ""
    base_models: tuple[str, ...] = ()
    base_relation: str = ""
    trained_on: tuple[str, ...] = ()
    evaluated_on: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()
    hub_ids: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """The card of a model as it stood at ``at``. ``withheld`` names the parts that the reader may not see."""

    slug: str
    name: str
    at: dt.datetime
    facts: Facts
    parts: tuple[Part, ...]
    withheld: tuple[str, ...] = ()
    format: str = FORMAT

    def part(self, key: str) -> Part | None:
        """Return the part of this key."""
        return next((one for one in self.parts if one.key == key), None)

    def written(self, section: str) -> str:
        """Return the text of a section; empty where nobody wrote one."""
        found = next((one for one in self.parts if one.section == section), None)
        return found.written.text if found and found.written else ""

    @property
    def told(self) -> list[Part]:
        """The parts that say something, for readers."""
        return [one for one in self.parts if not one.is_blank]

    @property
    def missing(self) -> list[Part]:
        """The parts that lack what they should say."""
        return [one for one in self.parts if one.missing]


class CardUnreadable(ValueError):
    """This document is no model card of a format that is known."""


def as_document(card: Card) -> dict[str, Any]:
    """Return the card in JSON's own types."""
    found = plain(card)
    assert isinstance(found, dict)
    return found


def from_document(document: Mapping[str, Any]) -> Card:
    """Return the card behind a document. Raises CardUnreadable."""
    try:
        card = msgspec.convert(dict(document), Card)
    except msgspec.ValidationError as wrong:
        raise CardUnreadable(str(wrong)) from None
    if card.format != FORMAT:
        raise CardUnreadable(f"{card.format!r} is not known.")
    return card


def seen_with(card: Card, *, may: Callable[[str], bool]) -> Card:
    """Return the card for a reader: parts that ask for a permission ``may`` refuses are left out, by name."""
    kept = [one for one in card.parts if not one.permission or may(one.permission)]
    left_out = tuple(one.title for one in card.parts if one not in kept)
    return replace(card, parts=tuple(kept), withheld=(*card.withheld, *left_out))


@dataclass(frozen=True, slots=True)
class Change:
    """One line that differs between two cards; an absent side is empty."""

    term: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PartChange:
    """What differs in one part: single statements, and its text before and after."""

    title: str
    statements: Sequence[Change]
    old_text: str
    new_text: str

    @property
    def text_changed(self) -> bool:
        """Say whether people wrote something else."""
        return self.old_text != self.new_text


def compare(old: Card, new: Card) -> list[PartChange]:
    """Return the parts in which two cards differ, in the order of the newer one."""
    before = {one.key: one for one in old.parts}
    after = {one.key: one for one in new.parts}
    found = (_compare(before.get(key), after.get(key)) for key in {**after, **before})
    return [one for one in found if one.statements or one.text_changed]


def _compare(old: Part | None, new: Part | None) -> PartChange:
    was, now = _lines(old), _lines(new)
    changed = [
        Change(term, was.get(term, ""), now.get(term, ""))
        for term in {**now, **was}
        if was.get(term, "") != now.get(term, "")
    ]
    some = new or old
    assert some is not None
    return PartChange(some.title, changed, _text(old), _text(new))


def _lines(part: Part | None) -> dict[str, str]:
    """Return what a part says by term; statements that share a term are told together."""
    found: dict[str, str] = {}
    for one in part.statements if part else ():
        said = " · ".join(filter(None, (one.level.capitalize(), one.verdict, one.text)))
        found[one.term] = f"{found[one.term]}; {said}" if one.term in found else said
    return found


def _text(part: Part | None) -> str:
    return part.written.text if part and part.written else ""
