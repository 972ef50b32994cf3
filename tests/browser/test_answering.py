"""An owner sees a red model on the board, opens its risk, acknowledges it and submits a plan, click by click."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from governance.risks.models import Risk
from tests.browser.conftest import SignIn
from tests.journeys.builders import a_model_past_its_line, people


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
    page.get_by_label("What will be done").fill("Refit on October data")
    page.get_by_label("Step 1").fill("Refit and validate")
    page.get_by_label("By whom").first.select_option(label="Olive Okafor")
    page.get_by_label("Until").first.fill("2099-01-01")
    shoot("respond")
    page.get_by_role("button", name="Mitigate").click()
    expect(page.get_by_text("Mitigating")).to_be_visible()

    risk.refresh_from_db()
    assert risk.state == "MITIGATING"
    assert risk.acknowledgements.count() == 1
