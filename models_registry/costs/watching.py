"""Budgets and days looked at by the clock; what is seen goes to the line as measurements, for rules to judge.

A budget of one model is told of that model. A wider one is told of the model that spent most of it in the month:
its owner has the largest lever. Where several budgets concern one model, the worst is told, because a series has one
value at a time; the event names the budget.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import batched
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum

from models_registry.audit.actor import System
from models_registry.catalog.models import RegisteredModel
from models_registry.costs.forecast import (
    DAY,
    LOOKED_BACK,
    Forecast,
    anomaly,
    forecast,
    last_day,
    month_of,
)
from models_registry.costs.ledger import derive, recent
from models_registry.costs.models import Budget, BudgetStatus, DailyCost
from models_registry.telemetry.actions import receive
from models_registry.telemetry.models import Source, SourceKind
from models_registry.telemetry.source_actions import create_source

COSTS: Final = System("costs")
SOURCE_NAME: Final = "Redline costs"
USED, FORECAST, ANOMALY = "cost_budget_used_ratio", "cost_budget_forecast_ratio", "cost_anomaly_ratio"
DERIVED_DAYS: Final = 3
"""Late telemetry of this many days is taken in at every look; `derive` takes any span."""
AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Standing:
    """One budget in the month of a day. Amounts are millionths of the reporting currency."""

    budget: Budget
    forecast: Forecast
    answering_id: int | None

    @property
    def used(self) -> float:
        """What is spent as a share of the budget."""
        return self.forecast.spent / self.budget.amount_micros

    @property
    def expected(self) -> float | None:
        """What will be spent as a share of the budget, None while nothing is forecast."""
        return None if self.forecast.expected is None else self.forecast.expected / self.budget.amount_micros


def watch(*, at: dt.datetime, days: int = DERIVED_DAYS) -> int:
    """Bring the newest amounts up to date, look at every budget, and tell the line; return the readings sent."""
    since, today = recent(at=at, days=days)
    derive(since=since, until=today)
    standings = look(today=today)
    _remember(standings, today, at)
    readings = [*_budget_readings(standings, at), *_anomaly_readings(today - DAY)]
    if readings:
        source = own_source(at=at)
        for some in batched(readings, AT_ONCE):
            body = json.dumps({"measurements": some}, separators=(",", ":")).encode()
            receive(source=source, body=body, headers={"content-type": "application/json"}, at=at)
    return len(readings)


def look(*, today: dt.date, budgets: Iterable[Budget] | None = None) -> list[Standing]:
    """Return how the budgets that run in this month stand at a day; one query each, of daily amounts."""
    if budgets is None:
        budgets = running(month_of(today)).select_related("unit", "team", "model")
    return [_standing(budget, today) for budget in budgets]


def running(month: dt.date) -> QuerySet[Budget]:
    """Return the budgets that limit this month."""
    return Budget.objects.filter(
        Q(last_month__isnull=True) | Q(last_month__gte=month), first_month__lte=month, ended_at__isnull=True
    ).order_by("pk")


def amounts_of(budget: Budget, *, since: dt.date, until: dt.date) -> QuerySet[DailyCost]:
    """Return the amounts that a budget limits."""
    rows = counted().filter(day__range=(since, until))
    field = Budget.TARGETS.get(budget.scope)
    return rows.filter(**{field: getattr(budget, field)}) if field else rows


def counted() -> QuerySet[DailyCost]:
    """Return the amounts that count in reports: not replaced by a bill, and known in the reporting currency."""
    return DailyCost.objects.filter(counted=True, reporting_micros__isnull=False)


@transaction.atomic
def own_source(*, at: dt.datetime) -> Source:
    """Return the source as which costs are told to the line, connected when it is first needed."""
    found = Source.objects.filter(slug="redline-costs").first()
    if found is not None:
        return found
    made, _ = create_source(by=COSTS, at=at, name=SOURCE_NAME, kind=SourceKind.MEASUREMENTS)
    return made


def _standing(budget: Budget, today: dt.date) -> Standing:
    since = month_of(today) - LOOKED_BACK * DAY
    amounts: dict[dt.date, int] = defaultdict(int)
    by_model: dict[int | None, int] = defaultdict(int)
    sums = amounts_of(budget, since=since, until=today).values_list("day", "model_id")
    for day, model_id, micros in sums.annotate(micros=Sum("reporting_micros")).order_by():
        amounts[day] += int(micros)
        if day >= month_of(today):
            by_model[model_id] += int(micros)
    known = [(micros, model_id) for model_id, micros in by_model.items() if model_id is not None and micros > 0]
    answering = budget.model_id or (max(known)[1] if known else None)
    return Standing(budget, forecast(amounts, today=today), answering)


def _remember(standings: Iterable[Standing], today: dt.date, at: dt.datetime) -> None:
    rows = [
        BudgetStatus(
            budget=one.budget, day=today, spent_micros=one.forecast.spent, expected_micros=one.forecast.expected,
            low_micros=one.forecast.low, high_micros=one.forecast.high, answering_id=one.answering_id, judged_at=at,
        )
        for one in standings
    ]  # fmt: skip
    facts = ["day", "spent_micros", "expected_micros", "low_micros", "high_micros", "answering", "judged_at"]
    BudgetStatus.objects.bulk_create(rows, update_conflicts=True, unique_fields=["budget"], update_fields=facts)


def _budget_readings(standings: Iterable[Standing], at: dt.datetime) -> list[dict[str, Any]]:
    """Return the worst reading of each metric and model."""
    worst: dict[tuple[int, str], tuple[float, Standing]] = {}
    for one in standings:
        for metric, value in ((USED, one.used), (FORECAST, one.expected)):
            if value is not None and one.answering_id is not None:
                key = one.answering_id, metric
                if key not in worst or value > worst[key][0]:
                    worst[key] = value, one
    slugs = _slugs({model_id for model_id, _ in worst})
    month_end = last_day(month_of(at.astimezone(dt.UTC).date()))
    return [
        {
            "model": slugs[model_id], "metric": metric, "value": round(max(value, 0.0), 4),
            "observed_at": at.isoformat(),
            "attributes": {"budget": str(one.budget), "scope": one.budget.scope, "until": month_end.isoformat()},
        }
        for (model_id, metric), (value, one) in sorted(worst.items(), key=lambda item: item[0])
        if model_id in slugs
    ]  # fmt: skip


def _anomaly_readings(day: dt.date) -> list[dict[str, Any]]:
    """Return how every model's last complete day compares with its usual ones, observed at the end of that day."""
    observed_at = dt.datetime.combine(day, dt.time(23, 59, 59), dt.UTC).isoformat()
    rows = counted().filter(day__range=(day - LOOKED_BACK * DAY, day), model__isnull=False)
    per_model: dict[int, dict[dt.date, int]] = defaultdict(dict)
    for model_id, on, micros in rows.values_list("model_id", "day").annotate(m=Sum("reporting_micros")).order_by():
        per_model[model_id][on] = int(micros)
    slugs = _slugs(per_model)
    found = []
    for model_id, amounts in sorted(per_model.items()):
        seen = anomaly(amounts, day=day)
        if seen is not None and model_id in slugs:
            found.append(
                {
                    "model": slugs[model_id], "metric": ANOMALY, "value": round(max(seen.ratio, 0.0), 3),
                    "observed_at": observed_at,
                    "attributes": {"deviations": round(seen.deviations, 1), "unusual": seen.is_unusual},
                }
            )  # fmt: skip
    return found


def _slugs(model_ids: Iterable[int] | Mapping[int, object]) -> dict[int, str]:
    rows = RegisteredModel.objects.filter(pk__in=list(model_ids), archived_at__isnull=True)
    return dict(rows.annotate(key=F("pk")).values_list("key", "slug"))
