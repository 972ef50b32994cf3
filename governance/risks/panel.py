"""The open risks of one model in few lines, for the model's own page."""

from dataclasses import dataclass
from datetime import datetime

from governance.risks.lifecycle import OWNERS, State
from governance.risks.models import Risk, RiskChange, RiskState
from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.catalog.models import RegisteredModel


@dataclass(frozen=True)
class Row:
    """One risk of a model, with the deed it waits for. ``refusal`` says why the reader may not do it."""

    pk: int
    category: RiskCategory
    level: RiskLevel
    score: float
    explanation: str
    state: str = ""
    waits_for: str = ""
    due_at: datetime | None = None
    deed: str = ""
    refusal: str = ""

    @property
    def reference(self) -> str:
        """The name people use."""
        return f"R-{self.pk}"


def rows(*, actor: Account, model: RegisteredModel, at: datetime | None) -> list[Row]:
    """Return the risks above Low or not closed, now or at a past moment, gravest first."""
    if at is not None:
        return _then(model, at)
    acknowledging = can(actor, Permission.RISK_ACKNOWLEDGE, on=model).reason
    answering = can(actor, Permission.RISK_MITIGATE, on=model).reason
    risks = Risk.objects.filter(model=model).order_by("-score", "pk")
    return [
        _row(risk, acknowledging, answering)
        for risk in risks
        if risk.state != RiskState.CLOSED or risk.level != RiskLevel.LOW
    ]


def _row(risk: Risk, acknowledging: str, answering: str) -> Row:
    state = State(risk.state)
    deed = {State.OPEN: "Acknowledge", State.ACKNOWLEDGED: "Respond"}.get(state, "")
    return Row(
        pk=risk.pk,
        category=RiskCategory(risk.category),
        level=RiskLevel(risk.level),
        score=risk.score,
        explanation=risk.explanation,
        state=state.label,
        waits_for=OWNERS[state].label,
        due_at=risk.due_at,
        deed=deed,
        refusal=acknowledging if deed == "Acknowledge" else answering if deed else "",
    )


def _then(model: RegisteredModel, at: datetime) -> list[Row]:
    changes = RiskChange.objects.filter(risk__model=model, changed_at__lte=at).select_related("risk")
    latest = changes.order_by("risk_id", "-changed_at", "-id").distinct("risk_id")
    found = [
        Row(
            pk=one.risk_id,
            category=RiskCategory(one.risk.category),
            level=RiskLevel(one.to_level),
            score=one.to_score,
            explanation=one.explanation,
            state=State(one.state).label,
            waits_for=OWNERS[State(one.state)].label,
        )
        for one in latest
        if one.to_level != RiskLevel.LOW or one.state != RiskState.CLOSED
    ]
    return sorted(found, key=lambda row: (-row.score, row.pk))
