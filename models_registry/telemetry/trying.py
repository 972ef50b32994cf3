"""What a mapping would do before it is in force: to what is held, and to what is read today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models_registry.telemetry import measuring, queries
from models_registry.telemetry.measuring import Read
from models_registry.telemetry.models import EventState, Source, TelemetryEvent

HELD_TRIED = 100
READ_TRIED = 20


@dataclass(frozen=True)
class Tried:
    """One event with what it gives now and what it would give."""

    event: TelemetryEvent
    before: Read
    after: Read

    @property
    def changes(self) -> bool:
        """Say whether it would give something else."""
        return _gist(self.before) != _gist(self.after)


@dataclass(frozen=True)
class Trial:
    """A mapping tried on the newest held events, and on the newest that are read."""

    held: Sequence[Tried]
    held_count: int
    read: Sequence[Tried]

    @property
    def mended(self) -> int:
        """How many held events would be read."""
        return sum(not each.after.problems for each in self.held)

    @property
    def measurements(self) -> int:
        """How many measurements the held events would give."""
        return sum(len(each.after.rows) for each in self.held)

    @property
    def left(self) -> int:
        """How many held events would be held again."""
        return len(self.held) - self.mended

    @property
    def altered(self) -> Sequence[Tried]:
        """The events that are read today and would give something else, or nothing."""
        return [each for each in self.read if each.changes]


def trial(*, source: Source, document: Mapping[str, Any]) -> Trial:
    """Return what the mapping would do. Writes nothing; reads at most 120 bodies."""
    held = queries.held_events(source=source).filter(body_digest__isnull=True)
    kept = TelemetryEvent.objects.filter(source=source, body_digest__isnull=True)
    done = kept.filter(state=EventState.DONE).select_related("source")
    return Trial(
        _tried(list(held.defer(None)[:HELD_TRIED]), document),
        held.count(),
        _tried(list(done.order_by("-pk")[:READ_TRIED]), document),
    )


def given(*, event: TelemetryEvent, document: Mapping[str, Any]) -> Read:
    """Return what one payload would give; the event need not be on record."""
    return measuring.read_events([event], mapping=document)[0]


def _tried(events: Sequence[TelemetryEvent], document: Mapping[str, Any]) -> list[Tried]:
    before = measuring.read_events(events)
    after = measuring.read_events(events, mapping=document)
    return [Tried(*each) for each in zip(events, before, after, strict=True)]


def _gist(read: Read) -> tuple[object, ...]:
    return read.rows, tuple(each.reason for each in read.problems)
