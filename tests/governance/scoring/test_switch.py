"""The pause switch against scorers that are at work."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from governance.risks.models import Risk
from governance.scoring import pipeline, switch
from governance.scoring.models import Posture
from models_registry.access.rights import AccessDenied
from tests.journeys.builders import NOON, a_model, a_person, an_enforced_rule, hourly, people, send


@pytest.mark.django_db
def test_evidence_is_kept_but_not_scored_while_automation_is_paused():
    model = a_model()
    an_enforced_rule()
    switch.pause(by=people().cora, at=NOON, reason="Checking a rule")

    send(hourly([0.7, 0.6]))

    assert not Risk.objects.filter(model=model).exists()
    assert Posture.objects.get(model=model).dirty_since == NOON - timedelta(minutes=90)


@pytest.mark.django_db
def test_what_arrived_during_a_pause_is_scored_after_it():
    model = a_model()
    an_enforced_rule()
    switch.pause(by=people().cora, at=NOON, reason="Checking a rule")
    send(hourly([0.7, 0.6]))
    other = a_person("clara", "Clara Conte", "compliance_officer")

    switch.resume(by=other, at=NOON)
    pipeline.sweep(at=NOON)

    assert Risk.objects.get(model=model).level == "HIGH"
    assert Posture.objects.get(model=model).dirty_since is None


@pytest.mark.django_db
def test_whoever_paused_cannot_resume_alone():
    switch.pause(by=people().cora, at=NOON, reason="Checking a rule")

    with pytest.raises(switch.SecondPersonNeeded, match="Another person"):
        switch.resume(by=people().cora, at=NOON)


@pytest.mark.django_db
def test_a_stranger_cannot_pause():
    with pytest.raises(AccessDenied):
        switch.pause(by=people().stella, at=NOON, reason="Mischief")


@pytest.mark.django_db(transaction=True)
def test_pausing_waits_for_scorers_in_flight_and_none_follows():
    cora = people().cora
    holding, finished = threading.Event(), []

    def score() -> None:
        with transaction.atomic():
            switch.hold_open()
            holding.set()
            time.sleep(0.3)
            finished.append(time.monotonic())
        connection.close()

    scorer = threading.Thread(target=score)
    scorer.start()
    holding.wait(5)
    switch.pause(by=cora, at=NOON, reason="Storm")
    paused_at = time.monotonic()
    scorer.join()

    assert finished[0] <= paused_at
    with transaction.atomic():
        assert switch.hold_open().everything
