"""What a sweep and a platform say to each other: questions, answers, findings, and what may go wrong.

A platform's file is pure: it asks through the `ask` it is given, reads what it remembered through `recall`, and
yields pages. Whoever sweeps does the rest: address, credential, waiting, budgets, keeping.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol

EVER_LATER: Final = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: ``path`` is relative to the base address; a query's value may be a list, which repeats its name.

    The base address and the credential are added by whoever asks. ``earlier`` questions are about what was there
    before the sweeps began: they are asked as far as the day has requests to spare.
    """

    path: str
    method: str = "GET"
    query: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer: ``data`` is its strict JSON, names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str]
    data: Any


type Asker = Callable[[Ask], Answer]
type Recall = Callable[[Iterable[str]], Mapping[str, Any]]
"""From names of things to what earlier pages said of them under ``seen``; names never said are left out."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a delivery tells, in words that a sweep finds as well.

    ``key`` names the change without its time, for example ``model_version_alias.created:claims:champion:7``; ``at``
    is when it happened, as the platform dates it, else when the delivery came.
    """

    key: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Found:
    """One event that a sweep brings.

    ``body`` is JSON in the shape of the platform's own webhook where one tells the same, else one that the
    platform's adapter reads; ``event_id`` names it for ever, so that finding it again is no news.

    Where a webhook tells the same and carries no id that a sweep could know, ``change`` is the key that the
    poller's ``change`` reads from the webhook's body, and the change lies within ``since`` and ``until``, both
    included: the two looks between which it was made, or the platform's own moment with some room. Then a delivery
    that told this key within that time is this event, and one that will tell it is a duplicate of this event.
    A delivery stands for one finding at most, and a finding for one delivery, so that an alias put on, taken off
    and put on again makes three events whoever brings each.
    """

    event_id: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    change: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What is kept in one transaction: the findings, where the next sweep goes on, and what to remember.

    ``seen`` is remembered by thing (at most 200 characters) until another page says something else of it; None
    forgets it. A sweep that dies between two pages goes on after the last page that was kept.
    """

    found: Sequence[Found]
    cursor: Mapping[str, Any]
    seen: Mapping[str, Any] = field(default_factory=dict)


class Scheme(StrEnum):
    """How the credential is shown to the platform."""

    NONE = "none"
    BEARER = "bearer"
    BASIC = "basic"
    """The credential is ``user:password``."""
    BASIC_API = "basic_api"
    """The user is ``api`` and the credential is the password (W&B)."""


class Field(NamedTuple):
    """What an administrator fills in beside the base address and the credential."""

    name: str
    label: str
    help: str = ""
    required: bool = True
    initial: str = ""
    lines: bool = False
    """Several lines."""


class Pages(Protocol):
    """Read the platform from the cursor on and yield pages; the cursor of a first sweep is empty.

    ``config`` has the fields as text, ``address`` among them; ``at`` is when the sweep began, and
    ``begun_at`` in the cursor when the polling was set up (ISO 8601), which whoever sweeps adds and keeps.
    """

    def __call__(
        self, ask: Asker, *, config: Mapping[str, str], cursor: Mapping[str, Any], at: dt.datetime, recall: Recall
    ) -> Iterator[Page]:
        """Yield pages until the platform has nothing further."""


def nothing_earlier(config: Mapping[str, str]) -> Sequence[str]:
    """Say that nothing from before the sweeps began is read."""
    return ()


def told_by_sweeps_alone(document: Any, received_at: dt.datetime) -> Change | None:
    """Say that no delivery of this platform tells what a sweep finds."""
    return None


def read_by_each_sweep(cursor: Mapping[str, Any]) -> dt.datetime | None:
    """Say that a sweep that ended well has looked at everything."""
    return EVER_LATER


def whole(body: bytes) -> list[bytes]:
    """Say that a delivery of this platform tells one change."""
    return [body]


def nothing_wrong(config: Mapping[str, str]) -> Mapping[str, str]:
    """Find no fault with what was filled in."""
    return {}


@dataclass(frozen=True, slots=True)
class Poller:
    """A platform that can be asked."""

    pages: Pages
    fields: tuple[Field, ...] = ()
    schemes: tuple[Scheme, ...] = (Scheme.BEARER,)
    """The first is what the form proposes."""
    address: str = ""
    """The base address that the form proposes."""
    min_interval_s: int = 60
    change: Callable[[Any, dt.datetime], Change | None] = told_by_sweeps_alone
    """What a webhook's body (strict JSON) tells, given when it came."""
    pieces: Callable[[bytes], list[bytes]] = whole
    """A webhook's body cut into bodies that tell one change each."""
    check: Callable[[Mapping[str, str]], Mapping[str, str]] = nothing_wrong
    """The faults of what was filled in, by field."""
    read_since: Callable[[Mapping[str, Any]], dt.datetime | None] = read_by_each_sweep
    """When the last look at everything began that was ended, by the cursor; None while there was none."""
    earlier: Callable[[Mapping[str, str]], Sequence[str]] = nothing_earlier
    """The lists of which is read what was there before the sweeps began, as `before` keeps them in the cursor."""


class Stopped(Exception):
    """A sweep cannot go on now. The message is for the source's page: ours, never the platform's text."""


class Throttled(Stopped):
    """The platform asks to wait (429, or 503 with Retry-After)."""

    def __init__(self, retry_after_s: float | None = None) -> None:
        self.retry_after_s = retry_after_s
        wait = f" for {retry_after_s:.0f} s" if retry_after_s is not None else ""
        super().__init__(f"The platform asks to wait{wait}.")


class Refused(Stopped):
    """The platform answers 4xx: the credential, the address or a field is wrong. A platform's file may catch it."""

    def __init__(self, status: int, told: str = "") -> None:
        self.status = status
        super().__init__(told or f"The platform refuses with {status}.")


class Unreachable(Stopped):
    """No answer, 5xx, or an address that the deployment does not allow."""


class Unread(Stopped):
    """The answer is not what the platform's interface describes. Raised by platform files as well."""


class Endless(Stopped):
    """The platform gave the same page twice."""


class BudgetSpent(Stopped):
    """The requests of this sweep, or of this day, are used up. The next sweep goes on from the cursor."""


class SpareSpent(Stopped):
    """The requests that the day has to spare for what was there before are used up. The next sweep goes on."""
