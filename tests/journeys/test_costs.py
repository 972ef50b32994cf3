"""From a bill that grows to somebody who is told: cost, budget, measurement, rule, risk, alert."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.inbox.models import Alert
from alerts.routing.actions import route
from alerts.routing.defaults import ensure_default_routes
from governance.risks.models import Risk
from governance.scoring import pipeline
from models_registry.costs.actions import set_budget
from models_registry.costs.money import MICROS
from models_registry.costs.watching import watch
from tests.journeys.builders import NOON, a_model, an_enforced_rule, people, send

pytestmark = pytest.mark.django_db(transaction=True)
SHIPPED = Path(__file__).parents[2] / "governance" / "rules" / "shipped"
DAY = timedelta(days=1)


def shipped(name: str) -> None:
    an_enforced_rule((SHIPPED / f"{name}.yaml").read_text())


def a_day(days_ago: int, amount: float) -> dict[str, object]:
    at = (NOON - days_ago * DAY).replace(hour=10)
    return {"model": "claims-triage", "metric": "cost_usd", "value": amount, "observed_at": at}


def settle(at: datetime) -> None:
    while pipeline.process(limit=100, at=at):
        pass
    pipeline.sweep(at=at)
    while route(limit=200, at=at):
        pass


def test_a_spike_raises_the_cost_risk_and_somebody_is_told() -> None:
    model = a_model(at=NOON - 60 * DAY)
    ensure_default_routes(by=people().cora, at=NOON - 10 * DAY)
    shipped("cost-anomaly")
    send([a_day(n, 10.0) for n in range(2, 32)] + [a_day(1, 60.0)], at=NOON)

    watch(at=NOON, days=60)
    settle(NOON)

    risk = Risk.objects.get(model=model, category="COST")
    assert risk.level == "MEDIUM"
    alert = Alert.objects.get(risk_id=risk.pk)
    assert (alert.title, alert.tier) == ("Claims triage: cost risk Low → Medium", 3)


def test_an_overspent_budget_becomes_a_risk_and_an_alert() -> None:
    model = a_model(at=NOON - 60 * DAY)
    ensure_default_routes(by=people().cora, at=NOON - 10 * DAY)
    shipped("budget-overspent")
    send([a_day(n, 10.0) for n in range(32)], at=NOON)
    set_budget(
        by=people().cora, at=NOON, scope="MODEL", model=model, amount_micros=5 * MICROS,
        first_month=NOON.astimezone(UTC).date(),
    )  # fmt: skip

    for hours in range(3):
        at = NOON + timedelta(hours=hours)
        watch(at=at, days=60)
        settle(at)

    risk = Risk.objects.get(model=model, category="COST")
    assert risk.level == "MEDIUM"
    alert = Alert.objects.get(risk_id=risk.pk)
    assert (alert.title, alert.tier) == ("Claims triage: cost risk Low → Medium", 2)
