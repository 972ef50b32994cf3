"""What is given out of alerts: the alerts, and the notes on them."""

from alerts.inbox import queries
from alerts.inbox.models import Annotation
from models_registry.access.exports import export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open
from models_registry.tabular.writing import Export


def tables(*, actor: Account) -> list[Export]:
    """Return the alerts that the actor may see, with the notes on them."""
    if not may_open(actor, Permission.ALERT_READ):
        return []
    seen = queries.seen_by(actor)
    return [
        export_of("alerts", "What people were told, resolved alerts included.", seen, {
            "alert": "pk", "tier": "tier", "title": "title", "slug": "model__slug", "state": "state",
            "occurrences": "occurrence_count", "opened_at": "opened_at", "last_at": "last_at",
            "acknowledged_at": "acknowledged_at", "acknowledged_by": "acknowledged_by__username",
            "resolved_at": "resolved_at", "text": "body",
        }),
        export_of("alert_notes", "Notes on alerts.", Annotation.objects.filter(alert__in=seen.values("pk")), {
            "alert": "alert_id", "title": "alert__title", "slug": "alert__model__slug", "text": "text",
            "by": "by__username", "at": "at",
        }),
    ]  # fmt: skip
