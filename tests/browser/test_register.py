"""The register in a browser: filters in the address and Back, keys, a selection, and the line without script."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from governance.risks.models import Risk
from tests.browser.conftest import SignIn
from tests.governance.risks.test_register import a_risk
from tests.journeys.builders import people


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("complaints")
def test_filters_stand_in_the_address_and_keys_answer_rows(live_server: Any, sign_in: SignIn) -> None:
    high, critical = a_risk("claims-triage", points=60), a_risk("voice-intent", points=90, category="SECURITY")
    page = sign_in(people().olive)
    page.goto(f"{live_server.url}/risks/")
    rows = page.locator("#risks tbody tr")
    expect(rows).to_have_count(2)

    page.locator("summary.pick", has_text="Level").click()
    page.get_by_role("checkbox", name="High", exact=True).check()
    expect(rows).to_have_count(1)
    assert page.url.endswith("/risks/?level=high")
    expect(page.locator("summary.pick").first).to_have_text("Level: High")
    page.go_back()
    expect(rows).to_have_count(2)
    assert page.url.endswith("/risks/")

    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator(f"#risk-{critical.pk}")).to_contain_text("Acknowledged")
    expect(page.locator(".toast")).to_contain_text(f"Acknowledged {critical.reference}.")
    for key in "xjx":
        page.keyboard.press(key)
    expect(page.locator(".bulk .cnt")).to_have_text("2 selected")
    expect(page.get_by_role("button", name="Acknowledge 1")).to_be_visible()
    page.get_by_label("Note, copied to each record").fill("Known since Monday.")
    page.get_by_role("button", name="Acknowledge 1").click()
    expect(page.get_by_role("alert")).to_contain_text(f"{critical.reference}:")

    assert Risk.objects.get(pk=high.pk).acknowledgements.get().note == "Known since Monday."


@pytest.mark.django_db(transaction=True)
def test_the_line_of_filters_works_without_script(live_server: Any, sign_in: SignIn, browser: Browser) -> None:
    a_risk("claims-triage", points=60)
    a_risk("voice-intent", points=90, category="SECURITY")
    kept = sign_in(people().olive).context.storage_state()
    page = browser.new_context(java_script_enabled=False, storage_state=kept).new_page()

    page.goto(f"{live_server.url}/risks/")
    page.locator("summary.pick", has_text="Level").click()
    page.get_by_role("checkbox", name="Critical").check()
    page.get_by_role("button", name="Filter").click()

    assert page.url.endswith("/risks/?level=critical")
    expect(page.locator("#risks tbody tr")).to_have_count(1)
    page.context.close()
