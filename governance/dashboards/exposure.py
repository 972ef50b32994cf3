"""The risks behind the board: the gravest of each model it lists, and how many lie where on the matrix.

The register is counted by the database; rows are read only for the few models that a page lists.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery

from governance.risks.method import placed
from governance.risks.models import Risk, RiskChange, RiskState
from governance.risks.register import STEPS
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
    try:
        seen, rights = models.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return Exposure({}, 0, 0, 0)
    statement = _COUNTED.format(seen=seen, stood=_NOW if at is None else _THEN)
    moment = [] if at is None else [at]
    with connection.cursor() as cursor:
        cursor.execute(statement, [_BELOW, _GRAVE, now if at is None else None, *moment, *rights])
        counted = cursor.fetchall()
    cells: Counter[tuple[int, int]] = Counter()
    for reached, likelihood, impact, number, _, _ in counted:
        cells[placed(STEPS[-reached], likelihood=likelihood, impact=impact)] += number
    return Exposure(
        cells=cells,
        open_count=sum(row[3] for row in counted),
        grave_count=sum(row[4] for row in counted),
        overdue_count=sum(row[5] for row in counted),
    )


_GRAVE = [level.value for level in RiskLevel if level >= RiskLevel.HIGH]
_BELOW = [-float(step) for step in reversed(STEPS)]
_NOW = "CROSS JOIN LATERAL (SELECT risk.score, risk.level, risk.state) AS stood"
_THEN = """
    CROSS JOIN LATERAL (
        SELECT change.to_score AS score, change.to_level AS level, change.state FROM risks_change AS change
        WHERE change.risk_id = risk.id AND change.changed_at <= %s
        ORDER BY change.changed_at DESC, change.id DESC LIMIT 1
    ) AS stood"""
_COUNTED = """
SELECT width_bucket(-stood.score, %s::float8[]), risk.baseline_likelihood, risk.baseline_impact, count(*),
       count(*) FILTER (WHERE stood.level = ANY(%s)),
       count(*) FILTER (WHERE stood.state = 'OPEN' AND risk.due_at < %s::timestamptz)
FROM risks_risk AS risk {stood}
WHERE NOT (stood.level = 'LOW' AND stood.state = 'CLOSED') AND risk.model_id IN ({seen})
GROUP BY 1, 2, 3
"""
"""`OPEN` once more, now or at a past moment, by the step of the matrix that the score has reached."""


def open_risks(*, models: QuerySet[RegisteredModel] | Iterable[int], at: datetime | None) -> list[OpenRisk]:
    """Return the risks above Low or owing an answer at ``at`` (None: now), gravest first."""
    keys = models.values("pk") if isinstance(models, QuerySet) else models
    found = _now(keys) if at is None else _then(keys, at)
    return sorted(found, key=lambda one: (-one.score, one.pk))


def gravest_of(*, models: Sequence[int], at: datetime | None) -> dict[int, OpenRisk]:
    """Return the gravest risk of each of these models that has one above Low or owing an answer; one query."""
    if at is not None:
        return gravest(open_risks(models=models, at=at))
    rows = Risk.objects.filter(OPEN, model__in=models).order_by("model_id", "-score", "pk").distinct("model_id")
    return {row.model_id: _of_risk(row) for row in rows}


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
