"""From a model to its sweep, to the run that won, to the version it became, to whether that is better: in a browser."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models_registry.catalog.models import RegisteredModel
from models_registry.catalog.run_models import Run
from tests.browser.conftest import SignIn
from tests.journeys.builders import people
from tests.models_registry.catalog.validated import a_suite, a_sweep, recorded, shares
from tests.models_registry.lineage.world import a_rag_version

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


@pytest.fixture
def window(live_server: Any, sign_in: SignIn) -> Page:
    """Olive's window on her model: version 1 serves, version 2 is newer and validated, and eight trials were run."""
    serving, _ = a_rag_version(number="1")
    newer, _ = a_rag_version(number="2")
    type(serving).objects.filter(pk=serving.pk).update(stage="PRODUCTION")
    recorded(serving, a_suite(shares(910), shares(930, segment="age 65+")))
    recorded(newer, a_suite(shares(960), shares(870, segment="age 65+")))
    a_sweep(8, model=RegisteredModel.objects.get(slug="claims-triage"))
    window = sign_in(people().olive)
    window.goto(f"{live_server.url}/models/claims-triage/")
    return window


def test_from_a_sweep_to_the_winner_to_the_version_it_became(window: Page) -> None:
    window.get_by_role("link", name="Experiment runs").click()
    window.locator("#sweeps").get_by_role("link", name="Depth and rate").click()

    drawing = window.locator("#drawing svg.coords, #drawing .graph-scroll svg").first
    expect(drawing).to_be_visible()
    expect(window.locator("#drawing")).to_contain_text("the winning run")
    expect(window.locator("#runs tbody tr").first).to_contain_text("won")
    expect(window.locator("#runs tbody tr")).to_have_count(8)
    window.locator("#runs thead").get_by_role("link", name="Depth").click()
    expect(window.locator("#runs thead th[aria-sort]")).to_contain_text("depth")

    window.get_by_role("link", name="trial 7", exact=True).first.click()
    expect(window.get_by_role("heading", level=1)).to_have_text("trial 7")
    window.get_by_label("Version").select_option(label="v2")
    window.get_by_role("button", name="Link run").click()
    expect(window.locator("#link")).to_contain_text("It became v2, as Olive Okafor said")
    assert Run.objects.get(name="trial 7").version.number == 2

    window.locator(".facts, header").get_by_role("link", name="Depth and rate").first.click()
    expect(window.locator("main")).to_contain_text("trial 7 won and became v2")


def test_a_newer_version_is_compared_with_the_one_in_production(window: Page) -> None:
    window.get_by_role("link", name="v2", exact=True).first.click()

    expect(window.locator("main")).to_contain_text("Better beyond chance (p < 0.001)")
    expect(window.locator("main")).to_contain_text("1 better")
    expect(window.locator("main")).to_contain_text("1 worse")


def test_two_runs_are_laid_side_by_side(window: Page) -> None:
    window.get_by_role("link", name="Experiment runs").click()
    for name in ("trial 6", "trial 7"):
        window.get_by_label(f"Pick {name}").check()
    window.get_by_role("button", name="Compare the ticked").click()

    expect(window.get_by_role("heading", level=1)).to_have_text("Runs side by side")
    rows = window.get_by_role("region", name="Parameters of these runs").locator("tbody tr")
    expect(rows.filter(has_text="booster")).to_contain_text("differs")
    expect(rows.filter(has_text="seed")).not_to_contain_text("differs")


def test_from_a_model_to_what_changed_between_two_versions(window: Page) -> None:
    window.locator("#model-lineage").get_by_role("link", name="All of it").click()
    window.get_by_role("link", name="What changed").click()

    expect(window.get_by_role("heading", level=1)).to_have_text("Claims triage, v1 to v2")
    expect(window.locator("#artifacts")).to_contain_text("claims-triage/system")
    expect(window.locator("#metrics")).to_contain_text("groundedness")
    expect(window.locator("#parameters")).to_contain_text("top_k")
    expect(window.locator("del")).to_contain_text("Rule 1.")
    expect(window.locator("ins")).to_contain_text("Rule 2.")
