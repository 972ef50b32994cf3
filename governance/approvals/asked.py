"""What a request is about, as its page shows it: rooms above say so for their own subjects.

Approvals lie below the rooms whose things are approved, so those register here and are called by subject.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

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
