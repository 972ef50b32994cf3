"""Findings of the Open Cybersecurity Schema Framework: typed, counted, of a model, at their moment."""

import datetime as dt
import json
from typing import Any

import pytest

from models_registry.telemetry.adapters import security
from models_registry.telemetry.readings import Unreadable
from tests.models_registry.telemetry.world import AT

FINDING: dict[str, Any] = {
    "class_uid": 2004,
    "class_name": "Detection Finding",
    "category_uid": 2,
    "activity_id": 1,
    "type_uid": 200401,
    "severity_id": 4,
    "severity": "High",
    "time": int(AT.timestamp() * 1000) - 60_000,
    "message": "Jailbreak attempts of one account",
    "metadata": {"version": "1.4.0", "uid": "evt-1", "product": {"name": "A SIEM"}},
    "finding_info": {"uid": "f-17", "title": "Jailbreak burst", "types": ["jailbreak"]},
    "ai_model": {"name": "claims-triage", "ai_provider": "Mistral", "version": "2"},
    "actor": {"user": {"name": "svc-build"}},
    "count": 7,
}


def read(**changed: Any) -> Any:
    body = {name: value for name, value in (FINDING | changed).items() if value is not None}
    return security.read(json.dumps(body).encode(), headers={}, mapping=None, received_at=AT)[0]


def test_a_finding_is_counted_for_its_model_at_its_moment() -> None:
    found = read()

    assert (found.model, found.version, found.metric, found.value) == (
        "claims-triage",
        "2",
        "security_event_count",
        7.0,
    )
    assert found.observed_at == AT - dt.timedelta(minutes=1)
    assert found.attributes["type"] == "jailbreak"
    assert (found.attributes["severity"], found.attributes["actor"]) == ("High", "svc-build")


def test_its_type_decides_what_is_counted_and_a_resource_may_name_the_model() -> None:
    info = {"uid": "f-2", "title": "finetune.unauthorised"}
    found = read(finding_info=info, ai_model=None, resources=[{"name": "motor-pricing", "type": "model"}])

    assert (found.model, found.metric) == ("motor-pricing", "unauthorised_access_count")


def test_what_the_sender_could_not_map_may_name_the_model_and_a_closed_finding_counts_nothing() -> None:
    assert read(unmapped={"model": "fraud-graph"}).model == "fraud-graph"
    assert read(activity_id=3).value == 0.0


@pytest.mark.parametrize("gone", [{"ai_model": None}, {"finding_info": None, "class_name": None}, {"time": "noon"}])
def test_a_finding_without_model_type_or_time_is_held(gone: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read(**gone)


def test_an_event_is_named_by_its_own_id() -> None:
    assert security.content_id(FINDING, AT) == "body:evt-1"
