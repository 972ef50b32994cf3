"""Every change of the registry is told once per webhook, as an MLflow server tells it, whichever door it came through."""

import json
import threading
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from alerts.delivery import actions as delivery
from alerts.delivery.message import Outcome
from alerts.delivery.models import Channel, Lane, Notification, NotificationState
from alerts.registryhooks import actions as hooks
from alerts.registryhooks import following, telling
from alerts.registryhooks.events import NAMES, example
from alerts.registryhooks.models import Followed
from alerts.routing import queries as books
from alerts.routing.bookkeeping import one_moment
from governance.vocabulary import Tier
from models_registry.access.models import Account, BusinessUnit
from models_registry.audit.models import AuditEntry
from models_registry.catalog import actions as catalog
from models_registry.catalog.models import Kind, RegisteredModel
from tests.alerts.receiving import Receiver, receiving
from tests.alerts.registryhooks.world import a_webhook, heard, told
from tests.governance.mlflow.world import Registry, mia, stella
from tests.races import until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)

RECORDED = Path(__file__).resolve().parents[3] / "tests" / "payloads" / "mlflow" / "webhooks"


def test_what_a_client_does_is_told_as_a_server_would(receiver: Receiver) -> None:
    person = mia()
    a_webhook(person, receiver.url)
    door = Registry(person)

    door.model("fraud", description="Scores claims", tags=[{"key": "team", "value": "risk"}])
    door.version("fraud", run_id="r1", description="First", tags=[{"key": "a", "value": "b"}])
    door.call("POST", "model-versions/set-tag", name="fraud", version="1", key="checked", value="yes")
    door.call("DELETE", "model-versions/delete-tag", name="fraud", version="1", key="checked")
    door.call("POST", "registered-models/alias", name="fraud", alias="best", version="1")
    door.call("DELETE", "registered-models/alias", name="fraud", alias="best")
    told()

    assert heard(receiver) == [
        ("registered_model.created", {"name": "fraud", "tags": {"team": "risk"}, "description": "Scores claims"}),
        (
            "model_version.created",
            {
                "name": "fraud",
                "version": "1",
                "source": "s3://models/a",
                "run_id": "r1",
                "tags": {"a": "b"},
                "description": "First",
            },
        ),
        ("model_version_tag.set", {"name": "fraud", "version": "1", "key": "checked", "value": "yes"}),
        ("model_version_tag.deleted", {"name": "fraud", "version": "1", "key": "checked"}),
        ("model_version_alias.created", {"name": "fraud", "alias": "best", "version": "1"}),
        ("model_version_alias.deleted", {"name": "fraud", "alias": "best"}),
    ]


def test_prompts_have_events_of_their_own_without_the_marks_of_clients(receiver: Receiver) -> None:
    person = mia()
    a_webhook(person, receiver.url)
    door, mark = Registry(person), {"key": "mlflow.prompt.is_prompt", "value": "true"}

    door.model("greeting", tags=[mark, {"key": "tone", "value": "warm"}])
    text = {"key": "mlflow.prompt.text", "value": "Hi {{name}}"}
    door.version("greeting", source="dummy-source", tags=[mark, text, {"key": "a", "value": "b"}])
    door.call("POST", "registered-models/set-tag", name="greeting", key="tone", value="cold")
    door.call("DELETE", "registered-models/delete-tag", name="greeting", key="tone")
    door.call("POST", "model-versions/set-tag", name="greeting", version="1", key="x", value="y")
    door.call("POST", "registered-models/alias", name="greeting", alias="production", version="1")
    door.call("DELETE", "registered-models/alias", name="greeting", alias="production")
    told()

    assert heard(receiver) == [
        ("prompt.created", {"name": "greeting", "tags": {"tone": "warm"}, "description": ""}),
        (
            "prompt_version.created",
            {"name": "greeting", "version": "1", "template": "Hi {{name}}", "tags": {"a": "b"}, "description": None},
        ),
        ("prompt_tag.set", {"name": "greeting", "key": "tone", "value": "cold"}),
        ("prompt_tag.deleted", {"name": "greeting", "key": "tone"}),
        ("prompt_version_tag.set", {"name": "greeting", "version": "1", "key": "x", "value": "y"}),
        ("prompt_alias.created", {"name": "greeting", "alias": "production", "version": "1"}),
        ("prompt_alias.deleted", {"name": "greeting", "alias": "production"}),
    ]


def test_a_change_through_a_page_or_an_import_is_told_too_by_the_slug_that_clients_use(receiver: Receiver) -> None:
    person = mia()
    a_webhook(person, receiver.url, events=("registered_model.created", "model_version.created"))
    unit = BusinessUnit.objects.get(slug="claims")

    with transaction.atomic():
        model = catalog.register_model(
            by=person, at=timezone.now(), slug="triage", name="Claims triage", kind=Kind.CLASSIFIER, owner=person,
            unit=unit, team_id=person.team_id,
        )  # fmt: skip
    catalog.register_version(by=person, at=timezone.now(), model=model, source_uri="s3://a")
    told()

    assert [(name, data["name"]) for name, data in heard(receiver)] == [
        ("registered_model.created", "triage"),
        ("model_version.created", "triage"),
    ]


def test_what_a_server_does_not_tell_is_not_told(receiver: Receiver) -> None:
    person = mia()
    door = Registry(person)
    door.model("fraud"), door.version("fraud")
    a_webhook(person, receiver.url)

    door.call("POST", "registered-models/set-tag", name="fraud", key="team", value="risk")
    door.call("PATCH", "registered-models/update", name="fraud", description="Other")
    door.call("PATCH", "model-versions/update", name="fraud", version="1", description="Other")
    door.call("POST", "model-versions/transition-stage", name="fraud", version="1", stage="Staging",
              archive_existing_versions=False)  # fmt: skip
    door.call("POST", "registered-models/rename", name="fraud", new_name="frauds")
    door.call("DELETE", "model-versions/delete", name="frauds", version="1")
    door.call("DELETE", "registered-models/delete", name="frauds")

    assert told() == 0


def test_the_bytes_are_those_that_a_server_writes(receiver: Receiver) -> None:
    person = mia()
    a_webhook(person, receiver.url)
    Registry(person).model("fraud", description="é")

    told()

    (headers, body), at = receiver.got[0], AuditEntry.objects.get(action="model.registered").at
    stamp = at.astimezone(UTC).isoformat(timespec="microseconds")
    data = {"name": "fraud", "tags": {}, "description": "é"}
    assert (
        body
        == json.dumps({"entity": "registered_model", "action": "created", "timestamp": stamp, "data": data}).encode()
    )
    assert headers["Content-Type"] == "application/json"
    assert abs(int(headers["X-MLflow-Timestamp"]) - timezone.now().timestamp()) < 30


def test_every_kind_of_recorded_delivery_has_the_shape_of_ours() -> None:
    recorded = {path.stem: json.loads(path.read_text())["body"] for path in RECORDED.glob("*.json")}
    recorded = {name: body for name, body in recorded.items() if name in NAMES}

    assert len(recorded) >= 6
    for name, body in recorded.items():
        assert set(example(name).data) == set(body["data"]), name


def test_a_webhook_without_a_secret_is_not_signed(receiver: Receiver) -> None:
    person = mia()
    a_webhook(person, receiver.url, secret="")
    Registry(person).model("fraud")

    told()

    headers, _ = receiver.got[0]
    assert "X-MLflow-Signature" not in headers
    assert headers["X-MLflow-Delivery-Id"]


def test_only_events_asked_for_and_only_what_happened_since_are_told(receiver: Receiver) -> None:
    person = mia()
    door = Registry(person)
    door.model("early")
    a_webhook(person, receiver.url, events=("model_version.created",))

    door.model("late"), door.version("late"), door.version("early")
    told()

    assert [data["name"] for _, data in heard(receiver)] == ["late", "early"]


def test_a_webhook_tells_only_what_its_maker_may_read(receiver: Receiver) -> None:
    a_webhook(stella(), receiver.url, name="strangers")
    person = mia()
    a_webhook(person, receiver.url, name="own")

    Registry(person).model("fraud")
    told()

    assert [str(one.channel) for one in Notification.objects.all()] == [
        str(Channel.objects.get(name__startswith="own"))
    ]


def test_what_waits_is_not_sent_once_its_maker_may_no_longer_read_the_model(receiver: Receiver) -> None:
    person = mia()
    a_webhook(person, receiver.url)
    Registry(person).model("fraud")
    receiver.answers = [(503, {})]
    told()

    Account.objects.filter(pk=person.pk).update(is_active=False)
    told(timezone.now() + timedelta(minutes=10))

    waiting = Notification.objects.get()
    assert (waiting.state, waiting.last_error) == (NotificationState.GIVEN_UP, telling.UNSEEN)
    assert len(receiver.got) == 1


def test_a_repeated_delivery_keeps_its_id_and_is_signed_anew(receiver: Receiver) -> None:
    person = mia()
    a_webhook(person, receiver.url)
    Registry(person).model("fraud")
    receiver.answers = [(503, {}), (429, {"Retry-After": "20"})]

    now = timezone.now()
    for later in (1, 60, 900):
        told(now + timedelta(seconds=later))

    ids = {headers["X-MLflow-Delivery-Id"] for headers, _ in receiver.got}
    stamps = [int(headers["X-MLflow-Timestamp"]) for headers, _ in receiver.got]
    assert (len(receiver.got), len(ids)) == (3, 1)
    assert stamps == sorted(set(stamps))
    assert len({body for _, body in receiver.got}) == 1
    assert len(heard(receiver)) == 3
    assert Notification.objects.get().state == NotificationState.DELIVERED


def test_a_permanent_refusal_is_given_up_and_the_books_hold(receiver: Receiver) -> None:
    person = mia()
    a_webhook(person, receiver.url)
    door = Registry(person)
    receiver.answers = [(400, {})]
    door.model("fraud"), door.version("fraud")

    told()

    with one_moment():
        counted, proven = books.books(), books.recount()
    assert (counted.given_up, counted.delivered, counted.pending) == (1, 1, 0)
    assert counted == proven
    assert counted.balanced


def test_410_turns_the_webhook_off(receiver: Receiver) -> None:
    person = mia()
    hook = a_webhook(person, receiver.url)
    receiver.answers = [(410, {})]
    door = Registry(person)
    door.model("fraud")
    told()

    door.version("fraud")
    told()

    hook.channel.refresh_from_db()
    assert hook.channel.disabled_at is not None
    assert len(receiver.got) == 1
    assert Notification.objects.count() == 1


def test_a_private_address_is_refused_where_the_deployment_does_not_allow_it(receiver: Receiver, settings: Any) -> None:
    person = mia()
    a_webhook(person, receiver.url)
    settings.OUTBOUND_NETWORKS = []
    Registry(person).model("fraud")

    told()

    assert receiver.got == []
    assert Notification.objects.get().state == NotificationState.GIVEN_UP


def test_an_entry_that_commits_late_is_told_and_each_is_told_once(receiver: Receiver) -> None:
    person = mia()
    a_webhook(person, receiver.url)
    door = Registry(person)
    late = connections.create_connection("default")  # a transaction that began before, and ends after
    late.set_autocommit(False)
    with late.cursor() as cursor:
        cursor.execute("select pg_current_xact_id()")
        door.model("fraud")
        assert telling.follow(limit=50, at=timezone.now()) == 0
    late.commit()
    late.close()

    told(), told()

    assert [name for name, _ in heard(receiver)] == ["registered_model.created"]


def test_a_database_restored_elsewhere_tells_what_is_new_and_nothing_old(receiver: Receiver) -> None:
    person = mia()
    a_webhook(person, receiver.url)
    door = Registry(person)
    door.model("before")
    told()
    with connection.cursor() as cursor:  # where it came from, transactions were counted further
        cursor.execute("update registryhooks_followed set xid = (xid::text::bigint + 1000000)::text::xid8")
        cursor.execute("update registryhooks_followed set floor_id = 0")
    telling.follow(limit=50, at=timezone.now())

    place = Followed.objects.get()
    door.model("after")
    told()

    assert int(place.xid) == 0
    assert {data["name"] for _, data in heard(receiver)} == {"before", "after"}
    assert len(heard(receiver)) == 2  # a second telling of what was told has its old key


def test_alerts_go_first_while_a_thousand_versions_are_told(receiver: Receiver) -> None:
    person = mia()
    hook = a_webhook(person, receiver.url)
    door = Registry(person)
    door.model("busy")
    model = RegisteredModel.objects.get()
    with transaction.atomic():
        for number in range(1, 1001):
            catalog.register_version(by=person, at=timezone.now(), model=model, source_uri=f"s3://{number}")
    while telling.follow(limit=500, at=timezone.now()):
        pass
    mail = Channel.objects.create(name="Mail", kind="EMAIL", created_at=timezone.now())
    payload = {"title": "Claims is in the red", "address": "a@example.test"}
    delivery.enqueue(channel_id=mail.pk, recipient_id=None, tier=Tier.DIGEST, dedup_key="d", payload=payload,
                     at=timezone.now())  # fmt: skip

    claimed = delivery.claim(at=timezone.now())

    assert claimed is not None
    assert claimed.notification.dedup_key == "d"
    assert delivery.claim(at=timezone.now()) is None  # nothing of the registry is in this lane
    assert telling.deliver(limit=2000, at=timezone.now()) == 1001
    versions = [int(data["version"]) for name, data in heard(receiver) if name == "model_version.created"]
    assert sorted(versions) == list(range(1, 1001))
    assert Notification.objects.filter(channel=hook.channel, state=NotificationState.DELIVERED).count() == 1001


def test_a_receiver_that_fails_does_not_hold_up_another(receiver: Receiver, settings: Any) -> None:
    person = mia()
    with receiving(settings) as other:
        settings.OUTBOUND_PORTS = [receiver.port, other.port]
        dead = a_webhook(person, other.url, name="failing")
        a_webhook(person, receiver.url, name="fine")
        other.answers = [(500, {})] * 100
        door = Registry(person)
        door.model("fraud")
        for _ in range(9):
            door.version("fraud")

        told()

    dead.channel.refresh_from_db()
    assert len(other.got) == 1  # it rests after the first
    assert dead.channel.failures == 1
    assert dead.channel.resting_until is not None
    assert len(receiver.got) == 10
    assert Notification.objects.filter(channel=dead.channel, state=NotificationState.PENDING).count() == 10


def test_a_slow_receiver_holds_two_senders_at_most(receiver: Receiver) -> None:
    person = mia()
    a_webhook(person, receiver.url, name="slow")
    door = Registry(person)
    door.model("fraud"), door.version("fraud"), door.version("fraud")
    telling.follow(limit=50, at=timezone.now())

    held = [delivery.claim(at=timezone.now(), lane=Lane.REGISTRY) for _ in range(3)]

    assert [one is not None for one in held] == [True, True, False]


def test_a_test_is_not_sent_by_the_lane_as_well(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = a_webhook(mia(), receiver.url)
    sent, now = hooks.attempt_now, timezone.now()

    def beside_the_lane(**facts: Any) -> Outcome:
        assert telling.deliver(limit=10, at=timezone.now()) == 0
        return sent(**facts)

    monkeypatch.setattr(hooks, "attempt_now", beside_the_lane)

    assert hooks.try_out(by=hook.made_by, at=now, webhook=hook).succeeded
    assert len(receiver.got) == 1


def test_a_webhook_that_is_deleted_while_its_receiver_answers_ends_without_a_deadlock() -> None:
    person, done = mia(), []
    hook = a_webhook(person, "https://hooks.example.com/x")
    Registry(person).model("fraud")
    telling.follow(limit=50, at=timezone.now())
    claimed = delivery.claim(at=timezone.now(), lane=Lane.REGISTRY)
    assert claimed is not None

    def answered() -> None:
        delivery.mark(claimed=claimed, outcome=Outcome(succeeded=False), elapsed=timedelta(0), jitter=0.5)
        done.append("marked")
        connection.close()

    sender = threading.Thread(target=answered)
    with transaction.atomic():
        Channel.objects.select_for_update().get(pk=hook.channel_id)  # as deleting does
        sender.start()
        until_somebody_waits()
        delivery.cancel_channel(channel_id=hook.channel_id, at=timezone.now(), reason="Its webhook was deleted.")
    sender.join(10)

    assert done == ["marked"]
    assert Notification.objects.get().state == NotificationState.CANCELLED


def test_two_turns_at_once_follow_an_entry_once() -> None:
    person = mia()
    a_webhook(person, "https://hooks.example.com/x")
    Registry(person).model("fraud")

    with transaction.atomic():
        mine = following.taken(limit=50)
        other = connections.create_connection("default")
        with other.cursor() as cursor:
            cursor.execute(following.PLACE)
            theirs = cursor.fetchone()
        other.close()

    assert len(mine) == 1
    assert theirs is None


def test_an_idle_trail_is_not_written_to_each_second() -> None:
    a_webhook(mia(), "https://hooks.example.com/x")
    telling.follow(limit=50, at=timezone.now())
    before = Followed.objects.get().xid

    telling.follow(limit=50, at=timezone.now())

    assert Followed.objects.get().xid == before
