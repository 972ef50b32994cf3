"""Pages of costs: who sees whose, past months and moments, the file, and what is refused."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from models_registry.access.models import BusinessUnit
from models_registry.costs.models import Budget, CostImport, DailyCost, ExchangeRate, PriceList
from models_registry.costs.money import MICROS
from tests.journeys.builders import a_model, people
from tests.models_registry.costs.world import adam, cora

pytestmark = pytest.mark.django_db


def signed_in(account: Any) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def cost(slug: str, amount: int, *, ago: int = 0, **facts: Any) -> DailyCost:
    model = a_model_once(slug, **facts)
    return DailyCost.objects.create(
        day=timezone.now().date() - timedelta(days=ago), origin="MEASURED", model=model, unit=model.unit,
        currency="USD", amount_micros=amount * MICROS, reporting_micros=amount * MICROS,
    )  # fmt: skip


def a_model_once(slug: str, **facts: Any) -> Any:
    from models_registry.catalog.models import RegisteredModel

    return RegisteredModel.objects.filter(slug=slug).first() or a_model(slug, **facts)


def far_away(slug: str, amount: int) -> DailyCost:
    elsewhere, _ = BusinessUnit.objects.get_or_create(slug="elsewhere", defaults={"name": "Elsewhere"})
    return cost(slug, amount, unit=elsewhere, owner=cora())


def test_an_owner_sees_the_costs_of_the_unit_and_compliance_sees_all() -> None:
    cost("copilot", 10)
    far_away("triage", 7)

    hers, all_of_them = signed_in(people().olive).get("/costs/?by=model"), signed_in(cora()).get("/costs/?by=model")

    assert (hers.context["found"].now, all_of_them.context["found"].now) == (10 * MICROS, 17 * MICROS)
    assert b"Triage" not in hers.content and b"of the models that you may read" in hers.content


def test_the_file_has_every_line_and_adds_up() -> None:
    cost("copilot", 10)
    cost("triage", 32)

    answer = signed_in(cora()).get("/costs/showback.csv?by=model")

    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]
    assert [(row["name"], row["amount"]) for row in rows] == [("Triage", "32"), ("Copilot", "10")]


def test_a_past_moment_shows_the_days_until_then_and_strange_questions_show_the_usual() -> None:
    cost("copilot", 10, ago=40)
    client = signed_in(cora())
    then = (timezone.now() - timedelta(days=40)).date()

    past = client.get(f"/costs/?as_of={then}")

    assert past.context["found"].now == 10 * MICROS
    assert past.context["found"].span.until == then
    for strange in ("?month=2999-12", "?month=x", "?by=nothing", "?month=0000-00"):
        assert client.get(f"/costs/{strange}").context["found"].now == 0


def test_the_panel_of_a_model_is_for_those_who_may_read_it() -> None:
    cost("copilot", 10)
    far_away("triage", 7)
    olive = signed_in(people().olive)

    assert b"Nothing is known" not in olive.get("/models/copilot/costs/panel/").content
    assert olive.get("/models/triage/costs/panel/").status_code == 404


def test_a_bill_with_problems_is_shown_and_not_imported() -> None:
    client = signed_in(adam())
    file = SimpleUploadedFile("x.csv", b"date,amount\n2026-01-01,1\n2026-01-02,one\n")

    shown = client.post("/costs/imports/new/", {"file": file}, follow=True)
    refused = client.post(f"/costs/imports/{CostImport.objects.get().pk}/apply/", follow=True)

    assert b"One: an amount is a plain decimal number" in shown.content
    assert b"nothing was imported" in refused.content
    bad = client.post("/costs/imports/new/", {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")})
    assert bad.status_code == 422 and b"Row 1: the column a is not known" in bad.content


def test_prices_and_rates_are_entered_by_who_brings_in_bills() -> None:
    client, day = signed_in(adam()), timezone.now().date().isoformat()
    lines = {"provider": "OpenAI", "effective_on": day, "currency": "usd"}

    wrong = client.post("/costs/prices/new/", {**lines, "prices": "gpt-5; 1\n; 1; 2"})
    client.post("/costs/prices/new/", {**lines, "prices": "gpt-5; 1.00; 8\n* ; 2; 9"})
    no_rate = client.post("/costs/rates/", {"currency": "USD", "effective_on": day, "rate": "1"})
    client.post("/costs/rates/", {"currency": "EUR", "effective_on": day, "rate": "1.15"})

    assert wrong.status_code == 422 and b"Line 1" in wrong.content and b"Line 2" in wrong.content
    assert PriceList.objects.get().prices["*"] == {"in": "2", "out": "9"}
    page = client.get("/costs/prices/")
    assert page.context["of_house"] == 2
    assert b"<code>gpt-5</code>" in page.content and b"every other" in page.content and b"<code>*" not in page.content
    assert no_rate.status_code == 422
    assert str(ExchangeRate.objects.get()).startswith("1 EUR = 1.15 USD")
    assert signed_in(people().olive).post("/costs/rates/", {}).status_code == 403


def test_a_budget_form_asks_for_what_its_scope_needs() -> None:
    client, month = signed_in(cora()), f"{timezone.now():%Y-%m}"
    facts = {"amount": "100", "warn_percent": "80", "first_month": month}

    missing = client.post("/costs/budgets/new/", {**facts, "scope": "TEAM"})
    untidy = client.post("/costs/budgets/new/", {**facts, "scope": "HOUSE", "amount": "1,000"})
    made = client.post("/costs/budgets/new/", {**facts, "scope": "HOUSE"})
    again = client.post("/costs/budgets/new/", {**facts, "scope": "HOUSE"})

    assert missing.status_code == 422 and "team" in missing.context["form"].errors
    assert untidy.status_code == 422 and "amount" in untidy.context["form"].errors
    assert made.status_code == 302 and Budget.objects.get().amount_micros == 100 * MICROS
    assert again.status_code == 422 and b"stands already" in again.content
