"""The risks behind the board: the gravest of each model it lists, and how many lie where on the matrix.

The register is counted by the database; rows are read only for the few models that a page lists.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from governance.risks.method import placed
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
    digest: str = ""

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


@dataclass(frozen=True)
class Exposure:
    """How many risks are open, how many of them grave or overdue, and how many lie on each (likelihood, impact)."""

    cells: Mapping[tuple[int, int], int]
    open_count: int
    grave_count: int
    overdue_count: int


OPEN = ~Q(level=RiskLevel.LOW) | ~Q(state=RiskState.CLOSED)
"""What the board counts: risks above Low, or owing an answer."""


def exposure(*, models: QuerySet[RegisteredModel], now: datetime, at: datetime | None) -> Exposure:
    """Count the open risks of these models at ``at`` (None: now); clocks are known for now only. One query."""
    grave = [level for level in RiskLevel if level >= RiskLevel.HIGH]
    if at is None:
        late = Count("pk", filter=Q(state=RiskState.OPEN, due_at__lt=now))
        rows = Risk.objects.filter(OPEN, model__in=models)
        places = rows.values_list("score", "baseline_likelihood", "baseline_impact", "level")
        counted = list(places.annotate(number=Count("pk"), late=late))
    else:
        changes = _changes(models, at).exclude(to_level=RiskLevel.LOW, state=RiskState.CLOSED)
        placing = changes.values_list("to_score", "risk__baseline_likelihood", "risk__baseline_impact", "to_level")
        counted = [(*row, 0) for row in placing.annotate(number=Count("pk"))]
    cells: Counter[tuple[int, int]] = Counter()
    for score, likelihood, impact, _, number, _ in counted:
        cells[placed(score, likelihood=likelihood, impact=impact)] += number
    return Exposure(
        cells=cells,
        open_count=sum(row[4] for row in counted),
        grave_count=sum(row[4] for row in counted if row[3] in grave),
        overdue_count=sum(row[5] for row in counted),
    )


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
        found = [_of_change(row) for row in _changes([model.pk], at).select_related("risk")]
    return sorted(found, key=lambda one: (-one.score, one.pk))


def gravest(risks: Iterable[OpenRisk]) -> dict[int, OpenRisk]:
    """Return each model's first risk, from risks that are sorted by gravity."""
    worst: dict[int, OpenRisk] = {}
    for one in risks:
        worst.setdefault(one.model_id, one)
    return worst


def _now(keys: Any) -> list[OpenRisk]:
    return [_of_risk(row) for row in Risk.objects.filter(OPEN, model__in=keys)]


def _then(keys: Any, at: datetime) -> list[OpenRisk]:
    changes = _changes(keys, at).exclude(to_level=RiskLevel.LOW, state=RiskState.CLOSED)
    return [_of_change(row) for row in changes.select_related("risk")]


def _changes(keys: Any, at: datetime) -> QuerySet[RiskChange]:
    """Return the newest change of each risk of these models at ``at``; one probe of an index per risk."""
    newest = RiskChange.objects.filter(risk=OuterRef("pk"), changed_at__lte=at).order_by("-changed_at", "-id")
    risks = Risk.objects.filter(model__in=keys).annotate(newest_change=Subquery(newest.values("pk")[:1]))
    return RiskChange.objects.filter(pk__in=risks.values("newest_change"))


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
        digest=row.digest,
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
