"""What is given out of telemetry: the sources, without the addresses and secrets that let anybody send."""

from models_registry.access.exports import export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open
from models_registry.tabular.writing import Export
from models_registry.telemetry.models import Source


def tables(*, actor: Account) -> list[Export]:
    """Return the sources, for those who may open their page."""
    if not may_open(actor, Permission.SOURCE_READ):
        return []
    return [
        export_of("sources", "Platforms that send, without their addresses and secrets.", Source.objects.all(), {
            "source": "slug", "name": "name", "kind": "kind", "environment": "environment",
            "expected_interval_s": "expected_interval_s", "created_by": "created_by__username",
            "created_at": "created_at", "quiet_since": "quiet_since", "disabled_at": "disabled_at",
        })
    ]  # fmt: skip
