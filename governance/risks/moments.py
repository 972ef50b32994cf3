"""Risks as they stand now, or as they stood at a past moment, in one shape, and what a line about them needs.

Now is read from the columns of `Risk`, however long its history is; the past from the newest row of history
at that moment. Both give ``at_level``, ``at_score``, ``at_state``, ``at_since``, ``at_explanation``,
``at_likelihood`` and ``at_impact``.
"""

from datetime import datetime

from django.db.models import Count, DateTimeField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from governance.risks.models import (
    Acceptance,
    AcceptanceState,
    Assessment,
    MitigationPlan,
    PlanState,
    PlanStep,
    Risk,
    RiskChange,
)
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible


def standing(*, actor: Account, at: datetime | None) -> QuerySet[Risk]:
    """Return the risks the actor may see of models on record, each as it stood at ``at`` (None: now)."""
    risks = visible(actor, Permission.RISK_READ, Risk.objects.all(), through="model")
    risks = risks.select_related("model__unit", "model__owner")
    return _now(risks) if at is None else _then(risks, at)


def _now(risks: QuerySet[Risk]) -> QuerySet[Risk]:
    return risks.filter(model__archived_at__isnull=True).annotate(
        at_level=F("level"),
        at_score=F("score"),
        at_state=F("state"),
        at_since=F("level_since"),
        at_likelihood=F("baseline_likelihood"),
        at_impact=F("baseline_impact"),
        at_explanation=F("explanation"),
    )


def _then(risks: QuerySet[Risk], at: datetime) -> QuerySet[Risk]:
    """Join each risk with its newest row of history at ``at``: one probe of the index (risk, time) per risk."""
    newest = RiskChange.objects.filter(risk=OuterRef("pk"), changed_at__lte=at).order_by("-changed_at", "-id")
    judged = Assessment.objects.filter(risk=OuterRef("pk"), assessed_at__lte=at).order_by("-assessed_at", "-id")
    on_record = Q(model__archived_at__isnull=True) | Q(model__archived_at__gt=at)
    joined = risks.filter(on_record).filter(changes__pk=Subquery(newest.values("pk")[:1]))
    return joined.annotate(
        at_level=F("changes__to_level"),
        at_score=F("changes__to_score"),
        at_state=F("changes__state"),
        at_explanation=F("changes__explanation"),
        at_since=Coalesce(
            Subquery(_level_moves(newest).values("changed_at")[:1]), F("created_at"), output_field=DateTimeField()
        ),
        at_likelihood=Coalesce(Subquery(judged.values("likelihood")[:1]), F("baseline_likelihood")),
        at_impact=Coalesce(Subquery(judged.values("impact")[:1]), F("baseline_impact")),
    )


def _level_moves(changes: QuerySet[RiskChange]) -> QuerySet[RiskChange]:
    return changes.exclude(from_level=F("to_level"))


def explained(risks: QuerySet[Risk], *, at: datetime | None) -> QuerySet[Risk]:
    """Add what the shown rows alone need: the level before, the plan's progress, the end of an acceptance.

    Now, the row of history that set the level is found by its moment, however long the history is.
    """
    changes = RiskChange.objects.filter(risk=OuterRef("pk"))
    until = changes.filter(changed_at=OuterRef("level_since")) if at is None else changes.filter(changed_at__lte=at)
    before = _level_moves(until).order_by("-changed_at", "-id").values("from_level")[:1]
    steps = PlanStep.objects.filter(plan=OuterRef("plan_id_at")).order_by()
    done = steps.filter(done_at__isnull=False) if at is None else steps.filter(done_at__lte=at)
    return risks.annotate(
        from_level=Subquery(before),
        plan_id_at=Subquery(_plan(at).values("pk")[:1]),
        plan_count=Subquery(steps.values("plan").annotate(n=Count("pk")).values("n")),
        plan_done=Subquery(done.values("plan").annotate(n=Count("pk")).values("n")),
        accepted_until=Subquery(_acceptance(at).values("expires_on")[:1]),
    )


def _plan(at: datetime | None) -> QuerySet[MitigationPlan]:
    plans = MitigationPlan.objects.filter(risk=OuterRef("pk"))
    if at is None:
        return plans.filter(state=PlanState.ACTIVE)
    return plans.filter(created_at__lte=at).order_by("-created_at", "-pk")


def _acceptance(at: datetime | None) -> QuerySet[Acceptance]:
    accepted = Acceptance.objects.filter(risk=OuterRef("pk"))
    if at is None:
        return accepted.filter(state=AcceptanceState.ACTIVE)
    return accepted.filter(decided_at__lte=at, approval__state="APPROVED").order_by("-decided_at", "-pk")
