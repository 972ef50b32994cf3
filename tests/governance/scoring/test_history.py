"""What history is needed as evidence, and what the proof of a state says after some of it went."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command

from governance.risks.models import Risk, RiskState
from governance.risks.needed import needed as behind_risks
from governance.scoring import pipeline
from governance.scoring.replaying import replay
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry import compacting, history_actions
from models_registry.telemetry.models import Measurement
from models_registry.telemetry.needs import needs
from models_registry.telemetry.partitions import ensure_partitions
from tests.journeys.builders import NOON, a_model_past_its_line, a_person, an_enforced_formula, hourly, people, send

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2026, 2, 10, 12, tzinfo=UTC)
FEBRUARY = date(2026, 2, 1)


@pytest.fixture
def model() -> RegisteredModel:
    """A model past its line with readings from nine months ago, and terms that no longer keep those."""
    an_enforced_formula()
    found = a_model_past_its_line()
    send(hourly([0.9, 0.91, 0.92], until=LONG_AGO))
    pipeline.sweep(at=NOON + timedelta(hours=1))
    terms = dict.fromkeys(history_actions.FIELDS) | {"measurements_days": 200}
    made = history_actions.propose(by=people().cora, at=NOON, terms=terms, reason="Enough.")
    history_actions.agree(by=a_person("bruno", "Bruno Blank", "governance_board"), at=NOON, number=made.number)
    ensure_partitions(NOON)
    return found


def test_a_state_is_proven_byte_for_byte_after_a_month_went_and_the_proof_says_which(model):
    before = replay(model=model, at=NOON + timedelta(days=2))

    compacting.drop_old(at=NOON + timedelta(days=2))

    found = replay(model=model, at=NOON + timedelta(days=2))
    out = io.StringIO()
    call_command("replay", model=[model.slug], stdout=out)
    assert (before.differences, before.compacted) == ((), ())
    assert (found.differences, found.compacted) == ((), (FEBRUARY,))
    assert found.digest == before.digest
    assert Measurement.objects.filter(model=model, observed_at__lt=datetime(2026, 3, 1, tzinfo=UTC)).count() == 0
    assert "windows alone are left of 2026-02; they were taken as they are" in out.getvalue()


def test_the_page_of_a_past_moment_says_of_which_months_windows_alone_are_left(model, client):
    RegisteredModel.objects.filter(pk=model.pk).update(created_at=LONG_AGO - timedelta(days=1))
    compacting.drop_old(at=NOON + timedelta(days=2))
    client.force_login(people().cora)

    past = client.get(f"/models/{model.slug}/?as_of=2026-02-12").content.decode()
    now = client.get(f"/models/{model.slug}/").content.decode()

    said = "Single measurements of February 2026 were dropped by their term"
    assert (said in past, said in now) == (True, False)


def test_an_open_risk_needs_its_evidence_and_a_closed_one_none(model):
    Risk.objects.filter(model=model).update(raised_at=LONG_AGO, level_since=LONG_AGO)
    kept = compacting.drop_old(at=NOON + timedelta(days=2))
    risk = Risk.objects.exclude(state=RiskState.CLOSED).get(model=model)
    why = [need.why for need in needs().of(model.pk, FEBRUARY)]

    Risk.objects.filter(model=model).update(state=RiskState.CLOSED)

    assert kept == 0
    assert why == [f"open risk {risk.reference}"]
    assert list(behind_risks()) == []
    assert compacting.drop_old(at=NOON + timedelta(days=3)) == 1
