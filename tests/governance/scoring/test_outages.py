"""However long nothing came: what a gap means is the same early, late and in a replay."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from governance.rules.models import Episode, SeriesState
from governance.scoring import pipeline
from governance.scoring.replaying import replay
from tests.journeys.builders import ACCURACY_RULE, NOON, a_model, an_enforced_formula, an_enforced_rule, send

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def a_rule(*, gaps: str, windows: int, over: str = "1h", aggregate: str = "avg") -> str:
    extra = f"over: {over}\n  aggregate: {aggregate}\n  gaps: {gaps}"
    return ACCURACY_RULE.replace("over: 1h", extra).replace("for: 1", f"for: {windows}", 1)


def readings(values: Sequence[float], *, first: Any, step: timedelta, segment: str = "") -> list[dict[str, Any]]:
    named = {"segment": segment} if segment else {}
    return [
        {"model": "claims-triage", "metric": "accuracy", "value": value, "observed_at": first + step * number, **named}
        for number, value in enumerate(values)
    ]


def test_silence_that_counts_as_bad_still_does_after_any_number_of_sweeps():
    model = a_model()
    an_enforced_formula()
    an_enforced_rule(a_rule(gaps="breach", windows=3))
    send(readings([0.9, 0.9], first=NOON - 2 * HOUR, step=HOUR))

    for hours in (2, 3, 7, 30, 200):
        pipeline.sweep(at=NOON + hours * HOUR)

    state = SeriesState.objects.get(model=model)
    assert (state.holds, state.firing) == (True, True)
    assert "accuracy (avg over 1h) has no reading, which counts as below 0.8, for 3 of 3 windows" in state.explanation
    assert Episode.objects.get(model=model).began_at == NOON + 2 * HOUR
    assert replay(model=model, at=NOON + 200 * HOUR).differences == ()


def test_a_segment_that_fell_silent_is_judged_beside_those_that_go_on():
    model = a_model()
    an_enforced_rule(a_rule(gaps="breach", windows=3).replace("gaps:", "per: segment\n  gaps:"))
    for segment in ("eu", "us"):
        send(readings([0.9, 0.9], first=NOON - 2 * HOUR, step=HOUR, segment=segment))

    for number in range(1, 12):
        at = NOON + number * HOUR
        send(readings([0.9], first=at - HOUR / 2, step=HOUR, segment="us"), at=at)

    firing = dict(SeriesState.objects.filter(model=model).values_list("segment", "firing"))
    assert (firing["eu"], firing["us"]) == (True, False)


@pytest.mark.parametrize("aggregate", ["avg", "p95"])
def test_a_run_goes_on_after_an_outage_longer_than_any_window_that_is_read(aggregate: str):
    model = a_model()
    an_enforced_formula()
    an_enforced_rule(a_rule(gaps="hold", windows=3, aggregate=aggregate))
    began = NOON - timedelta(days=15)
    send(readings([0.9, 0.7, 0.7], first=began, step=HOUR), at=began + 3 * HOUR)
    for day in range(1, 15):
        pipeline.sweep(at=began + timedelta(days=day))
    assert not Episode.objects.filter(model=model).exists()

    send(readings([0.7], first=NOON - HOUR, step=HOUR))

    assert SeriesState.objects.get(model=model).firing is True
    assert replay(model=model, at=NOON).differences == ()


def test_two_comparisons_of_one_series_both_get_what_they_read():
    model = a_model()
    rule = ACCURACY_RULE.replace(
        "  metric: accuracy\n  over: 1h\n  below: 0.8\n  for: 1\nthen",
        "  all:\n    - {metric: accuracy, aggregate: p50, over: 1h, below: 0.8, for: 12}\n"
        "    - {metric: accuracy, over: 1h, below: 0.75, for: 1}\nthen",
    ).replace("  above: 0.85\n  for: 1", "  for: 1")
    an_enforced_rule(rule)

    for number in range(13):
        at = NOON + number * HOUR
        send(readings([0.7], first=at - HOUR / 2, step=HOUR), at=at)

    assert SeriesState.objects.get(model=model).firing is True
