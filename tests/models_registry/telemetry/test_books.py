"""Whatever is sent, in whatever order and batches: the books balance and the windows are the same."""

import datetime as dt
import io
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models_registry.audit.models import AuditEntry
from models_registry.telemetry import actions, queries
from models_registry.telemetry.folding import SeriesRef, fold
from models_registry.telemetry.models import EventState, Rollup, Source, TelemetryEvent
from models_registry.telemetry.writing import Row
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT

POINTS = st.builds(
    Row,
    series=st.builds(
        SeriesRef, st.just(1), st.sampled_from(["a", "b"]), st.just("production"), st.sampled_from(["", "eu"])
    ),
    value=st.floats(allow_nan=False, allow_infinity=False),
    observed_at=st.datetimes(min_value=dt.datetime(2026, 11, 1), max_value=dt.datetime(2026, 11, 3)).map(
        lambda at: at.replace(tzinfo=dt.UTC)
    ),
    ordinal=st.just(0),
    version_id=st.none(),
    unit=st.just(""),
    sent_unit=st.just(""),
)


@given(st.lists(POINTS, max_size=30), st.randoms(use_true_random=False))
def test_points_fold_to_the_same_windows_in_any_order_and_batches(points: list[Row], chance: random.Random) -> None:
    shuffled = chance.sample(points, len(points))
    cut = chance.randint(0, len(points))

    left, right = fold(shuffled[:cut]), fold(shuffled[cut:])
    merged = left | {cell: left[cell].merged(seen) if cell in left else seen for cell, seen in right.items()}

    assert merged == fold(points)


def deliver(source: Source, bodies: list[bytes]) -> None:
    for body in bodies:
        actions.receive(source=source, body=body, headers={}, at=AT)


def windows() -> list[tuple[Any, ...]]:
    fields = ("metric", "width_s", "starts_at", "count", "sum", "min", "max", "first", "last", "first_at", "last_at")
    return sorted(Rollup.objects.values_list(*fields))


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=8),
    repeats=st.lists(st.integers(0, 7), max_size=6),
    chance=st.randoms(use_true_random=False),
)
def test_events_in_any_order_with_repeats_give_the_same_windows_and_balanced_books(
    values: list[float], repeats: list[int], chance: random.Random, run_line: Callable[[], None]
) -> None:
    if not TelemetryEvent.objects.exists() and not Source.objects.exists():
        world.claims_model()
    bodies = [world.measurements(value, minute=number) for number, value in enumerate(values)]
    again = [bodies[number] for number in repeats if number < len(bodies)]
    seen = []
    for order in (bodies, chance.sample(bodies + again, len(bodies + again))):
        Rollup.objects.all().delete()
        source = world.source()
        deliver(source, [*order, b"not json"])
        run_line()
        seen.append(windows())

    assert seen[0] == seen[1]
    held = queries.books()[source.pk]
    assert (held.received, held.quarantined) == (len(order) + 1, 1)
    assert held.done == len(set(bodies))
    assert held.duplicate == len(order) - held.done


@pytest.mark.django_db
def test_check_books_proves_the_balance_and_names_what_is_wrong(run_line: Callable[[], None]) -> None:
    world.claims_model()
    source = world.source()
    deliver(source, [world.measurements(0.9, 0.8), b"[]"])
    run_line()

    assert queries.unmerged_windows() == []
    Rollup.objects.filter(width_s=300).delete()
    assert queries.unmerged_windows() == [(300, 2, 0)]


@pytest.mark.django_db(transaction=True)
def test_the_command_prints_the_books_and_fails_on_a_lost_window(run_line: Callable[[], None]) -> None:
    world.claims_model()
    deliver(world.source(), [world.measurements(0.9)])
    run_line()
    out = io.StringIO()

    call_command("check_books", stdout=out)
    Rollup.objects.filter(width_s=3600).delete()

    assert "received 1 = done 1 + duplicate 0" in out.getvalue()
    with pytest.raises(CommandError, match="windows of 3600 s"):
        call_command("check_books", stdout=out)


@pytest.mark.django_db
def test_a_mended_mapping_is_tried_without_writing_then_replayed_once(run_line: Callable[[], None]) -> None:
    world.claims_model()
    source = world.mapped_source()
    body = world.mapped_body(number=1).replace(b'"accuracy"', b'"accuracy_v2"')
    deliver(source, [body])
    run_line()
    event = TelemetryEvent.objects.select_related("source").get()
    mended = world.MAPPING | {"values": [{"metric": {"const": "accuracy"}, "value": "/accuracy_v2"}]}

    before = actions.dry_run(events=[event])[0]
    after = actions.dry_run(events=[event], mapping=mended)[0]
    assert (before.reason[:9], [row.value for row in after.rows]) == ("E_MISSING", [0.9])
    assert not Rollup.objects.exists()
    world.teach(source, mended, at=AT + dt.timedelta(minutes=1))
    assert actions.replay(by=world.OPERATOR, at=AT, events=[event.pk]) == 1
    run_line()

    event.refresh_from_db()
    assert (event.state, event.reason) == (EventState.DONE, "")
    assert Rollup.objects.filter(width_s=300).get().count == 1
    with pytest.raises(actions.NothingHeld):
        actions.replay(by=world.OPERATOR, at=AT, events=[event.pk])


@pytest.mark.django_db
def test_silence_beyond_the_expected_interval_is_noticed_once_and_so_is_the_return() -> None:
    source = world.source(expected_interval_s=600)
    late = AT + dt.timedelta(minutes=11)

    changes = [actions.find_quiet_sources(at=at) for at in (AT, late, late + dt.timedelta(minutes=1))]
    actions.receive(source=source, body=b"{}", headers={}, at=late + dt.timedelta(minutes=2))
    changes.append(actions.find_quiet_sources(at=late + dt.timedelta(minutes=3)))

    assert changes == [0, 1, 0, 1]
    trail = AuditEntry.objects.filter(object_type="source", object_id=str(source.pk)).order_by("pk")
    assert [entry.action for entry in trail][1:] == ["source.went_quiet", "source.came_back"]
