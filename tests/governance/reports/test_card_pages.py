"""The pages and the API of a model's card: written, previewed, disputed, issued, compared, taken along."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import yaml
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from governance.reports.card_actions import issue_card
from models_registry.access.models import Account
from models_registry.audit.models import AuditEntry
from models_registry.catalog.card_actions import write_section
from models_registry.catalog.card_models import CardText, IssuedCard
from models_registry.catalog.models import RegisteredModel
from tests.journeys.builders import NOON, a_model, a_model_past_its_line, a_person, people
from tests.models_registry.lineage.world import a_rag_version, otto_ci

pytestmark = pytest.mark.django_db
PAGE = "/models/claims-triage/card/"
LIMITS = f"{PAGE}sections/limitations/"
API = "/api/v1/models/claims-triage/card/"
HOUR = timedelta(hours=1)


def window(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def program(account: Account) -> APIClient:
    client = APIClient()
    client.force_authenticate(account)
    return client


@pytest.fixture
def model() -> RegisteredModel:
    return a_model()


@pytest.fixture
def olive(model: RegisteredModel) -> Client:
    return window(people().olive)


def wrote(model: RegisteredModel, text: str, judged: str = "") -> CardText:
    return write_section(by=people().olive, at=NOON, model=model, section="LIMITATIONS", text=text, judged=judged)


def test_a_section_is_previewed_saved_shown_and_changed(olive: Client) -> None:
    form = olive.get(LIMITS)
    seen = olive.post(LIMITS, {"text": "Fails on **stamps**.", "judged": "", "do": "preview"})
    assert b"<strong>stamps</strong>" in seen.content and not CardText.objects.exists()

    saved = olive.post(LIMITS, {"text": "Fails on **stamps**.", "judged": "", "do": "save"})
    again = olive.get(LIMITS)
    olive.post(LIMITS, {"text": "Fails on stamps and scans.", "judged": again.context["form"]["judged"].value()})
    page = olive.get(PAGE)

    assert (form.status_code, saved.status_code, saved["Location"]) == (200, 302, f"{PAGE}#limitations")
    assert again.context["form"]["text"].value() == "Fails on **stamps**."
    assert b"Fails on stamps and scans." in page.content and b"Version 2, Olive Okafor" in page.content
    assert [one.number for one in CardText.objects.order_by("pk")] == [1, 2]


def test_htmx_gets_the_preview_alone(olive: Client) -> None:
    seen = olive.post(LIMITS, {"text": "<script>x</script>", "do": "preview"}, headers={"HX-Request": "true"})

    assert seen.content.startswith(b'<section class="block" id="preview"')
    assert b"&lt;script&gt;" in seen.content and b"<script" not in seen.content


def test_whoever_saves_second_keeps_their_text_and_sees_the_other(olive: Client, model: RegisteredModel) -> None:
    first = wrote(model, "One.")
    wrote(model, "Theirs.", first.digest)

    told = olive.post(LIMITS, {"text": "Mine.", "judged": first.digest})
    page = told.content.decode()

    assert told.status_code == 409
    assert "Olive Okafor saved version 2 while you were writing." in page
    assert "Mine.</textarea>" in page and "<del>" in page
    olive.post(LIMITS, {"text": "Both.", "judged": told.context["form"]["judged"].value()})
    assert CardText.objects.latest("number").text == "Both."


@pytest.mark.parametrize(
    "body", [{"text": "x" * 20_001}, {"text": "x", "judged": "nonsense"}, {"text": "x\x00"}, {"text": "x", "judged": "sha256:" + "a" * 64}]
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_in_words_and_loses_nothing(olive: Client, body: dict[str, str]) -> None:
    answer = olive.post(LIMITS, body)

    assert answer.status_code == 422
    assert answer.context["form"].errors and not CardText.objects.exists()


def test_hostile_text_does_nothing_on_any_page(olive: Client, model: RegisteredModel) -> None:
    hostile = "<script>alert(1)</script> [a](javascript:alert(1)) <img src=x onerror=alert(1)>"
    first = wrote(model, hostile)
    wrote(model, hostile + " more", first.digest)
    issue_card(by=people().olive, at=NOON, model=model)

    for path in (PAGE, f"{PAGE}issued/1/", f"{PAGE}changes/", LIMITS, f"{LIMITS}versions/"):
        page = olive.get(path).content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        assert "<script" not in main and "<img" not in main and 'href="javascript' not in main, path
        assert "alert(1)" in main or path.endswith("changes/"), path


def test_versions_show_what_differs(olive: Client, model: RegisteredModel) -> None:
    first = wrote(model, "One.\nTwo.")
    wrote(model, "One.\nThree.", first.digest)

    page = olive.get(f"{LIMITS}versions/").content.decode()
    older = olive.get(f"{LIMITS}versions/?new=1").content.decode()

    assert "<ins>+ Three.</ins>" in page and "Two.</del>" in page
    assert "<ins>+ Two.</ins>" in older and "Three." not in older


def test_the_card_is_issued_listed_compared_and_checked_outside(olive: Client, model: RegisteredModel) -> None:
    first = wrote(model, "One.")
    issued = olive.post(f"{PAGE}issue/", {"note": "Yearly review"})
    wrote(model, "Two.", first.digest)

    listed = olive.get(f"{PAGE}issued/").content.decode()
    frozen = olive.get(f"{PAGE}issued/1/").content.decode()
    changed = olive.get(f"{PAGE}changes/")
    file = olive.get(f"{PAGE}files/json/?issued=1")

    assert issued["Location"] == f"{PAGE}issued/1/"
    assert "Yearly review" in listed
    assert "One." in frozen and "Two." not in frozen and "Edit" not in frozen
    assert "<ins>+ Two.</ins>" in changed.content.decode()
    assert "sha256:" + sha256(file.content).hexdigest() == IssuedCard.objects.get().digest


def test_who_may_not_write_sees_why_and_gets_through_no_door(model: RegisteredModel) -> None:
    cora = window(people().cora)

    page = cora.get(PAGE).content.decode()

    assert 'aria-disabled="true"' in page and "Write<span" not in page
    assert cora.get(LIMITS).status_code == 403
    assert cora.post(LIMITS, {"text": "x"}).status_code == 403
    assert cora.post(f"{PAGE}issue/").status_code == 403
    assert window(people().stella).get(PAGE).status_code == 403


def test_a_deputy_and_the_team_may_write(model: RegisteredModel) -> None:
    cover = a_person("cover", "Cover Person", "model_owner")
    RegisteredModel.objects.filter(pk=model.pk).update(deputy=cover)

    assert window(cover).post(LIMITS, {"text": "By cover."}).status_code == 302


def test_programs_read_the_card_without_what_they_may_not_see() -> None:
    model = a_model_past_its_line()
    issue_card(by=people().olive, at=NOON, model=model)
    robot, cora = program(otto_ci()), program(people().cora)

    mine, theirs = robot.get(API).json(), cora.get(API).json()
    frozen = robot.get(f"{API}issued/1/").json()

    assert mine["withheld"] == ["Approvals"] == frozen["card"]["withheld"]
    assert theirs["withheld"] == []
    assert "approvals" not in [one["key"] for one in mine["parts"]]
    assert frozen["intact"] is True


def test_a_section_is_saved_by_a_program_only_from_the_version_that_stands(model: RegisteredModel) -> None:
    olive, address = program(people().olive), f"{API}sections/limitations/"

    nothing = olive.get(address)
    made = olive.put(address, {"text": "One.", "judged": ""}, format="json")
    clash = olive.put(address, {"text": "Two.", "judged": ""}, format="json")
    then = olive.put(address, {"text": "Two.", "judged": made.json()["digest"]}, format="json")
    same = olive.put(address, {"text": "Two.", "judged": then.json()["digest"]}, format="json")

    assert [one.status_code for one in (nothing, made, clash, then, same)] == [404, 201, 409, 201, 409]
    assert "Olive Okafor changed this section" in clash.json()["detail"]
    assert (
        olive.get(address).json() | {"number": 2, "text": "Two.", "section": "limitations"} == olive.get(address).json()
    )


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        ("sections/limitations/", {"text": "x"}, 400),
        ("sections/limitations/", {"text": "x", "judged": "", "colour": "red"}, 400),
        ("sections/limitations/", {"text": "x" * 20_001, "judged": ""}, 400),
        ("sections/limitations/", {"text": ["x"], "judged": ""}, 400),
        ("sections/poems/", {"text": "x", "judged": ""}, 404),
    ],
)
def test_bad_input_of_programs_is_refused(model: RegisteredModel, address: str, body: Any, status: int) -> None:
    answer = program(people().olive).put(API + address, body, format="json")

    assert answer.status_code == status
    assert not CardText.objects.exists()


def test_a_program_issues_once_under_one_key(model: RegisteredModel) -> None:
    olive, key = program(people().olive), {"Idempotency-Key": "once"}

    answers = [olive.post(f"{API}issued/", {"note": "For CI"}, format="json", headers=key) for _ in range(2)]

    assert [one.status_code for one in answers] == [201, 201]
    assert (IssuedCard.objects.count(), olive.get(f"{API}issued/").json()["results"][0]["note"]) == (1, "For CI")
    assert AuditEntry.objects.filter(action="card.issued").count() == 1


def test_every_form_of_the_file_is_what_it_says(olive: Client) -> None:
    version, _ = a_rag_version("contract-search", number="1")
    base = f"/models/{version.model.slug}/card/files/"

    files = {form: olive.get(f"{base}{form}/") for form in ("markdown", "pdf", "json", "cyclonedx")}

    assert yaml.safe_load(files["markdown"].content.split(b"---\n")[1])["model_name"] == "Contract search"
    assert files["pdf"].content.startswith(b"%PDF-")
    assert json.loads(files["json"].content)["slug"] == "contract-search"
    bill = json.loads(files["cyclonedx"].content)
    references = bill["metadata"]["component"]["externalReferences"]
    assert {"type": "model-card", "url": "http://testserver/models/contract-search/card/"} in references
    assert all("attachment" in one["Content-Disposition"] for one in files.values())
    assert olive.get(f"{base}docx/").status_code == 404
    assert olive.get(f"{base}json/?issued=x").status_code == 400
    assert olive.get(f"{base}json/?issued=7").status_code == 404
    assert olive.get(f"{base}cyclonedx/?issued=1").status_code == 404
    assert olive.get(f"{PAGE}files/cyclonedx/").status_code == 404  # no version, no bill


def test_the_past_is_read_only_and_before_the_model_there_is_no_card(olive: Client, model: RegisteredModel) -> None:
    wrote(model, "One.")
    before = (NOON - HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")

    page = olive.get(PAGE, {"as_of": before}).content.decode()

    assert "Nobody has written the limitations." in page and "Issue card" not in page
    assert olive.get(PAGE, {"as_of": "2020-01-01"}).status_code == 404
    assert olive.post(f"{LIMITS}?as_of={before}", {"text": "x"}).status_code == 400


def test_the_model_page_leads_to_the_card(olive: Client, model: RegisteredModel) -> None:
    wrote(model, "One.")

    assert b"/models/claims-triage/card/panel/" in olive.get("/models/claims-triage/").content
    assert b"1 of 8 sections are written, none was issued" in olive.get(f"{PAGE}panel/").content


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_neither_the_card_nor_the_lists_ask_more_when_the_history_is_longer(olive: Client) -> None:
    model = a_model_past_its_line("fraud-scores")
    base = f"/models/{model.slug}/card/"
    standing = wrote(model, "0.")
    issue_card(by=people().olive, at=NOON, model=model)
    paths = (base, f"{base}issued/", f"{base}sections/limitations/versions/", f"{base}panel/")
    before = [queries(olive, path) for path in paths]
    for number in range(1, 6):
        standing = wrote(model, f"{number}.", standing.digest)
        issue_card(by=people().olive, at=NOON, model=model)

    after = [queries(olive, path) for path in paths]

    assert after == before
    assert before[0] <= 34 and max(before[1:]) <= 12
