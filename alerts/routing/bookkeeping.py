"""The books of the whole line, read at one moment: what came in, what was decided, what was told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from django.db import connection, transaction

from alerts.routing import queries as telling
from models_registry.telemetry import queries as telemetry
from models_registry.telemetry.models import Source


@dataclass(frozen=True)
class Window:
    """How many measurements there are, and how many the windows of one width hold."""

    width_s: int
    measured: int
    merged: int


@dataclass(frozen=True)
class HouseBooks:
    """The three equations: telemetry by the source's slug, entries of the trail, notifications.

    ``unmerged`` lists the widths whose windows hold another number of measurements than was taken,
    ``miscounted`` the sources whose counted books differ from their events, and ``mistold`` the counts of
    telling that differ from their rows; all are empty where every row was not read.
    """

    sources: dict[str, telemetry.Books]
    telling: telling.Books
    unmerged: tuple[Window, ...] = ()
    miscounted: tuple[str, ...] = ()
    mistold: tuple[str, ...] = ()

    @property
    def imbalances(self) -> list[str]:
        """What does not balance, in words; empty when all does."""
        return [*self._of_telemetry(), *self._of_telling()]

    def _of_telemetry(self) -> Iterator[str]:
        for slug, kept in self.sources.items():
            if not kept.balanced:
                ends = kept.done + kept.duplicate + kept.quarantined + kept.dead + kept.waiting
                yield f"source {slug} received {kept.received} and accounts for {ends}"
        for slug in self.miscounted:
            yield f"the counts of source {slug} differ from its events"
        for one in self.unmerged:
            yield f"windows of {one.width_s} s hold {one.merged} of {one.measured} measurements"

    def _of_telling(self) -> Iterator[str]:
        told = self.telling
        if told.alertable != told.decisions + told.waiting:
            yield f"{told.alertable} entries to decide, {told.decisions} decided and {told.waiting} waiting"
        if told.missed:
            yield f"{told.missed} entries were passed over"
        ends = told.delivered + told.given_up + told.cancelled + told.pending
        if told.notifications != ends:
            yield f"{told.notifications} notifications, and {ends} are accounted for"
        for name in self.mistold:
            yield f"the count of {name} differs from the rows"

    def as_json(self) -> dict[str, object]:
        """Return the numbers by name, as ``check_books --json`` prints them."""
        return {
            "balanced": not self.imbalances,
            "imbalances": self.imbalances,
            "sources": {slug: asdict(kept) for slug, kept in self.sources.items()},
            "telling": asdict(self.telling),
            "miscounted": list(self.miscounted),
            "mistold": list(self.mistold),
            "unmerged_windows": [asdict(one) for one in self.unmerged],
        }


@contextmanager
def one_moment() -> Iterator[None]:
    """Let everything inside be read from one snapshot; nothing can be written. Must be the outermost transaction."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
        yield


def house_books(*, windows: bool = True) -> HouseBooks:
    """Return the books at this moment; call it inside ``one_moment``.

    Counting windows, events, entries and notifications again reads all of them: leave it out where books are
    read each second.
    """
    names = dict(Source.objects.values_list("pk", "slug"))
    kept = telemetry.books()
    unmerged = telemetry.unmerged_windows() if windows else ()
    miscounted = telemetry.miscounted() if windows else {}
    told = telling.recount() if windows else telling.books()
    return HouseBooks(
        sources={slug: kept.get(pk, telemetry.Books(0, 0, 0, 0, 0, 0)) for pk, slug in sorted(names.items())},
        telling=told,
        mistold=telling.miscounted(told) if windows else (),
        unmerged=tuple(Window(*one) for one in unmerged),
        miscounted=tuple(names[pk] for pk in miscounted),
    )
