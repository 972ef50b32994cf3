"""The calls of MLflow's client about webhooks: who may what, what is refused in which words, what is never shown."""

import json
from typing import Any

import pytest
from django.utils import timezone

from alerts.delivery.models import DeliveryAttempt, Notification, NotificationState
from alerts.registryhooks import actions
from alerts.registryhooks.models import RegistryWebhook
from models_registry.audit.models import AuditEntry
from models_registry.vault.models import SealedSecret
from tests.alerts.people import a_person
from tests.alerts.receiving import Receiver
from tests.alerts.registryhooks.world import SECRET, a_webhook, heard, told
from tests.governance.mlflow.world import Registry, mia, stella

pytestmark = pytest.mark.django_db(transaction=True)

URL = "https://hooks.example.com/mlflow?key=hidden"
CREATED = [{"entity": "MODEL_VERSION", "action": "CREATED"}]


def made(door: Registry, **asked: Any) -> dict[str, Any]:
    body = {"name": "ci", "url": URL, "events": CREATED, "secret": SECRET, **asked}
    found: dict[str, Any] = door.call("POST", "webhooks", **body)["webhook"]
    return found


def test_a_webhook_is_shown_as_mlflow_shows_it_and_never_its_secret() -> None:
    door = Registry(mia())

    hook = made(door, description="Builds images")

    assert hook["events"] == CREATED
    assert (hook["name"], hook["url"], hook["status"]) == ("ci", URL, "ACTIVE")
    assert hook["creation_timestamp"] == hook["last_updated_timestamp"]
    assert door.call("GET", f"webhooks/{hook['webhook_id']}") == {"webhook": hook}
    assert door.call("GET", "webhooks") == {"webhooks": [hook]}
    shown = json.dumps([hook, [entry.body for entry in AuditEntry.objects.all()]])
    assert SECRET not in shown
    assert SECRET.encode() not in bytes(SealedSecret.objects.get().envelope)
    assert "hidden" not in json.dumps([entry.body for entry in AuditEntry.objects.all()])


def test_pages_of_a_list_follow_each_other() -> None:
    door = Registry(mia())
    ids = [made(door, name=f"h{number}")["webhook_id"] for number in range(5)]

    first = door.call("GET", "webhooks", max_results=3)
    rest = door.call("GET", "webhooks", max_results=3, page_token=first["next_page_token"])

    assert [one["webhook_id"] for one in [*first["webhooks"], *rest["webhooks"]]] == ids[::-1]
    assert "next_page_token" not in rest


def test_a_change_keeps_what_it_does_not_name(receiver: Receiver) -> None:
    door = Registry(mia())
    hook = made(door, description="One")

    changed = door.call("PATCH", f"webhooks/{hook['webhook_id']}", url=receiver.url, name="")["webhook"]

    assert (changed["url"], changed["name"], changed["description"]) == (receiver.url, "ci", "One")
    assert changed["last_updated_timestamp"] > hook["last_updated_timestamp"]
    door.model("fraud"), door.version("fraud")
    told()
    assert [name for name, _ in heard(receiver)] == ["model_version.created"]


def test_a_secret_is_replaced_and_removed(receiver: Receiver) -> None:
    door = Registry(mia())
    hook = made(door, url=receiver.url)
    door.model("fraud")

    door.call("PATCH", f"webhooks/{hook['webhook_id']}", secret="another")
    door.version("fraud"), told()
    door.call("PATCH", f"webhooks/{hook['webhook_id']}", secret="")
    door.version("fraud"), told()

    assert "X-MLflow-Signature" in receiver.got[0][0]
    assert "X-MLflow-Signature" not in receiver.got[1][0]
    assert not SealedSecret.objects.exists()


def test_a_disabled_webhook_is_told_of_nothing_and_an_enabled_one_of_what_follows(receiver: Receiver) -> None:
    door = Registry(mia())
    hook = made(door, url=receiver.url, status="DISABLED")
    door.model("fraud"), door.version("fraud")
    told()
    assert hook["status"] == "DISABLED"

    assert door.call("PATCH", f"webhooks/{hook['webhook_id']}", status="ACTIVE")["webhook"]["status"] == "ACTIVE"
    door.version("fraud")
    told()

    assert [data["version"] for _, data in heard(receiver)] == ["2"]


def test_what_waits_for_a_webhook_that_is_turned_off_is_given_up(receiver: Receiver) -> None:
    door = Registry(mia())
    hook = made(door, url=receiver.url)
    receiver.answers = [(503, {})]
    door.model("fraud"), door.version("fraud")
    told()

    door.call("PATCH", f"webhooks/{hook['webhook_id']}", status="DISABLED")
    waiting = Notification.objects.get()
    waiting.channel.resting_until = None
    waiting.channel.save(update_fields=["resting_until"])
    Notification.objects.update(not_before=timezone.now())
    told()

    waiting.refresh_from_db()
    assert waiting.state == NotificationState.GIVEN_UP
    assert "turned it off" in waiting.last_error


def test_a_deleted_webhook_is_gone_with_its_secret_and_what_waits_is_withdrawn(receiver: Receiver) -> None:
    door = Registry(mia())
    hook = made(door, url=receiver.url)
    receiver.answers = [(503, {})]
    door.model("fraud"), door.version("fraud")
    told()

    assert door.call("DELETE", f"webhooks/{hook['webhook_id']}") == {}

    assert Notification.objects.get().state == NotificationState.CANCELLED
    assert not SealedSecret.objects.exists()
    assert door.call("GET", "webhooks") == {}
    gone = door.call("GET", f"webhooks/{hook['webhook_id']}", expected=404)
    assert gone["message"] == f"Webhook with ID {hook['webhook_id']} not found."
    assert RegistryWebhook.objects.get().deleted_at is not None


def test_a_test_is_sent_once_and_told_without_what_the_receiver_said(receiver: Receiver) -> None:
    door = Registry(mia())
    hook = made(door, url=receiver.url)
    receiver.answers = [(200, {}), (503, {})]

    good = door.call("POST", f"webhooks/{hook['webhook_id']}/test")["result"]
    event = {"entity": "PROMPT_ALIAS", "action": "DELETED"}
    bad = door.call("POST", f"webhooks/{hook['webhook_id']}/test", event=event)["result"]
    told()

    assert good == {"success": True, "response_status": 200}
    assert bad == {"success": False, "response_status": 503, "error_message": "Failed to test webhook: HTTP 503"}
    assert [name for name, _ in heard(receiver)] == ["model_version.created", "prompt_alias.deleted"]
    assert heard(receiver)[0][1]["source"] == "models:/123"
    ends = list(Notification.objects.order_by("id").values_list("state", flat=True))
    assert ends == [NotificationState.DELIVERED, NotificationState.GIVEN_UP]
    assert DeliveryAttempt.objects.count() == 2


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"name": "-ci"}, "Webhook name '-ci' is invalid."),
        ({"name": "x" * 64}, "is invalid"),
        ({"name": ""}, "Missing value for required parameter 'name'"),
        ({"url": ""}, "Missing value for required parameter 'url'"),
        ({"url": "http://hooks.example.com/"}, "Invalid webhook URL: the scheme must be https."),
        ({"url": "https://127.1/"}, "Invalid webhook URL: the host is a number in disguise."),
        ({"url": "https://a:b@hooks.example.com/"}, "Invalid webhook URL: the URL may not name a user."),
        ({"events": []}, "Missing value for required parameter 'events'"),
        ({"events": "all"}, "Invalid value \"all\" for parameter 'events'"),
        ({"events": [{"entity": "MODEL_VERSION"}]}, "Missing value for required parameter 'action'"),
        (
            {"events": [{"entity": "MODEL_VERSION", "action": "DELETED"}]},
            "Invalid action 'deleted' for entity 'model_version'. Valid actions are: ['created']",
        ),
        ({"events": [{"entity": "STAGE", "action": "MOVED"}]}, "Unknown webhook entity: STAGE."),
        ({"events": [{"entity": "BUDGET_POLICY", "action": "EXCEEDED"}]}, "an event of MLflow's gateway"),
        ({"status": "ASLEEP"}, "Unknown webhook status: ASLEEP."),
        ({"secret": "x" * 1001}, "'secret' exceeds the maximum length of 1000 characters"),
        ({"description": "x" * 1001}, "'description' exceeds the maximum length of 1000 characters"),
    ],
)
def test_what_no_webhook_may_be_is_refused_in_words(asked: dict[str, Any], words: str) -> None:
    body = {"name": "ci", "url": URL, "events": CREATED, **asked}

    refusal = Registry(mia()).call("POST", "webhooks", expected=400, **body)

    assert refusal["error_code"] == "INVALID_PARAMETER_VALUE"
    assert words in refusal["message"]
    assert not RegistryWebhook.objects.exists()


def test_an_account_has_a_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST", 1)
    door = Registry(mia())
    made(door)

    refusal = door.call("POST", "webhooks", expected=409, name="two", url=URL, events=CREATED)

    assert refusal["error_code"] == "RESOURCE_CONFLICT"


def test_others_do_not_see_it_and_who_looks_after_routes_may_stop_it() -> None:
    maker, cora = mia(), a_person("Cora", role="compliance_officer")
    hook = made(Registry(maker))
    path = f"webhooks/{hook['webhook_id']}"

    stranger = Registry(stella())
    assert stranger.call("GET", "webhooks") == {}
    for method in ("GET", "PATCH", "DELETE"):
        stranger.call(method, path, expected=404)
    officer = Registry(cora)
    seen = {**hook, "url": "https://hooks.example.com"}  # the rest of an address may hold a key
    assert officer.call("GET", "webhooks")["webhooks"] == [seen]
    refusal = officer.call("PATCH", path, expected=403, url="https://elsewhere.example.com/")
    assert "Only Mia, who made this webhook, may change it" in refusal["message"]
    assert officer.call("PATCH", path, status="DISABLED")["webhook"]["status"] == "DISABLED"
    refusal = Registry(maker).call("PATCH", path, expected=409, status="ACTIVE")
    assert refusal["message"].startswith("Cora turned it off")
    assert officer.call("PATCH", path, status="ACTIVE")["webhook"]["status"] == "ACTIVE"


def test_an_auditor_sees_all_and_changes_nothing() -> None:
    hook = made(Registry(mia()))
    auditor = Registry(a_person("Ada", role="auditor"))

    assert [one["webhook_id"] for one in auditor.call("GET", "webhooks")["webhooks"]] == [hook["webhook_id"]]
    refusal = auditor.call("DELETE", f"webhooks/{hook['webhook_id']}", expected=403)
    assert "make registry webhooks" in refusal["message"]


def test_a_token_that_may_not_read_models_makes_no_webhook_that_does() -> None:
    door = Registry(mia(), scopes=["webhook.manage"])

    refusal = door.call("POST", "webhooks", expected=403, name="ci", url=URL, events=CREATED)

    assert "limited to webhook.manage" in refusal["message"]


def test_everything_done_to_a_webhook_stands_in_the_trail() -> None:
    person = mia()
    hook = a_webhook(person, URL)
    at = timezone.now()

    actions.change(by=person, at=at, webhook=hook, changes={"name": "cd"}, secret="new")
    actions.stop(by=person, at=at, webhook=hook)
    actions.start(by=person, at=at, webhook=hook)
    actions.delete(by=person, at=at, webhook=hook)

    entries = AuditEntry.objects.filter(object_type="registrywebhook").order_by("id")
    assert [entry.action for entry in entries] == [
        "webhook.created", "webhook.changed", "webhook.stopped", "webhook.started", "webhook.deleted",
    ]  # fmt: skip
    assert entries[1].body["name"] == "cd"
    assert entries[1].body["signed"] is True


HOSTILE = (
    None,
    True,
    1,
    1.5,
    10**30,
    [],
    [1],
    {},
    {"a": 1},
    "",
    " ",
    "\x00",
    "é" * 40,
    "x" * 5000,
    [{}],
    [{"entity": 1}],
)


def test_no_value_of_any_field_ends_in_an_error_of_ours() -> None:
    door = Registry(mia())
    path = f"webhooks/{made(door)['webhook_id']}"
    wrong = []

    for field in ("name", "url", "events", "description", "secret", "status", "event"):
        for value in HOSTILE:
            calls = [("POST", "webhooks", {"name": "ci", "url": URL, "events": CREATED, field: value})]
            calls.append(("PATCH", path, {field: value}))
            calls += [("POST", f"{path}/test", {"event": value})] if field == "event" and value else []
            for method, place, body in calls:
                status = door.send(method, place, body).status_code
                wrong += [(method, place, field, value, status)] if status >= 500 or status == 429 else []

    assert wrong == []
    for query in ({"max_results": "x"}, {"max_results": "-1"}, {"max_results": 10**20}, {"page_token": "é"}):
        assert door.send("GET", "webhooks", query).status_code == 400
    for identifier in ("x", "%00", "é", str(10**30), "00000000-0000-0000-0000-000000000000"):
        assert door.send("GET", f"webhooks/{identifier}", {}).status_code == 404
