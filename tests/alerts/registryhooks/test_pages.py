"""The pages of registry webhooks: who sees and does what, what is shown once, and what confirms."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.delivery.models import Channel, Notification
from alerts.registryhooks import actions
from alerts.registryhooks.models import RegistryWebhook
from models_registry.access.models import Account
from tests.alerts.people import a_person
from tests.alerts.receiving import Receiver
from tests.alerts.registryhooks.world import a_webhook, heard, told, verified
from tests.governance.mlflow.world import Registry, mia, stella

pytestmark = pytest.mark.django_db(transaction=True)

URL = "https://hooks.example.com/mlflow?key=k31"


def session(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_webhook_is_made_and_its_secret_shown_once(receiver: Receiver) -> None:
    person = mia()
    client = session(person)

    answer = client.post(
        "/alerts/webhooks/new/", {"name": "ci", "url": receiver.url, "events": ["registered_model.created"]}
    )
    Registry(person).model("fraud")
    told()

    assert answer.status_code == 201
    secret = re.findall(r'<pre class="record"[^>]*>([^<]+)</pre>', text(answer))[0]
    assert verified(*receiver.got[0], secret=secret)["data"]["name"] == "fraud"
    hook = RegistryWebhook.objects.get()
    page = text(client.get(f"/alerts/webhooks/{hook.pk}/"))
    assert secret not in page
    assert "registered_model.created" in page
    assert "Delivered" in page


def test_what_no_webhook_may_be_is_said_on_the_form() -> None:
    client = session(mia())
    asked = {"name": "ci", "url": "https://127.1/", "events": ["prompt.created"]}

    answer = client.post("/alerts/webhooks/new/", asked)

    assert answer.status_code == 422
    assert "the host is a number in disguise" in text(answer)
    assert client.post("/alerts/webhooks/new/", {"name": "ci", "url": URL}).status_code == 422
    assert not RegistryWebhook.objects.exists()


def test_the_address_is_shown_to_its_maker_alone() -> None:
    person = mia()
    hook = a_webhook(person, URL)
    path = f"/alerts/webhooks/{hook.pk}/"

    assert "k31" in text(session(person).get(path))
    officer = text(session(a_person("Cora", role="compliance_officer")).get(path))
    assert "hooks.example.com" in officer
    assert "k31" not in officer
    assert session(stella()).get(path).status_code == 404


def test_a_list_shows_ones_own_or_everybodys() -> None:
    a_webhook(mia(), URL, name="of-mia")

    assert "of-mia" in text(session(a_person("Ada", role="auditor")).get("/alerts/webhooks/"))
    strangers = text(session(stella()).get("/alerts/webhooks/"))
    assert "of-mia" not in strangers
    assert "No registry webhooks yet" in strangers


def test_who_may_only_look_sees_the_buttons_refused_with_the_reason() -> None:
    hook = a_webhook(mia(), URL)
    client = session(a_person("Ada", role="auditor"))

    page = text(client.get(f"/alerts/webhooks/{hook.pk}/"))

    assert page.count("None of your roles may make registry webhooks") >= 3
    assert 'data-open="delete"' not in page
    for deed in ("test", "switch", "delete"):
        assert client.post(f"/alerts/webhooks/{hook.pk}/{deed}/").status_code == 403
    assert RegistryWebhook.objects.get().deleted_at is None


def test_a_test_event_says_what_came_of_it(receiver: Receiver) -> None:
    person = mia()
    hook = a_webhook(person, receiver.url, events=("prompt.created",))
    client, receiver.answers = session(person), [(200, {}), (404, {})]

    good = text(client.post(f"/alerts/webhooks/{hook.pk}/test/", follow=True))
    bad = text(client.post(f"/alerts/webhooks/{hook.pk}/test/", follow=True))

    assert "The receiver took the test event (200)." in good
    assert "The test event did not arrive: HTTP 404." in bad
    assert [name for name, _ in heard(receiver)] == ["prompt.created"] * 2


def test_turning_off_and_deleting_ask_first_and_say_what_they_do() -> None:
    person = mia()
    hook = a_webhook(person, URL)
    client = session(person)

    page = text(client.get(f"/alerts/webhooks/{hook.pk}/"))
    assert "What changes while it is off is never told." in page
    assert "What waits for it is withdrawn and its secret is destroyed." in page
    client.post(f"/alerts/webhooks/{hook.pk}/switch/")
    assert "Mia turned it off." in text(client.get(f"/alerts/webhooks/{hook.pk}/"))
    client.post(f"/alerts/webhooks/{hook.pk}/switch/")
    assert RegistryWebhook.objects.on().exists()
    gone = client.post(f"/alerts/webhooks/{hook.pk}/delete/", follow=True)

    assert "Deleted the webhook ci." in text(gone)
    assert client.get(f"/alerts/webhooks/{hook.pk}/").status_code == 404


def test_who_made_it_cannot_turn_on_what_others_turned_off() -> None:
    person, cora = mia(), a_person("Cora", role="compliance_officer")
    hook = a_webhook(person, URL)
    actions.stop(by=cora, at=timezone.now(), webhook=hook)
    client = session(person)

    page = text(client.get(f"/alerts/webhooks/{hook.pk}/"))
    client.post(f"/alerts/webhooks/{hook.pk}/switch/")

    assert "Cora turned it off, and somebody who manages routes has to turn it on." in page
    assert not RegistryWebhook.objects.on().exists()


def test_routes_and_channels_of_people_do_not_show_webhooks_of_the_registry() -> None:
    a_webhook(mia(), URL, name="of-mia")
    cora = session(a_person("Cora", role="compliance_officer"))

    assert "of-mia" not in text(cora.get("/alerts/routes/"))
    assert "MLflow webhook" not in text(cora.get("/alerts/channels/new/"))
    assert cora.get(f"/alerts/channels/{Channel.objects.get().pk}/").status_code == 404
    assert not Notification.objects.exists()
