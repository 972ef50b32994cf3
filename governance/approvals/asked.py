"""What a request is about, as its page shows it: rooms above say so for their own subjects.

Approvals lie below the rooms whose things are approved, so those register here and are called by subject.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from governance.approvals.models import ApprovalRequest, Subject


@dataclass(frozen=True, slots=True)
class Asked:
    """The content of a request, and whether it still is what was asked.

    ``old`` and ``new`` are texts to compare; ``reasons`` what a gate said, each with ``text`` and ``way_out``.
    ``stale`` says why a decision would no longer be about what was asked; ``moved`` only warns.
    ``effect`` is what approving does.
    """

    effect: str = ""
    facts: Sequence[tuple[str, object]] = ()
    old: str = ""
    new: str = ""
    compared: str = ""
    verdict: str = ""
    reasons: Sequence[Mapping[str, str]] = field(default=())
    stale: str = ""
    moved: str = ""


class Text(Protocol):
    """A version of something that people write and that others approve word for word."""

    number: int
    text: str
    digest: str


def asked_of_text(
    *, digest: str, version: Text, before: Text | None, effect: str, facts: Sequence[tuple[str, object]]
) -> Asked:
    """Return the content of a request about a text: beside the one before it, and stale where it is another one."""
    return Asked(
        effect=effect,
        facts=facts,
        old=before.text if before else "",
        new=version.text,
        compared=f"v{before.number} and v{version.number}" if before else f"v{version.number}, the first",
        stale="" if version.digest == digest else "The text of this version is not the one that was asked about.",
    )


type Presenter = Callable[[ApprovalRequest], Asked]

_PRESENTERS: dict[str, Presenter] = {}


def presents(subject: Subject) -> Callable[[Presenter], Presenter]:
    """Register who knows the content of the requests of one subject."""

    def register(presenter: Presenter) -> Presenter:
        _PRESENTERS[subject.value] = presenter
        return presenter

    return register


def asked_by(request: ApprovalRequest) -> Asked:
    """Return the content of a request; empty for a subject that no room presents."""
    presenter = _PRESENTERS.get(request.subject)
    return presenter(request) if presenter else Asked()
