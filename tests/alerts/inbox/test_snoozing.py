"""A person puts an alert off until a time: their list is shorter, and nothing else changes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from alerts.delivery.actions import create_channel, enqueue
from alerts.delivery.models import ChannelKind
from alerts.inbox import actions, queries
from alerts.inbox.actions import AlreadyAnswered
from alerts.inbox.models import Alert, AlertState, Snooze
from alerts.inbox.snoozing import NotSnoozed, SnoozeNotFit, end_snooze, endings, snooze, snooze_each
from governance.vocabulary import Tier
from models_registry.access.issuing import issue_token
from models_registry.access.models import Account
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from tests.alerts.people import AT, a_model, a_person

pytestmark = [pytest.mark.django_db(transaction=True)]

HOUR = timedelta(hours=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def olive() -> Account:
    return a_person("Olive", role="model_owner")


@pytest.fixture
def alert(olive: Account) -> Alert:
    """Return an open alert about Olive's model, which was sent to her and to her deputy Dora."""
    model = a_model(olive)
    model.deputy = a_person("Dora", role="model_owner")
    model.save()
    found = opened(model.pk, "risk:1:COST")
    channel = create_channel(by=a_person("Cora", role="compliance_officer"), at=AT, name="Mail", kind=ChannelKind.EMAIL)
    for person in (olive, model.deputy):
        enqueue(
            channel_id=channel.pk, recipient_id=person.pk, tier=2, dedup_key=f"k:{person.pk}", payload={}, at=AT,
            alert_id=found.pk,
        )  # fmt: skip
    return found


def opened(model_id: int, fingerprint: str, tier: Tier = Tier.POST, at: datetime = AT) -> Alert:
    return actions.open_or_join(
        fingerprint=fingerprint, tier=tier, title=fingerprint, body="", url="", model_id=model_id, risk_id=None, at=at
    ).alert


def dora() -> Account:
    return Account.objects.get(display_name="Dora")


def browser(person: Account) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def waiting(person: Account, at: datetime) -> list[Alert]:
    return list(queries.unanswered_of(person, at=at))


def test_it_leaves_one_list_until_its_time_and_comes_back_by_itself(olive: Account, alert: Alert) -> None:
    snooze(by=olive, at=AT, alert_id=alert.pk, until=AT + HOUR)

    assert waiting(olive, AT + HOUR - timedelta(seconds=1)) == []
    assert [one.alert for one in queries.snoozed_by(olive, at=AT)] == [alert]
    assert waiting(dora(), AT) == [alert]
    assert waiting(olive, AT + HOUR) == [alert]
    assert list(queries.snoozed_by(olive, at=AT + HOUR)) == []


def test_the_alert_stays_open_its_clock_runs_and_the_trail_says_who_put_it_off(olive: Account, alert: Alert) -> None:
    snooze(by=olive, at=AT, alert_id=alert.pk, until=AT + HOUR)
    entry = AuditEntry.objects.get(action="alert.snoozed")

    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_at) == (AlertState.OPEN, None)
    assert (entry.actor_name, entry.body["until"]) == (str(olive), (AT + HOUR).isoformat())
    actions.acknowledge(by=olive, at=AT + 2 * HOUR, alert_id=alert.pk)
    answered = queries.time_to_acknowledge(Alert.objects.all(), since=AT - HOUR)
    assert answered.mean == 2 * HOUR


def test_what_grows_louder_is_back_at_once_and_what_only_joins_is_not(olive: Account, alert: Alert) -> None:
    snooze(by=olive, at=AT, alert_id=alert.pk, until=AT + HOUR)

    opened(alert.model_id, alert.fingerprint, at=AT + timedelta(minutes=1))
    assert waiting(olive, AT + timedelta(minutes=2)) == []

    opened(alert.model_id, alert.fingerprint, tier=Tier.PAGE, at=AT + timedelta(minutes=3))
    assert waiting(olive, AT + timedelta(minutes=4)) == [alert]


def test_putting_it_off_again_moves_the_end(olive: Account, alert: Alert) -> None:
    snooze(by=olive, at=AT, alert_id=alert.pk, until=AT + 4 * HOUR)
    snooze(by=olive, at=AT + HOUR, alert_id=alert.pk, until=AT + 2 * HOUR)

    assert waiting(olive, AT + 3 * HOUR) == [alert]
    assert Snooze.objects.filter(ended_at__isnull=True).count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Snooze.objects.create(alert=alert, by=olive, at=AT, until=AT + HOUR)


def test_it_is_taken_back_once(olive: Account, alert: Alert) -> None:
    snooze(by=olive, at=AT, alert_id=alert.pk, until=AT + HOUR)

    end_snooze(by=olive, at=AT + timedelta(seconds=9), alert_id=alert.pk)

    assert waiting(olive, AT + timedelta(seconds=9)) == [alert]
    assert AuditEntry.objects.filter(action="alert.snooze_ended").count() == 1
    with pytest.raises(NotSnoozed):
        end_snooze(by=olive, at=AT + timedelta(seconds=10), alert_id=alert.pk)
    with pytest.raises(NotSnoozed):
        end_snooze(by=dora(), at=AT, alert_id=alert.pk)


@pytest.mark.parametrize("until", [AT, AT - HOUR, AT + timedelta(days=7, seconds=1)])
def test_it_needs_an_end_to_come_within_a_week(olive: Account, alert: Alert, until: datetime) -> None:
    with pytest.raises(SnoozeNotFit):
        snooze(by=olive, at=AT, alert_id=alert.pk, until=until)


def test_what_is_answered_or_not_yours_to_answer_is_not_put_off(olive: Account, alert: Alert) -> None:
    with pytest.raises(AccessDenied):
        snooze(by=a_person("Stella", role="model_owner"), at=AT, alert_id=alert.pk, until=AT + HOUR)
    second = opened(alert.model_id, "risk:1:DRIFT")
    actions.acknowledge(by=olive, at=AT, alert_id=alert.pk)

    done, refused = snooze_each(by=olive, at=AT, alert_ids=[alert.pk, second.pk], until=AT + HOUR)

    assert [one.alert for one in done] == [second]
    assert refused == [f"Alert {alert.pk}: This alert is acknowledged already."]
    with pytest.raises(AlreadyAnswered):
        snooze(by=olive, at=AT, alert_id=alert.pk, until=AT + HOUR)


def test_the_ends_that_are_offered_are_mornings_of_the_reader() -> None:
    friday = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
    sunday = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)

    assert {word: f"{end:%a %H:%M}" for word, (_, end) in endings(friday).items()} == {
        "1h": "Fri 23:30",
        "4h": "Sat 02:30",
        "tomorrow": "Sat 08:00",
        "monday": "Mon 08:00",
    }
    assert "monday" not in endings(sunday)


# ---- doors ----


def test_the_inbox_puts_off_shows_what_is_off_and_takes_it_back(olive: Account, alert: Alert) -> None:
    client = browser(olive)
    assert 'action="/alerts/snooze/"' in client.get("/alerts/mine/").text

    gone = client.post("/alerts/snooze/", {"pick": alert.pk, "for": "4h", "next": "/inbox/"})
    page = client.get(gone["Location"]).text
    part = client.get("/alerts/mine/").text

    assert gone["Location"] == "/inbox/"
    assert f"Put off: {alert.title}." in page
    assert f'action="/alerts/snooze/end/?pick={alert.pk}"' in page
    assert "No alert sent to you waits" in part
    assert "Snoozed by you" in part
    assert client.post(f"/alerts/snooze/end/?pick={alert.pk}").status_code == 302
    assert "Snoozed by you" not in client.get("/alerts/mine/").text


def test_everybody_sees_who_put_it_off_in_the_list_and_on_its_page(olive: Account, alert: Alert) -> None:
    snooze(by=olive, at=timezone.now(), alert_id=alert.pk, until=timezone.now() + HOUR)

    for address in ("/alerts/", f"/alerts/{alert.pk}/"):
        assert f"Snoozed by {olive} until" in browser(dora()).get(address).text
    assert "Take it back" in browser(olive).get(f"/alerts/{alert.pk}/").text
    assert "Take it back" not in browser(dora()).get(f"/alerts/{alert.pk}/").text


def test_many_are_put_off_from_the_bar_and_a_script_asks_anew(olive: Account, alert: Alert) -> None:
    second = opened(alert.model_id, "risk:1:DRIFT")
    client = browser(olive)

    done = client.post("/alerts/snooze/", {"pick": [alert.pk, second.pk], "for": "1h"}, headers=HTMX)

    assert (done.status_code, done["HX-Refresh"]) == (200, "true")
    assert "2 alerts" in client.get("/alerts/").text
    assert Snooze.objects.count() == 2


@pytest.mark.parametrize(
    ("sent", "status", "why"),
    [
        ({"for": "1h"}, 422, "choose an alert"),
        ({"for": "ever"}, 422, "choose until when"),
        ({}, 422, "choose until when"),
    ],
)
def test_a_script_reads_why_nothing_was_put_off(
    olive: Account, alert: Alert, sent: dict[str, str], status: int, why: str
) -> None:
    picked = {"pick": alert.pk} if sent.get("for") != "1h" else {}

    answer = browser(olive).post("/alerts/snooze/", {**sent, **picked}, headers=HTMX)

    assert answer.status_code == status
    assert why in answer["HX-Trigger"]
    assert not Snooze.objects.exists()


def test_the_api_puts_off_until_a_time(olive: Account, alert: Alert) -> None:
    issued = issue_token(by=olive, at=timezone.now(), account=olive, name="phone", lifetime=HOUR)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.raw}")
    until = (timezone.now() + HOUR).isoformat()

    def post(**given: Any) -> Any:
        return client.post(f"/api/v1/alerts/{alert.pk}/snoozes/", given, format="json")

    assert (post(until=until).status_code, post(until=until).json()["alert"]) == (201, alert.pk)
    assert post().status_code == post(until="soon").status_code == post(until=until, force=True).status_code == 400
    assert post(until=(timezone.now() + timedelta(days=30)).isoformat()).status_code == 400
