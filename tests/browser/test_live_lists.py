"""Lists that hear of changes: a new row appears, and what the reader chose, wrote and looks at stays."""

import pytest
from playwright.sync_api import expect

from alerts.inbox.models import Alert
from governance.approvals.models import ApprovalRequest
from governance.rules.actions import draft, submit
from tests.browser.theatre import Theatre, not_loaded_again, run_the_line, the_cast, theatre
from tests.journeys.builders import ACCURACY_RULE, NOON, a_model_past_its_line, people

__all__ = ["theatre"]


@pytest.mark.django_db(transaction=True)
def test_the_register_keeps_selection_focus_and_address(theatre: Theatre) -> None:
    a_model_past_its_line("first-one")
    page = theatre.enter(people().olive)
    page.goto("/risks/?level=high,critical")
    expect(page.locator(".live")).to_have_attribute("data-state", "on")
    page.get_by_role("checkbox", name="Select R-1").check()
    note = page.get_by_label("Note, copied to each record")
    note.fill("Known since Monday.")
    page.mouse.move(2, 2)
    steps = page.evaluate("history.length")

    with not_loaded_again(page):
        a_model_past_its_line("second-one")
        expect(page.locator("#risks tbody tr")).to_have_count(2, timeout=5000)

    expect(page.get_by_role("checkbox", name="Select R-1")).to_be_checked()
    expect(page.locator(".bulk .cnt")).to_have_text("1 selected")
    expect(note).to_have_value("Known since Monday.")
    expect(note).to_be_focused()
    assert page.url.endswith("/risks/?level=high,critical")
    assert page.evaluate("history.length") == steps


@pytest.mark.django_db(transaction=True)
def test_alerts_and_approvals_appear_by_themselves(theatre: Theatre) -> None:
    cast, persons = the_cast(), people()
    alerts, approvals = theatre.enter(persons.olive), theatre.enter(cast.carl)
    alerts.goto("/alerts/")
    approvals.goto("/approvals/")
    for page in (alerts, approvals):
        expect(page.locator(".live")).to_have_attribute("data-state", "on")

    with not_loaded_again(alerts), not_loaded_again(approvals):
        a_model_past_its_line()
        run_the_line()
        expect(alerts.locator("#alerts tbody tr").first).to_be_visible(timeout=5000)
        version = draft(
            by=persons.cora,
            at=NOON,
            slug="stricter",
            text=ACCURACY_RULE.replace("rule: accuracy-low", "rule: stricter"),
        )
        submit(by=persons.cora, at=NOON, version=version)
        expect(approvals.locator("#approvals tbody tr")).to_have_count(1, timeout=5000)

    assert (Alert.objects.exists(), ApprovalRequest.objects.count()) == (True, 1)
