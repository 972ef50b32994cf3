"""The log of decisions, and channels as a compliance officer adds and tries them."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.delivery.actions import attempt_due
from alerts.delivery.message import DELIVERED
from alerts.delivery.models import Channel, Notification, NotificationState
from alerts.routing.actions import route
from alerts.routing.defaults import ensure_default_routes
from alerts.routing.models import Outcome, Route, RoutingDecision
from models_registry.access.models import Account
from models_registry.audit.models import AuditEntry
from tests.alerts.people import AT, a_model, a_person, a_raise

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cora() -> Account:
    return a_person("Cora", role="compliance_officer")


@pytest.fixture
def olive(cora: Account) -> Account:
    ensure_default_routes(by=cora, at=AT)
    return a_person("Olive", role="model_owner")


def browser(person: Account) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_log_says_of_each_entry_what_was_done_and_why(olive: Account) -> None:
    a_raise(a_model(olive))
    route(limit=10, at=timezone.now())
    decision = RoutingDecision.objects.get()

    text = browser(olive).get("/alerts/decisions/").text

    assert decision.outcome in {Outcome.PAGE, Outcome.POST}
    assert decision.reason in text
    assert f"/audit/{decision.entry_id}/" in text
    assert "No decision matches" in browser(olive).get("/alerts/decisions/?outcome=suppress").text
    assert decision.reason in browser(olive).get(f"/alerts/decisions/?action={decision.entry.action}").text


def test_a_stranger_sees_no_decision_about_another_s_model(olive: Account) -> None:
    a_raise(a_model(olive))
    route(limit=10, at=timezone.now())

    answer = browser(a_person("Stella", role="model_owner")).get("/alerts/decisions/")

    assert (answer.status_code, answer.context["rows"]) == (200, [])


def test_the_log_asks_as_often_for_many_rows_as_for_few(olive: Account, django_assert_max_num_queries: Any) -> None:
    model = a_model(olive)
    for _ in range(12):
        a_raise(model)
    route(limit=50, at=timezone.now())
    client = browser(olive)
    client.get("/alerts/decisions/")

    with django_assert_max_num_queries(14):
        assert len(client.get("/alerts/decisions/").context["rows"]) == 12


def test_a_signed_webhook_shows_its_secret_once_and_is_used_by_its_routes(cora: Account, olive: Account) -> None:
    pages = Route.objects.get(name="Pages")
    asked = {"name": "Receiver", "kind": "WEBHOOK", "url": "https://hooks.example.com/redline", "routes": [pages.pk]}

    answer = browser(cora).post("/alerts/channels/new/", asked)

    channel = Channel.objects.get(name="Receiver")
    assert (answer.status_code, "whsec_" in answer.text) == (201, True)
    assert "whsec_" not in browser(cora).get(f"/alerts/channels/{channel.pk}/").text
    assert list(channel.routes.all()) == [pages]
    assert {"channel.created", "channel.connected"} <= set(AuditEntry.objects.values_list("action", flat=True))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "A webhook needs the address"),
        ("http://hooks.example.com/", "scheme must be https"),
        ("https://localhost/", "full name"),
        ("https://user:pass@hooks.example.com/", "may not name a user"),
    ],
)
def test_an_address_that_may_not_be_called_is_refused_beside_the_field(cora: Account, url: str, said: str) -> None:
    answer = browser(cora).post("/alerts/channels/new/", {"name": "Receiver", "kind": "SLACK_WEBHOOK", "url": url})

    assert answer.status_code == 422
    assert said in answer.context["form"].errors["url"][0]
    assert not Channel.objects.exists()


def test_a_test_message_goes_through_the_channel_and_stands_on_its_page(cora: Account, olive: Account) -> None:
    channel, client = Channel.objects.get(name="E-mail"), browser(cora)

    client.post(f"/alerts/channels/{channel.pk}/test/")
    attempt_due(limit=5, at=timezone.now(), send=lambda *_: DELIVERED)

    assert Notification.objects.get().state == NotificationState.DELIVERED
    assert "Test message from Redline" in client.get(f"/alerts/channels/{channel.pk}/").text


def test_a_channel_is_turned_off_and_on_and_the_trail_names_who(cora: Account, olive: Account) -> None:
    channel = Channel.objects.get(name="E-mail")
    address = f"/alerts/channels/{channel.pk}/switch/"

    browser(cora).post(address)
    channel.refresh_from_db()
    assert channel.disabled_reason == "Cora turned it off."
    browser(cora).post(address)
    channel.refresh_from_db()
    assert channel.disabled_at is None

    rows = AuditEntry.objects.filter(action__in=["channel.disabled", "channel.enabled"]).order_by("id")
    assert [row.actor_name for row in rows] == ["Cora", "Cora"]


def test_an_owner_reads_the_routes_and_is_told_who_may_change_them(olive: Account) -> None:
    client = browser(olive)

    assert "Pages" in client.get("/alerts/routes/").text
    assert 'aria-disabled="true"' in client.get("/alerts/routes/").text
    for address in ("/alerts/channels/new/", f"/alerts/channels/{Channel.objects.get().pk}/switch/"):
        assert client.post(address).status_code == 403
