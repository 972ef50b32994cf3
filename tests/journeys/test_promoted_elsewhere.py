"""From an alias in W&B to the page of the owner and of compliance, to a gate that refuses, and back to calm."""

import json
import time
import uuid
from datetime import datetime, timedelta

import pytest
from django.test import Client

from alerts.delivery.models import Notification
from alerts.inbox.models import Alert
from alerts.routing.actions import route
from alerts.routing.defaults import ensure_default_routes
from alerts.routing.fingerprint import ALERTABLE
from alerts.routing.models import RoutingDecision
from governance.gates import actions as gates
from governance.gates.models import GateDecision
from governance.risks.models import Risk
from governance.rules.actions import shipped_texts
from governance.rules.models import Episode
from governance.scoring import pipeline
from governance.scoring.replaying import replay
from models_registry.audit.models import AuditEntry
from models_registry.catalog import actions as catalog
from models_registry.catalog import clearance_actions as clearances
from models_registry.catalog.models import Clearance, ModelVersion
from models_registry.outside import actions
from models_registry.outside.models import Ending, Violation
from models_registry.telemetry.actions import receive
from models_registry.telemetry.models import TelemetryEvent
from tests.journeys.builders import NOON, OPERATOR, a_model, a_source, an_enforced_rule, people

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
DIGEST = "sha256:" + "c" * 64


@pytest.fixture
def version() -> ModelVersion:
    """A version in staging that the gate never judged, the shipped rule in force, and the usual routes."""
    an_enforced_rule(dict(shipped_texts())["alias-without-decision"])
    persons = people()
    for person in (persons.olive, persons.cora):
        person.email = f"{person.username}@example.org"
        person.save()
    ensure_default_routes(by=persons.cora, at=NOON - timedelta(days=1))
    made = catalog.register_version(
        by=persons.olive, at=NOON - timedelta(hours=9), model=a_model(materiality="LOW"), artifact_digest=DIGEST
    )
    return catalog.move_stage(by=persons.olive, at=NOON - timedelta(hours=8), version=made, to="STAGING")


def tell(*, version: str | None, at: datetime) -> None:
    """Let W&B say where production stands, and the whole line take it."""
    source = a_source("W&B", kind="wandb")
    link = f"acme/wandb-registry-model/claims-triage:{version}"
    body = {
        "event_type": "ADD_ARTIFACT_ALIAS",
        "event_author": "dana",
        "entity_name": "acme",
        "project_name": "wandb-registry-model",
        "artifact_collection_name": "claims-triage",
        "artifact_version_string": link,
        "alias": "production",
        "tag": "",
    }
    if version is None:
        body |= {"event_type": "ALIASES_OBSERVED", "aliases": [{"alias": "production", "version": None}]}  # type: ignore[dict-item]
    receive(source=source, body=json.dumps(body).encode(), headers={}, at=at)
    run_line(at)


def run_line(at: datetime) -> None:
    while pipeline.process(limit=50, at=at):
        pass
    pipeline.sweep(at=at)
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        while route(limit=100, at=at):
            pass
        told = RoutingDecision.objects.values("entry_id")
        if not AuditEntry.objects.filter(action__in=ALERTABLE).exclude(pk__in=told).exists():
            return
        time.sleep(0.05)  # the server itself may hold back the horizon, while it analyzes what was just created


def asked(version: ModelVersion, at: datetime) -> GateDecision:
    return gates.ask(by=people().cora, at=at, version=version, target="alias:production")


def refusals(decision: GateDecision) -> list[str]:
    return [reason["path"] for reason in decision.reasons if reason["code"] == "RULE_FAILED"]


def test_an_alias_put_on_past_the_gate_pages_raises_a_risk_and_closes_the_gate(version, client: Client):
    tell(version="v1", at=NOON)

    held = Violation.objects.get()
    alert = Alert.objects.get(fingerprint__startswith="violation:")
    assert (alert.tier, alert.title) == (
        1,
        "Claims triage: the alias production was put on v1 in W&B, acme/wandb-registry-model without a decision",
    )
    told = set(Notification.objects.filter(alert=alert).values_list("recipient__username", flat=True))
    assert told == {"olive", "cora"}
    risk = Risk.objects.get(category="COMPLIANCE")
    assert (risk.level, risk.state) == ("MEDIUM", "OPEN")
    refused = asked(version, NOON + MINUTE)
    assert (refused.verdict, refusals(refused)) == ("BLOCK", ["rules/promoted-elsewhere"])

    client.force_login(people().olive, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/models/claims-triage/").content.decode()
    assert "The alias production on v1 in W&amp;B" in page
    assert f"/elsewhere/{held.pk}/" in page
    answered = client.post(f"/elsewhere/{held.pk}/answer/", {"text": "Dana thought it was staging. Back today."})
    assert answered.status_code == 302
    assert refusals(asked(version, NOON + 2 * MINUTE)) == []


def test_taking_it_off_ends_the_violation_and_clears_the_rule(version):
    tell(version="v1", at=NOON)

    tell(version=None, at=NOON + 10 * MINUTE)
    run_line(NOON + 20 * MINUTE)

    held = Violation.objects.get()
    assert (held.ended_at, held.ending) == (NOON + 10 * MINUTE, Ending.TAKEN_OFF)
    assert Alert.objects.get(fingerprint__startswith="violation:").resolved_at is not None
    assert refusals(asked(version, NOON + 21 * MINUTE)) == []
    assert Episode.objects.get().cleared_at == NOON + 15 * MINUTE


def test_a_used_decision_ends_it_too(version):
    tell(version="v1", at=NOON)
    version.refresh_from_db()
    clearance = clearances.grant_clearance(
        by=OPERATOR, at=NOON + MINUTE, version=version, target="alias:production", decision_id=uuid.uuid4(),
        epoch=version.epoch, expires_at=NOON + 10 * MINUTE,
    )  # fmt: skip

    catalog.point_alias(
        by=people().olive, at=NOON + 2 * MINUTE, model=version.model, name="production", version=version,
        clearance=clearance,
    )  # fmt: skip
    actions.settle(at=NOON + 3 * MINUTE)
    run_line(NOON + 3 * MINUTE)

    held = Violation.objects.get()
    assert (held.ended_at, held.ending, held.clearance) == (NOON + 2 * MINUTE, Ending.DECIDED, clearance)
    assert Clearance.objects.get().used_at == NOON + 2 * MINUTE
    assert Alert.objects.get(fingerprint__startswith="violation:").resolved_at is not None


def test_what_the_violation_made_of_the_model_follows_from_the_evidence(version):
    tell(version="v1", at=NOON)
    tell(version=None, at=NOON + 10 * MINUTE)
    run_line(NOON + 30 * MINUTE)

    done = replay(model=version.model, at=NOON + 31 * MINUTE)

    assert (done.waits, done.differences) == ("", ())


def test_the_risk_names_the_delivery_that_raised_it(version):
    tell(version="v1", at=NOON)

    event = TelemetryEvent.objects.get(source__kind="wandb")
    raised = AuditEntry.objects.filter(action="risk.level_raised").latest("pk")
    assert raised.cause_event_id == event.pk
