"""What the demo company shows of its registry, walked by clicking: lineage, a prediction, a card, a sweep, costs, an import."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import TransactionTestCase
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from demo.load import load
from demo.predictions import EXAMPLE
from tests.browser.company import DAYS, MODELS


@pytest.fixture(scope="module")
def server(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Load a young demo company, serve it, and leave an empty database behind."""
    with django_db_blocker.unblock():
        at = datetime.now(UTC) - timedelta(minutes=1)
        load(at=at, seed=20, days=DAYS, models=MODELS, progress=lambda _, __: None)
        live = LiveServer("localhost")
        yield live.url
        live.stop()
        TransactionTestCase._fixture_teardown(None)  # type: ignore[arg-type] # ours, see tests/conftest.py


@pytest.fixture
def visitor(server: str, browser: Browser, browser_context_args: dict[str, Any], settings: Any) -> Iterator[Any]:
    """Return what lets a visitor enter as one of the company's people, as the demo's door allows."""
    settings.REDLINE_MODE = "demo"
    page = browser.new_context(**browser_context_args).new_page()
    page.set_default_timeout(30_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    def enters(name: str) -> Page:
        page.goto(f"{server}/sign-in/")
        page.get_by_role("button", name=name).click()
        page.get_by_role("navigation").get_by_role("link", name="Models").first.click()
        return page

    yield enters
    page.context.close()
    assert errors == []


def test_from_a_model_to_the_data_it_came_from_and_who_else_stands_on_it(visitor: Any) -> None:
    page = visitor("Mateo Ruiz")
    _open_model(page, "Claims triage")
    page.locator("#model-lineage").get_by_role("link", name="All of it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Lineage of Claims triage")
    page.locator("svg.graph a[aria-label^='Dataset']").first.press("Enter")

    expect(page.locator("#affected tbody tr").first).to_contain_text("Claims triage")
    expect(page.locator("#affected")).to_contain_text("Priya Natarajan")


def test_the_traced_prediction_tells_everything_behind_it(visitor: Any) -> None:
    page = visitor("Mateo Ruiz")
    page.get_by_role("navigation").get_by_role("link", name="Predictions").first.click()
    page.get_by_role("searchbox").fill(EXAMPLE)
    page.get_by_role("link", name=EXAMPLE).click()

    expect(page.locator("#prompt pre")).not_to_be_empty()
    expect(page.locator("#documents li").first).to_contain_text("policy-documents/")
    expect(page.locator("#origins")).to_contain_text("git.meridian.example")
    expect(page.locator("#way-in")).to_contain_text("The gate answered")
    expect(page.locator("#posture")).to_contain_text("Level")
    with page.expect_download() as file:
        page.get_by_role("link", name="PDF").click()
    assert file.value.suggested_filename.endswith(".pdf")


def test_the_card_is_written_and_issued(visitor: Any) -> None:
    page = visitor("Mateo Ruiz")
    _open_model(page, "Claims triage")
    page.locator("#model-card").get_by_role("link", name="Model card").click()

    expect(page.locator("#intended-use")).to_contain_text("A handler reads every claim.")
    expect(page.locator("#limitations")).to_contain_text("Handwritten letters")
    page.get_by_role("link", name=re.compile("issued", re.IGNORECASE)).first.click()
    expect(page.locator("main")).to_contain_text("Yearly review by the governance board")


def test_the_sweep_is_drawn_and_its_winner_is_a_version(visitor: Any) -> None:
    page = visitor("Mei Tanaka")
    _open_model(page, "Fraud graph")
    page.get_by_role("link", name="Experiment runs").click()
    page.locator("#sweeps").get_by_role("link", name="depth, rate and sampling").click()

    expect(page.locator("#drawing svg").first).to_be_visible()
    expect(page.locator("main")).to_contain_text(re.compile(r"won and became v\d"))
    expect(page.locator("#runs tbody tr").first).to_contain_text("won")


def test_the_costs_of_the_month_are_divided_watched_and_billed(visitor: Any) -> None:
    page = visitor("Nadia Petrova")
    page.get_by_role("navigation").get_by_role("link", name="Costs").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("USD in")
    page.locator("select[name=by]").select_option("team")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main")).to_contain_text("Dialogue systems")

    page.get_by_role("link", name="Budgets").first.click()
    page.get_by_role("link", name="Dialogue systems").click()
    expect(page.locator("main")).to_contain_text("Kept lean until the release")
    page.get_by_role("navigation").get_by_role("link", name="Costs").first.click()
    page.get_by_role("link", name="Imports").first.click()
    page.get_by_role("link", name="storage.csv").click()
    expect(page.locator("main")).to_contain_text("speech-transcript")


def test_the_import_has_good_rows_in_and_tells_the_others_by_row_and_column(visitor: Any) -> None:
    page = visitor("Priya Natarajan")
    page.get_by_role("link", name="Imports").first.click()
    page.get_by_role("link", name="claims-models.csv").click()

    expect(page.locator("main")).to_contain_text("Towing dispatcher")
    expect(page.locator("main")).to_contain_text("Business unit")
    with page.expect_download() as file:
        page.get_by_role("link", name="CSV of problems").click()
    assert file.value.suggested_filename.endswith(".csv")


def _open_model(page: Page, name: str) -> None:
    page.get_by_role("searchbox").first.fill(name)
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
