"""Who wants to know what was decided: rooms above register here, and are called inside the deciding transaction.

Approvals lie below the rooms whose things are approved, so they cannot import them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from governance.approvals.models import ApprovalRequest, Subject
from models_registry.audit.actor import Actor


class Reader(Protocol):
    """Takes a request that is no longer pending; its ``state`` says how it ended."""

    def __call__(self, request: ApprovalRequest, *, by: Actor, at: datetime) -> None:
        """Act on the decision, in the same transaction."""


_READERS: dict[str, list[Reader]] = {}


def on_decided(subject: Subject) -> Callable[[Reader], Reader]:
    """Register a callable for the requests of one subject; registering twice changes nothing."""

    def register(reader: Reader) -> Reader:
        known = _READERS.setdefault(subject.value, [])
        if reader not in known:
            known.append(reader)
        return reader

    return register


def tell(request: ApprovalRequest, *, by: Actor, at: datetime) -> None:
    """Hand a decided request to those who registered for its subject."""
    for reader in _READERS.get(request.subject, []):
        reader(request, by=by, at=at)
