"""Re-exports every room's models so that Django finds them; nothing else imports from here."""

from alerts.delivery.models import Channel, DeliveryAttempt, DeliveryBooks, DeliveryTally, Notification  # noqa: F401
from alerts.inbox.models import Alert, Annotation, Snooze  # noqa: F401
from alerts.registryhooks.models import Followed, RegistryWebhook  # noqa: F401
from alerts.routing.models import Route, RoutingBooks, RoutingDecision  # noqa: F401
