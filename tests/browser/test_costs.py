"""Costs in a browser: a bill with a mistake in it, from the file to the month and back; a budget, set and ended."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from models_registry.costs.models import Budget, CostRecord, DailyCost
from tests.browser.conftest import SignIn
from tests.journeys.builders import a_model, people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


def test_a_bill_is_looked_at_imported_shown_and_taken_back(live_server: Any, sign_in: SignIn, tmp_path: Path) -> None:
    a_model("claims-triage")
    today = datetime.now(UTC).date()
    bill = tmp_path / "cloud.csv"
    bill.write_text(f"date,model,amount,project\n{today},claims-triage,120.50,winter\n{today},claims-tirage,7,\n")
    page = sign_in(people().cora)

    page.goto(f"{live_server.url}/costs/")
    expect(page.locator("#lines")).to_contain_text("Nothing was spent in this month")
    page.get_by_role("link", name="Imports").click()
    page.get_by_role("link", name="Upload a bill").click()
    page.get_by_label("CSV file").set_input_files(bill)
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#problems")).to_contain_text("No model is called claims-tirage.")
    expect(page.get_by_role("button", name="Import all rows")).to_be_disabled()
    page.get_by_role("button", name="Import the good row…").click()
    page.get_by_role("button", name="Import 1 row").click()
    expect(page.locator(".notices")).to_contain_text("Imported 1 row of cloud.csv.")

    page.goto(f"{live_server.url}/costs/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("120.50")
    page.get_by_label("Divide by").select_option("project")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#lines")).to_contain_text("winter")

    page.goto(f"{live_server.url}/costs/imports/")
    page.get_by_role("link", name="cloud.csv").click()
    page.get_by_role("button", name="Take it back…").click()
    page.get_by_label("Why").fill("It was the wrong month.")
    page.get_by_role("button", name="Take the import back").click()
    expect(page.locator(".notices")).to_contain_text("Took back 1 row of cloud.csv.")
    assert not DailyCost.objects.exists()
    assert CostRecord.objects.count() == 2


def test_an_owner_sets_the_budget_of_a_model_and_ends_it(live_server: Any, sign_in: SignIn) -> None:
    a_model("claims-triage")
    page = sign_in(people().olive)

    page.goto(f"{live_server.url}/costs/budgets/")
    page.get_by_role("link", name="Set a budget").click()
    page.get_by_label("Model", exact=True).select_option(label="Claims triage")
    page.get_by_label("A month may cost").fill("1000")
    page.get_by_role("button", name="Set budget").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Budget of Claims triage")
    expect(page.locator("#history")).to_contain_text("Set a budget of 1000 USD a month for Claims triage.")

    page.get_by_role("button", name="End it…").click()
    page.get_by_label("Why").fill("The model moves to another house.")
    page.get_by_role("button", name="End the budget").click()
    expect(page.locator("#history")).to_contain_text("Ended the budget of Claims triage")
    assert Budget.objects.get().ended_at is not None


def test_the_month_fits_a_phone(live_server: Any, sign_in: SignIn) -> None:
    model = a_model("claims-triage")
    today = datetime.now(UTC).date()
    for ago in range(50):
        DailyCost.objects.create(
            day=today - timedelta(days=ago), origin="MEASURED", model=model, unit=model.unit, currency="USD",
            amount_micros=12_345_678_901, reporting_micros=12_345_678_901,
        )  # fmt: skip
    page = sign_in(people().cora)
    page.set_viewport_size({"width": 390, "height": 844})

    for address in ("/costs/", "/costs/?by=model", "/costs/budgets/", "/costs/prices/"):
        page.goto(f"{live_server.url}{address}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
