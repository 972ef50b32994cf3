"""One telemetry event, door to door, with the promises of the trail switched on."""

import random
from datetime import timedelta

import pytest

from governance.risks.models import Risk
from governance.rules.models import Episode, SeriesState
from governance.scoring import pipeline
from governance.scoring.models import Posture
from models_registry.audit.models import AuditEntry
from models_registry.catalog.models import RegisteredModel
from tests.journeys.builders import (
    NOON,
    a_model,
    a_model_past_its_line,
    an_enforced_formula,
    an_enforced_rule,
    hourly,
    send,
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("governed_tables")
def test_bad_readings_turn_a_model_red_and_the_trail_says_why():
    model = a_model_past_its_line()

    risk = Risk.objects.get(model=model)
    posture = Posture.objects.get(model=model)
    assert (risk.level, risk.state) == ("HIGH", "OPEN")
    assert risk.due_at == NOON + timedelta(hours=24)
    assert "accuracy (avg over 1h) is 0.7, below 0.8" in risk.explanation
    assert posture.in_the_red
    assert posture.room == -1.6
    actions = list(AuditEntry.objects.of_model(model_id=model.pk).order_by("id").values_list("action", flat=True))
    assert actions[:3] == ["model.registered", "risk.level_raised", "model.went_red"]
    assert AuditEntry.objects.get(action="risk.level_raised").cause_event_id is not None


@pytest.mark.django_db
def test_a_reading_in_shadow_moves_nothing():
    model = a_model()
    version = an_enforced_rule()
    version.state, version.enforced_at = "SHADOW", None
    version.save()

    send(hourly([0.7, 0.6]))

    assert SeriesState.objects.get(model=model).firing
    assert not Risk.objects.filter(model=model).exists()


@pytest.mark.django_db
def test_a_model_without_fresh_telemetry_is_quiet_and_not_healthy():
    model = a_model()
    an_enforced_formula()
    send(hourly([0.9]))

    pipeline.sweep(at=NOON + timedelta(days=9))

    posture = Posture.objects.get(model=model)
    assert posture.quiet
    assert posture.coverage < 0.6


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_the_order_and_batching_of_arrival_do_not_matter(seed: int):
    values = [0.95, 0.7, 0.6, 0.9, 0.91, 0.75, 0.95, 0.88]
    an_enforced_rule()
    in_order, shuffled = a_model("in-order"), a_model("shuffled")
    send(hourly(values, model="in-order"))
    readings = hourly(values, model="shuffled")
    chance = random.Random(seed)
    chance.shuffle(readings)
    while readings:
        size = chance.randint(1, 3)
        send(readings[:size])
        readings = readings[size:]

    assert _state(shuffled) == _state(in_order)


def _state(model: RegisteredModel) -> tuple[object, ...]:
    episodes = Episode.objects.filter(model=model).order_by("began_at").values_list("began_at", "cleared_at", "points")
    states = SeriesState.objects.filter(model=model).values_list("holds", "firing", "firing_since", "value")
    risk = Risk.objects.get(model=model)
    posture = Posture.objects.get(model=model)
    return list(episodes), list(states), risk.level, risk.score, risk.explanation, posture.room, posture.in_the_red
