"""What one cell says, as the catalog keeps it: a choice by any of its spellings, a person by any of their names."""

import re
from dataclasses import dataclass
from typing import Any, Final

from models_registry.intake.fields import CLEAR, YES_NO, Field, folded, words_of
from models_registry.intake.standing import People
from models_registry.tabular.cells import LIST_SIGN, plain

SHEET_ERRORS: Final = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
MOST_WORDS: Final = 50
_ADDRESS: Final = re.compile(r"<([^<>\s]+@[^<>\s]+)>")


class Unfit(ValueError):
    """The cell cannot mean this."""


@dataclass(frozen=True)
class Value:
    """A fact: ``kept`` as the model has it, ``stored`` as the database has it, ``told`` in words."""

    kept: Any
    stored: Any
    told: str


def parse(field: Field, text: str, people: People) -> Value:
    """Return what a cell says of a model. Raises Unfit, which tells what is wrong and how to mend it."""
    if text in SHEET_ERRORS:
        raise Unfit(f"The spreadsheet shows the error {text} here.")
    if text == CLEAR:
        return _cleared(field)
    if field.sort in {"person", "unit", "team"}:
        return _named(field, text, people)
    if field.sort == "choice":
        return _chosen(field, text)
    if field.sort == "yes":
        word = YES_NO.get(folded(text))
        if word is None:
            raise Unfit(f"{text[:40]} is neither yes nor no.")
        return Value(word == "yes", word == "yes", word)
    if field.is_list:
        return _listed(field, text)
    kept = plain(text)
    if field.longest and len(kept) > field.longest:
        raise Unfit(f"It is {len(kept):,} characters long, and at most {field.longest:,} fit.")
    if field.name == "name" and "\n" in kept:
        kept = " ".join(kept.split())
    return Value(kept, kept, kept)


def _cleared(field: Field) -> Value:
    if not field.clears:
        raise Unfit(f"{field.label} cannot be empty.")
    kept: Any = [] if field.is_list else None if field.sort in {"person", "team"} else ""
    return Value(kept, kept, "")


def _chosen(field: Field, text: str) -> Value:
    assert field.choices is not None
    value = field.choices.get(folded(text))
    if value is None:
        known = ", ".join(sorted({one.replace("_", " ").lower() for one in field.choices.values()}))
        raise Unfit(f"{text[:40]} is not one of: {known}.")
    return Value(value, value, value.replace("_", " ").capitalize())


def _named(field: Field, text: str, people: People) -> Value:
    known: Any = {"person": people.accounts, "unit": people.units, "team": people.teams}[field.sort]
    inside = _ADDRESS.search(text)
    word = (inside.group(1) if inside else text).strip().lower()
    what = {"person": "account", "unit": "unit", "team": "team"}[field.sort]
    if word not in known:
        more = " Write a username, an address or a full name." if field.sort == "person" else ""
        raise Unfit(f"No {what} is called {text[:60]}.{more}")
    found = known[word]
    if found is None:
        by = "its username" if field.sort == "person" else "its slug"
        raise Unfit(f"More than one {what} is called {text[:60]}. Name it by {by}.")
    return Value(found, found.pk, str(found))


def _listed(field: Field, text: str) -> Value:
    words = list(dict.fromkeys(words_of(plain(text))))
    if long := next((word for word in words if len(word) > field.longest), None):
        such = ", such as EU or US-NY" if field.name == "jurisdictions" else ""
        raise Unfit(f"{long[:40]} is longer than {field.longest} characters{such}.")
    if len(words) > MOST_WORDS:
        raise Unfit(f"At most {MOST_WORDS} entries fit, not {len(words)}.")
    return Value(words, words, LIST_SIGN.join(words))
