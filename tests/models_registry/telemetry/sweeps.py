"""A platform that is swept and that delivers, as tests drive it: one clock for it and for Redline."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from models_registry.telemetry import actions, addresses, poll_actions, sweeping
from models_registry.telemetry.actions import Receipt
from models_registry.telemetry.models import EventState, Source, TelemetryEvent
from models_registry.telemetry.poll_models import PollSweep, SweepOutcome
from tests.models_registry.telemetry import world


class Server(Protocol):
    """A platform's stub."""

    now: dt.datetime


@dataclass
class Watched[S: Server]:
    """A platform and the source that is polled for it."""

    PAUSE: ClassVar[dt.timedelta] = dt.timedelta(minutes=5)
    server: S
    source: Source

    def sweep(self, outcome: SweepOutcome = SweepOutcome.DONE) -> PollSweep:
        """Sweep the source to the end."""
        poll_actions.ask_now(by=world.OPERATOR, at=self.server.now, source=self.source)
        taken = sweeping.claim(at=self.server.now)
        assert taken is not None and taken.source_id == self.source.pk
        line = sweeping.sweep(taken=taken, now=lambda: self.server.now)
        assert line.outcome == outcome, line.told
        return line

    def wait(self, by: dt.timedelta | None = None) -> None:
        """Let time go by: the usual pause between two acts, or so long."""
        self.server.now += self.PAUSE if by is None else by

    def admit(self, body: bytes, headers: Mapping[str, str]) -> Receipt:
        """Let a delivery of the platform arrive."""
        address = addresses.current(self.source.path_token)
        assert address is not None
        return actions.admit(address=address, body=body, headers=dict(headers), at=self.server.now)

    def measure(self) -> None:
        """Measure what arrived."""
        waiting = TelemetryEvent.objects.filter(state=EventState.NEW).select_related("source").order_by("pk")
        actions.measure_all(events=list(waiting), at=self.server.now)

    def bodies(self) -> list[bytes]:
        """Return the body of each event of the source."""
        raws = TelemetryEvent.objects.filter(source=self.source).values_list("raw", flat=True)
        return [bytes(raw) for raw in raws]
