"""What keys and small scripts do: rows, the palette, the sheet of keys, decisions, theme, errors and Back."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from governance.config.statics import spare
from governance.risks.models import Risk
from tests.browser.conftest import SignIn
from tests.governance.risks.test_register import a_risk
from tests.journeys.builders import a_model, a_model_past_its_line, people

STATIC = Path(__file__).parents[2] / "static"
OWN = ("js/redline.js", "css/redline.css")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]


def served_spare(page: Page) -> None:
    """Give the page its own script and styles as a browser gets them outside of tests."""
    script, sheet = (spare((STATIC / name).read_text(), kind=name[-3:].strip(".")) for name in OWN)
    page.route("**/js/redline.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    page.route("**/css/redline.css", lambda route: route.fulfill(body=sheet, content_type="text/css"))


def press(page: Page, *keys: str) -> None:
    """Press one key after the other."""
    for key in keys:
        page.keyboard.press(key)


def test_keys_walk_select_and_open_rows(live_server: Any, sign_in: SignIn) -> None:
    first, second, third = (a_risk(slug, points=points) for slug, points in (("a", 90), ("b", 70), ("c", 60)))
    page = sign_in(people().olive)
    page.goto(f"{live_server.url}/risks/")
    rows = page.locator("#risks tbody tr")

    press(page, "j", "j", "k")
    expect(rows.nth(0)).to_have_class(re.compile("here"))
    press(page, "x")
    expect(page.locator(".bulk .cnt")).to_have_text("1 selected")
    press(page, "j", "j", "Shift+X")
    expect(page.locator(".bulk .cnt")).to_have_text("3 selected")
    press(page, "Escape")
    expect(page.locator(".sel:checked")).to_have_count(0)
    press(page, "/")
    expect(page.get_by_role("searchbox").first).to_be_focused()
    press(page, "j", "x")
    expect(page.locator(".sel:checked")).to_have_count(0)
    page.locator("h1").click()
    press(page, "k", "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(second.reference)

    assert Risk.objects.filter(pk__in=[first.pk, third.pk], acknowledgements=None).count() == 2


def test_a_key_explains_and_the_sheet_lists_the_keys(live_server: Any, sign_in: SignIn) -> None:
    risk = Risk.objects.get(model=a_model_past_its_line())
    page = sign_in(people().olive)
    page.goto(f"{live_server.url}/risks/{risk.reference}/")

    press(page, "e")
    expect(page.locator("main details.why-open").first).to_have_attribute("open", "")
    press(page, "e")
    expect(page.locator("main details.why-open").first).not_to_have_attribute("open", "")
    press(page, "?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    press(page, "g", "m")
    expect(sheet).to_be_visible()
    press(page, "Escape", "g", "m")
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")


def test_the_palette_finds_places_models_and_risks(live_server: Any, sign_in: SignIn) -> None:
    risk = a_risk("claims-triage", points=60)
    a_model("voice-intent")
    page = sign_in(people().olive)
    page.goto(f"{live_server.url}/")

    press(page, "Control+k")
    box = page.get_by_role("combobox", name="Search models")
    expect(box).to_be_focused()
    box.press_sequentially("regis")
    expect(page.get_by_role("option")).to_have_text(["RegisterG K"])
    box.fill("")
    box.press_sequentially("voice")
    expect(page.get_by_role("option").first).to_contain_text("Voice intent")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    box.fill("")
    box.press_sequentially("nothing at all")
    expect(page.get_by_text("Nothing is called so.")).to_be_visible()
    box.fill("")
    box.press_sequentially(risk.reference)
    expect(page.get_by_role("option")).to_have_count(1)
    expect(page.get_by_role("option")).to_contain_text("Claims triage")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(risk.reference)


def test_digits_choose_a_decision_and_control_enter_sends_it(
    live_server: Any, sign_in: SignIn, complaints: list[str]
) -> None:
    risk = a_risk("claims-triage", points=60)
    page = sign_in(people().olive)
    page.goto(f"{live_server.url}/risks/{risk.reference}/")
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("link", name="Respond").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Respond to")
    page.wait_for_load_state()

    press(page, "3")
    expect(page.get_by_role("radio", name=re.compile("Dispute"))).to_be_checked()
    press(page, "1")
    expect(page.get_by_role("radio", name=re.compile("Mitigate"))).to_be_checked()
    page.get_by_label("Step 1", exact=True).fill("Refit")
    press(page, "Control+Enter")

    wrong = page.locator("[aria-invalid=true]").first
    expect(wrong).to_be_focused()
    assert wrong.get_attribute("aria-describedby")
    expect(page.get_by_label("Step 1", exact=True)).to_have_value("Refit")
    complaints[:] = [one for one in complaints if "422" not in one]  # the browser notes the refused form


def test_an_answer_is_announced_and_the_acknowledged_row_stays(live_server: Any, sign_in: SignIn) -> None:
    risk = a_risk("claims-triage", points=60)
    page = sign_in(people().olive)
    page.goto(f"{live_server.url}/risks/")

    press(page, "j", "a")
    said = page.locator(".toasts")
    expect(said).to_contain_text(f"Acknowledged {risk.reference}.")
    expect(said).to_have_attribute("aria-live", "polite")
    expect(page.locator(f"#risk-{risk.pk}")).to_be_visible()


def test_the_theme_stays_and_single_keys_can_be_turned_off(live_server: Any, sign_in: SignIn) -> None:
    a_risk("claims-triage", points=60)
    page = sign_in(people().olive)
    page.goto(f"{live_server.url}/me/")

    page.get_by_label("Single-key shortcuts").uncheck()
    page.get_by_role("button", name="Save profile").click()
    expect(page.locator("html")).to_have_attribute("data-keys", "off")
    page.wait_for_load_state()
    page.locator("[data-theme-toggle]:visible").first.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto(f"{live_server.url}/risks/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    press(page, "j", "x")
    expect(page.locator("tr.here, .sel:checked")).to_have_count(0)
    press(page, "Control+k")
    expect(page.get_by_role("combobox", name="Search models")).to_be_focused()


def test_back_after_a_filter_shows_the_list_and_the_line_as_they_were(live_server: Any, sign_in: SignIn) -> None:
    a_risk("claims-triage", points=60)
    a_risk("voice-intent", points=90)
    page = sign_in(people().olive)
    page.goto(f"{live_server.url}/risks/")

    words = page.locator(".filters input[type=search]")
    words.press_sequentially("voice")
    expect(page.locator("#risks tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("voice"))
    page.go_back()
    expect(page.locator("#risks tbody tr")).to_have_count(2)
    expect(words).to_have_value("")


def test_j_and_k_go_on_along_the_list_a_page_was_opened_from(live_server: Any, sign_in: SignIn) -> None:
    first, second, third = (a_risk(slug, points=points) for slug, points in (("a", 90), ("b", 70), ("c", 60)))
    page = sign_in(people().olive)
    served_spare(page)
    page.goto(f"{live_server.url}/risks/")
    said = page.get_by_role("heading", level=1)

    press(page, "j", "j", "Enter")
    expect(said).to_contain_text(second.reference)
    page.wait_for_load_state()
    press(page, "j")
    expect(said).to_contain_text(third.reference)
    page.wait_for_load_state()
    press(page, "j")
    expect(page.locator(".toasts")).to_have_text("The list ends here.")
    press(page, "k")
    expect(said).to_contain_text(second.reference)
    page.wait_for_load_state()
    press(page, "k")
    expect(said).to_contain_text(first.reference)


def test_n_adds_a_note_to_the_row_and_shift_e_exports_the_view(live_server: Any, sign_in: SignIn) -> None:
    risk = a_risk("claims-triage", points=60)
    page = sign_in(people().olive)
    served_spare(page)
    page.goto(f"{live_server.url}/risks/?level=high")

    with page.expect_download() as given:
        press(page, "Shift+E")
    assert given.value.suggested_filename == "risks.csv"

    press(page, "j", "n")
    note = page.locator(".bulk [name=note]")
    expect(note).to_be_focused()
    page.keyboard.type("Known since Monday.")
    page.locator(".bulk").get_by_role("button", name=re.compile("Acknowledge")).click()
    expect(page.locator(".toasts")).to_contain_text("Acknowledged 1 risk.")

    assert Risk.objects.get(pk=risk.pk).acknowledgements.get().note == "Known since Monday."


def test_n_opens_the_note_of_a_page(live_server: Any, sign_in: SignIn) -> None:
    risk = a_risk("claims-triage", points=60)
    page = sign_in(people().olive)
    page.goto(f"{live_server.url}/risks/{risk.reference}/")

    press(page, "n")

    expect(page.locator("main [name=note]").first).to_be_focused()


def test_z_undoes_an_acknowledgement_on_the_row_and_after_a_reload(live_server: Any, sign_in: SignIn) -> None:
    risk = a_risk("claims-triage", points=60)
    page = sign_in(people().olive)
    page.goto(f"{live_server.url}/risks/")

    press(page, "j", "a")
    expect(page.locator(".toasts").get_by_role("button", name="Undo")).to_be_visible()
    press(page, "z")
    expect(page.locator(".notices")).to_contain_text(f"Undid the acknowledgement of {risk.reference}.")
    assert Risk.objects.get(pk=risk.pk).state == "OPEN"

    page.goto(f"{live_server.url}/risks/{risk.reference}/")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".notices").get_by_role("button", name="Undo")).to_be_visible()
    page.wait_for_load_state()
    press(page, "z")
    expect(page.locator(".notices")).to_contain_text(f"Undid the acknowledgement of {risk.reference}.")
    expect(page.get_by_role("button", name="Acknowledge")).to_be_visible()


def test_the_sheet_lists_every_key(live_server: Any, sign_in: SignIn) -> None:
    a_risk("claims-triage", points=60)
    page = sign_in(people().olive)
    page.goto(f"{live_server.url}/risks/")

    press(page, "?")

    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    listed = {"".join(keys.split()) for keys in sheet.locator("dt").all_inner_texts()}
    wanted = {"CtrlK", "/", "?", "Esc", "JK", "Enter", "X", "ShiftX", "A", "E", "ShiftE", "N", "Z", "123", "CtrlEnter"}
    assert wanted <= listed
    assert {"GR", "GI", "GM", "GK", "GA"} <= listed
