"""What is given out of what stands elsewhere: every slot as it was last told, and the violations."""

from models_registry.access.exports import export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open
from models_registry.outside import queries
from models_registry.tabular.writing import Export


def tables(*, actor: Account) -> list[Export]:
    """Return what the actor may read of other registries."""
    if not may_open(actor, Permission.MODEL_READ):
        return []
    return [
        export_of("elsewhere", "Aliases and stages in other registries, as they were last told.",
                  queries.newest(actor=actor, at=None), {
            "source": "source__slug", "place": "place", "slug": "model__slug", "model_said": "model_name",
            "mark": "mark", "name": "name", "stands": "on", "version_said": "version_name", "digest": "digest",
            "link": "link", "said_by": "said_by", "observed_at": "observed_at",
        }),
        export_of("violations", "What stood elsewhere without a used gate decision, and the owner's answers.",
                  queries.violations_for(actor=actor), {
            "slug": "model__slug", "version": "version__number", "source": "placement__source__slug",
            "mark": "placement__mark", "name": "placement__name", "version_said": "placement__version_name",
            "began_at": "began_at", "found_at": "found_at", "ended_at": "ended_at", "ending": "ending",
            "answer": "answer", "answered_by": "answered_by__username", "answered_at": "answered_at",
        }),
    ]  # fmt: skip
