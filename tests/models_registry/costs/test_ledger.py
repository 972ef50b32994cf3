"""Daily amounts follow from telemetry, traces and bills; they add up, and running twice changes nothing."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models_registry.access.models import BusinessUnit, Team
from models_registry.costs import actions, queries
from models_registry.costs.importing import apply_import
from models_registry.costs.ledger import derive
from models_registry.costs.models import CostOrigin, DailyCost
from models_registry.costs.pricing import Price
from models_registry.telemetry.usage import DailyUsage
from tests.journeys.builders import a_model, people
from tests.models_registry.costs.world import AT, DAY, TODAY, a_bill, cora, report, spent, tokens

pytestmark = pytest.mark.django_db
SPAN = {"since": TODAY - 10 * DAY, "until": TODAY}


def rows() -> list[tuple[date, str, int]]:
    found = DailyCost.objects.order_by("day", "origin").values_list("day", "origin", "reporting_micros")
    return [(day, origin, micros) for day, origin, micros in found]


def test_reported_money_is_the_days_sum_of_all_environments() -> None:
    a_model("copilot", tags=["project:winter"])
    report([spent("copilot", TODAY, 1.25), spent("copilot", TODAY, 0.75, environment="staging")])

    assert derive(**SPAN) == 1
    assert derive(**SPAN) == 0

    [row] = DailyCost.objects.all()
    assert (row.origin, row.reporting_micros, row.project) == (CostOrigin.MEASURED, 2_000_000, "winter")
    assert row.unit == people().claims


def test_late_telemetry_is_taken_in() -> None:
    a_model("copilot")
    report([spent("copilot", TODAY - DAY, 1)])
    derive(**SPAN)
    report([spent("copilot", TODAY - DAY, 2)])

    derive(**SPAN)

    assert rows() == [(TODAY - DAY, "MEASURED", 3_000_000)]


def test_a_row_keeps_whom_it_belonged_to_when_the_model_moves_on() -> None:
    model = a_model("copilot")
    report([spent("copilot", TODAY - DAY, 1)])
    derive(**SPAN)
    elsewhere = BusinessUnit.objects.create(slug="elsewhere", name="Elsewhere")
    type(model).objects.filter(pk=model.pk).update(unit=elsewhere)
    report([spent("copilot", TODAY - DAY, 1), spent("copilot", TODAY, 1)])

    derive(**SPAN)

    units = dict(DailyCost.objects.values_list("day", "unit__slug"))
    assert units == {TODAY - DAY: "claims", TODAY: "elsewhere"}


def test_tokens_are_priced_by_product_where_nobody_reports_money() -> None:
    a_model("copilot", provider="OpenAI")
    report(
        [
            *tokens("copilot", TODAY, 1_000_000, 500_000, "gpt-4.1-mini"),
            *tokens("copilot", TODAY - DAY, 1_000_000, 0, "gpt-4.1-mini"),
            spent("copilot", TODAY - DAY, 9),
            *tokens("copilot", TODAY - 2 * DAY, 1_000_000, 0, "nobody-knows-its-price"),
        ]
    )

    derive(**SPAN)

    assert rows() == [(TODAY - DAY, "MEASURED", 9_000_000), (TODAY, "PRICED", 1_200_000)]
    assert DailyCost.objects.get(origin="PRICED").tokens_out == 500_000


def test_a_house_price_reprices_the_days_since() -> None:
    a_model("copilot", provider="OpenAI")
    report([one for n in range(3) for one in tokens("copilot", TODAY - n * DAY, 1_000_000, 0, "gpt-4.1-mini")])
    derive(**SPAN)

    actions.enter_prices(
        by=cora(), at=AT, provider="OpenAI", effective_on=TODAY - DAY, currency="USD",
        prices={"gpt-4.1-mini": Price(Decimal("0.10"), Decimal("0.20"))}, source="Contract 7",
    )  # fmt: skip

    assert [micros for *_, micros in rows()] == [400_000, 100_000, 100_000]


def traces(since: date, until: date) -> Iterator[DailyUsage]:
    from models_registry.catalog.models import RegisteredModel

    copilot = RegisteredModel.objects.get(slug="copilot").pk
    yield DailyUsage(TODAY, copilot, None, "OpenAI", "", 10, 5, 700_000, "USD")
    yield DailyUsage(TODAY - DAY, copilot, None, "OpenAI", "gpt-4.1-mini", 1_000_000, 0)


def test_traces_fill_the_days_of_which_telemetry_says_nothing(settings: Any) -> None:
    settings.USAGE_FEEDS = ("tests.models_registry.costs.test_ledger.traces",)
    a_model("copilot", provider="OpenAI")
    report([spent("copilot", TODAY, 3)])

    derive(**SPAN)

    assert rows() == [(TODAY - DAY, "TRACED", 400_000), (TODAY, "MEASURED", 3_000_000)]


def test_an_amount_waits_for_its_rate_and_counts_once_it_is_there() -> None:
    a_model("copilot", provider="House")
    actions.enter_prices(
        by=cora(), at=AT, provider="House", effective_on=TODAY - 5 * DAY, currency="EUR",
        prices={"*": Price(Decimal(2), Decimal(0))},
    )  # fmt: skip
    report(tokens("copilot", TODAY, 1_000_000, 0))
    derive(**SPAN)
    span = queries.span_of(month="", at=AT)
    waiting = queries.showback(actor=cora(), span=span, by="unit")

    actions.enter_rate(by=cora(), at=AT, currency="eur", effective_on=TODAY - DAY, rate=Decimal("1.25"))
    told = queries.showback(actor=cora(), span=span, by="unit")

    assert (waiting.now, waiting.waiting) == (0, 1)
    assert (told.now, told.waiting) == (2_500_000, 0)


def test_a_bill_that_replaces_the_measured_takes_its_place() -> None:
    a_model("copilot")
    report([spent("copilot", TODAY - DAY, 5), spent("copilot", TODAY, 5)])
    derive(**SPAN)
    bill = a_bill(f"{TODAY - DAY},copilot,4.20,USD,,", replaces_measured=True)

    apply_import(by=cora(), at=AT, source=bill)

    found = queries.showback(actor=cora(), span=queries.span_of(month="", at=AT), by="origin")
    assert found.now == 9_200_000
    assert derive(**SPAN) == 0


bills = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=40),
        st.sampled_from(["", "copilot", "triage"]),
        st.integers(min_value=-5_000_000, max_value=50_000_000),
        st.sampled_from(["", "claims-ml", "growth"]),
        st.sampled_from(["", "winter", "summer"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=bills)
def test_the_parts_add_up_to_the_total_however_it_is_divided(lines: list[tuple[int, str, int, str, str]]) -> None:
    from django.db import transaction

    from models_registry.costs.money import plain

    with transaction.atomic():
        for slug in ("copilot", "triage"):
            a_model(slug)
        for slug in ("claims-ml", "growth"):
            Team.objects.get_or_create(slug=slug, defaults={"name": slug, "unit": people().claims})
        rows = [f"{TODAY - n * DAY},{model},{plain(m)},USD,{team},{project}" for n, model, m, team, project in lines]
        apply_import(by=cora(), at=AT, source=a_bill(*rows))
        in_month = sum(micros for n, _, micros, *_ in lines if TODAY - n * DAY >= TODAY.replace(day=1))
        span = queries.span_of(month="", at=AT)
        found = [queries.showback(actor=cora(), span=span, by=by) for by in queries.DIMENSIONS]
        transaction.set_rollback(True)

    assert {one.now for one in found} == {in_month}
    assert all(sum(line.now for line in one.lines) == one.now for one in found)
    assert all(sum(line.before for line in one.lines) == one.before for one in found)
    assert all(sum(line.now for line in one.top(1)) == one.now for one in found)


def test_an_amount_beyond_counting_is_held_and_keeps_no_other_back() -> None:
    a_model("copilot"), a_model("chatter")
    report([spent("copilot", TODAY, 1e300), spent("chatter", TODAY, 2)])
    span = queries.Span(TODAY.replace(day=1), TODAY)

    derive(**SPAN)

    assert derive(**SPAN) == 0
    told = queries.showback(actor=cora(), span=span, by="unit")
    assert (told.now, told.waiting, told.held) == (2_000_000, 0, 1)
    assert told.held_of == [f"Copilot on {TODAY}"]
    actions.enter_rate(by=cora(), at=AT, currency="EUR", effective_on=TODAY, rate=Decimal("1.1"))


def test_tokens_and_prices_beyond_counting_are_held_too() -> None:
    a_model("copilot", provider="Acme")
    prices = {"acme-1": Price(Decimal(100_000), Decimal(100_000))}
    actions.enter_prices(
        by=cora(), at=AT, provider="Acme", effective_on=TODAY, currency="USD", prices=prices, source="contract"
    )
    report(tokens("copilot", TODAY, 10**15, 10**15, product="acme-1"))

    derive(**SPAN)

    held = DailyCost.objects.get()
    assert (held.reporting_micros, held.tokens_in) == (None, 10**15)
    assert queries.showback(actor=cora(), span=queries.Span(TODAY, TODAY), by="unit").held == 1


def test_a_rate_under_which_an_amount_is_beyond_counting_holds_that_amount(settings: Any) -> None:
    a_model("copilot")
    settings.REDLINE_CURRENCY = "VND"
    actions.enter_rate(by=cora(), at=AT, currency="USD", effective_on=TODAY - 5 * DAY, rate=Decimal(25000))
    report([spent("copilot", TODAY, 9e11)])

    derive(**SPAN)

    assert queries.showback(actor=cora(), span=queries.Span(TODAY, TODAY), by="unit").held == 1
