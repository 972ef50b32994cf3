"""What people write in a model card, section by section, and how a text is kept.

After Mitchell et al., 2019; users, trade-offs and the environment are those of CycloneDX and the Hub, instructions and
oversight those of articles 13 and 14 of the EU AI Act.
"""

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST = 20_000
"""Characters of one section; a card is read, not studied."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One section: its heading, what it asks of the writer, and what is said while nobody has answered.

    A section without such words is written where there is something to say; the card lacks nothing without it.
    """

    title: str
    asks: str
    missing: str = ""

    @property
    def is_expected(self) -> bool:
        """Say whether a card without this section lacks something."""
        return bool(self.missing)


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
    "USERS": Topic(
        "Users and people affected",
        "Who works with its answers, and whom its answers are about.",
    ),
    "HOW_TO_USE": Topic(
        "Instructions for use",
        "What it takes in, what its answers mean, and what a user has to check before acting on one.",
    ),
    "HUMAN_OVERSIGHT": Topic(
        "Human oversight",
        "Who watches it, what they are shown, and how they overrule or stop it.",
        "Nobody has written how people oversee it.",
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
    "TRADE_OFFS": Topic(
        "Trade-offs",
        "What was given up for what: recall for precision, accuracy for speed, quality for cost.",
    ),
    "ETHICAL_CONSIDERATIONS": Topic(
        "Ethical considerations",
        "Whom it may harm, how that was weighed, and what was done against it.",
        "Nobody has written ethical considerations.",
    ),
    "ENVIRONMENT": Topic(
        "Environmental impact",
        "Hardware, hours and region of its training, the energy that training and serving take, and how that is known.",
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
