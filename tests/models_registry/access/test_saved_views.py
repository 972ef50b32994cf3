"""Filters of a list under a name: whose they are, what they keep, and what the trail says of them."""

import pytest
from django.test import Client
from django.utils import timezone

from models_registry.access import view_actions
from models_registry.access.models import Account, SavedView
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from tests.journeys.builders import a_person, people

pytestmark = pytest.mark.django_db


def browser(person: Account) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def a_view(owner: Account, name: str = "Grave", query: str = "level=critical", role: str = "") -> SavedView:
    return view_actions.save_view(
        by=owner, at=timezone.now(), list_name="risks", name=name, query=query, shared_role=role
    )


def test_a_view_keeps_what_the_list_knows_and_leads_back_to_it() -> None:
    client = browser(people().olive)
    sent = {"name": "  My   grave ones ", "query": "level=CRITICAL&level=HIGH&nonsense=1&as_of=2026-01-01&sort=model"}

    answer = client.post("/views/risks/", sent)
    view = SavedView.objects.get()

    assert (view.name, view.query) == ("My grave ones", "level=critical,high&sort=model")
    assert answer.url == f"/risks/?level=critical,high&sort=model&view={view.pk}"
    assert client.get(f"/views/{view.pk}/").url == answer.url
    page = client.get(answer.url).content.decode()
    assert "My grave ones" in page
    assert ">Save</button>" not in page
    assert AuditEntry.objects.filter(action="view.saved", object_id=str(view.pk)).count() == 1


def test_an_edited_view_offers_to_save_to_save_as_and_to_go_back() -> None:
    olive = people().olive
    view = a_view(olive)
    client = browser(olive)

    page = client.get(f"/risks/?level=high&view={view.pk}").content.decode()
    assert ">Save</button>" in page
    assert "Save as…" in page
    assert ">Reset</a>" in page

    client.post(f"/views/{view.pk}/save/", {"query": "level=high"})
    view.refresh_from_db()
    assert view.query == "level=high"
    assert AuditEntry.objects.filter(action="view.changed").count() == 1

    client.post(f"/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()
    assert AuditEntry.objects.filter(action="view.deleted").count() == 1


def test_anothers_private_view_does_not_exist_and_a_shared_one_can_only_be_read() -> None:
    olive, cora = people().olive, people().cora
    oda = a_person("oda", "Oda Other", "model_owner")
    private, shared = a_view(olive), a_view(olive, "Ours", role="model_owner")
    stranger, reader = browser(cora), browser(oda)

    for address in (f"/views/{private.pk}/", f"/views/{shared.pk}/"):
        assert stranger.get(address).status_code == 404
    for deed in ("save", "delete"):
        assert stranger.post(f"/views/{private.pk}/{deed}/").status_code == 404
        assert reader.post(f"/views/{shared.pk}/{deed}/").status_code == 403
    assert reader.get(f"/views/{shared.pk}/").status_code == 302
    page = reader.get(f"/risks/?level=high&view={shared.pk}").content.decode()
    assert "Ours" in page
    assert "Grave" not in page
    assert ">Save</button>" not in page
    assert stranger.get(f"/risks/?view={private.pk}").status_code == 200


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "bell\x07"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(view_actions.NameNotFit):
        a_view(people().olive, name)


def test_filters_too_long_for_an_address_are_refused() -> None:
    olive = people().olive
    view = a_view(olive)
    client = browser(olive)
    long = {"name": "Long", "query": f"q={'%F0%9F%98%80' * 200}"}

    for address in ("/views/risks/", f"/views/{view.pk}/save/"):
        assert "too long to keep" in client.post(address, long, follow=True).content.decode()
    assert SavedView.objects.get().query == "level=critical"


def test_a_name_is_taken_once_per_person_and_list() -> None:
    olive = people().olive
    a_view(olive, "Grave")

    with pytest.raises(view_actions.ViewNameTaken):
        a_view(olive, "grave")
    a_view(people().cora, "Grave")
    answer = browser(olive).post("/views/risks/", {"name": "GRAVE", "query": ""}, follow=True)
    assert "You have a view named GRAVE for this list." in answer.content.decode()


def test_a_view_is_shared_with_a_role_that_one_holds() -> None:
    with pytest.raises(AccessDenied):
        a_view(people().olive, role="governance_board")
    assert browser(people().olive).post("/views/risks/", {"name": "A", "shared_role": "auditor"}).status_code == 403


def test_a_list_that_is_not_known_does_not_exist() -> None:
    assert browser(people().olive).post("/views/nothing/", {"name": "A"}).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("governed_tables")
def test_the_database_asks_for_an_entry_beside_every_change() -> None:
    olive = people().olive
    view = a_view(olive)
    view_actions.change_view(by=olive, at=timezone.now(), view=view, query="level=low")
    view_actions.delete_view(by=olive, at=timezone.now(), view=view)

    assert not SavedView.objects.exists()
