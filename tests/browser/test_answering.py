"""An owner sees a red model on the board, opens its risk, acknowledges it and submits a plan, click by click."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from governance.risks.models import Risk
from tests.browser.conftest import SignIn
from tests.journeys.builders import NOON, a_model_past_its_line, people


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("complaints")
def test_the_owner_answers_a_red_model(live_server: Any, sign_in: SignIn, shoot: Callable[[str], None]) -> None:
    model = a_model_past_its_line()
    risk = Risk.objects.get(model=model)
    page = sign_in(people().olive)

    page.goto(live_server.url)
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 of 1 model")
    shoot("board")
    page.goto(f"{live_server.url}/risks/{risk.reference}/")
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("link", name="Respond").click()
    page.get_by_label("Cause, as you know it now").fill("The October data is missing")
    page.get_by_label("Step 1", exact=True).fill("Refit and validate")
    page.get_by_label("Who does step 1").select_option(label="Olive Okafor")
    page.get_by_label("Step 1 due").fill((NOON + timedelta(days=20)).date().isoformat())
    page.get_by_role("button", name="Add a step").click()
    expect(page.get_by_label("Step 2", exact=True)).to_be_visible()
    expect(page.get_by_label("Step 1", exact=True)).to_have_value("Refit and validate")
    shoot("respond")
    page.get_by_role("button", name="Remove step 2").click()
    expect(page.get_by_label("Step 2", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Review", exact=True).click()
    expect(page.get_by_label("Record that will be written")).to_contain_text("risk.plan_submitted")
    shoot("review")
    page.get_by_role("button", name="Submit plan").click()
    expect(page.get_by_text("The plan is on record.")).to_be_visible()

    risk.refresh_from_db()
    assert risk.state == "MITIGATING"
    assert risk.acknowledgements.count() == 1
