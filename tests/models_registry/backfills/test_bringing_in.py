"""Files of history become events and measurements, once, whatever happens on the way."""

import datetime as dt

import pytest

from models_registry.backfills import actions, uploading, working
from models_registry.backfills.columns import Plan
from models_registry.backfills.models import BackfillState, Piece
from models_registry.telemetry import queries
from models_registry.telemetry.models import Measurement, Rollup, TelemetryEvent
from models_registry.telemetry.strict_json import loads
from tests.models_registry.backfills import world
from tests.models_registry.backfills.world import HEADER
from tests.models_registry.telemetry.world import AT, OPERATOR, claims_model

pytestmark = pytest.mark.django_db(transaction=True)


def values() -> list[float]:
    """Every value that was measured, sorted."""
    return sorted(Measurement.objects.values_list("value", flat=True))


def test_every_row_of_a_file_is_measured_once_and_its_event_says_where_it_came_from() -> None:
    claims_model()
    rows = world.rows(300)

    done = world.brought_in(world.csv_file(rows))

    assert values() == sorted(row[2] for row in rows)
    assert (done.kept_count, done.rejected_count, done.row, done.row_count) == (300, 0, 301, 301)
    body = loads(bytes(TelemetryEvent.objects.get().raw))
    assert body["backfill"] == {
        "file": "history.csv",
        "digest": f"sha256:{done.digest}",
        "plan": f"sha256:{done.plan_digest}",
        "first_row": 2,
        "last_row": 301,
    }
    assert body["measurements"][0]["row"] == 2
    assert Rollup.objects.filter(width_s=86_400).count() == 13
    assert not Piece.objects.exists()


def test_a_large_file_becomes_several_events_and_the_books_balance(monkeypatch: pytest.MonkeyPatch) -> None:
    claims_model()
    monkeypatch.setattr(working, "MOST", 100)

    world.brought_in(world.csv_file(world.rows(1_050)))

    assert TelemetryEvent.objects.count() == 11
    assert Measurement.objects.count() == 1_050
    [books] = queries.books(at=AT).values()
    assert (books.done, books.waiting, books.balanced) == (11, 0, True)
    assert queries.miscounted() == {}
    assert queries.unmerged_windows() == []


def test_reading_waits_for_the_line_when_enough_of_its_events_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    claims_model()
    monkeypatch.setattr(working, "MOST", 10)
    running = world.started(world.csv_file(world.rows(100)))

    steps = [working.advance(backfill_id=running.pk, at=AT) for _ in range(6)]

    assert steps == [True] * 4 + [False] * 2
    assert TelemetryEvent.objects.count() == working.WAITING


def test_bad_rows_are_told_by_row_column_and_reason_and_stop_nothing() -> None:
    claims_model()
    rows = world.rows(8)
    rows[1][2] = "fast"
    rows[2][3] = "yesterday"
    rows[3][0] = "who-knows"
    rows[4][3] = (AT + dt.timedelta(days=2)).isoformat()
    rows[5] = ["claims-triage"]
    rows[6][1] = ""

    done = world.brought_in(world.csv_file(rows))

    assert world.rejected(done) == [
        (3, "value", "E_NOT_NUMERIC"),
        (4, "observed_at", "E_TIME"),
        (5, "model", "E_UNKNOWN_MODEL"),
        (6, "observed_at", "E_FUTURE"),
        (7, "", "E_MISSING"),
        (8, "metric", "E_EMPTY_TEXT"),
    ]
    assert (done.kept_count, done.rejected_count) == (2, 6)
    assert list(done.findings.filter(code="E_UNKNOWN_MODEL").values_list("subject", "count")) == [("who-knows", 1)]
    assert Measurement.objects.count() == 2


def test_a_backfill_that_was_asked_to_stop_pauses_at_the_first_bad_row_and_goes_on_behind_it() -> None:
    claims_model()
    rows = world.rows(20)
    rows[10][2] = "fast"
    rows[15][2] = "slow"
    columns = {name: name for name in HEADER}

    running = world.started(world.csv_file(rows), plan=Plan(columns=columns, stops=True))
    stopped = world.work_off(running)

    assert (stopped.state, stopped.row, Measurement.objects.count()) == (BackfillState.PAUSED, 12, 10)
    assert stopped.note == "Stopped at row 12, column value: the text is not a plain finite number."

    done = world.work_off(actions.resume(by=OPERATOR, at=AT, backfill=stopped))

    assert (done.state, Measurement.objects.count(), done.rejected_count) == (BackfillState.DONE, 18, 2)


def test_the_same_file_again_adds_no_row() -> None:
    claims_model()
    content, source = world.csv_file(world.rows(50)), world.source()
    first = world.brought_in(content, to=source)

    with pytest.raises(actions.AlreadyBackfilled) as refused:
        world.started(content, to=source)

    assert refused.value.earlier == first
    assert Measurement.objects.count() == 50


def test_another_reading_of_the_same_file_comes_on_top_only_when_asked() -> None:
    claims_model()
    content, source = world.csv_file(world.rows(5)), world.source()
    world.brought_in(content, to=source)
    other = Plan(
        columns={"metric": "metric", "value": "value", "observed_at": "observed_at"}, fixed={"model": "claims-triage"}
    )
    again = world.uploaded(content, to=source)

    with pytest.raises(actions.ReadOtherwise):
        actions.start(by=OPERATOR, at=AT, backfill=again, plan=other)
    world.work_off(actions.start(by=OPERATOR, at=AT, backfill=again, plan=other, on_top=True))

    assert Measurement.objects.count() == 10


def test_a_cancelled_file_that_comes_again_goes_on_behind_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    claims_model()
    monkeypatch.setattr(working, "MOST", 20)
    content, source = world.csv_file(world.rows(100)), world.source()
    running = world.started(content, to=source)
    working.advance(backfill_id=running.pk, at=AT)
    actions.cancel(by=OPERATOR, at=AT, backfill=running)

    again = world.work_off(world.started(content, to=source))

    assert (again.state, again.kept_count) == (BackfillState.DONE, 80)
    assert values() == sorted(row[2] for row in world.rows(100))


def test_a_paused_backfill_reads_nothing_until_it_goes_on() -> None:
    claims_model()
    running = world.started(world.csv_file(world.rows(10)))
    actions.pause(by=OPERATOR, at=AT, backfill=running)

    assert not working.advance(backfill_id=running.pk, at=AT)
    with pytest.raises(actions.WrongState):
        actions.pause(by=OPERATOR, at=AT, backfill=running)
    world.work_off(actions.resume(by=OPERATOR, at=AT, backfill=running))

    assert Measurement.objects.count() == 10


def test_a_wide_file_gives_a_measurement_for_each_filled_cell() -> None:
    claims_model()
    content = world.csv_file(
        [["claims-triage", "2025-03-01T12:00:00Z", 0.9, ""], ["claims-triage", "2025-03-02T12:00:00Z", 0.8, 0.31]],
        header=("model", "date", "accuracy", "psi"),
    )

    done = world.brought_in(content)

    found = Measurement.objects.order_by("observed_at", "metric").values_list("metric", "value")
    assert list(found) == [("accuracy", 0.9), ("accuracy", 0.8), ("psi", 0.31)]
    assert (done.kept_count, done.left_out_count) == (3, 1)


def test_rows_outside_the_chosen_time_are_left_out() -> None:
    claims_model()
    plan = Plan(
        columns={name: name for name in HEADER},
        since=(world.BEGIN + dt.timedelta(hours=2)).isoformat(),
        until=(world.BEGIN + dt.timedelta(hours=5)).isoformat(),
    )

    done = world.work_off(world.started(world.csv_file(world.rows(10)), plan=plan))

    assert (done.kept_count, done.left_out_count) == (3, 7)


def test_history_of_many_years_lies_in_the_partitions_of_its_months() -> None:
    claims_model()
    rows = [["claims-triage", "accuracy", 0.5, f"{year}-02-03T00:00:00Z"] for year in range(2001, 2009)]

    world.brought_in(world.csv_file(rows))

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from telemetry_measurement_default")
        assert cursor.fetchone() == (0,)
    assert Measurement.objects.count() == 8


def test_a_damaged_file_ends_the_backfill_with_its_reason_and_keeps_what_came_before() -> None:
    claims_model()
    content = world.packed(world.csv_file(world.rows(20_000, begin=AT - dt.timedelta(days=900))))
    running = world.started(content[: len(content) * 9 // 10])

    failed = world.work_off(running)

    assert failed.state == BackfillState.FAILED
    assert "damaged or cut off" in failed.note
    assert Measurement.objects.count() == failed.kept_count >= 5_000


def test_a_file_that_is_damaged_from_the_start_fails_before_anybody_chooses_its_columns() -> None:
    content = world.packed(world.csv_file(world.rows(500)))

    failed = world.uploaded(content[: len(content) // 2])

    assert (failed.state, failed.note) == (
        BackfillState.FAILED,
        "The file is damaged or cut off: it cannot be unpacked.",
    )


def test_a_metric_in_another_unit_is_brought_into_its_own() -> None:
    claims_model()
    content = world.csv_file(
        [
            ["claims-triage", "p95_latency_ms", 1.5, "2025-03-01T12:00:00Z", "s"],
            ["claims-triage", "p95_latency_ms", 2, "2025-03-01T12:00:00Z", "furlong"],
        ],
        header=(*HEADER, "unit"),
    )

    done = world.brought_in(content)

    assert list(Measurement.objects.values_list("value", "unit", "sent_unit")) == [(1500.0, "ms", "s")]
    assert world.rejected(done) == [(3, "unit", "E_UNIT")]


def test_a_measured_source_takes_no_files() -> None:
    from tests.models_registry.telemetry import world as telemetry

    with pytest.raises(uploading.NotForFiles):
        uploading.begin_upload(by=OPERATOR, at=AT, source=telemetry.source(), file_name="x.csv", size=1)
