"""What a person owes, and by when: the lines of the inbox and how they are grouped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WEEK = timedelta(days=7)


class Kind(StrEnum):
    """What is owed; the value is the verb on the line's button."""

    ACKNOWLEDGE = "Acknowledge"
    ANSWER = "Respond"
    STEP = "Open step"
    HAND_OVER = "Show evidence"
    VERIFY = "Verify"
    SETTLE = "Settle"
    RELEASE = "Release"
    APPROVE = "Review"
    RENEW = "Decide"


class When(StrEnum):
    """The groups of the inbox, in order of urgency."""

    OVERDUE = "Overdue"
    TODAY = "Today"
    THIS_WEEK = "This week"
    LATER = "Later"


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing somebody owes by a time.

    ``task`` is what to do, ``subject`` the model it is about and ``why`` one line of reason.
    ``judged_digest`` is set where the line itself can answer: the state that would be acknowledged.
    ``whose`` names who owes it, where that is not the reader.
    """

    kind: Kind
    task: str
    url: str
    due_at: datetime
    level: str = ""
    subject: str = ""
    subject_url: str = ""
    why: str = ""
    whose: str = ""
    risk_id: int | None = None
    judged_digest: str = ""

    @property
    def pick(self) -> str:
        """Return what a selected line sends: the risk and the state that was read; empty where a line cannot answer."""
        return f"{self.risk_id}:{self.judged_digest}" if self.judged_digest else ""

    @property
    def key(self) -> str:
        """Return what tells this line from the others on the page."""
        return f"{self.kind.name.lower()}-{self.url.strip('/').replace('/', '-')}-{self.due_at:%j%H%M}"


@dataclass(frozen=True, slots=True)
class Group:
    """The duties of one stretch of time, soonest first."""

    when: When
    duties: Sequence[Duty]

    @property
    def answerable(self) -> int:
        """Return how many of its lines can be acknowledged where they stand."""
        return sum(1 for duty in self.duties if duty.pick)


def when(*, due_at: datetime, now: datetime) -> When:
    """Return the group of a deadline; days are those of the zone that ``now`` is in."""
    if due_at < now:
        return When.OVERDUE
    if due_at.astimezone(now.tzinfo).date() == now.date():
        return When.TODAY
    return When.THIS_WEEK if due_at <= now + WEEK else When.LATER


def urgency(duty: Duty) -> tuple[datetime, str]:
    """Sort by the clock, then by what is to do."""
    return (duty.due_at, duty.task)


def grouped(duties: Iterable[Duty], *, now: datetime) -> list[Group]:
    """Return the duties by urgency, each group soonest first, without empty groups."""
    ordered = sorted(duties, key=urgency)
    groups = [Group(group, [duty for duty in ordered if when(due_at=duty.due_at, now=now) is group]) for group in When]
    return [group for group in groups if group.duties]
