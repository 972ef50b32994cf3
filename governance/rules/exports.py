"""What is given out of rules: every version word for word, and what they found."""

from governance.rules.models import Episode, RuleVersion
from models_registry.access.exports import export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open, visible
from models_registry.tabular.writing import Export


def tables(*, actor: Account) -> list[Export]:
    """Return the rules, and what they found of the models whose risks the actor may read."""
    if not may_open(actor, Permission.RULE_READ):
        return []
    episodes = visible(actor, Permission.RISK_READ, Episode.objects.all(), through="model")
    return [
        export_of("rules", "Rules, every version word for word.", RuleVersion.objects.all(), {
            "rule": "rule__slug", "title": "rule__title", "version": "number", "state": "state", "digest": "digest",
            "author": "author__username", "created_at": "created_at", "submitted_at": "submitted_at",
            "approved_at": "approved_at", "shadowed_at": "shadowed_at", "enforced_at": "enforced_at",
            "retired_at": "retired_at", "error": "error", "text": "text",
        }),
        export_of("findings", "When which rule fired for which model, in shadow too.", episodes, {
            "rule": "rule_version__rule__slug", "version": "rule_version__number",
            "rule_state": "rule_version__state", "slug": "model__slug", "environment": "environment",
            "segment": "segment", "category": "category", "points": "points", "began_at": "began_at",
            "cleared_at": "cleared_at", "held": "held",
        }),
    ]  # fmt: skip
