"""Reads of polling: its state, its last sweeps, what webhooks missed, and its numbers for a monitoring system."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from models_registry.telemetry.models import Source
from models_registry.telemetry.poll_actions import why_not_now
from models_registry.telemetry.poll_models import Polling, PollSweep, Sighting
from models_registry.telemetry.pollers import POLLERS, before
from models_registry.telemetry.pollers.before import Progress
from models_registry.telemetry.pollers.shapes import Poller

SWEEPS_SHOWN = 10
MISSED_SHOWN = 10
GRACE = dt.timedelta(minutes=10)
"""How long after a sweep a webhook may still come before it counts as missed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source is polled, as its page shows it; ``poller`` is None where its platform cannot be asked."""

    poller: Poller | None = None
    polling: Polling | None = None
    sweeps: Sequence[PollSweep] = ()
    missed: Sequence[Sighting] = ()
    missed_count: int = 0
    not_now: str = ""
    due: bool = False
    earlier: Progress | None = None

    @property
    def every(self) -> str:
        """How often, in words."""
        seconds = self.polling.interval_s if self.polling else 0
        for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
            if seconds >= size and seconds % size == 0:
                return f"every {word}" if seconds == size else f"every {seconds // size} {word}s"
        return f"every {seconds} seconds"

    @property
    def failing(self) -> str:
        """How many sweeps failed one after the other, in words."""
        count = self.polling.failure_count if self.polling else 0
        return "The last sweep failed." if count == 1 else f"The last {count} sweeps failed."

    @property
    def running(self) -> bool:
        """Whether a sweep runs now."""
        return any(line.ended_at is None for line in self.sweeps[:1])


def standing(*, source: Source, at: dt.datetime) -> Standing:
    """Return how the source is polled."""
    poller = POLLERS.get(source.kind)
    if poller is None:
        return Standing()
    polling = Polling.objects.select_related("source").filter(source=source).first()
    if polling is None:
        return Standing(poller)
    refusal = why_not_now(polling, at=at)
    lost = missed(source=source, at=at)
    return Standing(
        poller,
        polling,
        list(sweeps_of(source)[:SWEEPS_SHOWN]),
        list(lost[:MISSED_SHOWN]),
        lost.count(),
        (str(refusal) or type(refusal).__doc__ or "") if refusal else "",
        polling.next_at <= at,
        earlier(polling),
    )


def earlier(polling: Polling) -> Progress | None:
    """Return how far back what was there before the sweeps began was read; None where none of it is wanted."""
    lists = POLLERS[polling.source.kind].earlier(polling.config)
    return before.progress(config=polling.config, cursor=polling.cursor, begun=polling.begun_at, lists=lists)


def sweeps_of(source: Source) -> QuerySet[PollSweep]:
    """Return the sweeps of a source, newest first."""
    return PollSweep.objects.filter(source=source).order_by("-turn")


def missed(*, source: Source, at: dt.datetime) -> QuerySet[Sighting]:
    """Return what a sweep found and no webhook has told within ten minutes after it, newest first."""
    found = Sighting.objects.filter(source=source, heard_at__isnull=True, found_at__lte=at - GRACE)
    return found.order_by("-found_at", "-pk")


@dataclass(frozen=True, slots=True)
class Numbers:
    """One polled source in numbers; ``done_at`` is when it was last read to the end."""

    slug: str
    failures: int
    done_at: dt.datetime | None
    requests_today: int
    unheard: int


def numbers(*, at: dt.datetime) -> list[Numbers]:
    """Return the numbers of every polled source."""
    polled = list(Polling.objects.select_related("source").order_by("source__slug"))
    if not polled:
        return []
    lost = Sighting.objects.filter(heard_at__isnull=True, found_at__lte=at - GRACE).values_list("source_id")
    unheard = dict(lost.annotate(count=Count("pk")).order_by())
    today = at.astimezone(dt.UTC).date()
    return [
        Numbers(
            slug=each.source.slug,
            failures=each.failure_count,
            done_at=each.done_at,
            requests_today=each.requests_today if each.day == today else 0,
            unheard=unheard.get(each.pk, 0),
        )
        for each in polled
    ]
