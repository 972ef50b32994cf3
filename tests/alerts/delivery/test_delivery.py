"""Messages reach real receivers, once more after a crash with the same key, and stop when told to."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from alerts.delivery import actions
from alerts.delivery.message import DELIVERED, Outcome
from alerts.delivery.models import Channel, ChannelKind, DeliveryAttempt, Notification, NotificationState
from alerts.inbox import actions as inbox
from alerts.inbox.models import Alert
from governance.vocabulary import Tier
from tests.alerts.people import AT, a_model, a_person
from tests.alerts.receiving import Receiver

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def a_channel(kind: ChannelKind, **secrets: str) -> Channel:
    cora = a_person("Cora", role="compliance_officer")
    return actions.create_channel(by=cora, at=AT, name=f"{kind} {cora.pk}", kind=kind, **secrets)


def an_alert() -> Alert:
    words = {"title": "Claims: recall 0.61 < 0.80", "body": "Over 1 day.", "url": "/risks/1/"}
    model = a_model(a_person("Olive"), slug=f"claims-{Alert.objects.count()}")
    return inbox.open_or_join(
        fingerprint="risk:1:COST", tier=Tier.PAGE, model_id=model.pk, risk_id=1, at=AT, **words
    ).alert


def a_message(channel: Channel, *, tier: int = 1, alert: Alert | None = None, **changed: Any) -> Notification:
    payload = {"title": "Claims & co", "text": "Recall <0.80>", "path": "/alerts/1/", "facts": {"level": "HIGH"}}
    key = f"redline:1:{channel.pk}:channel:{Notification.objects.count()}"
    actions.enqueue(
        channel_id=channel.pk,
        recipient_id=changed.get("recipient_id"),
        tier=tier,
        dedup_key=key,
        payload=payload,
        at=AT,
        alert_id=alert.pk if alert else None,
    )
    return Notification.objects.get(dedup_key=key)


def test_a_webhook_is_signed_so_that_the_reference_library_accepts_it(receiver: Receiver) -> None:
    channel = a_channel(ChannelKind.WEBHOOK, url=receiver.url, signing_secret=SECRET)
    sent = a_message(channel)

    assert actions.attempt_due(limit=5, at=timezone.now()) == 1

    headers, body = receiver.got[0]
    told = Webhook(SECRET).verify(body, {name.lower(): value for name, value in headers.items()})
    assert told["data"]["title"] == "Claims & co"
    assert headers["webhook-id"] == sent.dedup_key
    sent.refresh_from_db()
    assert sent.state == NotificationState.DELIVERED
    assert DeliveryAttempt.objects.get().status == 200


def test_slack_gets_blocks_with_escaped_words(receiver: Receiver) -> None:
    a_message(a_channel(ChannelKind.SLACK_WEBHOOK, url=receiver.url))

    actions.attempt_due(limit=5, at=timezone.now())

    body = json.loads(receiver.got[0][1])
    assert body["text"] == "Claims &amp; co"
    assert body["blocks"][1]["text"]["text"] == "Recall &lt;0.80&gt;"


def test_a_secret_is_never_kept_in_the_channel(receiver: Receiver) -> None:
    channel = a_channel(ChannelKind.WEBHOOK, url=receiver.url, signing_secret=SECRET)

    assert SECRET not in json.dumps(channel.config)
    assert receiver.url not in json.dumps(channel.config)


def test_an_email_carries_the_key_as_its_message_id(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    olive = a_person("Olive")
    sent = a_message(a_channel(ChannelKind.EMAIL), recipient_id=olive.pk)

    actions.attempt_due(limit=5, at=timezone.now())

    letter = mail.outbox[0]
    assert letter.to == ["olive@example.test"]
    assert letter.extra_headers["Message-ID"].startswith(f"<{sent.dedup_key.replace(':', '.')}@")
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_crash_between_sending_and_marking_sends_the_same_key_again(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = a_message(a_channel(ChannelKind.WEBHOOK, url=receiver.url, signing_secret=SECRET))
    now = timezone.now()

    class Killed(BaseException):
        """The process ends here."""

    def killed(**_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(actions, "mark", killed)
        with pytest.raises(Killed):
            actions.attempt_due(limit=1, at=now)
    assert actions.attempt_due(limit=1, at=now + timedelta(seconds=5)) == 0  # the lease still holds
    assert actions.attempt_due(limit=1, at=now + timedelta(seconds=60)) == 1

    assert [headers["webhook-id"] for headers, _ in receiver.got] == [sent.dedup_key] * 2
    assert receiver.got[0][1] == receiver.got[1][1]
    sent.refresh_from_db()
    assert (sent.state, sent.attempts) == (NotificationState.DELIVERED, 2)


def test_a_temporary_failure_waits_and_obeys_retry_after(receiver: Receiver) -> None:
    receiver.answers = [(503, {}), (429, {"Retry-After": "120"})]
    sent = a_message(a_channel(ChannelKind.WEBHOOK, url=receiver.url, signing_secret=SECRET))
    now = timezone.now()

    actions.attempt_due(limit=1, at=now)
    sent.refresh_from_db()
    assert timedelta(seconds=2) <= sent.not_before - now < timedelta(seconds=5)

    actions.attempt_due(limit=1, at=now + timedelta(seconds=10))
    sent.refresh_from_db()
    assert sent.not_before - now >= timedelta(seconds=130)
    assert sent.state == NotificationState.PENDING


def test_a_permanent_failure_is_given_up_at_once(receiver: Receiver) -> None:
    receiver.answers = [(404, {})]
    sent = a_message(a_channel(ChannelKind.WEBHOOK, url=receiver.url, signing_secret=SECRET))

    actions.attempt_due(limit=5, at=timezone.now())

    sent.refresh_from_db()
    assert (sent.state, sent.last_error) == (NotificationState.GIVEN_UP, "HTTP 404")
    assert len(receiver.got) == 1


def test_410_turns_the_channel_off_and_what_waits_for_it_is_given_up(receiver: Receiver) -> None:
    receiver.answers = [(410, {})]
    channel = a_channel(ChannelKind.WEBHOOK, url=receiver.url, signing_secret=SECRET)
    a_message(channel), a_message(channel)

    actions.attempt_due(limit=5, at=timezone.now())

    channel.refresh_from_db()
    assert channel.disabled_at is not None
    assert set(Notification.objects.values_list("state", flat=True)) == {NotificationState.GIVEN_UP}
    assert len(receiver.got) == 1


def test_a_private_address_is_refused_when_the_deployment_does_not_allow_it(receiver: Receiver, settings: Any) -> None:
    settings.OUTBOUND_NETWORKS = []
    sent = a_message(a_channel(ChannelKind.WEBHOOK, url=receiver.url, signing_secret=SECRET))

    actions.attempt_due(limit=5, at=timezone.now())

    sent.refresh_from_db()
    assert sent.state == NotificationState.GIVEN_UP
    assert receiver.got == []


def test_acknowledging_withdraws_what_was_not_sent() -> None:
    alert = an_alert()
    sent = a_message(a_channel(ChannelKind.EMAIL), alert=alert)
    officer = a_person("Otto", role="on_call")

    inbox.acknowledge(by=officer, at=timezone.now(), alert_id=alert.pk)

    sent.refresh_from_db()
    assert sent.state == NotificationState.CANCELLED
    assert actions.attempt_due(limit=5, at=timezone.now()) == 0


def test_the_loudest_message_goes_first_and_no_transaction_is_open_while_it_is_sent() -> None:

    channel, order = a_channel(ChannelKind.EMAIL), []

    def send(_: Channel, message: Any, __: Any) -> Outcome:
        order.append(message.tier)
        assert not connection.in_atomic_block
        return DELIVERED

    for tier in (3, 1, 2):
        a_message(channel, tier=tier)

    actions.attempt_due(limit=5, at=timezone.now(), send=send)

    assert order == [1, 2, 3]


def test_two_senders_never_hold_the_same_message() -> None:
    channel = a_channel(ChannelKind.EMAIL)
    a_message(channel), a_message(channel)
    now = timezone.now()

    first, second = actions.claim(at=now), actions.claim(at=now)

    assert first is not None
    assert second is not None
    assert first.notification.pk != second.notification.pk
    assert actions.claim(at=now) is None
