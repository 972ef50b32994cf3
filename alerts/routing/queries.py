"""The books of telling: everything that had to be told, and what became of it."""

from dataclasses import dataclass

from django.db.models import Count

from alerts.delivery.models import Notification, NotificationState
from alerts.routing.following import followed
from alerts.routing.models import RoutingDecision

NEWEST = 200
"""More decisions than are made between two looks; identifiers are summed because older ones may commit later."""


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
    """Return the books of routing and delivery at this moment; call it in a repeatable-read transaction."""
    trail = followed()
    states = dict(Notification.objects.values_list("state").annotate(Count("id")))
    return Books(
        alertable=trail.alertable,
        decisions=RoutingDecision.objects.count(),
        waiting=trail.waiting,
        missed=trail.missed,
        notifications=Notification.objects.count(),
        delivered=states.get(NotificationState.DELIVERED, 0),
        given_up=states.get(NotificationState.GIVEN_UP, 0),
        cancelled=states.get(NotificationState.CANCELLED, 0),
        pending=states.get(NotificationState.PENDING, 0),
    )


def live_tokens() -> dict[str, str]:
    """Return a token of the alerts that changes with every decision; what people do to alerts stands in the trail."""
    newest = RoutingDecision.objects.order_by("-id").values_list("id", flat=True)[:NEWEST]
    return {"alerts": str(sum(newest))}
