"""What enforcing a version in shadow would raise at once, told before anybody presses the button."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from governance.risks.method import Contribution, factor_score, level_of
from governance.risks.models import Risk
from governance.risks.settling import current_state
from governance.rules.models import Episode, RuleVersion
from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible
from models_registry.catalog.models import RegisteredModel

MOST = 500


@dataclass(frozen=True, slots=True)
class Rise:
    """A risk that would stand higher; scores are 0–100."""

    model: RegisteredModel
    category: RiskCategory
    before: RiskLevel
    after: RiskLevel


@dataclass(frozen=True, slots=True)
class Foresight:
    """The risks that would rise, and on how many models the version fires now without raising anything."""

    rises: tuple[Rise, ...]
    firing_count: int

    @property
    def sentence(self) -> str:
        """Return the effect as the button's question says it."""
        if not self.firing_count:
            return "Enforcing raises nothing now: no model is past its limit."
        if not self.rises:
            return f"It fires on {_count(self.firing_count, 'model')} now, and no risk would stand higher for it."
        models = len({rise.model.pk for rise in self.rises})
        return f"Enforcing raises {_count(len(self.rises), 'risk')} on {_count(models, 'model')}."


def foresee(*, actor: Account, version: RuleVersion, at: datetime) -> Foresight:
    """Return what enforcing this version would raise at ``at``, on the models the actor may see.

    Its open episodes are laid beside today's evidence of each risk. Where the version in force contributes
    already, the stronger of the two counts, as it would.
    """
    rows = Episode.objects.filter(rule_version=version, cleared_at__isnull=True, began_at__lte=at)
    grouped: dict[tuple[int, str], list[Episode]] = defaultdict(list)
    models: dict[int, RegisteredModel] = {}
    for row in visible(actor, Permission.RISK_READ, rows, through="model").select_related("model")[:MOST]:
        grouped[row.model_id, row.category].append(row)
        models[row.model_id] = row.model
    risks = {(risk.model_id, risk.category): risk for risk in _risks(grouped)}
    rises = [
        rise
        for key, episodes in sorted(grouped.items())
        if (rise := _rise(models[key[0]], risks.get(key), episodes, version, at)) is not None
    ]
    return Foresight(tuple(rises), len(models))


def _risks(grouped: dict[tuple[int, str], list[Episode]]) -> list[Risk]:
    rows = Risk.objects.filter(model__in={model for model, _ in grouped}, category__in={name for _, name in grouped})
    return list(rows.select_related("model"))


def _rise(
    model: RegisteredModel, risk: Risk | None, episodes: list[Episode], version: RuleVersion, at: datetime
) -> Rise | None:
    state = current_state(risk, at=at) if risk else None
    before = state.level if state else RiskLevel.LOW
    added = [
        Contribution(cause=f"rule:{version.rule.slug}:{one.environment}:{one.segment}", points=one.points)
        for one in episodes
    ]
    known = state.contributions if state else ()
    after = max(before, level_of(factor_score([*known, *added])))
    return Rise(model, RiskCategory(episodes[0].category), before, after) if after > before else None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
