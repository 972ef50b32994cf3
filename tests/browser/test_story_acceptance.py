"""A risk that is borne for a time, and a score that is wrong: nobody decides alone."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from governance.risks.models import Risk
from tests.browser.theatre import Theatre, not_loaded_again, run_the_line, the_cast, theatre
from tests.journeys.builders import a_model_past_its_line, people

__all__ = ["theatre"]


def begin_to_answer(page: Page, risk: Risk) -> None:
    """Open the page on which a risk is answered, and say that it was seen."""
    page.goto(f"/risks/{risk.reference}/")
    page.get_by_role("link", name="Respond").click()
    page.get_by_role("button", name="Acknowledge", exact=True).click()
    expect(page.get_by_role("heading", name="Acknowledged")).to_be_visible()


def approve(page: Page, title: re.Pattern[str]) -> None:
    """Find a request in the list of what waits, and approve it."""
    page.goto("/approvals/")
    page.get_by_role("link", name=title).click()
    page.get_by_role("button", name="Approve", exact=True).click()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("governed_tables")
def test_an_acceptance_needs_others_and_ends(theatre: Theatre) -> None:
    cast, persons = the_cast(), people()
    model = a_model_past_its_line()
    risk = Risk.objects.get(model=model)
    latest = datetime.now(UTC) + timedelta(days=90)
    board = theatre.enter(cast.bea)
    with board.expect_response(re.compile("since=")):
        board.goto("/")
    expect(board.locator("#past #model-claims-triage")).to_be_visible()

    # The owner asks for too long, reads which day is the latest, and asks for that one.
    olive = theatre.enter(persons.olive)
    begin_to_answer(olive, risk)
    olive.get_by_role("radio", name="Accept for a time").check()
    olive.get_by_label("Why it may stand").fill("The invoices of October arrive within two weeks.")
    olive.get_by_label("What guards against it meanwhile").fill("Every refusal is read by a person.")
    olive.get_by_label("Accept until").fill((latest + timedelta(days=30)).date().isoformat())
    olive.get_by_role("button", name="Review", exact=True).click()
    said = f"Choose {latest.day} {latest:%b %Y} or earlier."
    expect(olive.locator(".field", has=olive.get_by_label("Accept until"))).to_contain_text(said)
    expect(olive.get_by_label("Accept until")).to_be_focused()
    theatre.shoot(olive, "acceptance-too-long")
    olive.get_by_label("Accept until").fill((latest - timedelta(days=1)).date().isoformat())
    olive.get_by_role("button", name="Review", exact=True).click()
    expect(olive.get_by_label("Record that will be written")).to_contain_text("risk.acceptance_proposed")
    olive.get_by_role("button", name="Ask for acceptance").click()
    expect(olive.get_by_text("The acceptance is proposed. Others decide it.")).to_be_visible()

    # She cannot agree with herself: the button is there, off, and says why.
    olive.get_by_role("link", name="The request and its votes").click()
    off = olive.get_by_role("button", name="Approve", exact=True)
    expect(off).to_have_attribute("aria-disabled", "true")
    expect(off).to_have_accessible_description(re.compile("Someone else must approve it"))
    theatre.shoot(olive, "approval-author")

    # Compliance and the board agree, and the board's page marks the acceptance by itself.
    title = re.compile("^Accept R-")
    cora, boris = theatre.enter(persons.cora), theatre.enter(cast.boris)
    approve(cora, title)
    expect(cora.get_by_text("1 more")).to_be_visible()
    boris.goto("/approvals/")
    boris.get_by_role("link", name=title).click()
    theatre.shoot(boris, "approval-board")
    with not_loaded_again(board):
        boris.get_by_role("button", name="Approve", exact=True).click()
        expect(boris.get_by_text("Approved. It takes effect now.")).to_be_visible()
        run_the_line()
        expect(board.locator("#row-claims-triage")).to_contain_text("accepted", timeout=5000)
    theatre.shoot(board, "board-accepted")
    risk.refresh_from_db()
    assert risk.state == "ACCEPTED"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("governed_tables")
def test_a_disputed_score_is_settled_by_somebody_else(theatre: Theatre) -> None:
    persons = people()
    risk = Risk.objects.get(model=a_model_past_its_line())

    olive = theatre.enter(persons.olive)
    begin_to_answer(olive, risk)
    olive.get_by_role("radio", name="Dispute the score").check()
    olive.get_by_label("Input that is wrong").select_option(index=0)
    olive.get_by_label("Why it is wrong").fill("The labels of that hour came from the test system.")
    olive.get_by_role("button", name="Read the evidence anew").click()
    expect(olive.locator("#rerun")).to_be_visible()
    theatre.shoot(olive, "dispute")
    olive.get_by_role("button", name="Review", exact=True).click()
    olive.get_by_role("button", name="Dispute the score").click()
    expect(olive.get_by_text("The dispute is on record.")).to_be_visible()
    settle = olive.get_by_role("button", name="Settle")
    expect(settle).to_have_attribute("aria-disabled", "true")

    cora = theatre.enter(persons.cora)
    cora.goto(f"/risks/{risk.reference}/")
    expect(cora.get_by_text("disputed", exact=True)).to_be_visible()
    cora.locator("#disputes summary", has_text="Settle").click()
    cora.get_by_label("Ruling").select_option(label="Not upheld: the input is right")
    cora.locator("#disputes").get_by_label("Why").fill("The source confirms that the labels are of production.")
    cora.get_by_role("button", name="Settle the dispute").click()
    expect(cora.locator("#disputes")).to_contain_text("Settled, not upheld")
    theatre.shoot(cora, "dispute-settled")
