"""Putting alerts off in a browser: from the bar of a selection, and back again by Z."""

from typing import Any

import pytest
from playwright.sync_api import expect

from alerts.inbox.models import Snooze
from tests.alerts.inbox.test_snoozing import opened
from tests.browser.conftest import SignIn
from tests.journeys.builders import a_model, people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


def test_a_selection_is_put_off_from_the_bar_and_taken_back_by_z(live_server: Any, sign_in: SignIn) -> None:
    opened(a_model("claims-triage").pk, "risk:1:COST")
    page = sign_in(people().olive)
    page.goto(f"{live_server.url}/alerts/")

    page.locator(".sel").check()
    page.get_by_label("Snooze until").select_option("4h")
    page.locator(".bulk").get_by_role("button", name="Snooze").click()
    expect(page.locator(".notices")).to_contain_text("Put off: risk:1:COST.")
    expect(page.locator("#alerts")).to_contain_text("Snoozed by Olive")
    page.wait_for_load_state()
    page.keyboard.press("z")
    expect(page.locator(".notices")).to_contain_text("The alert is back on your list.")

    assert Snooze.objects.get().ended_at is not None
