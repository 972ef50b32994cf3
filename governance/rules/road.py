"""The road of a version, for rules and for health formulas: which state follows which, and why not.

Rules pass through SHADOW, where they record what they would have done. A formula has no shadow: its
score is one number per model, and a second one beside it would be read as the first.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

DRAFT, SUBMITTED, APPROVED = "DRAFT", "SUBMITTED", "APPROVED"
SHADOW, ENFORCED, RETIRED = "SHADOW", "ENFORCED", "RETIRED"

RESERVED = frozenset({"new", "says", "tried", "lint"})
"""Names that are addresses beside the rules and formulas themselves."""

MOMENTS = ("created", "submitted", "approved", "shadowed", "enforced", "retired")

type Road = Mapping[str, tuple[str, ...]]

RULES: Road = {
    DRAFT: (SUBMITTED, RETIRED),
    SUBMITTED: (APPROVED, RETIRED),
    APPROVED: (SHADOW, RETIRED),
    SHADOW: (ENFORCED, RETIRED),
    ENFORCED: (SHADOW, RETIRED),
    RETIRED: (),
}
FORMULAS: Road = {
    DRAFT: (SUBMITTED, RETIRED),
    SUBMITTED: (APPROVED, RETIRED),
    APPROVED: (ENFORCED, RETIRED),
    ENFORCED: (RETIRED,),
    RETIRED: (),
}
POLICY: Mapping[str, object] = {"required": 2, "roles": ["compliance_officer", "governance_board"]}
"""Who must agree before a version counts: two people, neither of them its author."""


class RoadRefusal(Exception):
    """A step that this version, or this person with it, cannot take."""

    http_status = 409


class NotOnTheRoad(RoadRefusal):
    """From where it stands, this version cannot go there."""


class NotTheAuthor(RoadRefusal):
    """Only its author changes and submits a draft, so that four eyes are two people."""


def refusal(road: Road, *, of: str, to: str) -> str:
    """Return why a version in state ``of`` cannot become ``to``; empty when it can."""
    if to in road[of]:
        return ""
    if not road[of]:
        return f"This version is {of.lower()}, which is the end of its road. Draft a new version."
    onward = " or ".join(word.lower() for word in road[of])
    return f"This version is {of.lower()}. From there it can become {onward}, not {to.lower()}."


def check(road: Road, *, of: str, to: str) -> None:
    """Return when a version in state ``of`` may become ``to``; raise NotOnTheRoad when not."""
    if reason := refusal(road, of=of, to=to):
        raise NotOnTheRoad(reason)


def last_step_at(version: Any) -> datetime:
    """Return when a version last took a step of its road."""
    known: list[datetime | None] = [getattr(version, f"{step}_at", None) for step in MOMENTS]
    return max(at for at in known if at is not None)


def digest_of(text: str) -> str:
    """Return the SHA-256 that names exactly this text: what approvals are bound to."""
    return f"sha256:{sha256(text.encode()).hexdigest()}"
