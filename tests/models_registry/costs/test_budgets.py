"""Budgets: who sets them, how they stand, what is told of them to the line."""

from datetime import date
from typing import Any

import pytest

from models_registry.access.models import Team
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.catalog.models import RegisteredModel
from models_registry.costs import actions
from models_registry.costs.models import Budget, BudgetStatus, DailyCost
from models_registry.costs.money import MICROS
from models_registry.costs.tasks import tick
from models_registry.costs.watching import ANOMALY, FORECAST, USED, look, watch
from models_registry.telemetry.actions import claim, measure
from models_registry.telemetry.models import Measurement, TelemetryEvent
from tests.journeys.builders import a_model, people
from tests.models_registry.costs.world import AT, DAY, TODAY, adam, cora, report, spent

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)


def a_budget(scope: str = "HOUSE", amount: int = 1_000, **more: Any) -> Budget:
    given = {"by": cora(), "at": AT, "first_month": OCTOBER, "amount_micros": amount * MICROS}
    return actions.set_budget(scope=scope, **given | more)


def steady(slug: str, amount: float = 10.0, days: int = 40) -> None:
    report([spent(slug, TODAY - n * DAY, amount) for n in range(days)])


def told(metric: str) -> list[tuple[str, float]]:
    for pk in claim(limit=500, at=AT):
        measure(event=TelemetryEvent.objects.select_related("source").get(pk=pk), at=AT)
    rows = Measurement.objects.filter(metric=metric).order_by("model__slug").values_list("model__slug", "value")
    return [(slug, value) for slug, value in rows]


def test_an_owner_sets_the_budget_of_their_own_model_and_no_other() -> None:
    olive = people().olive
    a_budget("MODEL", model=a_model("copilot"), by=olive)

    for refused in ({"scope": "HOUSE"}, {"scope": "MODEL", "model": a_model("triage", owner=cora())}):
        with pytest.raises(AccessDenied):
            a_budget(by=olive, **refused)
    with pytest.raises(AccessDenied):
        a_budget(by=adam())
    assert AuditEntry.objects.get(action="budget.created").body["amount"] == "1000"


def test_one_budget_stands_for_one_scope_until_it_is_ended() -> None:
    first = a_budget()
    with pytest.raises(actions.BudgetStands):
        a_budget()
    actions.end_budget(by=cora(), at=AT, budget=first, reason="New year.")

    a_budget()

    with pytest.raises(actions.BudgetEnded):
        actions.change_budget(
            by=cora(), at=AT, budget=first, amount_micros=1, warn_percent=80, last_month=None, note=""
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": "TEAM"}, {"scope": "PROJECT", "project": " "}, {"amount": 0}, {"warn_percent": 101},
        {"last_month": date(2026, 9, 1)},
    ],
)  # fmt: skip
def test_what_limits_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(actions.BudgetUnfit):
        a_budget(**wrong)


def test_a_change_is_told_with_what_it_was() -> None:
    budget = a_budget()

    actions.change_budget(
        by=cora(), at=AT, budget=budget, amount_micros=2_000 * MICROS, warn_percent=90,
        last_month=date(2026, 12, 24), note="More traffic",
    )  # fmt: skip

    body = AuditEntry.objects.get(action="budget.changed").body
    assert (body["before"]["amount"], body["amount"], body["last_month"]) == ("1000", "2000", "2026-12-01")


def test_every_scope_limits_its_own() -> None:
    team = Team.objects.create(slug="growth", name="Growth", unit=people().claims)
    a_model("copilot", team=team, tags=["project:winter"])
    a_model("triage")
    steady("copilot", 10)
    steady("triage", 1)
    for scope, more in {
        "HOUSE": {}, "UNIT": {"unit": people().claims}, "TEAM": {"team": team}, "PROJECT": {"project": "winter"},
        "MODEL": {"model": a_model_named("triage")},
    }.items():  # fmt: skip
        a_budget(scope, 400, **more)
    watch(at=AT, days=60)

    spent_by = {one.budget.scope: one.forecast.spent // MICROS for one in look(today=TODAY)}

    assert spent_by == {"HOUSE": 220, "UNIT": 220, "TEAM": 200, "PROJECT": 200, "MODEL": 20}
    status = BudgetStatus.objects.get(budget__scope="HOUSE")
    assert (status.spent_micros, status.expected_micros) == (220 * MICROS, 341 * MICROS)
    assert status.answering == a_model_named("copilot")


def a_model_named(slug: str) -> RegisteredModel:
    return RegisteredModel.objects.get(slug=slug)


def test_the_line_hears_the_worst_budget_of_each_model() -> None:
    a_model("copilot")
    a_model("triage")
    steady("copilot", 10)
    steady("triage", 1)
    a_budget("HOUSE", 110)
    a_budget("MODEL", 1_000, model=a_model_named("copilot"))
    a_budget("MODEL", 100, model=a_model_named("triage"))

    watch(at=AT, days=60)

    assert told(USED) == [("copilot", 2.0), ("triage", 0.2)]
    assert told(FORECAST) == [("copilot", 3.1), ("triage", 0.31)]
    event = TelemetryEvent.objects.get(source__slug="redline-costs")
    assert b'"budget":"The whole house"' in bytes(event.raw)


def test_a_day_six_times_as_dear_is_told_as_an_anomaly() -> None:
    a_model("copilot")
    steady("copilot")
    report([spent("copilot", TODAY - DAY, 50)])

    watch(at=AT, days=60)

    assert told(ANOMALY) == [("copilot", 6.0)]


def test_looking_again_at_the_same_moment_tells_nothing_new() -> None:
    a_model("copilot")
    steady("copilot")
    a_budget()
    watch(at=AT, days=60)
    before = told(USED)

    watch(at=AT, days=60)

    assert told(USED) == before


def test_a_budget_of_another_month_is_not_looked_at() -> None:
    a_budget(first_month=date(2026, 11, 1))
    a_budget("PROJECT", project="old", first_month=date(2026, 8, 1), last_month=date(2026, 9, 1))

    assert look(today=TODAY) == []


def test_the_clock_looks_every_ten_minutes() -> None:
    a_model("copilot")
    report([spent("copilot", TODAY, 1)])

    assert tick(AT.replace(minute=1)) == 0
    tick(AT)

    assert DailyCost.objects.get().model == a_model_named("copilot")
