"""A worker dies, is split, or stumbles at any moment: every row is measured once, whatever the order."""

import os
import random
import signal
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Count
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from models_registry.backfills import working
from models_registry.backfills.models import Backfill, BackfillState
from models_registry.telemetry import actions as telemetry
from models_registry.telemetry import queries
from models_registry.telemetry.models import Measurement, TelemetryEvent
from tests.models_registry.backfills import world
from tests.models_registry.telemetry import world as live_world
from tests.models_registry.telemetry.world import AT, claims_model

pytestmark = pytest.mark.django_db(transaction=True)
LATER = AT + timedelta(hours=1)


def measured(source_id: int) -> list[float]:
    rows = Measurement.objects.filter(event_id__in=TelemetryEvent.objects.filter(source_id=source_id).values("pk"))
    return sorted(rows.values_list("value", flat=True))


def take_up_again() -> None:
    """Measure what a dead worker had claimed, as the line does once its lease has ended."""
    while claimed := telemetry.claim(limit=50, at=LATER):
        with transaction.atomic():
            events = TelemetryEvent.objects.select_for_update().select_related("source").filter(pk__in=claimed)
            telemetry.measure_all(events=list(events.order_by("pk")), at=LATER)


def work_in_a_child(pk: int) -> int:
    """Fork a worker and return its process; the connection is made anew on both sides."""
    connection.close()
    child = os.fork()
    if child:
        return child
    try:
        while not Backfill.objects.filter(pk=pk, state=BackfillState.DONE).exists():
            if not working.advance(backfill_id=pk, at=AT) and not world.measure_waiting():
                time.sleep(0.01)  # the server has not noticed yet that the worker before died
    finally:
        os._exit(0)


def test_kill_9_at_any_moment_loses_and_doubles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    claims_model()
    monkeypatch.setattr(working, "MOST", 25)
    source, rows, dice = world.source(), world.rows(12_000, begin=AT - timedelta(days=900)), random.Random(7)
    rows[1_234][2] = "broken"
    running = world.started(world.csv_file(rows), to=source)

    kills = 0
    for _ in range(60):
        child = work_in_a_child(running.pk)
        time.sleep(dice.uniform(0.05, 0.25))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        kills += os.WIFSIGNALED(status)
        running.refresh_from_db()
        if running.state == BackfillState.DONE:
            break
        if kills >= 8:
            break
    monkeypatch.setattr(working, "MOST", 1_000)
    take_up_again()
    done = world.work_off(running)

    states = dict(TelemetryEvent.objects.values_list("state").annotate(n=Count("pk")))
    assert list(states) == ["DONE"], list(
        TelemetryEvent.objects.exclude(state="DONE").values_list("reason", "detail", "attempts")[:5]
    )
    assert kills >= 3
    assert done.state == BackfillState.DONE
    assert measured(source.pk) == sorted(row[2] for row in rows if row[2] != "broken")
    assert (done.kept_count, done.rejected_count) == (11_999, 1)
    assert world.rejected(done) == [(1_236, "value", "E_NOT_NUMERIC")]
    assert queries.miscounted() == {}
    assert queries.unmerged_windows() == []


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_any_split_any_stumble_and_any_order_with_live_events_gives_the_same(
    monkeypatch: pytest.MonkeyPatch, data: some.DataObject
) -> None:
    if not live_world.RegisteredModel.objects.filter(slug="claims-triage").exists():
        claims_model()
    count = data.draw(some.integers(1, 120), "rows")
    rows = world.rows(count)
    form = data.draw(some.sampled_from(["csv", "gzip", "parquet"]), "form")
    content = world.csv_file(rows)
    if form == "gzip":
        content = world.packed(content)
    if form == "parquet":
        names = dict(zip(world.HEADER, map(list, zip(*rows, strict=True)), strict=True))
        content = world.parquet_file(names, row_group_size=data.draw(some.integers(1, 50), "group"))
    source = world.source()
    running = world.started(content, to=source)

    for step in data.draw(
        some.lists(some.sampled_from(["go", "stumble", "measure", "forget", "live"]), max_size=20), "steps"
    ):
        monkeypatch.setattr(working, "MOST", data.draw(some.integers(1, 40), "most"))
        if step == "go":
            working.advance(backfill_id=running.pk, at=AT)
        elif step == "stumble":
            stumble(monkeypatch, running)
        elif step == "measure":
            world.measure_waiting()
        elif step == "forget":
            working._open.clear()
        else:
            telemetry.receive(source=live_world.source(), body=live_world.measurements(0.5), headers={}, at=AT)
    done = world.work_off(running)

    assert done.state == BackfillState.DONE
    assert measured(source.pk) == sorted(row[2] for row in rows)
    assert (done.kept_count, done.row_count) == (count, count + 1)


def stumble(monkeypatch: pytest.MonkeyPatch, running: Backfill) -> None:
    """Let a worker fail after it wrote everything and before it could commit."""

    def fail(*_: object) -> None:
        raise OSError("the machine is gone")

    with monkeypatch.context() as patched:
        patched.setattr(working, "_count", fail)
        try:
            working.advance(backfill_id=running.pk, at=AT)
        except OSError:
            return
