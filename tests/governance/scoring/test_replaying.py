"""What is stored is what the evidence gives, byte for byte, and whatever is not is named."""

import io
import random
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.risks.models import Risk
from governance.rules.models import Episode, Evaluation
from governance.scoring import pipeline, switch
from governance.scoring.models import Posture
from governance.scoring.replaying import Replayed, replay
from models_registry.audit.models import AuditEntry
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.models import Rollup
from tests.journeys.builders import NOON, a_model, a_model_past_its_line, an_enforced_formula, hourly, people, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def model() -> RegisteredModel:
    """A model past its line, judged again by a sweep an hour later."""
    an_enforced_formula()
    found = a_model_past_its_line()
    pipeline.sweep(at=NOON + timedelta(hours=1))
    return found


def told(found: Replayed) -> list[str]:
    return [str(difference) for difference in found.differences]


def test_the_evidence_gives_what_is_stored_and_nothing_stays_written(model):
    before = (AuditEntry.objects.count(), Evaluation.objects.count(), Posture.objects.get(model=model).digest)

    found = replay(model=model, at=NOON + timedelta(days=1))

    assert told(found) == []
    assert len(found.digest) == 64
    assert before == (AuditEntry.objects.count(), Evaluation.objects.count(), Posture.objects.get(model=model).digest)


def test_a_level_that_nothing_explains_is_named_with_both_values(model):
    Risk.objects.filter(model=model).update(level="LOW")

    assert 'risk PERFORMANCE level: stored "LOW", evidence gives "HIGH"' in told(replay(model=model, at=NOON))


def test_a_posture_that_was_moved_by_hand_is_named(model):
    Posture.objects.filter(model=model).update(in_the_red=False, room=12)

    assert told(replay(model=model, at=NOON)) == [
        "posture room: stored 12, evidence gives -75",
        "posture in_the_red: stored false, evidence gives true",
    ]


def test_an_episode_that_went_missing_is_derived_again(model):
    Episode.objects.filter(model=model).delete()

    (difference,) = replay(model=model, at=NOON).differences

    assert difference.what.startswith("episode of accuracy-low v1 in production")
    assert difference.stored == ""


def test_windows_are_held_against_the_measurements_and_not_believed(model):
    Rollup.objects.filter(model=model, width_s=3600).update(sum=1, last=0.99)

    named = told(replay(model=model, at=NOON))

    assert sum(one.startswith("window accuracy in production, 3600 s from") for one in named) == 4
    assert not any(one.startswith(("risk", "posture", "episode")) for one in named)


def test_a_float_whose_digits_do_not_end_gives_the_same_window():
    model = a_model()
    send(hourly([0.1, 1 / 3, 2e-7, 123456789.12345679]))

    assert told(replay(model=model, at=NOON)) == []


def test_a_paused_model_is_not_compared(model):
    persons = people()
    switch.pause(by=persons.otto, at=NOON, reason="A drill.", scope="MODEL", scope_id=model.slug)

    assert replay(model=model, at=NOON).waits == "automation is paused"


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.floats(0.4, 1.0).map(lambda value: round(value, 3)), min_size=3, max_size=8),
    chance=st.randoms(use_true_random=False),
)
def test_whatever_arrived_in_whatever_order_the_evidence_gives_it_again(
    db: None, values: list[float], chance: random.Random
) -> None:
    slug = f"model-{RegisteredModel.objects.count()}"
    a_model_past_its_line(slug)
    readings = hourly(values, model=slug, until=NOON + timedelta(hours=len(values)))
    for number, reading in enumerate(chance.sample(readings, len(readings))):
        send([reading], at=NOON + timedelta(hours=len(values), minutes=number))
        if chance.random() < 0.5:
            pipeline.sweep(at=NOON + timedelta(hours=len(values), minutes=number, seconds=30))

    assert told(replay(model=RegisteredModel.objects.get(slug=slug), at=NOON)) == []


def test_the_command_proves_every_model_or_names_the_ones_that_differ(model):
    out = io.StringIO()

    call_command("replay", "--all", stdout=out)
    Risk.objects.filter(model=model).update(score=3)

    assert f"{model.slug}: equal, sha256:" in out.getvalue()
    with pytest.raises(CommandError, match=f"differs: {model.slug}"):
        call_command("replay", "--model", model.slug, stdout=out)
    assert "risk PERFORMANCE score: stored 3, evidence gives" in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Name one"),
        (["arize", "--all"], "Name one"),
        (["--model", "nobody"], "No model is called nobody"),
        (["nobody"], "No source is called nobody"),
    ],
)
def test_the_command_refuses_what_it_cannot_do_in_one_line(arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("replay", *arguments)
