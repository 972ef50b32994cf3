"""What was measured under a name nobody had explained, read again under its metric: looked at first, once, through the line."""

import datetime as dt
import time
from collections.abc import Callable

import pytest
from django.db import connection

from governance.scoring.replaying import replay
from models_registry.access.models import Account
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.telemetry import catalogue_actions, rereading
from models_registry.telemetry.catalogue_actions import AliasEnded
from models_registry.telemetry.catalogue_models import HouseAlias
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.test_catalogue_pages import signed_in
from tests.models_registry.telemetry.test_naming import alias, send
from tests.models_registry.telemetry.world import AT, OPERATOR

pytestmark = pytest.mark.django_db
Run = Callable[[], None]


def read_all(run_line: Run) -> None:
    """Do what one second's work after the other would do, without waiting until others have committed."""
    while (entry := rereading.standing().first()) is not None:
        if not rereading.advance(entry=entry, at=AT):
            run_line()


def test_numbers_are_looked_at_and_then_read_again_in_the_metrics_own_unit(run_line: Run) -> None:
    model = world.claims_model()
    for number, value in enumerate((0.8, 0.9), start=1):
        send(world.source(), "Answer Time", value, "s", number=number, segment="eu")
    run_line()
    said = alias("Answer Time", "p95_latency_ms")

    seen = rereading.preview(alias=said)
    assert (seen.names, seen.count, seen.models, seen.kept_unit) == (["Answer Time"], 2, 1, "ms")
    assert [(row.value, value) for row, value in seen.examples] == [(0.8, 800.0), (0.9, 900.0)]
    assert not Measurement.objects.filter(metric="p95_latency_ms").exists()

    assert rereading.ask(by=OPERATOR, at=AT, alias=said) == 2
    read_all(run_line)

    found = Measurement.objects.filter(metric="p95_latency_ms").order_by("-observed_at")
    assert [(one.value, one.unit, one.sent_unit, one.segment) for one in found] == [
        (800.0, "ms", "s", "eu"),
        (900.0, "ms", "s", "eu"),
    ]
    assert {one.observed_at for one in found} == {AT - dt.timedelta(minutes=n) for n in (1, 2)}
    assert Measurement.objects.filter(metric="Answer Time").count() == 2
    assert replay(model=model, at=AT).differences == ()
    assert AuditEntry.objects.get(action="metric.read_again").body["count"] == 2


def seven_of_a_name(run_line: Run) -> HouseAlias:
    """Return an alias of a name under which seven numbers are on record."""
    world.claims_model()
    source = world.source()
    for number in range(7):
        send(source, "goodness", number / 10, number=number + 1)
    run_line()
    return alias("goodness", "recall")


def test_each_number_counts_once_however_often_it_is_asked_for(run_line: Run) -> None:
    world.claims_model()
    send(world.source(), "goodness", 0.5)
    run_line()
    said = alias("goodness", "recall")
    rereading.ask(by=OPERATOR, at=AT, alias=said)

    with pytest.raises(rereading.ReadingStands):
        rereading.ask(by=OPERATOR, at=AT, alias=said)
    read_all(run_line)
    with pytest.raises(rereading.NothingToRead):
        rereading.ask(by=OPERATOR, at=AT, alias=said)

    assert Measurement.objects.filter(metric="recall").count() == 1
    assert rereading.preview(alias=said).count == 0


def test_many_are_read_in_batches_that_take_turns_with_the_line(run_line: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    said = seven_of_a_name(run_line)
    monkeypatch.setattr(rereading, "BATCH", 1)
    monkeypatch.setattr(rereading, "WINDOW", 2)
    rereading.ask(by=OPERATOR, at=AT, alias=said)
    (entry,) = rereading.standing()

    taken = [rereading.advance(entry=entry, at=AT) for _ in range(10)]
    waiting = TelemetryEvent.objects.filter(source__slug="names-read-again", state=EventState.NEW).count()
    read_all(run_line)

    assert (taken.count(True), waiting) == (3, rereading.WAITING), "no more than the line can take"
    again = TelemetryEvent.objects.filter(source__slug="names-read-again")
    assert {one.state for one in again} == {EventState.DONE}
    assert sorted(Measurement.objects.filter(metric="recall").values_list("value", flat=True)) == [
        number / 10 for number in range(7)
    ]


def test_a_reading_goes_on_in_another_process_and_reads_nothing_twice(
    run_line: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = seven_of_a_name(run_line)
    monkeypatch.setattr(rereading, "BATCH", 2)
    rereading.ask(by=OPERATOR, at=AT, alias=said)
    (entry,) = rereading.standing()
    rereading.advance(entry=entry, at=AT)
    rereading._looked_to.clear()
    run_line()
    halfway = rereading.reading(alias=said)

    read_all(run_line)

    assert halfway is not None
    assert (halfway.written, halfway.count, halfway.percent, halfway.done_at) == (2, 7, 28, None)
    done = rereading.reading(alias=said)
    assert done is not None
    assert (done.written, done.percent, done.held) == (7, 100, 0)
    assert AuditEntry.objects.get(action="metric.read_again").body["count"] == 7
    assert Measurement.objects.filter(metric="recall").count() == 7


def test_an_alias_that_ends_ends_its_reading(run_line: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    said = seven_of_a_name(run_line)
    monkeypatch.setattr(rereading, "BATCH", 2)
    rereading.ask(by=OPERATOR, at=AT, alias=said)
    (entry,) = rereading.standing()
    rereading.advance(entry=entry, at=AT)
    catalogue_actions.end_alias(by=OPERATOR, at=AT, alias=said)

    read_all(run_line)

    assert AuditEntry.objects.get(action="metric.read_again").body["count"] == 2


def once_worked() -> int:
    """Return what the first step does that does something; it waits for older transactions of any database."""
    deadline = time.monotonic() + 60
    while not (done := rereading.work(at=AT)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return done


@pytest.mark.django_db(transaction=True)
def test_the_clock_waits_for_what_was_being_measured_when_it_was_asked(run_line: Run) -> None:
    said = seven_of_a_name(run_line)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN; SELECT pg_current_xact_id()")
        rereading.ask(by=OPERATOR, at=AT, alias=said)
        assert rereading.work(at=AT) == 0
    other.close()

    assert once_worked() == 1, "all of it in one step"
    run_line()
    assert once_worked() == 1, "which is the end, whatever else was measured meanwhile"

    assert Measurement.objects.filter(metric="recall").count() == 7
    assert not rereading.standing().exists()


def test_an_alias_of_one_kind_reads_what_sources_of_that_kind_sent(run_line: Run) -> None:
    world.claims_model()
    send(world.source(), "goodness", 0.5)
    run_line()

    assert rereading.preview(alias=alias("goodness", "recall", kind="datadog")).count == 0
    assert rereading.preview(alias=alias("goodness", "precision", kind="measurements")).count == 1


def test_what_is_in_a_unit_of_something_else_is_told_and_left(run_line: Run) -> None:
    world.claims_model()
    send(world.source(), "answer time", 3, "USD")
    send(world.source(), "answer time", 0.8, "s", number=2)
    run_line()
    said = alias("answer time", "p95_latency_ms")

    seen = rereading.preview(alias=said)

    assert (seen.count, dict(seen.unfit)) == (1, {"USD": 1})
    assert rereading.ask(by=OPERATOR, at=AT, alias=said) == 1
    read_all(run_line)
    assert not TelemetryEvent.objects.filter(state=EventState.QUARANTINED).exists()


def test_nobody_else_may_and_an_ended_alias_reads_nothing(run_line: Run) -> None:
    world.claims_model()
    send(world.source(), "goodness", 0.5)
    run_line()
    said = alias("goodness", "recall")

    with pytest.raises(AccessDenied):
        rereading.ask(by=Account.objects.get(username="olive"), at=AT, alias=said)
    catalogue_actions.end_alias(by=OPERATOR, at=AT, alias=said)
    with pytest.raises(AliasEnded):
        rereading.ask(by=OPERATOR, at=AT, alias=said)


def test_from_an_unmapped_name_to_its_old_numbers_by_pages(run_line: Run) -> None:
    world.claims_model()
    send(world.source(), "goodness", 91)
    run_line()
    client = signed_in("administrator")

    told = client.post(
        "/metrics-catalogue/adopt/",
        {"name": "goodness", "how": "alias", "metric": "recall", "sender": "*", "unit": "%"},
        follow=True,
    )
    address = told.text.partition("/read-again/")[0].rpartition('"')[2] + "/read-again/"
    look = client.get(address)
    asked = client.post(address, follow=True)
    again = client.post(address, follow=True)
    read_all(run_line)
    after = client.get(address)

    assert "What was measured before can be read again." in told.text
    assert "0.91" in look.text
    assert "Read 1 again" in look.text
    assert "1 measurement of goodness goes through the line again, as recall." in asked.text
    assert 'hx-trigger="every 2s"' in asked.text
    assert "is being read again already" in again.text
    assert "1 of 1 is under recall now." in after.text
    assert 'hx-trigger="every 2s"' not in after.text
    assert Measurement.objects.get(metric="recall").value == 0.91
    assert "Nothing is left that was measured under this name." in after.text
    assert Source.objects.get(slug="names-read-again").disabled_at is not None
