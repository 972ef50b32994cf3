"""A trial is verified and read like any delivery, says what it would give, and leaves nothing behind."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from models_registry.audit.models import AuditEntry
from models_registry.telemetry import refusals, samples, source_actions, trial_door
from models_registry.telemetry.catalogue_models import Series
from models_registry.telemetry.gallery import PLATFORMS
from models_registry.telemetry.models import Measurement, Rollup, Source, TelemetryEvent
from models_registry.telemetry.refusal_models import DoorRefusal
from tests.models_registry.access.people import an_account
from tests.models_registry.telemetry import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    refusals.forget()
    yield
    refusals.forget()


def source(kind: str) -> tuple[Source, str]:
    return source_actions.create_source(by=world.OPERATOR, at=timezone.now(), name=f"Tried {kind}", kind=kind)


def left_behind() -> list[int]:
    return [model.objects.count() for model in (TelemetryEvent, Measurement, Rollup, Series)]


def send(made: Source, body: bytes, secret: str) -> Any:
    return Client().post(
        f"/api/v1/telemetry/{made.path_token}/trial",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )


@pytest.mark.parametrize("kind", sorted(set(PLATFORMS) - {"generic_json"}))
def test_the_sample_of_every_platform_goes_through_its_own_door_and_is_kept_nowhere(kind: str) -> None:
    model = world.claims_model()
    made, _ = source(kind)
    entries = AuditEntry.objects.count()

    [read] = trial_door.try_sample(source=made, model=model.slug, at=timezone.now())

    assert (read.problems, {row.model_id for row in read.rows}) == ((), {model.pk})
    assert left_behind() == [0, 0, 0, 0]
    assert AuditEntry.objects.count() == entries


def test_a_sender_learns_what_a_body_would_give() -> None:
    world.claims_model()
    made, secret = source("measurements")
    body = samples.sample(kind="measurements", model="claims-triage", at=timezone.now()).body

    answer = send(made, body, secret)
    strange = send(made, body.replace(b"claims-triage", b"nobody"), secret)

    assert answer.status_code == 200
    assert answer.json()["kept"] is False
    [event] = answer.json()["events"]
    assert [(each["model"], each["metric"], each["value"]) for each in event["measurements"]] == [
        ("claims-triage", "psi", 0.31)
    ]
    [held] = strange.json()["events"]
    assert held["measurements"] == []
    assert held["problems"][0]["reason"].startswith("E_UNKNOWN_MODEL")
    assert left_behind() == [0, 0, 0, 0]


def test_a_batch_of_cloudevents_is_tried_event_by_event() -> None:
    world.claims_model()
    made, secret = source("cloudevents")
    one = json.loads(samples.sample(kind="cloudevents", model="claims-triage", at=timezone.now()).body)

    answer = Client().post(
        f"/api/v1/telemetry/{made.path_token}/trial",
        json.dumps([one, {**one, "id": "2", "subject": "nobody"}]),
        content_type="application/cloudevents-batch+json",
        headers={"Authorization": f"Bearer {secret}"},
    )

    assert [len(each["problems"]) for each in answer.json()["events"]] == [0, 1]


def test_a_trial_without_the_secret_is_refused_and_remembered_like_any_delivery() -> None:
    made, _ = source("measurements")

    wrong = send(made, b"{}", "nonsense")
    too_large = send(made, b"x" * 1_048_577, "nonsense")

    assert (wrong.status_code, wrong.json()["code"]) == (401, "E_AUTH_WRONG")
    assert (too_large.status_code, too_large.json()["code"]) == (413, "E_TOO_LARGE")
    assert set(DoorRefusal.objects.values_list("code", flat=True)) == {"E_AUTH_WRONG", "E_TOO_LARGE"}
    assert Client().post("/api/v1/telemetry/nobody/trial", b"{}", content_type="text/plain").status_code == 404


def test_the_button_shows_what_the_sample_gives_and_says_that_it_is_a_test() -> None:
    world.claims_model()
    made, _ = source("prometheus")
    client = Client()
    client.force_login(an_account("nadia", "administrator"), backend="django.contrib.auth.backends.ModelBackend")

    part = client.post(f"/sources/{made.slug}/trial/", headers={"HX-Request": "true"})
    whole = client.post(f"/sources/{made.slug}/trial/", {"model": "claims-triage"})

    assert part.text.startswith('<div id="tried"')
    for page in (part, whole):
        assert "Test, not kept" in page.text
        assert "0.31" in page.text
        assert "claims-triage" in page.text
    assert left_behind() == [0, 0, 0, 0]


def test_the_button_says_when_the_source_is_switched_off_and_when_no_model_is_on_record() -> None:
    made, _ = source("measurements")
    client = Client()
    client.force_login(an_account("nadia", "administrator"), backend="django.contrib.auth.backends.ModelBackend")

    nobody = client.post(f"/sources/{made.slug}/trial/")
    source_actions.disable_source(by=world.OPERATOR, at=timezone.now(), source=made)
    off = client.post(f"/sources/{made.slug}/trial/")

    assert "No model is on record" in nobody.text
    assert "The door refused the sample" in off.text
