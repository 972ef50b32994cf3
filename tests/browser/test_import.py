"""An inventory in a browser: uploaded, its columns named, its problems read, applied and taken back; a bulk edit."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models_registry.catalog.models import RegisteredModel
from models_registry.intake.models import Intake, IntakeState
from tests.browser.conftest import SignIn
from tests.journeys.builders import a_model, a_person, people
from tests.models_registry.intake.world import done

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

SHEET = """Models in use, Claims
Model ID;Model name;Accountable person;Risk tier;Sort of thing
CLM-1;Document router;Olive Okafor;2;Classifier
CLM-2;Damage estimate;Olive Okafor;1;Computer vision
CLM-3;Hail forecast;Nobody Here;2;Forecaster
claims-triage;;;3;
"""


def upload(page: Page, url: str, file: Path) -> None:
    page.goto(f"{url}/models/")
    page.get_by_role("main").get_by_role("link", name="Imports").click()
    page.get_by_role("link", name="Import models").first.click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Read it").click()


def test_an_inventory_goes_in_by_its_good_rows_and_is_taken_back(
    live_server: Any, sign_in: SignIn, tmp_path: Path
) -> None:
    a_model("claims-triage")
    file = tmp_path / "claims.csv"
    file.write_bytes(SHEET.encode("cp1252"))
    page = sign_in(people().olive)

    upload(page, live_server.url, file)
    expect(page.get_by_role("heading", level=1)).to_have_text("What the columns mean")
    expect(page.get_by_label("Accountable person")).to_have_value("owner")
    expect(page.get_by_label("Sort of thing")).to_have_value("")
    page.get_by_label("Sort of thing").select_option(label="Kind")
    page.get_by_role("button", name="Check the rows").click()

    expect(page.locator("#items")).to_contain_text("Row 5, Accountable person: No account is called Nobody Here.")
    expect(page.get_by_role("button", name="Apply all rows")).to_be_disabled()
    page.get_by_role("link", name="Changed").click()
    expect(page.locator("#items")).to_contain_text("Materiality: High → Low")
    expect(page.locator("#effect")).to_contain_text("their standing gate decisions no longer count")
    page.get_by_role("link", name="Created").click()
    expect(page.locator("#items")).to_contain_text("Document router")
    assert RegisteredModel.objects.count() == 1

    page.get_by_role("button", name="Apply the 3 good models…").click()
    page.get_by_role("button", name="Apply to 3 models").click()
    expect(page.locator(".notices")).to_contain_text("Applied claims.csv: 3 models.")
    assert set(RegisteredModel.objects.values_list("slug", flat=True)) == {"clm-1", "clm-2", "claims-triage"}

    page.get_by_role("link", name="Take it back…").click()
    expect(page.locator("main")).to_contain_text("2 models that it registered would be archived.")
    page.get_by_label("Why").fill("It was last year's list.")
    page.get_by_role("button", name="Take the import back").click()
    expect(page.locator(".notices")).to_contain_text("Took back claims.csv: 3 models.")
    assert RegisteredModel.objects.active().get().materiality == "HIGH"


def test_a_large_inventory_is_counted_along_until_it_is_checked(
    live_server: Any, sign_in: SignIn, tmp_path: Path
) -> None:
    people()
    file = tmp_path / "all.csv"
    file.write_text("name,owner\n" + "".join(f"Model {number},olive\n" for number in range(301)))
    page = sign_in(people().olive)

    upload(page, live_server.url, file)
    page.get_by_role("button", name="Check the rows").click()
    expect(page.locator("#work")).to_contain_text("0 of 301 models")
    done(Intake.objects.get())

    expect(page.get_by_role("button", name="Apply to 301 models…")).to_be_visible()
    assert Intake.objects.get().state == IntakeState.CHECKED


def test_picked_models_get_another_owner_after_a_preview(live_server: Any, sign_in: SignIn) -> None:
    a_model("claims-triage")
    a_model("damage-photos")
    bela = a_person("bela", "Bela Bartok", "model_owner", unit=people().claims)
    a_model("voice-intent", owner=bela)
    page = sign_in(people().olive)

    page.goto(f"{live_server.url}/models/")
    for name in ("Claims triage", "Damage photos", "Voice intent"):
        page.get_by_label(f"Select {name}").check()
    expect(page.locator("#bulk .cnt")).to_have_text("3 selected, 2 are yours")
    page.locator("#bulk").get_by_role("button", name="Edit").click()
    expect(page.locator("main")).to_contain_text("You may edit 2 of them")
    page.get_by_label("Owner").select_option(label="Bela Bartok")
    page.get_by_label("Add tags").fill("handed over")
    page.get_by_role("button", name="Preview the edit").click()

    expect(page.locator("#effect")).to_contain_text("Bela Bartok answers for 2 models of Olive Okafor from then on")
    expect(page.locator("#items")).to_contain_text("Voice intent is not one of them")
    page.get_by_role("button", name="Apply to 2 models…").click()
    page.get_by_role("dialog").get_by_role("button", name="Apply to 2 models").click()
    expect(page.locator(".notices")).to_contain_text("Applied Edit of 3 models: 2 models.")
    assert RegisteredModel.objects.filter(owner=bela, tags=["handed over"]).count() == 2

    page.get_by_role("link", name="Take it back…").click()
    page.get_by_label("Why").fill("Bela is on leave.")
    page.get_by_role("button", name="Take the import back").click()
    expect(page.locator(".notices")).to_contain_text("Took back Edit of 3 models: 2 models.")
    assert RegisteredModel.objects.filter(owner=people().olive, tags=[]).count() == 2


def test_imports_and_the_export_are_in_the_navigation_and_behind_keys(live_server: Any, sign_in: SignIn) -> None:
    page = sign_in(people().olive)
    page.goto(f"{live_server.url}/models/")
    house = page.get_by_role("navigation").get_by_role("link")

    house.filter(has_text="Export").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Export")
    expect(page.get_by_role("link", name="CSV of alerts", exact=True)).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("t")
    expect(page.get_by_role("heading", level=1)).to_have_text("Imports")
    expect(page.locator("nav [aria-current=page]").first).to_contain_text("Imports")
    page.keyboard.press("g")
    page.keyboard.press("e")
    expect(page.get_by_role("heading", level=1)).to_have_text("Export")


def test_who_may_not_import_is_told_why_and_still_finds_the_export(live_server: Any, sign_in: SignIn) -> None:
    a_model("claims-triage")
    page = sign_in(a_person("eve", "Eve Eriksen", "executive"))

    page.goto(f"{live_server.url}/models/")
    expect(page.get_by_role("navigation").get_by_role("link", name="Imports")).to_have_count(0)
    page.get_by_role("link", name="Imports").click()
    expect(page.get_by_role("button", name="Import models")).to_be_disabled()
    expect(page.locator("main")).to_contain_text("Roles that may: Model owner, ML engineer")
    page.get_by_role("link", name="Export").last.click()
    expect(page.get_by_role("link", name="CSV of everything")).to_be_visible()
