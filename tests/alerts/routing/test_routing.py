"""One decision for every alertable entry, one open alert per thing, and nothing missed."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from alerts.delivery.models import Notification
from alerts.inbox import actions as inbox
from alerts.inbox.models import Alert
from alerts.routing.actions import route
from alerts.routing.defaults import ensure_default_routes
from alerts.routing.models import Outcome, RoutingDecision
from alerts.routing.queries import books
from governance.vocabulary import Tier
from models_registry.access.models import Account
from models_registry.catalog.models import RegisteredModel
from tests.alerts.people import AT, a_model, a_person, a_raise, an_entry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def olive() -> Account:
    ensure_default_routes(by=a_person("Cora", role="compliance_officer"), at=AT)
    return a_person("Olive")


@pytest.fixture
def model(olive: Account) -> RegisteredModel:
    return a_model(olive)


def in_threads(count: int, work):  # type: ignore[no-untyped-def]
    """Run the work in threads that begin together; return what they gave back."""
    gate, results = threading.Barrier(count), []

    def run() -> None:
        try:
            gate.wait()
            results.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_critical_raise_pages_the_owner(model: RegisteredModel, olive: Account) -> None:
    a_raise(model)

    assert route(limit=10, at=timezone.now()) == 1

    decision = RoutingDecision.objects.get()
    assert (decision.outcome, decision.tier) == (Outcome.PAGE, Tier.PAGE)
    assert "Olive" in decision.reason
    sent = Notification.objects.get()
    assert (sent.recipient, sent.tier) == (olive, Tier.PAGE)
    assert sent.dedup_key == f"redline:{sent.alert_id}:{sent.channel_id}:{olive.pk}:{decision.entry_id}"


def test_entries_are_decided_once_however_often_the_router_runs(model: RegisteredModel) -> None:
    a_raise(model)
    an_entry(model, "risk.acknowledged")

    assert [route(limit=10, at=timezone.now()) for _ in range(3)] == [1, 0, 0]
    assert books().balanced


def test_two_routers_at_once_leave_one_decision_for_each_entry(model: RegisteredModel) -> None:
    for number in range(30):
        a_raise(model, category=f"C{number}", level="MEDIUM")

    in_threads(2, lambda: [route(limit=7, at=timezone.now()) for _ in range(12)])
    while route(limit=7, at=timezone.now()):
        pass

    assert RoutingDecision.objects.count() == Alert.objects.count() == 30
    assert books().balanced


def test_sixteen_threads_open_one_alert() -> None:
    words = {"title": "Claims", "body": "", "url": "/", "model_id": None, "risk_id": None, "at": AT}

    told = in_threads(16, lambda: inbox.open_or_join(fingerprint="risk:1:COST", tier=Tier.POST, **words))

    assert len(told) == 16
    assert sum(one.opened for one in told) == 1
    assert Alert.objects.get().occurrence_count == 16


def test_an_entry_that_commits_late_is_not_missed(model: RegisteredModel) -> None:
    written, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            a_raise(model, category="COST")
            written.set()
            may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(10)
    a_raise(model, category="SECURITY")
    assert route(limit=10, at=timezone.now()) == 0  # the later entry waits behind the open transaction

    may_commit.set()
    thread.join()

    assert route(limit=10, at=timezone.now()) == 2
    assert books().missed == 0


def test_a_second_raise_joins_and_a_louder_one_tells_again(model: RegisteredModel) -> None:
    outcomes = []
    for level in ("MEDIUM", "MEDIUM", "CRITICAL"):
        a_raise(model, level=level)
        route(limit=10, at=timezone.now())
        outcomes.append(RoutingDecision.objects.latest("id").outcome)

    assert outcomes == [Outcome.POST, Outcome.JOIN, Outcome.PAGE]
    alert = Alert.objects.get()
    assert (alert.tier, alert.occurrence_count) == (Tier.PAGE, 3)
    assert Notification.objects.count() == 2


def test_a_risk_that_falls_to_low_resolves_its_alert_and_withdraws_messages(model: RegisteredModel) -> None:
    a_raise(model)
    route(limit=10, at=timezone.now())
    an_entry(model, "risk.level_lowered", from_level="CRITICAL", to_level="LOW")
    route(limit=10, at=timezone.now())

    assert Alert.objects.get().state == "RESOLVED"
    assert Notification.objects.get().state == "CANCELLED"
    assert RoutingDecision.objects.latest("id").outcome == Outcome.JOIN
    assert books().balanced


def test_a_storm_of_a_thousand_entries_sends_ten_pages_and_one_summary(olive: Account) -> None:
    model = a_model(olive, slug="storm")
    with transaction.atomic():
        for number in range(1000):
            a_raise(model, category=f"C{number}")

    while route(limit=250, at=timezone.now()):
        pass

    pages = Notification.objects.filter(alert__isnull=False)
    summary = Notification.objects.get(alert__isnull=True)
    assert pages.count() == 10
    assert summary.payload["count"] == 990
    assert Alert.objects.count() == RoutingDecision.objects.count() == 1000
    held = RoutingDecision.objects.filter(outcome=Outcome.SUPPRESS)
    assert held.count() == 990
    assert not held.filter(reason="").exists()


def test_an_old_entry_is_told_in_a_summary_not_by_a_page(model: RegisteredModel) -> None:
    a_raise(model)

    route(limit=10, at=timezone.now() + timedelta(hours=1))

    assert RoutingDecision.objects.get().outcome == Outcome.DIGEST
    assert Notification.objects.get().alert is None


def test_without_a_route_the_alert_is_shown_and_the_decision_says_why() -> None:
    a_raise(a_model(a_person("Olive"), slug="unrouted"))

    route(limit=10, at=timezone.now())

    decision = RoutingDecision.objects.get()
    assert decision.outcome == Outcome.SUPPRESS
    assert "No route matches" in decision.reason
    assert Alert.objects.count() == 1
