"""From a security event to a security risk, by the shipped rules: changed weights, unauthorised fine-tuning, a burst."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from governance.risks.models import Risk
from governance.rules.actions import shipped_texts
from governance.scoring import pipeline
from models_registry.catalog.actions import register_version
from models_registry.telemetry.actions import receive
from models_registry.telemetry.models import EventState, Measurement, TelemetryEvent
from models_registry.telemetry.notice_models import SourceNotice
from tests.journeys.builders import NOON, a_model, a_source, an_enforced_formula, an_enforced_rule, people

PAYLOADS = Path(__file__).parents[1] / "payloads"
APPROVED, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64
HALF_PAST_ELEVEN = NOON - timedelta(minutes=30)

pytestmark = pytest.mark.django_db


def shipped(slug: str) -> None:
    """Enforce a shipped rule as it is."""
    an_enforced_rule(dict(shipped_texts())[slug])
    an_enforced_formula()


def tell(body: Any, *, kind: str = "security", at: datetime = NOON) -> TelemetryEvent:
    """Send one event and let the whole line take it."""
    receipt = receive(source=a_source(f"From {kind}", kind=kind), body=json.dumps(body).encode(), headers={}, at=at)
    pipeline.process(limit=100, at=at)
    return TelemetryEvent.objects.get(pk=receipt.event_pk)


def security() -> list[tuple[str, str]]:
    return list(Risk.objects.filter(category="SECURITY").values_list("model__slug", "level"))


def observed(digest: str, **facts: Any) -> dict[str, Any]:
    moment = HALF_PAST_ELEVEN.isoformat()
    event = {"type": "weight_digest.observed", "model": "claims-triage", "version": "1", "observed_at": moment}
    return {**event, "observed_digest": digest, **facts}


def with_version(digest: str = APPROVED) -> None:
    """Put the model and a version with this digest on record."""
    register_version(by=people().olive, at=NOON - timedelta(days=9), model=a_model(), artifact_digest=digest)


def test_weights_that_are_not_those_on_record_are_a_critical_security_risk():
    with_version()
    shipped("weight-digest-changed")

    same = tell(observed(APPROVED))
    assert (same.state, security()) == (EventState.DONE, [])
    changed = tell(observed(OTHER, id="scan-2"))

    assert changed.state == EventState.DONE
    assert list(Measurement.objects.order_by("pk").values_list("metric", "value")) == [
        ("weight_digest_change_count", 0.0),
        ("weight_digest_change_count", 1.0),
    ]
    assert security() == [("claims-triage", "CRITICAL")]


def test_weights_without_a_digest_on_record_are_said_and_raise_nothing():
    with_version("")
    shipped("weight-digest-changed")

    told = tell(observed(OTHER))

    assert (told.state, security(), Measurement.objects.count()) == (EventState.DONE, [], 0)
    notice = SourceNotice.objects.get()
    assert (notice.code, notice.subject, notice.count) == ("N_NO_DIGEST", "claims-triage 1", 1)


def test_a_tag_in_mlflow_with_another_digest_is_the_same_risk():
    with_version()
    shipped("weight-digest-changed")
    body = json.loads((PAYLOADS / "mlflow/webhooks/model_version_tag.set.json").read_text())["body"]
    data = {"name": "claims-triage", "version": "1", "key": "weights_digest", "value": OTHER}

    tell(body | {"timestamp": HALF_PAST_ELEVEN.isoformat(), "data": data}, kind="mlflow")

    assert security() == [("claims-triage", "CRITICAL")]


def test_an_unauthorised_access_to_fine_tuning_that_a_siem_tells_is_a_critical_security_risk():
    a_model()
    shipped("unauthorised-finetune-access")
    alert = json.loads((PAYLOADS / "security/splunk.json").read_text())
    alert["result"]["_time"] = str(HALF_PAST_ELEVEN.timestamp())

    event = tell(alert)

    assert event.state == EventState.DONE
    assert security() == [("claims-triage", "CRITICAL")]


def test_a_burst_of_different_events_is_one_burst():
    a_model()
    shipped("security-events-burst")
    moment = (NOON - timedelta(minutes=3)).isoformat()
    kinds = ("jailbreak", "prompt_injection", "data_exfiltration")
    events = [{"type": kinds[n % 3], "model": "claims-triage", "at": moment} for n in range(12)]

    few = tell({"events": events[:6]})
    assert (few.state, security()) == (EventState.DONE, [])
    tell({"events": events})

    assert security() == [("claims-triage", "HIGH")]
