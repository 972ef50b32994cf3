"""What was measured under a name nobody had explained, read again under its metric: looked at first, once, through the line."""

import datetime as dt
from collections.abc import Callable

import pytest

from governance.scoring.replaying import replay
from models_registry.access.models import Account
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.telemetry import catalogue_actions, rereading
from models_registry.telemetry.catalogue_actions import AliasEnded
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.test_catalogue_pages import signed_in
from tests.models_registry.telemetry.test_naming import alias, send
from tests.models_registry.telemetry.world import AT, OPERATOR

pytestmark = pytest.mark.django_db
Run = Callable[[], None]


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

    assert rereading.read_again(by=OPERATOR, at=AT, alias=said) == 2
    run_line()

    found = Measurement.objects.filter(metric="p95_latency_ms").order_by("-observed_at")
    assert [(one.value, one.unit, one.sent_unit, one.segment) for one in found] == [
        (800.0, "ms", "s", "eu"),
        (900.0, "ms", "s", "eu"),
    ]
    assert {one.observed_at for one in found} == {AT - dt.timedelta(minutes=n) for n in (1, 2)}
    assert Measurement.objects.filter(metric="Answer Time").count() == 2
    assert replay(model=model, at=AT).differences == ()
    assert AuditEntry.objects.get(action="metric.read_again").body["count"] == 2


def test_each_number_counts_once_however_often_it_is_asked_for(run_line: Run) -> None:
    world.claims_model()
    send(world.source(), "goodness", 0.5)
    run_line()
    said = alias("goodness", "recall")
    rereading.read_again(by=OPERATOR, at=AT, alias=said)

    with pytest.raises(rereading.NothingToRead):
        rereading.read_again(by=OPERATOR, at=AT, alias=said)
    run_line()

    assert Measurement.objects.filter(metric="recall").count() == 1
    assert rereading.preview(alias=said).count == 0


def test_many_are_read_in_batches_and_what_is_left_is_offered_again(
    run_line: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.claims_model()
    source = world.source()
    for number in range(7):
        send(source, "goodness", number / 10, number=number + 1)
    run_line()
    monkeypatch.setattr(rereading, "BATCH", 2)
    said = alias("goodness", "recall")

    sent = [rereading.read_again(by=OPERATOR, at=AT, alias=said, limit=5) for _ in range(2)]
    run_line()

    assert sent == [5, 2]
    again = TelemetryEvent.objects.filter(source__slug="names-read-again")
    assert (again.count(), {one.state for one in again}) == (4, {EventState.DONE})
    assert sorted(Measurement.objects.filter(metric="recall").values_list("value", flat=True)) == [
        number / 10 for number in range(7)
    ]


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
    assert rereading.read_again(by=OPERATOR, at=AT, alias=said) == 1
    run_line()
    assert not TelemetryEvent.objects.filter(state=EventState.QUARANTINED).exists()


def test_nobody_else_may_and_an_ended_alias_reads_nothing(run_line: Run) -> None:
    world.claims_model()
    send(world.source(), "goodness", 0.5)
    run_line()
    said = alias("goodness", "recall")

    with pytest.raises(AccessDenied):
        rereading.read_again(by=Account.objects.get(username="olive"), at=AT, alias=said)
    catalogue_actions.end_alias(by=OPERATOR, at=AT, alias=said)
    with pytest.raises(AliasEnded):
        rereading.read_again(by=OPERATOR, at=AT, alias=said)


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
    done = client.post(address, follow=True)
    run_line()
    after = client.get(address)

    assert "What was measured before can be read again." in told.text
    assert "0.91" in look.text
    assert "Read 1 again" in look.text
    assert "1 measurement of goodness goes through the line again, as recall." in done.text
    assert Measurement.objects.get(metric="recall").value == 0.91
    assert "Nothing is left that was measured under this name." in after.text
    assert Source.objects.get(slug="names-read-again").disabled_at is not None
