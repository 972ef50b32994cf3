"""The risks behind the board: which are open, which is the gravest of a model, where they lie on the matrix."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from governance.risks.method import matrix_points
from governance.risks.models import Risk, RiskChange, RiskState
from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.catalog.models import RegisteredModel


@dataclass(frozen=True)
class OpenRisk:
    """One line of the register at one moment. ``due_at`` is known for now only."""

    pk: int
    model_id: int
    category: RiskCategory
    level: RiskLevel
    score: float
    state: str
    explanation: str
    likelihood: int
    impact: int
    due_at: datetime | None = None
    since: datetime | None = None

    @property
    def reference(self) -> str:
        """The name people use."""
        return f"R-{self.pk}"

    @property
    def url(self) -> str:
        """Where the risk is explained and answered."""
        return f"/risks/{self.reference}/"

    @property
    def awaits_acknowledgement(self) -> bool:
        """Nobody has said yet that they saw it."""
        return self.state == RiskState.OPEN


def open_risks(*, models: QuerySet[RegisteredModel] | Iterable[int], at: datetime | None) -> list[OpenRisk]:
    """Return the risks above Low or owing an answer at ``at`` (None: now), gravest first."""
    keys = models.values("pk") if isinstance(models, QuerySet) else models
    found = _now(keys) if at is None else _then(keys, at)
    return sorted(found, key=lambda one: (-one.score, one.pk))


def every_risk(*, model: RegisteredModel, at: datetime | None) -> list[OpenRisk]:
    """Return every risk of one model, quiet ones included, gravest first."""
    if at is None:
        rows = Risk.objects.filter(model=model)
        found = [_of_risk(row) for row in rows]
    else:
        found = [_of_change(row) for row in _changes([model.pk], at)]
    return sorted(found, key=lambda one: (-one.score, one.pk))


def gravest(risks: Iterable[OpenRisk]) -> dict[int, OpenRisk]:
    """Return each model's first risk, from risks that are sorted by gravity."""
    worst: dict[int, OpenRisk] = {}
    for one in risks:
        worst.setdefault(one.model_id, one)
    return worst


def cells(risks: Iterable[OpenRisk]) -> Mapping[tuple[int, int], int]:
    """Return how many risks lie on each (likelihood, impact) of the matrix."""
    return Counter(placed(one.score, likelihood=one.likelihood, impact=one.impact) for one in risks)


def placed(score: float, *, likelihood: int, impact: int) -> tuple[int, int]:
    """Return the cell of a live score: from the assessed one likelihood rises first, then impact.

    Live evidence says how likely harm has become rather than how grave it would be.
    """
    while likelihood < 5 and matrix_points(impact=impact, likelihood=likelihood) < score:
        likelihood += 1
    while impact < 5 and matrix_points(impact=impact, likelihood=likelihood) < score:
        impact += 1
    return likelihood, impact


def _now(keys: Any) -> list[OpenRisk]:
    rows = Risk.objects.filter(model__in=keys).filter(~Q(level=RiskLevel.LOW) | ~Q(state=RiskState.CLOSED))
    return [_of_risk(row) for row in rows]


def _then(keys: Any, at: datetime) -> list[OpenRisk]:
    return [
        _of_change(row) for row in _changes(keys, at) if row.to_level != RiskLevel.LOW or row.state != RiskState.CLOSED
    ]


def _changes(keys: Any, at: datetime) -> QuerySet[RiskChange]:
    rows = RiskChange.objects.filter(risk__model__in=keys, changed_at__lte=at).select_related("risk")
    return rows.order_by("risk_id", "-changed_at", "-id").distinct("risk_id")


def _of_risk(row: Risk) -> OpenRisk:
    return OpenRisk(
        pk=row.pk,
        model_id=row.model_id,
        category=RiskCategory(row.category),
        level=RiskLevel(row.level),
        score=row.score,
        state=row.state,
        explanation=row.explanation,
        likelihood=row.baseline_likelihood,
        impact=row.baseline_impact,
        due_at=row.due_at if row.state != RiskState.CLOSED else None,
        since=row.level_since,
    )


def _of_change(row: RiskChange) -> OpenRisk:
    return OpenRisk(
        pk=row.risk_id,
        model_id=row.risk.model_id,
        category=RiskCategory(row.risk.category),
        level=RiskLevel(row.to_level),
        score=row.to_score,
        state=row.state,
        explanation=row.explanation,
        likelihood=row.risk.baseline_likelihood,
        impact=row.risk.baseline_impact,
        since=row.changed_at,
    )
