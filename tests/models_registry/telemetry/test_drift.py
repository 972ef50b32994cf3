"""Drifted payloads: every one held with a named reason, and a replay gives what the same payloads give at once."""

import copy
import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models_registry.telemetry import actions, measuring
from models_registry.telemetry.models import EventState, Measurement, Rollup, TelemetryEvent
from models_registry.telemetry.reasons import HELD
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

MANY = 50
MAPPING: dict[str, Any] = {
    "mapping": 1,
    "event_id": "/id",
    "fields": {"model": "/model", "observed_at": "/at", "segment": {"pointer": "/region", "default": "all"}},
    "values": [
        {"metric": {"const": "accuracy"}, "value": "/data/accuracy"},
        {"metric": "/data/name", "value": "/data/x"},
    ],
}


def sound(number: int) -> dict[str, Any]:
    at = (AT - dt.timedelta(minutes=number + 1)).isoformat()
    values = {"accuracy": 0.9 - number / 1000, "name": "recall", "x": 0.25}
    return {"id": f"e{number}", "model": "claims-triage", "at": at, "region": "eu", "data": values}


def dropped(*path: str) -> Callable[[dict[str, Any]], None]:
    def drift(body: dict[str, Any]) -> None:
        for key in path[:-1]:
            body = body[key]
        del body[path[-1]]

    return drift


def retyped(value: Any, *path: str) -> Callable[[dict[str, Any]], None]:
    def drift(body: dict[str, Any]) -> None:
        for key in path[:-1]:
            body = body[key]
        body[path[-1]] = value

    return drift


def renamed(to: str, *path: str) -> Callable[[dict[str, Any]], None]:
    def drift(body: dict[str, Any]) -> None:
        for key in path[:-1]:
            body = body[key]
        body[to] = body.pop(path[-1])

    return drift


DRIFTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "E_MISSING:/model": dropped("model"),
    "E_MISSING:/at": dropped("at"),
    "E_MISSING:/data/accuracy": renamed("accuracy_v2", "data", "accuracy"),
    "E_MISSING:/data/x": dropped("data", "x"),
    "E_MISSING:/data/name": retyped(None, "data", "name"),
    "E_TYPE:/data/accuracy": retyped("0.93", "data", "accuracy"),
    "E_TYPE:/data/x": retyped(True, "data", "x"),
    "E_TYPE:/model": retyped(7, "model"),
    "E_TYPE:/data/name": retyped(["recall"], "data", "name"),
    "E_EMPTY_TEXT:/model": retyped(" ", "model"),
    "E_TIME:/at": retyped("yesterday", "at"),
    "E_NAIVE_TIME:/at": retyped("2026-11-20T11:00:00", "at"),
    "E_PAST:/at": retyped("1999-01-01T00:00:00Z", "at"),
    "E_FUTURE:/at": retyped("2027-01-01T00:00:00Z", "at"),
    "E_UNKNOWN_MODEL:#0": retyped("claims-triage-v2", "model"),
}


def receive(bodies: list[dict[str, Any]], mapping: dict[str, Any]) -> None:
    source = world.mapped_source(mapping)
    for body in bodies:
        actions.receive(source=source, body=json.dumps(body).encode(), headers={}, at=AT)


def measured() -> list[tuple[object, ...]]:
    rows = Measurement.objects.order_by("observed_at", "metric", "segment", "value")
    return list(rows.values_list("metric", "value", "unit", "environment", "segment", "observed_at"))


def windows() -> list[tuple[object, ...]]:
    rows = Rollup.objects.order_by("metric", "segment", "width_s", "starts_at")
    return list(
        rows.values_list("metric", "segment", "width_s", "starts_at", "count", "sum", "min", "max", "first", "last")
    )


def test_fifty_drifted_payloads_are_fifty_held_with_the_reason_they_have(run_line: Callable[[], None]) -> None:
    world.claims_model()
    bodies, expected = [], []
    for number in range(MANY):
        reason, drift = list(DRIFTS.items())[number % len(DRIFTS)]
        body = sound(number)
        drift(body)
        bodies.append(body)
        expected.append(reason)
    receive(bodies, MAPPING)
    run_line()

    held = TelemetryEvent.objects.order_by("pk")

    assert [event.state for event in held] == [EventState.QUARANTINED] * MANY
    assert [event.reason for event in held] == expected
    assert all(reason.partition(":")[0] in HELD for reason in expected)
    assert measured() == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_drifts_a_replay_under_the_mended_mapping_gives_what_the_payloads_would_have_given_at_once(
    data: st.DataObject, run_line: Callable[[], None]
) -> None:

    numbers = data.draw(st.lists(st.integers(0, 30), min_size=1, max_size=12, unique=True))
    drifted = []
    for number in numbers:
        body = copy.deepcopy(sound(number))
        body["data"]["accuracy_v2"] = body["data"].pop("accuracy")
        drifted.append(body)
    mended = copy.deepcopy(MAPPING)
    mended["values"][0]["value"] = "/data/accuracy_v2"
    found = []
    for first in (MAPPING, mended):
        with transaction.atomic():
            world.claims_model()
            receive(drifted, first)
            run_line()
            if first is MAPPING:
                assert measured() == []
                source = world.Source.objects.get()
                world.teach(source, mended, at=AT + dt.timedelta(hours=1))
                held = list(TelemetryEvent.objects.select_related("source").order_by("-pk"))
                would = measuring.read_events(held)
                actions.replay(by=OPERATOR, at=AT, events=[event.pk for event in held])
                run_line()
                assert sum(len(each.rows) for each in would) == Measurement.objects.count() == 2 * len(numbers)
            found.append((measured(), windows()))
            transaction.set_rollback(True)

    assert found[0] == found[1]
