"""What is given out of the registry's webhooks: which changes are posted, without addresses and secrets."""

from alerts.registryhooks.queries import seen
from models_registry.access.exports import export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open
from models_registry.tabular.writing import Export


def tables(*, actor: Account) -> list[Export]:
    """Return the webhooks that the actor may see."""
    if not may_open(actor, Permission.MODEL_READ):
        return []
    return [
        export_of("webhooks", "Which changes of the registry are posted elsewhere, without addresses and secrets.",
                  seen(actor), {
            "webhook": "id", "name": "name", "description": "description", "events": "events",
            "made_by": "made_by__username", "created_at": "created_at", "stopped_at": "channel__disabled_at",
        }, order=("created_at", "pk"))
    ]  # fmt: skip
