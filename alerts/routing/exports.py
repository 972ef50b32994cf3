"""What is given out of routing: every decision, routes, and channels without their addresses and secrets."""

from django.contrib.postgres.aggregates import ArrayAgg

from alerts.delivery.models import Channel
from alerts.routing.log import seen_by
from alerts.routing.models import Route
from models_registry.access.exports import export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open
from models_registry.tabular.writing import Export


def tables(*, actor: Account) -> list[Export]:
    """Return the routes, the channels, and what was done with every entry that the actor may see."""
    if not may_open(actor, Permission.ALERT_READ):
        return []
    routes = Route.objects.annotate(over=ArrayAgg("channels__name", order_by="channels__name"))
    return [
        export_of("routing_decisions", "What was done with every entry that could disturb somebody, and why.",
                  seen_by(actor), {
            "entry": "entry_id", "what": "entry__action", "outcome": "outcome", "tier": "tier",
            "route": "route__name", "alert": "alert_id", "reason": "reason", "decided_at": "decided_at",
        }, bulky=True),
        export_of("routes", "Which entries go to whom, in which tier.", routes, {
            "position": "position", "name": "name", "match": "match", "tier": "tier",
            "channels": ("over", lambda names: [name for name in names if name]), "tell_owner": "tell_owner",
            "enabled": "enabled",
        }, order=("position",)),
        export_of("channels", "Where messages can be sent, without addresses and secrets.",
                  Channel.objects.for_people(), {
            "name": "name", "kind": "kind", "created_at": "created_at", "disabled_at": "disabled_at",
            "disabled_reason": "disabled_reason",
        }),
    ]  # fmt: skip
