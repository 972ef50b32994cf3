"""What is given out of health: formulas with every version of their text, and the scores they gave."""

from governance.health.models import FormulaVersion, HealthScore
from models_registry.access.exports import export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open, visible
from models_registry.tabular.writing import Export


def tables(*, actor: Account) -> list[Export]:
    """Return the formulas, where the actor may read them, and the scores of the models they may read."""
    scores = visible(actor, Permission.MODEL_READ, HealthScore.objects.all(), through="model")
    found = [
        export_of("health_history", "Health scores, with the formula that gave each.", scores, {
            "slug": "model__slug", "score": "score", "redline": "redline", "coverage": "coverage",
            "formula": "formula_version__formula__slug", "formula_version": "formula_version__number",
            "scored_at": "scored_at",
        }, bulky=True)
    ]  # fmt: skip
    if not may_open(actor, Permission.FORMULA_READ):
        return found
    return [
        export_of("formulas", "Health formulas, every version word for word.", FormulaVersion.objects.all(), {
            "formula": "formula__slug", "title": "formula__title", "kinds": "formula__kinds", "version": "number",
            "state": "state", "digest": "digest", "author": "author__username", "created_at": "created_at",
            "enforced_at": "enforced_at", "retired_at": "retired_at", "text": "text",
        }),
        *found,
    ]  # fmt: skip
