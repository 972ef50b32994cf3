"""Policy in a browser: a rule and a formula become law, and scoring stops and goes on, by more than one person."""

import re

import pytest
from playwright.sync_api import Page, expect

from governance.health.models import FormulaVersion
from governance.rules.models import RuleVersion
from models_registry.access.models import Account
from tests.browser.theatre import Theatre, the_cast, theatre
from tests.journeys.builders import a_model, hourly, people, send

__all__ = ["theatre"]


def approved_by(theatre: Theatre, *voters: Account, title: str) -> None:
    """Let each of these people find the request and approve it."""
    for voter in voters:
        page = theatre.enter(voter)
        page.goto("/approvals/")
        page.get_by_role("link", name=re.compile(title)).click()
        page.get_by_role("button", name="Approve", exact=True).click()
        expect(page.locator(".seats")).to_contain_text(voter.display_name)
        page.context.close()


def confirm(page: Page, name: str) -> None:
    """Press the button that names the effect in the open question."""
    page.get_by_role("dialog").get_by_role("button", name=name).click()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("governed_tables")
def test_a_rule_is_written_approved_shadowed_and_enforced(theatre: Theatre) -> None:
    cast, persons = the_cast(), people()
    a_model()
    send(hourly([0.93, 0.7, 0.6]))
    cora = theatre.enter(persons.cora)
    cora.goto("/rules/")
    cora.get_by_role("link", name="New rule").first.click()
    says = cora.locator("#says")

    # In fields: what the rule means is said while it is written.
    cora.get_by_label("Name", exact=True).fill("accuracy-collapse")
    cora.get_by_label("Title").fill("Accuracy has collapsed")
    cora.get_by_label("Why", exact=True).fill("Claims are refused that should be paid.")
    cora.get_by_label("Metric", exact=True).fill("accuracy")
    cora.get_by_label("Over").select_option(label="1 hour")
    cora.get_by_label("Bad when").select_option(label="Below")
    cora.get_by_label("Limit", exact=True).fill("0.8")
    cora.get_by_label("Level").select_option(label="High")
    expect(says).to_contain_text("below 0.8")
    theatre.shoot(cora, "rule-form")
    cora.get_by_role("button", name="Save draft").click()

    # As text: an error is named with its line and column.
    cora.get_by_role("link", name="Edit").click()
    if cora.get_by_role("link", name="Write as text").count():
        cora.get_by_role("link", name="Write as text").click()
    text = cora.get_by_label("Text", exact=True)
    sound = text.input_value()
    text.fill(sound.replace("below: 0.8", "below: often"))
    expect(says).to_contain_text(re.compile(r"Line \d+, column \d+"))
    theatre.shoot(cora, "rule-error")
    text.fill(sound)
    expect(says).to_contain_text("below 0.8")
    cora.get_by_role("button", name="Save draft").click()

    # She submits; she cannot approve; two others do. Then shadow, then force.
    cora.get_by_role("button", name="Submit for approval").click()
    cora.get_by_role("link", name="Open the request").first.click()
    off = cora.get_by_role("button", name="Approve", exact=True)
    expect(off).to_have_attribute("aria-disabled", "true")
    approved_by(theatre, cast.carl, cast.bea, title="accuracy-collapse")
    cora.goto("/rules/accuracy-collapse/")
    cora.get_by_role("button", name="Start shadow").click()
    expect(cora.get_by_role("button", name="Enforce…")).to_be_visible()
    cora.get_by_role("button", name="Enforce…").click()
    expect(cora.locator("[data-effect]")).to_be_visible()
    theatre.shoot(cora, "rule-enforce")
    confirm(cora, "Enforce version 1")
    expect(cora.get_by_role("button", name="Back to shadow…")).to_be_visible()
    assert RuleVersion.objects.get().state == "ENFORCED"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("governed_tables")
def test_a_formula_goes_the_same_road(theatre: Theatre) -> None:
    cast, persons = the_cast(), people()
    cora = theatre.enter(persons.cora)
    cora.goto("/formulas/")
    cora.get_by_role("link", name="New formula").first.click()
    cora.get_by_role("checkbox", name="Classifier").check()
    text = cora.get_by_label("Text", exact=True)
    text.fill(text.input_value().replace("title:", "title: Classifiers"))
    expect(cora.locator("#says")).not_to_contain_text("wrong")
    cora.get_by_role("button", name="Save draft").click()
    cora.get_by_role("button", name="Submit for approval").click()
    approved_by(theatre, cast.carl, cast.boris, title="my-models")
    cora.reload()
    cora.get_by_role("button", name="Enforce…").click()
    confirm(cora, "Enforce version")
    expect(cora.get_by_role("complementary")).to_contain_text("Enforced")
    theatre.shoot(cora, "formula")
    assert FormulaVersion.objects.get().state == "ENFORCED"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("governed_tables")
def test_scoring_is_paused_by_one_and_resumed_by_another(theatre: Theatre) -> None:
    cast, persons = the_cast(), people()
    a_model()
    otto, cora = theatre.enter(persons.otto), theatre.enter(persons.cora)
    otto.goto("/scoring/")
    otto.get_by_role("button", name="Pause all scoring…").click()
    asked = otto.get_by_role("dialog")
    asked.get_by_label("Why").fill("The evaluation platform sends wrong values.")
    theatre.shoot(otto, "pause-confirm")
    asked.get_by_role("button").filter(has_text="Pause").click()

    for address in ("/", "/models/", "/risks/", "/inbox/", "/audit/"):
        cora.goto(address)
        expect(cora.locator(".over.paused")).to_contain_text("The evaluation platform sends wrong values.")
    theatre.shoot(cora, "paused")

    # Who paused cannot resume alone: the button is off and says so.
    otto.goto("/scoring/")
    expect(otto.get_by_role("button", name="Resume…")).to_have_attribute("aria-disabled", "true")
    cora.get_by_role("link", name="What is held, and how to resume").click()
    cora.get_by_role("button", name="Resume…").click()
    confirm(cora, "Resume scoring")
    expect(cora.locator(".over.paused")).to_have_count(0)
    expect(cora.locator("#history")).to_contain_text("Cora Castellan")
    theatre.shoot(cora, "resumed")
    assert cast.adam.is_active
