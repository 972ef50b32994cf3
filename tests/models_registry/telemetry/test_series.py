"""A limit on series: it holds, says so, loses nothing, and a replay goes on once there is room."""

from collections.abc import Callable
from typing import Any

import pytest

from models_registry.audit.models import AuditEntry
from models_registry.telemetry import actions, catalogue_queries
from models_registry.telemetry.catalogue_models import Series
from models_registry.telemetry.models import EventState, Measurement, TelemetryEvent
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.test_naming import send
from tests.models_registry.telemetry.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

Run = Callable[[], None]


def test_series_are_known_once_they_are_measured(run_line: Run) -> None:
    world.claims_model()
    source = world.source()
    for number, segment in enumerate(["", "eu", "eu"]):
        send(source, "accuracy", 0.5, number=number, segment=segment)
    run_line()

    assert list(Series.objects.order_by("segment").values_list("metric", "environment", "segment")) == [
        ("accuracy", "production", ""),
        ("accuracy", "production", "eu"),
    ]


def test_past_the_limit_an_event_is_held_and_told_once_and_known_series_go_on(run_line: Run, settings: Any) -> None:
    settings.REDLINE_SERIES_LIMIT = 2
    world.claims_model()
    source = world.source()
    for number in range(5):
        send(source, "accuracy", 0.5, number=number, segment=f"customer-{number}")
        run_line()
    send(source, "accuracy", 0.9, number=9, segment="customer-0")
    send(source, "recall", 0.9, number=10, segment="customer-4")
    run_line()

    held = TelemetryEvent.objects.filter(state=EventState.QUARANTINED)

    assert set(held.values_list("reason", flat=True)) == {"E_SEGMENTS:claims-triage/accuracy"}
    assert held.count() == 3
    assert Measurement.objects.count() == 4
    assert AuditEntry.objects.filter(action="telemetry.quarantined_first").count() == 1
    assert catalogue_queries.crowded() == [("claims-triage", "accuracy", 2)]


def test_in_one_batch_the_first_ones_are_let_in(run_line: Run, settings: Any) -> None:
    settings.REDLINE_SERIES_LIMIT = 2
    world.claims_model()
    source = world.source()
    for number in range(4):
        send(source, "accuracy", 0.5, number=number, segment=f"customer-{number}")
    events = list(TelemetryEvent.objects.select_related("source").order_by("pk"))

    actions.measure_all(events=events, at=AT)

    states = TelemetryEvent.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["DONE", "DONE", "QUARANTINED", "QUARANTINED"]


def test_with_a_higher_limit_a_replay_reads_what_was_held(run_line: Run, settings: Any) -> None:
    settings.REDLINE_SERIES_LIMIT = 1
    world.claims_model()
    source = world.source()
    for number in range(3):
        send(source, "accuracy", 0.5, number=number, segment=f"customer-{number}")
    run_line()
    settings.REDLINE_SERIES_LIMIT = 3
    held = TelemetryEvent.objects.filter(state=EventState.QUARANTINED).values_list("pk", flat=True)

    again = actions.replay(by=OPERATOR, at=AT, events=list(held))
    run_line()

    assert again == 2
    assert Measurement.objects.count() == 3


def test_a_model_gets_no_more_metrics_than_the_limit_and_known_ones_go_on(run_line: Run, settings: Any) -> None:
    settings.REDLINE_NAMES_LIMIT = 2
    world.claims_model()
    source = world.source()
    for number in range(5):
        send(source, f"latency_of_request_{number}", 0.5, number=number)
    run_line()
    send(source, "latency_of_request_0", 0.9, number=8, segment="eu")
    send(source, "latency_of_request_9", 0.9, number=9)
    run_line()

    held = TelemetryEvent.objects.filter(state=EventState.QUARANTINED)

    assert set(held.values_list("reason", flat=True)) == {"E_NAMES:claims-triage"}
    assert held.count() == 4
    assert Measurement.objects.count() == 3
    assert catalogue_queries.of_many_names() == [("claims-triage", 2)]


def test_an_event_refused_for_its_names_takes_no_room_from_the_next(run_line: Run, settings: Any) -> None:
    settings.REDLINE_NAMES_LIMIT = 2
    settings.REDLINE_SERIES_LIMIT = 1
    world.claims_model()
    source = world.source()
    for number in range(2):
        send(source, "accuracy", 0.5, number=number, segment=f"customer-{number}")
    send(source, "recall", 0.5, number=2)
    send(source, "precision", 0.5, number=3)
    events = list(TelemetryEvent.objects.select_related("source").order_by("pk"))

    actions.measure_all(events=events, at=AT)

    states = TelemetryEvent.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["DONE", "QUARANTINED", "DONE", "QUARANTINED"]
