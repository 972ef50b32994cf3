"""The books of telling: everything that had to be told, and what became of it."""

from dataclasses import dataclass

from alerts.delivery import tallies
from alerts.routing import following
from alerts.routing.models import RoutingDecision

NEWEST = 200
"""More decisions than are made between two looks; identifiers are summed because older ones may commit later."""

COUNTS = ("alertable", "decisions", "delivered", "given_up", "cancelled")
"""What is kept by counting; the rest is read each time."""


@dataclass(frozen=True)
class Books:
    """Two equations: alertable = decisions + waiting; notifications = the sum of their four ends."""

    alertable: int
    decisions: int
    waiting: int
    missed: int
    notifications: int
    delivered: int
    given_up: int
    cancelled: int
    pending: int

    @property
    def balanced(self) -> bool:
        """True when nothing is lost and nothing was decided that was not alertable."""
        entries = self.alertable == self.decisions + self.waiting and self.missed == 0
        return entries and self.notifications == (self.delivered + self.given_up + self.cancelled + self.pending)


def books() -> Books:
    """Return the books of routing and delivery as they were counted; call it in a repeatable-read transaction.

    The cost does not grow with history.
    """
    trail = following.counted()
    return _books(trail, trail.decided, tallies.counted())


def recount() -> Books:
    """Return the same books from every entry, decision and notification: what proves the counted ones."""
    return _books(following.followed(), RoutingDecision.objects.count(), tallies.recounted())


def miscounted(proven: Books) -> tuple[str, ...]:
    """Return which counts differ from these, which were read from the rows of the same moment."""
    ours, theirs = vars(books()), vars(proven)
    return tuple(name for name in COUNTS if ours[name] != theirs[name])


def _books(trail: following.Followed, decisions: int, ends: tuple[int, int, int, int]) -> Books:
    delivered, given_up, cancelled, pending = ends
    return Books(
        alertable=trail.alertable,
        decisions=decisions,
        waiting=trail.waiting,
        missed=trail.missed,
        notifications=sum(ends),
        delivered=delivered,
        given_up=given_up,
        cancelled=cancelled,
        pending=pending,
    )


def live_tokens() -> dict[str, str]:
    """Return a token of the alerts that changes with every decision; what people do to alerts stands in the trail."""
    newest = RoutingDecision.objects.order_by("-id").values_list("id", flat=True)[:NEWEST]
    return {"alerts": str(sum(newest))}
