"""The books of the whole line, proved by a command that names what does not balance."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.delivery import tallies
from alerts.delivery.actions import Send, attempt_due, cancel_pending, claim, mark
from alerts.delivery.message import Outcome
from alerts.delivery.models import DeliveryBooks, DeliveryTally, Notification
from alerts.inbox.models import Alert
from alerts.routing import following, queries
from alerts.routing.actions import route
from alerts.routing.bookkeeping import house_books, one_moment
from alerts.routing.defaults import ensure_default_routes
from alerts.routing.following import undecided
from alerts.routing.models import RoutingDecision
from models_registry.audit.actor import System
from models_registry.telemetry.actions import create_source, receive
from models_registry.telemetry.models import Rollup, Tally
from tests.alerts.people import AT, a_model, a_person, a_raise
from tests.journeys.builders import a_model as a_journey_model
from tests.journeys.builders import hourly, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told() -> None:
    """An alert that was routed to its owner."""
    ensure_default_routes(by=a_person("Cora", role="compliance_officer"), at=AT)
    a_raise(a_model(a_person("Olive")))
    route(limit=10, at=timezone.now())


@pytest.mark.usefixtures("told")
def test_the_three_equations_are_printed_and_hold():
    a_journey_model()
    send(hourly([0.9, 0.8]))
    out = io.StringIO()

    call_command("check_books", stdout=out)

    assert "monitoring: received 1 = done 1 + duplicate 0 + quarantined 0 + dead 0 + waiting 0" in out.getvalue()
    assert "= decided 1 + waiting" in out.getvalue()
    assert f"Notifications {Notification.objects.count()} = delivered 0" in out.getvalue()


@pytest.mark.usefixtures("told")
def test_the_numbers_are_there_for_machines():
    out = io.StringIO()

    call_command("check_books", "--json", stdout=out)

    printed = json.loads(out.getvalue())
    assert printed["balanced"] is True
    assert printed["telling"]["decisions"] == 1


def test_a_lost_window_is_named_except_in_the_quick_form():
    a_journey_model()
    send(hourly([0.9, 0.8]))
    Rollup.objects.filter(width_s=300).delete()

    with pytest.raises(CommandError, match="windows of 300 s hold 0 of 2 measurements"):
        call_command("check_books", stdout=io.StringIO())
    call_command("check_books", "--quick", stdout=io.StringIO())


def test_a_decision_about_nothing_is_named(told):
    with one_moment():
        books = house_books()
    wrong = type(books)(sources={}, telling=type(books.telling)(**{**vars(books.telling), "decisions": 2}))

    assert wrong.imbalances == ["1 entries to decide, 2 decided and 0 waiting"]


def test_the_moment_is_one_snapshot_in_which_nothing_is_written():
    with one_moment(), connection.cursor() as cursor:
        cursor.execute("select current_setting('transaction_isolation'), current_setting('transaction_read_only')")
        assert cursor.fetchone() == ("repeatable read", "on")

    with pytest.raises(RuntimeError), transaction.atomic(), one_moment():
        pass


def test_counts_that_differ_from_the_events_are_named() -> None:
    source, _ = create_source(by=System("operator"), at=AT, name="Feed", kind="measurements")
    receive(source=source, body=b"{}", headers={}, at=AT)
    Tally.objects.create(source=source, done=1, day=AT.date())

    with one_moment():
        found = house_books()

    assert found.imbalances == [f"the counts of source {source.slug} differ from its events"]


@pytest.mark.usefixtures("told")
def test_the_counted_books_of_telling_are_those_of_the_rows_before_and_after_folding():
    alert = Alert.objects.get()
    attempt_due(limit=10, at=timezone.now(), send=lambda *_: Outcome(succeeded=True))
    Notification.objects.bulk_create(_waiting(alert, number) for number in range(3))
    failed = claim(at=timezone.now())
    assert failed is not None
    mark(claimed=failed, outcome=Outcome(succeeded=False, permanent=True), elapsed=timedelta(0), jitter=0)
    cancel_pending(alert_id=alert.pk, at=AT, reason="It was answered.")

    appended = _proven()
    folded = (tallies.fold(), tallies.fold(), _proven())

    assert (appended.given_up, appended.cancelled, appended.pending) == (1, 2, 0)
    assert appended.delivered == appended.notifications - 3 >= 1
    assert folded == (1, 0, appended)
    assert not DeliveryTally.objects.exists()


@pytest.mark.usefixtures("told")
def test_a_message_that_was_withdrawn_while_it_left_is_counted_once_as_delivered():
    alert = Alert.objects.get()
    Notification.objects.bulk_create([_waiting(alert, 1)])
    attempt_due(limit=1, at=timezone.now(), send=_withdrawing(alert))

    assert Notification.objects.get(dedup_key="waiting:1").state == "DELIVERED"
    assert (_proven().delivered, _proven().cancelled) == (1, Notification.objects.count() - 1)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("table", "column", "name"),
    [("routing_books", "decided", "decisions"), ("delivery_books", "given_up", "given_up")],
)
def test_a_count_that_differs_from_the_rows_is_named(table: str, column: str, name: str):
    DeliveryBooks.objects.create()
    with connection.cursor() as cursor:
        cursor.execute(f"update {table} set {column} = {column} + 1")

    with pytest.raises(CommandError, match=f"the count of {name} differs from the rows"):
        call_command("check_books", stdout=io.StringIO())


def test_an_entry_that_was_passed_over_is_seen_without_counting_the_history(told):
    a_raise(a_model(a_person("Otto"), slug="second"))
    a_raise(a_model(a_person("Pia"), slug="third"))
    newest = undecided(limit=9)[-1]
    RoutingDecision.objects.create(entry=newest, outcome="SUPPRESS", reason="By hand.", decided_at=AT)
    following.decided(1)

    with one_moment():
        quick, full = house_books(windows=False), house_books()

    assert quick.telling == full.telling
    assert "1 entries were passed over" in quick.imbalances


def test_reading_the_quick_books_costs_the_same_however_much_was_told(told):
    def read() -> int:
        with CaptureQueriesContext(connection) as sent:
            queries.books()
        return len(sent)

    assert read() == 2


def _proven() -> queries.Books:
    with one_moment():
        assert queries.books() == queries.recount()
        return queries.books()


def _waiting(alert: Alert, number: int) -> Notification:
    first = Notification.objects.filter(alert=alert).first()
    assert first is not None
    return Notification(
        alert=alert,
        channel_id=first.channel_id,
        tier=1,
        dedup_key=f"waiting:{number}",
        payload={"title": "t", "text": "", "path": "/", "thread": "t"},
        not_before=AT - timedelta(days=1),
        created_at=AT,
    )


def _withdrawing(alert: Alert) -> Send:
    def send(*_: object) -> Outcome:
        cancel_pending(alert_id=alert.pk, at=AT, reason="It was answered meanwhile.")
        return Outcome(succeeded=True)

    return send
