"""What is given out of gates: every decision with its reasons."""

from collections.abc import Mapping, Sequence

from governance.gates import queries
from models_registry.access.exports import export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open
from models_registry.tabular.writing import Export


def tables(*, actor: Account) -> list[Export]:
    """Return the decisions on models that the actor may read."""
    if not may_open(actor, Permission.MODEL_READ):
        return []
    return [
        export_of("gate_decisions", "What the gates answered, and why.", queries.decisions_seen_by(actor), {
            "decision": "id", "slug": "version__model__slug", "version": "version__number", "target": "target",
            "verdict": "verdict", "reasons": ("reasons", _told), "artifact_digest": "artifact_digest",
            "state_digest": "state_digest", "policy_digest": "policy_digest",
            "requested_by": "requested_by__username", "decided_at": "decided_at", "expires_at": "expires_at",
            "used_at": "used_at",
        }, order=("decided_at", "pk"))
    ]  # fmt: skip


def _told(reasons: Sequence[Mapping[str, str]]) -> list[str]:
    return [f"{one['code']}: {one['text']}" for one in reasons]
