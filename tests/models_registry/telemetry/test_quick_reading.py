"""The quick way through a bulk body gives what the thorough way gives, and names survive COPY and arrays."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_registry.telemetry import actions
from models_registry.telemetry.adapters import measurements
from models_registry.telemetry.models import EventState, Measurement, Rollup, TelemetryEvent
from models_registry.telemetry.readings import Reading, Unreadable
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT

SOUND = {"model": "a", "metric": "psi", "value": 0.5, "observed_at": "2026-11-20T10:00:00+02:00"}
ODD: dict[str, list[Any]] = {
    "model": [None, "", " b ", 7, True, ["a"], "x" * 300, "a\u0007"],
    "metric": [None, "", "PSI", "Population Stability Index", 1, "m" * 90],
    "version": [None, 3, True, 3.0, "v3", "", []],
    "unit": [None, "", "ms", 1, "u" * 30],
    "environment": [None, "", "Prod", "stg", 5],
    "segment": [None, "", "eu", 'a\\b"c', 4, {"region": "eu", "tier": 1}, ["eu"], "s" * 200],
    "value": [None, True, "1", 1, -0.0, 2**62, 1.5, [], {}],
    "observed_at": [None, 0, True, 1_760_000_000, 1_760_000_000_000, "2026-11-20T10:00:00", "2999-01-01T00:00Z", "?"],
    "attributes": [None, {}, {"run": 1, "on": True}, {"deep": {}}, [], "x"],
}
ITEMS = st.one_of(
    st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in ODD.items()}).map(
        lambda odd: SOUND | odd
    ),
    st.sampled_from([SOUND, None, [], 1, "text"]),
)


def outcome(items: list[Any]) -> list[Reading] | tuple[Any, ...]:
    body = json.dumps({"measurements": items}).encode()
    try:
        return measurements.read(body, headers={}, mapping=None, received_at=AT)
    except Unreadable as refusal:
        return refusal.problems, refusal.readings


@given(st.lists(ITEMS, min_size=1, max_size=3))
def test_both_ways_read_the_same_or_refuse_for_the_same_reasons(items: list[Any]) -> None:
    as_it_is = outcome(items)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measurements, "_quickly", lambda *_: None)
        thorough = outcome(items)

    assert as_it_is == thorough
    assert repr(as_it_is) == repr(thorough), "equal values of one type, a negative zero among them"


@pytest.mark.django_db
@pytest.mark.parametrize("segment", ['a\\b"c', "{x},y", "NULL", "\\N", "ü 'quoted'"])
def test_names_with_odd_signs_are_stored_as_they_were_sent(segment: str) -> None:
    source = world.source()
    model = world.claims_model()
    item = {**SOUND, "model": model.slug, "segment": segment, "observed_at": (AT - dt.timedelta(hours=1)).isoformat()}
    actions.receive(source=source, body=json.dumps({"measurements": [item]}).encode(), headers={}, at=AT)

    event = TelemetryEvent.objects.get()
    actions.measure(event=event, at=AT)

    assert event.state == EventState.DONE
    assert set(Measurement.objects.values_list("segment", flat=True)) == {segment}
    assert list(Rollup.objects.values_list("segment", "count").distinct()) == [(segment, 1)]
