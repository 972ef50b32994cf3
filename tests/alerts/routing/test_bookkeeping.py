"""The books of the whole line, proved by a command that names what does not balance."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from alerts.delivery.models import Notification
from alerts.routing.actions import route
from alerts.routing.bookkeeping import house_books, one_moment
from alerts.routing.defaults import ensure_default_routes
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
