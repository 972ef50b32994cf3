"""A model's card from first words to an issued one, in a browser: previewed, saved, disputed, issued, compared, taken along."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from models_registry.catalog import card_queries
from models_registry.catalog.card_actions import write_section
from models_registry.catalog.models import RegisteredModel
from tests.browser.conftest import SignIn
from tests.journeys.builders import people
from tests.models_registry.lineage.world import a_rag_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def model() -> RegisteredModel:
    version, _ = a_rag_version(number="1")
    return version.model


@pytest.fixture
def window(live_server: Any, sign_in: SignIn, model: RegisteredModel) -> Page:
    """Olive's window, on the card of her model."""
    window = sign_in(people().olive)
    window.goto(f"{live_server.url}/models/claims-triage/")
    panel = window.locator("#model-card")
    expect(panel).to_contain_text("Nobody has written a section, none was issued")
    panel.get_by_role("link", name="Model card").click()
    return window


@pytest.mark.usefixtures("complaints")
def test_a_card_is_written_issued_compared_and_taken_along(window: Page) -> None:
    expect(window.locator("#missing")).to_contain_text("Limitations")
    window.get_by_role("link", name="Write limitations").click()
    window.get_by_role("textbox", name="Text").fill("Fails on **stamps**.\n\n[read](javascript:alert(1))")
    window.get_by_role("button", name="Preview").click()
    expect(window.locator("#preview strong")).to_have_text("stamps")
    expect(window.locator("#preview a")).to_have_count(0)

    window.get_by_role("button", name="Save section").click()
    expect(window.locator("#limitations .prose")).to_contain_text("Fails on stamps.")
    expect(window.locator("#missing")).not_to_contain_text("Limitations")

    window.get_by_role("button", name="Issue card…").click()
    dialog = window.get_by_role("dialog")
    expect(dialog).to_contain_text("never changes")
    dialog.get_by_label("What it is issued for").fill("Yearly review")
    dialog.get_by_role("button", name="Issue card").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("Claims triage: model card 1")
    expect(window.get_by_role("link", name="Edit limitations")).to_have_count(0)
    with window.expect_download() as file:
        window.locator("#files").get_by_role("link", name="PDF").click()
    assert file.value.suggested_filename == "claims-triage-model-card-issued-1.pdf"

    window.get_by_role("link", name="Card as it stands").click()
    window.get_by_role("link", name="Edit limitations").click()
    window.get_by_role("textbox", name="Text").fill("Fails on stamps and scans.")
    window.get_by_role("button", name="Save section").click()
    window.get_by_role("link", name="What changed since").click()
    expect(window.locator("ins")).to_contain_text("Fails on stamps and scans.")


def test_two_writers_lose_nothing(window: Page, model: RegisteredModel) -> None:
    window.get_by_role("link", name="Write contact").click()
    write_section(by=people().olive, at=timezone.now(), model=model, section="CONTACT", text="Theirs.", judged="")
    window.get_by_role("textbox", name="Text").fill("Mine.")
    window.get_by_role("button", name="Save section").click()

    expect(window.locator("#conflict")).to_contain_text("Olive Okafor saved version 1 while you were writing.")
    expect(window.get_by_role("textbox", name="Text")).to_have_value("Mine.")
    window.get_by_role("button", name="Save section").click()

    expect(window.locator("#contact .prose")).to_have_text("Mine.")
    assert [one.text for one in card_queries.versions_of(model=model, section="CONTACT")] == ["Mine.", "Theirs."]
