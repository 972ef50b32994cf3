"""From an id in a log to everything behind the answer, and a person erased: in a browser."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from models_registry.lineage.prediction_models import Prediction
from tests.browser.conftest import SignIn
from tests.journeys.builders import a_person, people
from tests.models_registry.lineage.traces import CANARY, a_prediction
from tests.models_registry.lineage.world import a_rag_version

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


@pytest.fixture
def answers() -> list[Prediction]:
    """Three answers of Olive's model, the last of them blocked."""
    a_rag_version("claims-triage")
    at = timezone.now() - timedelta(hours=1)
    told = ({}, {"subject": "customer-18"}, {"outcome": "blocked", "outcome_code": "personal_data"})
    prompt = {"name": "claims-triage/system", "version": "v1"}
    return [a_prediction("claims-triage", at=at, prompt=prompt, **facts) for facts in told]


def test_from_an_id_to_everything_behind_the_answer(live_server: Any, sign_in: SignIn, answers: list[Any]) -> None:
    window: Page = sign_in(people().olive)
    window.goto(f"{live_server.url}/models/claims-triage/")
    window.locator("#model-predictions").get_by_role("link", name="All of them").click()
    expect(window.locator("#predictions tbody tr")).to_have_count(3)

    window.get_by_role("searchbox").fill(answers[1].prediction_id)
    expect(window.locator("#predictions tbody tr")).to_have_count(1)
    window.get_by_role("link", name=answers[1].prediction_id).click()

    expect(window.get_by_role("heading", level=1)).to_have_text(answers[1].prediction_id)
    expect(window.locator("#prompt")).to_contain_text("Answer briefly.")
    expect(window.locator("#origins")).to_contain_text("documents-index")
    expect(window.locator("main")).not_to_contain_text(CANARY)
    with window.expect_download() as file:
        window.get_by_role("link", name="PDF").click()
    assert file.value.suggested_filename == f"prediction-{answers[1].pk}.pdf"
    window.get_by_role("link", name="The model at that moment").click()
    expect(window.get_by_role("heading", level=1)).to_contain_text("Claims triage")
    assert "as_of=" in window.url


def test_the_list_is_narrowed_by_how_answers_ended(live_server: Any, sign_in: SignIn, answers: list[Any]) -> None:
    window: Page = sign_in(people().olive)
    window.goto(f"{live_server.url}/predictions/")

    window.locator("summary", has_text="Outcome").click()
    window.get_by_label("Blocked by a guardrail").check()

    expect(window.locator("#predictions tbody tr")).to_have_count(1)
    expect(window.locator("#predictions tbody tr")).to_contain_text("personal_data")
    assert window.url.endswith("?outcome=blocked")


def test_a_person_is_erased_after_a_look_at_what_there_is(
    live_server: Any, sign_in: SignIn, answers: list[Any]
) -> None:
    window: Page = sign_in(a_person("clara", "Clara Conrad", "compliance_officer"))
    window.goto(f"{live_server.url}/predictions/kept/")
    window.get_by_role("link", name="Erase a person…").click()
    window.get_by_label("Reference to the person").fill("customer-18")
    window.get_by_label("Case number").fill("DSR-12")
    window.get_by_role("button", name="Look what there is").click()

    expect(window.get_by_role("heading", name="Erase them from 1 prediction?")).to_be_visible()
    window.get_by_role("button", name="Erase from 1 prediction").click()

    expect(window.get_by_text("Case DSR-12: erased from 1 prediction.")).to_be_visible()
    assert Prediction.objects.exclude(subject=None).count() == 2
