"""Order does not matter: any arrival of the same events gives the state that the set of readings implies.

The oracle works from the readings alone: it knows the two rules and the formula below by heart and shares
no code with what it judges. All readings lie within twenty hours, in which nothing fades.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.health.models import HealthScore
from governance.risks.models import Risk
from governance.rules.models import Episode
from governance.scoring import pipeline
from governance.scoring.models import Posture
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.actions import receive
from tests.journeys.builders import ACCURACY_RULE, NOON, a_model, a_source, an_enforced_formula, an_enforced_rule

HOURS = 20
FIRST = NOON - timedelta(hours=HOURS)
HOUR = timedelta(hours=1)
BASELINE = 4.0
"""The points of a risk that is registered and never assessed, once anything speaks for it."""

ERRORS_RULE = """
rule: errors-sustained
title: Errors above a tenth
why: Claims are lost.
when:
  metric: error_rate
  over: 1h
  above: 0.1
  for: 2
  per: segment
then:
  risk: reliability
  effect: {points: 30}
clear:
  below: 0.05
  for: 2
  then: auto
"""

FORMULA = """
formula: two-readings
title: Two readings
redline: 60
components:
  - {key: right, metric: accuracy, weight: 2, zero_at: 0.5, hundred_at: 1.0, missing: quiet, max_age: 7d}
  - {key: failing, metric: error_rate, weight: 1, zero_at: 0.2, hundred_at: 0.0, missing: quiet, max_age: 7d}
"""


@dataclass(frozen=True)
class Reading:
    """One number, in one hour of the twenty."""

    metric: str
    segment: str
    value: float
    hour: int
    minute: int

    @property
    def at(self) -> datetime:
        """When it was observed."""
        return FIRST + self.hour * HOUR + timedelta(minutes=self.minute)


@dataclass(frozen=True)
class Delivery:
    """Some events that arrive together, up to ``wait`` after the newest that came before them."""

    events: tuple[int, ...]
    wait: timedelta


def numbers(metric: str, segments: list[str], values: list[float]) -> st.SearchStrategy[Reading]:
    hours, minutes = st.integers(0, HOURS - 1), st.sampled_from([5, 35, 55])
    return st.builds(Reading, st.just(metric), st.sampled_from(segments), st.sampled_from(values), hours, minutes)


readings = st.one_of(
    numbers("accuracy", [""], [0.6, 0.79, 0.8, 0.82, 0.85, 0.9, 0.99]),
    numbers("error_rate", ["", "emea"], [0.0, 0.04, 0.05, 0.07, 0.1, 0.11, 0.3]),
)
events_of = st.lists(st.lists(readings, min_size=1, max_size=4), min_size=1, max_size=12)


@st.composite
def arrivals(draw: st.DrawFn, count: int) -> list[Delivery]:
    """Return every event at least once, in any order, some again, in batches of any size, at any pace."""
    order = list(draw(st.permutations(range(count))))
    order += draw(st.lists(st.integers(0, count - 1), max_size=4))
    found = []
    while order:
        size = draw(st.integers(1, 5))
        found.append(Delivery(tuple(order[:size]), draw(st.sampled_from([timedelta(), HOUR, 5 * HOUR]))))
        order = order[size:]
    return found


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[list[Reading]], list[Delivery], list[Delivery]]:
    """Return events and two ways for them to arrive."""
    events = draw(events_of)
    return events, draw(arrivals(len(events))), draw(arrivals(len(events)))


@pytest.fixture
def house(db: None) -> None:
    """Two rules and a formula in force."""
    an_enforced_rule(ACCURACY_RULE)
    an_enforced_rule(ERRORS_RULE)
    an_enforced_formula(FORMULA)
    a_source()


@pytest.mark.usefixtures("house")
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories())
def test_any_arrival_gives_what_the_readings_imply(
    story: tuple[list[list[Reading]], list[Delivery], list[Delivery]],
) -> None:
    events, one_way, another_way = story
    with undone():
        first, second = a_model("one"), a_model("another")
        arrive(first, events, one_way)
        arrive(second, events, another_way)

        assert standing(first) == standing(second)
        expect(first, [reading for event in events for reading in event])


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def arrive(model: RegisteredModel, events: Sequence[Sequence[Reading]], deliveries: Sequence[Delivery]) -> None:
    now = FIRST
    for delivery in deliveries:
        newest = max(reading.at for number in delivery.events for reading in events[number])
        now = min(max(now, newest) + delivery.wait, NOON)
        for number in delivery.events:
            receive(source=a_source(), body=body_of(model, number, events[number]), headers={}, at=now)
        while pipeline.process(limit=3, at=now):
            pass
        pipeline.sweep(at=now)
    pipeline.sweep(at=NOON + timedelta(minutes=6))


def body_of(model: RegisteredModel, number: int, event: Sequence[Reading]) -> bytes:
    rows = [
        {
            "model": model.slug,
            "metric": reading.metric,
            "value": reading.value,
            "segment": reading.segment,
            "observed_at": reading.at.isoformat(),
        }
        for reading in event
    ]
    return json.dumps({"measurements": rows, "sent": number}).encode()


def standing(model: RegisteredModel) -> dict[str, object]:
    """Return all that may not depend on arrival."""
    posture = Posture.objects.get(model=model)
    episodes = Episode.objects.filter(model=model).order_by("rule_version_id", "segment", "began_at")
    health = HealthScore.objects.filter(model=model).order_by("-scored_at", "-pk").first()
    return {
        "episodes": list(
            episodes.values_list("rule_version__rule__slug", "segment", "began_at", "cleared_at", "points")
        ),
        "risks": {
            risk.category: (risk.level, risk.score, risk.explanation)
            for risk in Risk.objects.filter(model=model).exclude(score=0, level="LOW")
        },
        "health": health and (health.score, health.coverage, health.components, health.segments),
        "posture": (posture.room, posture.in_the_red, posture.quiet, posture.why, posture.way_out),
    }


# ---- the oracle ----

Hours = Mapping[int, float]
"""The average of each hour that has readings."""


def expect(model: RegisteredModel, given: Sequence[Reading]) -> None:
    """Compare what stands with what the readings imply."""
    series: dict[tuple[str, str], Hours] = {
        name: averages([one for one in given if (one.metric, one.segment) == name])
        for name in {(one.metric, one.segment) for one in given}
    }
    low = stretches(series.get(("accuracy", ""), {}), bad=lambda v: v < 0.8, good=lambda v: v >= 0.85, run=1)
    failing = {
        segment: stretches(hours, bad=lambda v: v > 0.1, good=lambda v: v <= 0.05, run=2)
        for (metric, segment), hours in series.items()
        if metric == "error_rate"
    }
    found = standing(model)
    expected = [("accuracy-low", "", *one, 40.0) for one in low]
    expected += [("errors-sustained", name, *one, 30.0) for name in sorted(failing) for one in failing[name]]
    assert found["episodes"] == expected

    performance = corroborated([40.0, BASELINE], 0.25) if low else 0.0
    ways = [30.0 for own in failing.values() if own]
    reliability = corroborated([*ways, BASELINE], 0.25) if ways else 0.0
    risks = {risk.category: (risk.level, risk.score) for risk in Risk.objects.filter(model=model).exclude(score=0)}
    assert risks.get("PERFORMANCE", ("LOW", 0.0)) == ("HIGH" if low else "LOW", pytest.approx(performance, abs=0.06))
    assert risks.get("RELIABILITY", ("LOW", 0.0)) == ("MEDIUM" if ways else "LOW", pytest.approx(reliability, abs=0.06))

    health = overall_health(series)
    posture = Posture.objects.get(model=model)
    assert posture.health == (None if health is None else pytest.approx(health, abs=0.11))
    room = 39 - corroborated([performance, reliability], 0.15)
    room = room if health is None else min(room, health - 60)
    assert posture.room == pytest.approx(room, abs=0.2)
    if abs(room) > 0.2:
        assert posture.in_the_red is (room < 0)


def averages(given: Sequence[Reading]) -> Hours:
    found: dict[int, list[float]] = defaultdict(list)
    for reading in given:
        found[reading.hour].append(reading.value)
    return {hour: sum(values) / len(values) for hour, values in found.items()}


def stretches(hours, *, bad, good, run):  # type: ignore[no-untyped-def]
    """Return when it fired: from the hour that completed a bad run to the end of one that completed a good run."""
    found, began, bad_run, good_run = [], None, 0, 0
    for hour in range(HOURS):
        value = hours.get(hour)
        bad_run = bad_run + 1 if value is not None and bad(value) else 0
        good_run = good_run + 1 if value is not None and good(value) else 0
        start = FIRST + hour * HOUR
        if bad_run >= run and began is None:
            began = start
        elif good_run >= run and began is not None:
            found.append((began, start + HOUR))
            began = None
    return [*found, *([(began, None)] if began else [])]


def corroborated(points: Sequence[float], share: float) -> float:
    worst, *others = sorted(points, reverse=True) or [0.0]
    untouched = 1.0
    for one in others:
        untouched *= 1 - one / 100
    return worst + share * (100 - worst) * (1 - untouched)


def overall_health(series: Mapping[tuple[str, str], Hours]) -> float | None:
    parts = []
    for metric, weight, zero_at, hundred_at in (("accuracy", 2, 0.5, 1.0), ("error_rate", 1, 0.2, 0.0)):
        if hours := series.get((metric, "")):
            value = hours[max(hours)]
            parts.append((weight, 100 * min(1.0, max(0.0, (value - zero_at) / (hundred_at - zero_at)))))
    total = sum(weight for weight, _ in parts)
    return sum(weight * score for weight, score in parts) / total if parts else None
