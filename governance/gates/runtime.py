"""Whether a running model may be used: full, in a sandbox, or not at all.

Fail-static: when the present posture is not known, the last known answer stands
and says its age. A governance outage must never stop what serves customers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.vocabulary import Restriction, Word

FRESH_FOR = timedelta(minutes=5)


class Access(Word):
    """How a model may be used at run time."""

    FULL = "FULL"
    SANDBOX = "SANDBOX"
    NONE = "NONE"


BY_RESTRICTION = {
    Restriction.NONE: Access.FULL,
    Restriction.SANDBOX: Access.SANDBOX,
    Restriction.SUSPEND: Access.NONE,
}


@dataclass(frozen=True, slots=True)
class Restraint:
    """Something that restricts a model now: an enforced rule, or a person's order."""

    restriction: Restriction
    because: str


@dataclass(frozen=True, slots=True)
class RuntimeAnswer:
    """An access with its reasons, the time it was true, and when to distrust it."""

    access: Access
    reasons: tuple[str, ...]
    as_of: datetime
    stale_after: datetime

    def is_stale(self, now: datetime) -> bool:
        """Return whether the answer is older than it should be; it stands all the same."""
        return now >= self.stale_after


def judge(restraints: Iterable[Restraint], *, as_of: datetime) -> RuntimeAnswer:
    """Return the access under the gravest restraint, with all that is as grave."""
    known = list(restraints)
    gravest = max((one.restriction for one in known), key=_gravity, default=Restriction.NONE)
    reasons = {one.because for one in known if one.restriction is gravest}
    return RuntimeAnswer(
        access=BY_RESTRICTION[gravest],
        reasons=tuple(sorted(reasons)) if gravest is not Restriction.NONE else (),
        as_of=as_of,
        stale_after=as_of + FRESH_FOR,
    )


def answer(
    *,
    restraints: Iterable[Restraint] | None,
    last_known: RuntimeAnswer | None,
    now: datetime,
) -> RuntimeAnswer:
    """Return the present answer, or the last known one when the present is unknown (None).

    A model never judged before gets a sandbox: there is no running state to keep.
    """
    if restraints is not None:
        return judge(restraints, as_of=now)
    if last_known is not None:
        return last_known
    return RuntimeAnswer(
        access=Access.SANDBOX,
        reasons=("This model was never judged, and its posture cannot be read now.",),
        as_of=now,
        stale_after=now,
    )


def _gravity(restriction: Restriction) -> int:
    return restriction.order
