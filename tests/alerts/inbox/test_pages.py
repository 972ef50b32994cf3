"""Alerts as people and programs see and answer them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from alerts.inbox import actions, queries
from alerts.inbox.models import Alert, AlertState, Annotation
from governance.vocabulary import Tier
from models_registry.access.models import Account
from models_registry.access.rights import AccessDenied
from tests.alerts.people import AT, a_model, a_person

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def olive() -> Account:
    return a_person("Olive", role="model_owner")


@pytest.fixture
def alert(olive: Account) -> Alert:
    model = a_model(olive)
    return actions.open_or_join(
        fingerprint="risk:1:COST",
        tier=Tier.PAGE,
        title="Claims: cost risk Low → High",
        body="EUR 412 a day is over EUR 300.",
        url="/risks/1/",
        model_id=model.pk,
        risk_id=1,
        at=AT,
    ).alert


def opened(model_id: int | None, fingerprint: str, tier: Tier = Tier.PAGE) -> Alert:
    return actions.open_or_join(
        fingerprint=fingerprint, tier=tier, title=fingerprint, body="", url="", model_id=model_id, risk_id=None, at=AT
    ).alert


def browser(person: Account) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_opening_the_acknowledge_address_changes_nothing(olive: Account, alert: Alert) -> None:
    answer = browser(olive).get(f"/alerts/{alert.pk}/acknowledge/")

    assert answer.status_code == 200
    alert.refresh_from_db()
    assert alert.state == AlertState.OPEN


def test_posting_acknowledges_and_a_second_time_is_a_conflict(olive: Account, alert: Alert) -> None:
    client = browser(olive)

    assert client.post(f"/alerts/{alert.pk}/acknowledge/").status_code == 302
    assert client.post(f"/alerts/{alert.pk}/acknowledge/").status_code == 409

    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_by) == (AlertState.ACKNOWLEDGED, olive)


def test_a_stranger_sees_no_alert_and_may_not_answer_it(alert: Alert) -> None:
    stella = a_person("Stella", role="model_owner")

    assert browser(stella).get(f"/alerts/{alert.pk}/").status_code == 404
    with pytest.raises(AccessDenied):
        actions.acknowledge(by=stella, at=AT, alert_id=alert.pk)


def test_the_list_filters_by_its_address_and_answers_htmx_with_the_table(olive: Account, alert: Alert) -> None:
    client = browser(olive)

    assert "Claims: cost risk" in client.get("/alerts/?tier=1&state=open&model=claims").text
    assert "No alert matches" in client.get("/alerts/?tier=3").text
    assert "No alert matches" in client.get("/alerts/?told=me").text
    assert client.get("/alerts/?tier=nine&since=ever&after=x").status_code == 200
    part = client.get("/alerts/?state=open", headers={"HX-Request": "true"})
    assert part.text.strip().startswith('<div id="alerts" data-live hx-get="/alerts/?state=open"')
    assert part["HX-Push-Url"] == "/alerts/?state=open"


def test_a_list_that_refreshes_itself_leaves_the_address_alone(olive: Account, alert: Alert) -> None:
    refreshed = {"HX-Request": "true", "HX-Trigger": "alerts", "HX-Target": "alerts"}

    answer = browser(olive).get("/alerts/", headers=refreshed)

    assert "Claims: cost risk" in answer.text
    assert "HX-Push-Url" not in answer.headers


def test_many_are_acknowledged_at_once_with_a_note_on_each(olive: Account, alert: Alert) -> None:
    second = opened(alert.model_id, "risk:1:DRIFT")
    hers = opened(a_model(a_person("Stella", role="model_owner"), slug="other").pk, "risk:2:COST")
    htmx = {"HX-Request": "true"}

    answer = browser(olive).post(
        "/alerts/acknowledge/", {"pick": [alert.pk, second.pk, hers.pk], "note": "Same cause."}, headers=htmx
    )

    assert "Acknowledged 2 alerts." in answer.text
    assert set(Alert.objects.filter(state=AlertState.OPEN)) == {hers}
    assert [note.text for note in Annotation.objects.all()] == ["Same cause."] * 2
    again = browser(olive).post("/alerts/acknowledge/", {"pick": [alert.pk]}, headers=htmx)
    assert (again.status_code, "acknowledged already" in again.text) == (409, True)


def test_the_file_holds_the_rows_of_the_address(olive: Account, alert: Alert) -> None:
    opened(alert.model_id, "risk:1:DRIFT", tier=Tier.DIGEST)

    rows = b"".join(browser(olive).get("/alerts/alerts.csv?tier=1")).decode().splitlines()

    assert len(rows) == 2
    assert alert.title in rows[1]


def test_the_list_asks_as_often_for_many_rows_as_for_few(
    olive: Account, alert: Alert, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        opened(alert.model_id, f"risk:1:{number}")
    client = browser(olive)
    client.get("/alerts/")

    with django_assert_max_num_queries(16):
        client.get("/alerts/")


def test_a_note_is_kept_and_shown(olive: Account, alert: Alert) -> None:
    client = browser(olive)

    assert client.post(f"/alerts/{alert.pk}/notes/", {"text": ""}).status_code == 422
    client.post(f"/alerts/{alert.pk}/notes/", {"text": "Asked the vendor."})

    assert "Asked the vendor." in client.get(f"/alerts/{alert.pk}/").text


def test_the_api_lists_and_acknowledges(olive: Account, alert: Alert) -> None:
    client = browser(olive)
    address = f"/api/v1/alerts/{alert.pk}/acknowledgements/"

    assert client.get("/api/v1/alerts/?tier=1").json()["results"][0]["model"] == "claims"
    assert client.post(address, {"note": "x", "odd": 1}, content_type="application/json").status_code == 400
    assert client.post(address, {"note": "On it."}, content_type="application/json").status_code == 201
    assert client.post(address, {}, content_type="application/json").status_code == 409


def test_time_to_acknowledge(olive: Account, alert: Alert) -> None:
    actions.acknowledge(by=olive, at=AT + timedelta(minutes=20), alert_id=alert.pk)

    answered = queries.time_to_acknowledge(Alert.objects.all(), since=AT)

    assert (answered.count, answered.mean, answered.p95) == (1, timedelta(minutes=20), timedelta(minutes=20))
