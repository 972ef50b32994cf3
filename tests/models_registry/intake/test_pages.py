"""The pages of imports: who sees which, what they say, and that a step too late is refused in words."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from models_registry.audit.models import AuditEntry
from models_registry.catalog.models import RegisteredModel
from models_registry.intake import actions
from models_registry.intake.models import Intake, IntakeState
from models_registry.intake.working import work
from tests.journeys.builders import a_model, a_person, people
from tests.models_registry.intake.world import AT, applied, checked, done, olive, uploaded

pytestmark = pytest.mark.django_db

SHEET = "name,owner,colour\nFraud,olive,red\nChurn,nobody,blue\n"


def signed_in(account: object) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    return client


def an_upload(client: Client, content: bytes, name: str = "models.csv") -> object:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return client.post("/imports/new/", {"file": SimpleUploadedFile(name, content)})


def test_a_file_goes_from_upload_by_its_columns_to_its_problems() -> None:
    client = signed_in(olive())

    response = an_upload(client, SHEET.encode())
    intake = Intake.objects.get()
    assert response.headers["Location"] == f"/imports/{intake.pk}/mapping/"  # type: ignore[attr-defined]
    asked = {"column-0": "name", "column-1": "owner", "column-2": "tags", "usual-kind": "VISION"}
    assert client.post(f"/imports/{intake.pk}/mapping/", asked).status_code == 302

    page = client.get(f"/imports/{intake.pk}/").content.decode()
    assert "No account is called nobody." in page
    assert "It would register 1 model" in page
    assert client.get(f"/imports/{intake.pk}/problems.csv").getvalue().decode().splitlines()[1].startswith("3,owner,")


def test_what_was_mapped_is_proposed_the_next_time() -> None:
    intake = uploaded(SHEET)
    actions.map_columns(by=olive(), at=AT, intake=intake, mapping={0: "name", 2: "tags"}, usual={"owner": "olive"})

    again = uploaded("NAME,owner,Colour\nVoice,x,green\n")

    assert (again.mapping, again.usual) == ({"0": "name", "2": "tags"}, {"owner": "olive"})


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"column-0": "name", "column-1": "name"}, "Two columns are mapped to name"),
        ({"column-1": "owner"}, "Map a column to the name or to the slug"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_in_words(asked: dict[str, str], told: str) -> None:
    intake = uploaded(SHEET)

    response = signed_in(olive()).post(f"/imports/{intake.pk}/mapping/", asked)

    assert response.status_code == 422
    assert told in response.content.decode()


def test_a_file_that_cannot_be_read_is_said_to_be_so_at_its_field() -> None:
    response = an_upload(signed_in(olive()), b"PK\x03\x04 not a zip", "models.xlsx")

    assert response.status_code == 422  # type: ignore[attr-defined]
    assert "cannot be unpacked" in response.content.decode()  # type: ignore[attr-defined]


def test_applying_and_taking_back_by_the_pages() -> None:
    intake = checked("name,owner\nFraud,olive\n")
    client = signed_in(olive())

    said = client.post(f"/imports/{intake.pk}/apply/", follow=True).content.decode()
    assert "Applied inventory.csv: 1 model." in said
    assert "1 model that it registered would be archived." in client.get(f"/imports/{intake.pk}/undo/").content.decode()
    said = client.post(f"/imports/{intake.pk}/undo/", {"reason": "No."}, follow=True).content.decode()

    assert "Took back inventory.csv: 1 model." in said
    assert RegisteredModel.objects.get().archived_at is not None


def test_bad_rows_keep_a_file_out_and_the_page_says_why() -> None:
    intake = checked(SHEET)

    said = signed_in(olive()).post(f"/imports/{intake.pk}/apply/", follow=True).content.decode()

    assert "Some rows have problems, so nothing was imported." in said
    assert not RegisteredModel.objects.exists()


def test_a_change_since_stands_on_the_page_of_undoing() -> None:
    intake = applied("name,owner,vendor\nFraud,olive,Acme\n") if people() else None
    assert intake
    RegisteredModel.objects.update(vendor="Bolt")

    page = signed_in(olive()).get(f"/imports/{intake.pk}/undo/").content.decode()

    assert "Vendor was changed." in page
    assert 'aria-disabled="true"' in page


def test_an_import_is_seen_by_who_brought_it_and_by_who_reads_the_whole_trail() -> None:
    intake = checked(SHEET)
    bela = a_person("bela", "Bela Bartok", "model_owner", unit=people().claims)

    assert signed_in(bela).get(f"/imports/{intake.pk}/").status_code == 404
    assert signed_in(bela).post(f"/imports/{intake.pk}/apply/").status_code == 404
    seen = signed_in(people().cora).get(f"/imports/{intake.pk}/")
    assert seen.status_code == 200
    assert "Only who brought it in can apply it" in seen.content.decode()
    assert signed_in(people().cora).post(f"/imports/{intake.pk}/apply/").status_code == 403


def test_while_the_worker_works_the_page_shows_how_far_it_is_and_then_loads_again() -> None:
    people()
    rows = "".join(f"Model {number},olive\n" for number in range(301))
    intake = uploaded("name,owner\n" + rows)
    client = signed_in(olive())
    client.post(f"/imports/{intake.pk}/mapping/", {"column-0": "name", "column-1": "owner"})

    intake.refresh_from_db()
    assert intake.state == IntakeState.CHECKING
    assert "0 of 301 models" in client.get(f"/imports/{intake.pk}/").content.decode()
    done(intake)
    part = client.get(f"/imports/{intake.pk}/", headers={"HX-Request": "true"})

    assert part.headers["HX-Refresh"] == "true"


def test_the_worker_takes_up_what_waits_without_being_told_which() -> None:
    people()
    intake = uploaded("name,owner\nFraud,olive\n")
    actions.map_columns(by=olive(), at=AT, intake=intake, mapping={0: "name", 1: "owner"}, usual={})

    assert work(at=AT, seconds=30) == 1

    intake.refresh_from_db()
    assert intake.state == IntakeState.CHECKED


def test_many_models_are_edited_after_a_preview_and_the_refused_ones_are_named() -> None:
    a_model("claims-triage", tags=["old", "kept"])
    bela = a_person("bela", "Bela Bartok", "model_owner", unit=people().claims)
    a_model("voice", owner=bela)
    client = signed_in(olive())

    form = client.post("/edit-models/", {"pick": ["claims-triage", "voice"]})
    assert "You may edit 1 of them" in form.content.decode()
    asked = {"pick": ["claims-triage", "voice"], "ask": "1", "owner": "bela", "add_tags": "new", "remove_tags": "old"}
    preview = client.post("/edit-models/", asked, follow=True)

    told = preview.content.decode()
    assert "Bela Bartok answers for 1 model of Olive Okafor from then on" in told
    assert "Voice is not one of them" in told
    assert RegisteredModel.objects.get(slug="claims-triage").owner == olive()
    intake = Intake.objects.get()
    client.post(f"/imports/{intake.pk}/apply/", {"rows": "good"})
    model = RegisteredModel.objects.get(slug="claims-triage")
    assert (model.owner, model.tags) == (bela, ["kept", "new"])
    client.post(f"/imports/{intake.pk}/undo/", {"reason": "Too early."})
    model.refresh_from_db()
    assert (model.owner, model.tags) == (olive(), ["old", "kept"])
    assert AuditEntry.objects.filter(action="model.edited").count() == 2


def test_all_that_a_list_shows_can_be_edited_at_once() -> None:
    for number in range(3):
        a_model(f"fraud-{number}")
    a_model("voice")
    client = signed_in(olive())

    client.post("/edit-models/", {"found": "q=fraud", "ask": "1", "vendor": "Acme"})

    intake = Intake.objects.get()
    assert (intake.file_name, intake.counts["CHANGE"]) == ("Edit of 3 models", 3)


def test_an_edit_of_nothing_is_refused_in_words() -> None:
    a_model("claims-triage")
    client = signed_in(olive())

    assert (
        "Say what is to change." in client.post("/edit-models/", {"pick": "claims-triage", "ask": "1"}).content.decode()
    )
    assert "No model was selected" in client.post("/edit-models/", {"pick": "nobody"}).content.decode()


def test_the_page_of_an_import_asks_no_more_for_more_models() -> None:
    people()
    client = signed_in(olive())
    sent = []
    for count in (3, 120):
        rows = "".join(f"{count} model {number},olive\n" for number in range(count))
        intake = checked("name,owner\n" + rows)
        client.get(f"/imports/{intake.pk}/")
        with CaptureQueriesContext(connection) as asked:
            page = client.get(f"/imports/{intake.pk}/")
        sent.append(len(asked))
        assert page.content.decode().count('id="item-') == min(count, 50)

    assert sent[0] == sent[1] <= 12
