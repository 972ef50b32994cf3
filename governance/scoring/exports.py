"""What is given out of scoring: how every model stands, and how it stood before."""

from governance.scoring.models import Posture, PostureChange
from models_registry.access.exports import export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open, visible
from models_registry.tabular.writing import Export

HOW = {
    "slug": "model__slug", "level": "level", "risk_score": "risk_score", "health": "health",
    "health_redline": "health_redline", "coverage": "coverage", "room": "room", "in_the_red": "in_the_red",
    "accepted": "accepted", "quiet": "quiet",
}  # fmt: skip
NOW = {"red_since": "red_since", "last_observed_at": "last_observed_at", "updated_at": "updated_at"}


def tables(*, actor: Account) -> list[Export]:
    """Return how the models whose risks the actor may read stand."""
    if not may_open(actor, Permission.RISK_READ):
        return []
    now = visible(actor, Permission.RISK_READ, Posture.objects.all(), through="model")
    before = visible(actor, Permission.RISK_READ, PostureChange.objects.all(), through="model")
    return [
        export_of("standing", "Level, health and room of every model now.", now, {**HOW, **NOW}),
        export_of(
            "standing_history", "The same at every moment at which it changed.", before,
            {**HOW, "changed_at": "changed_at"}, bulky=True,
        ),
    ]  # fmt: skip
