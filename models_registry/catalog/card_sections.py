"""What people write in a model card, section by section, and how a text is kept. After Mitchell et al., 2019."""

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST = 20_000
"""Characters of one section; a card is read, not studied."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One section: its heading, what it asks of the writer, and what is said while nobody has answered."""

    title: str
    asks: str
    missing: str


TOPICS: Mapping[str, Topic] = {
    "INTENDED_USE": Topic(
        "Intended use",
        "Who uses it, for which decisions, and what a person still decides.",
        "Nobody has written what it is meant for.",
    ),
    "OUT_OF_SCOPE": Topic(
        "Out-of-scope use",
        "What it must not be used for, even where it would work.",
        "Nobody has written what it must not be used for.",
    ),
    "TRAINING_DATA": Topic(
        "Training data",
        "Where the data come from, which period, who is in them and who is missing.",
        "Nobody has described the training data.",
    ),
    "EVALUATION_DATA": Topic(
        "Evaluation data",
        "What it was tested on, and why that stands for its use.",
        "Nobody has described the evaluation data.",
    ),
    "LIMITATIONS": Topic(
        "Limitations",
        "Where it fails or was never tested, and what to do there.",
        "Nobody has written the limitations.",
    ),
    "ETHICAL_CONSIDERATIONS": Topic(
        "Ethical considerations",
        "Whom it may harm, how that was weighed, and what was done against it.",
        "Nobody has written ethical considerations.",
    ),
    "CONTACT": Topic(
        "Contact",
        "Where questions and complaints about it go.",
        "Nobody has written where questions go; the owner is named above.",
    ),
}
"""Every section by the word that is stored, in the order of the card."""


class SectionUnknown(LookupError):
    """A model card has no section of this name."""

    http_status = 404


class SectionUnfit(ValueError):
    """A section is text without zero bytes, at most 20,000 characters long."""

    http_status = 400


def section_choices() -> list[tuple[str, str]]:
    """Return what a stored section may be, with its heading."""
    return [(key, topic.title) for key, topic in TOPICS.items()]


def address_of(section: str) -> str:
    """Return how addresses write a section: `intended-use`."""
    return section.lower().replace("_", "-")


def section_of(address: str) -> str:
    """Return the section that an address names. Raises SectionUnknown."""
    found = {address_of(key): key for key in TOPICS}.get(address)
    if found is None:
        raise SectionUnknown(f"A model card has no section {address!r}.")
    return found


def tidied(text: str) -> str:
    """Return the text as it is kept: lines end in one way, and nothing stands around it. Raises SectionUnfit."""
    kept = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if "\x00" in kept:
        raise SectionUnfit("A section may not contain zero bytes.")
    if len(kept) > LONGEST:
        raise SectionUnfit(f"A section has at most {LONGEST:,} characters; this one has {len(kept):,}.")
    return kept
