"""Read a risk's evidence anew, so that a person can see whether a score follows from it. Writes nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from governance.risks.fold import FactorState
from governance.risks.models import Risk
from governance.risks.settling import current_state
from governance.rules.judging import in_force, judge_model
from governance.rules.models import SeriesState
from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require

REACH = timedelta(days=120)


@dataclass(frozen=True)
class Rerun:
    """What the stored readings give today beside what the register says."""

    at: datetime
    level: RiskLevel
    score: float
    explanation: str
    stored_level: RiskLevel
    stored_score: float

    @property
    def agrees(self) -> bool:
        """Return whether the evidence gives the level and score of the register."""
        return (self.level, self.score) == (self.stored_level, self.stored_score)


def rerun(*, by: Account, at: datetime, risk: Risk) -> Rerun:
    """Judge every rule of the category again over the stored windows, and fold. Raises AccessDenied."""
    require(by, Permission.RISK_DISPUTE, on=risk)
    state = _derived(risk, at)
    return Rerun(at, state.level, state.effective, state.explanation, RiskLevel(risk.level), risk.score)


def _derived(risk: Risk, at: datetime) -> FactorState:
    """Return the state that follows from the windows alone; the judgements are taken back before anybody sees them."""
    category = RiskCategory(risk.category)
    rules = [one for one in in_force() if one.definition.then.risk == category]
    places = SeriesState.objects.filter(model_id=risk.model_id).values_list("environment", flat=True).distinct()
    with transaction.atomic():
        judge_model(
            model=risk.model, rules=rules, environments=set(places), touched_since=at - REACH, at=at, event_id=None
        )
        state = current_state(risk, at=at)
        transaction.set_rollback(True)
    return state
