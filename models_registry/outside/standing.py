"""From statements about one slot to the stretches in which no decision covered what stood there. Pure.

The answer depends on the set of statements and on when decisions were used, never on the order of arrival.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: ``version`` and ``digest`` as told there; ``on`` False means that nothing stood there."""

    pk: int
    observed_at: datetime
    on: bool
    version: str
    digest: str = ""

    @property
    def key(self) -> tuple[bool, str, str]:
        """What must be equal for two statements to say the same."""
        return self.on, self.version, self.digest

    @property
    def rank(self) -> tuple[datetime, bool, str, str, int]:
        """The order of time; at one moment what is on counts last, so that a doubt stands."""
        return self.observed_at, self.on, self.version, self.digest, self.pk


@dataclass(frozen=True, slots=True)
class Run:
    """Successive statements that say the same. ``ended_at`` None: the newest."""

    statements: tuple[Statement, ...]
    ended_at: datetime | None

    @property
    def first(self) -> Statement:
        """The statement that began it."""
        return self.statements[0]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run that no decision covered when it began. ``decided_at`` is when one was used while it lasted."""

    run: Run
    ended_at: datetime | None
    decided_at: datetime | None

    @property
    def began_at(self) -> datetime:
        """When it was put there, as far as anybody said."""
        return self.run.first.observed_at


def runs(statements: Iterable[Statement]) -> list[Run]:
    """Return the runs of a slot in order of time."""
    grouped: list[list[Statement]] = []
    for one in sorted(statements, key=lambda each: each.rank):
        if grouped and grouped[-1][0].key == one.key:
            grouped[-1].append(one)
        else:
            grouped.append([one])
    ends = [own[0].observed_at for own in grouped[1:]] + [None]
    return [Run(tuple(own), end) for own, end in zip(grouped, ends, strict=True)]


def stretches(found: Sequence[Run], *, covered_since: Callable[[Run], datetime | None]) -> list[Stretch]:
    """Return the stretches without cover: ``covered_since`` says since when a decision covers a run's version."""
    uncovered = []
    for run in found:
        since = covered_since(run)
        if not run.first.on or (since is not None and since <= run.first.observed_at):
            continue
        decided = since if since is not None and (run.ended_at is None or since < run.ended_at) else None
        uncovered.append(Stretch(run, decided or run.ended_at, decided))
    return uncovered
