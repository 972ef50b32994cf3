"""From a model to the data it came from, to everyone who is affected, to what changed: in a browser, by keyboard too."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models_registry.catalog.models import ModelVersion
from tests.browser.conftest import SignIn
from tests.journeys.builders import people
from tests.models_registry.lineage.world import a_rag_version

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


@pytest.fixture
def window(live_server: Any, sign_in: SignIn) -> Page:
    """Olive's window: two of her models share one snapshot of documents, one of them in production."""
    first, _ = a_rag_version(number="1")
    a_rag_version(number="2")
    a_rag_version("contract-search")
    ModelVersion.objects.filter(pk=first.pk).update(stage="PRODUCTION")
    return sign_in(people().olive)


def test_from_a_model_to_its_data_to_everyone_affected(live_server: Any, window: Page) -> None:
    window.goto(f"{live_server.url}/models/claims-triage/")
    panel = window.locator("#model-lineage")
    expect(panel.get_by_role("link", name="documents-index")).to_be_visible()
    panel.get_by_role("link", name="All of it").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("Lineage of Claims triage v1")

    window.locator("svg.graph").get_by_role("link", name="policy-documents").press("Enter")

    expect(window.get_by_role("heading", level=1)).to_have_text("policy-documents v1")
    rows = window.locator("#affected tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("Claims triage v1")
    expect(rows.first).to_contain_text("Olive Okafor")
    with window.expect_download() as file:
        window.locator("#affected").get_by_role("link", name="CSV").click()
    assert file.value.suggested_filename.startswith("affected-")


def test_the_boxes_are_reached_by_keyboard_in_reading_order(live_server: Any, window: Page) -> None:
    window.goto(f"{live_server.url}/models/claims-triage/lineage/")
    names: list[Any] = []
    window.locator(".graph-scroll").focus()
    for _ in range(5):
        window.keyboard.press("Tab")
        names.append(window.evaluate("document.activeElement.getAttribute('aria-label')"))

    assert [name.split()[0] for name in names] == ["Dataset", "Base", "Prompt", "Vector", "Model"]


def test_the_table_says_what_the_drawing_says_and_narrows_it(live_server: Any, window: Page) -> None:
    window.goto(f"{live_server.url}/models/claims-triage/lineage/")
    window.get_by_text("As a table", exact=True).click()
    expect(window.locator("#graph tbody tr")).to_have_count(4)

    window.get_by_role("link", name="Neighbourhood of policy-documents v1").click()

    expect(window.locator("svg.graph a")).to_have_count(2)
    window.get_by_role("link", name="Show all of it").click()
    expect(window.locator("svg.graph a")).to_have_count(5)


def test_what_changed_is_read_below_and_beside(live_server: Any, window: Page) -> None:
    window.goto(f"{live_server.url}/models/claims-triage/lineage/?version=2")
    window.get_by_role("link", name="What changed").click()
    expect(window.locator("ins")).to_contain_text("Rule 2.")

    window.get_by_role("link", name="Side by side").click()

    expect(window.locator(".sides .diff")).to_have_count(2)
    expect(window.locator(".sides del")).to_have_text("− Rule 1.")
