"""Fifty bodies that drifted, of every kind of sender: fifty held with a named reason, and a replay says the same."""

import base64
import copy
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models_registry.catalog.actions import name_outside
from models_registry.telemetry import actions
from models_registry.telemetry.adapters.generic_json import resolve
from models_registry.telemetry.models import EventState, Measurement, Source, SourceKind, TelemetryEvent
from models_registry.telemetry.reasons import HELD
from tests.models_registry.telemetry import prompb, world
from tests.models_registry.telemetry.world import AT

PAYLOADS = Path(__file__).parents[2] / "payloads"
GONE = object()
ALERT = {
    "labels": {"alertname": "Drift", "model_id": "claims-triage", "metric": "psi"},
    "annotations": {"value": "0.3"},
    "startsAt": "2026-11-20T11:00:00Z",
}
EVENT = {"type": "jailbreak", "model": "claims-triage", "at": "2026-11-20T11:00:00Z"}
READING = {"model": "claims-triage", "metric": "psi", "value": 0.31}
POINT = {"asDouble": 0.31, "timeUnixNano": "1763636400000000000", "attributes": []}
RESOURCE = {"attributes": [{"key": "redline.model", "value": {"stringValue": "claims-triage"}}]}
METRICS = [{"metrics": [{"name": "psi", "gauge": {"dataPoints": [POINT]}}]}]
HEADERS = {
    "cloudevents": {"content-type": "application/cloudevents+json"},
    "opentelemetry": {"content-type": "application/json", "otlp-signal": "metrics"},
}
SOUND: dict[str, Any] = {
    "arize": json.loads((PAYLOADS / "arize/drift_alert.json").read_text()),
    "alertmanager": {"version": "4", "alerts": [{**ALERT, "status": "firing"}]},
    "prometheus": [ALERT],
    "grafana": json.loads((PAYLOADS / "grafana/firing.json").read_text()),
    "mlflow": json.loads((PAYLOADS / "mlflow/webhooks/model_version.created.json").read_text())["body"],
    "wandb": json.loads((PAYLOADS / "wandb/alias_added.json").read_text()),
    "phoenix": json.loads((PAYLOADS / "phoenix/annotations.json").read_text()),
    "datadog": json.loads((PAYLOADS / "datadog/triggered.json").read_text()),
    "evidently": json.loads((PAYLOADS / "evidently/report.json").read_text()),
    "sagemaker": json.loads((PAYLOADS / "sagemaker/violations.json").read_text()),
    "azure_ml": json.loads((PAYLOADS / "azure_ml/drift.json").read_text()),
    "vertex": {"message": {"data": base64.b64encode(json.dumps({"jsonPayload": READING}).encode()).decode()}},
    "security": EVENT,
    "opentelemetry": {"resourceMetrics": [{"resource": RESOURCE, "scopeMetrics": METRICS}]},
    "cloudevents": {
        "specversion": "1.0",
        "id": "1",
        "source": "/monitors/42",
        "type": "measured",
        "time": "2026-11-20T11:00:00Z",
        "data": READING,
    },
    "standard_webhooks": {"type": "drift.measured", "timestamp": "2026-11-20T11:00:00Z", "data": READING},
    "measurements": {"measurements": [{**READING, "observed_at": "2026-11-20T11:00:00Z"}]},
    "generic_json": {"id": "1", "model": "claims-triage", "at": "2026-11-20T11:00:00Z", "accuracy": 0.9},
}
NAMES = {
    "arize": "credit-scorer",
    "grafana": "credit-scorer",
    "mlflow": SOUND["mlflow"]["data"]["name"],
    "wandb": "credit-scorer",
    "phoenix": "support-bot",
    "datadog": "chat",
    "evidently": "credit-scorer",
    "sagemaker": "credit-scorer",
    "azure_ml": "credit-scorer-drift",
}
DRIFTS: dict[str, list[tuple[str, Any]]] = {
    "arize": [("/drift_score", "0.19"), ("/drift_score", GONE), ("/model_id", GONE), ("/timestamp", "12:00")],
    "alertmanager": [
        ("/version", 5),
        ("/alerts", {}),
        ("/alerts/0/status", "pending"),
        ("/alerts/0/startsAt", GONE),
        ("/alerts/0/labels/model_id", GONE),
        ("/truncatedAlerts", "two"),
    ],
    "prometheus": [
        ("/0/labels/alertname", GONE),
        ("/0/labels", []),
        ("/0/startsAt", 1),
        ("/0/annotations/value", "n/a"),
        ("/0/annotations", "text"),
    ],
    "grafana": [
        ("/version", GONE),
        ("/alerts", GONE),
        ("/alerts/0/values/A", "0.31"),
        ("/alerts/0/values", [0.31]),
        ("/alerts/0/labels/alertname", 7),
    ],
    "mlflow": [
        ("/entity", "experiment"),
        ("/action", GONE),
        ("/data", GONE),
        ("/data/name", GONE),
        ("/timestamp", "2026-11-21 01:57"),
    ],
    "wandb": [("/event_type", GONE), ("/event_type", "RENAMED"), ("/metrics", []), ("/artifact_collection_name", 7)],
    "phoenix": [("/data", GONE), ("/data/0/name", GONE), ("/data/0/result/score", True), ("/data/0/updated_at", "now")],
    "datadog": [("/transition", GONE), ("/transition", "?"), ("/monitor_id", GONE), ("/at", "noon")],
    "evidently": [
        ("/evidently", GONE),
        ("/model", GONE),
        ("/observed_at", GONE),
        ("/evidently/metrics", {}),
        ("/evidently/metrics/0/value", GONE),
        ("/evidently/tests/0/status", "BROKEN"),
    ],
    "sagemaker": [
        ("/detail/violations", "none"),
        ("/detail/EndpointName", GONE),
        ("/detail/violations/0/constraint_check_type", "new_check"),
    ],
    "azure_ml": [("/0/eventType", GONE), ("/0/eventTime", GONE), ("/0/data/DriftCoefficient", "0.31"), ("/0/data", [])],
    "vertex": [
        ("/message", GONE),
        ("/message/data", "%"),
        ("/message/data", base64.b64encode(b'{"jsonPayload": {}}').decode()),
    ],
    "security": [("/type", GONE), ("/model", GONE), ("/count", [1]), ("/at", "today")],
    "opentelemetry": [
        ("/resourceMetrics", {}),
        ("/resourceMetrics/0/resource/attributes", "claims-triage"),
        ("/resourceMetrics/0/scopeMetrics/0/metrics/0/gauge/dataPoints/0/asDouble", "much"),
        ("/resourceMetrics/0/scopeMetrics/0/metrics/0/gauge/dataPoints/0/timeUnixNano", "noon"),
    ],
    "cloudevents": [("/data", GONE), ("/specversion", "2.0"), ("/data/value", "0.31"), ("/data/metric", GONE)],
    "standard_webhooks": [("/data", GONE), ("/data/value", "0.31"), ("/data/metric", GONE), ("/data/model", GONE)],
    "measurements": [
        ("/measurements", GONE),
        ("/measurements/0/value", "0.31"),
        ("/measurements/0/metric", GONE),
        ("/measurements/0/observed_at", "2026-11-20 11:00"),
    ],
    "generic_json": [("/accuracy", GONE), ("/accuracy", "0.9"), ("/model", GONE), ("/at", "noon")],
}
DRIFTED = HELD.keys() - {"E_UNKNOWN_MODEL", "E_DIED"}
"""Reasons that say what is wrong with a body, not with what is on record here."""


def drifted() -> Iterator[tuple[str, bytes]]:
    """Each sound body with one thing changed, and three bodies of remote write."""
    for kind, changes in DRIFTS.items():
        for place, value in changes:
            body = copy.deepcopy(SOUND[kind])
            *way, last = place.split("/")[1:]
            inner = resolve(body, "".join(f"/{part}" for part in way))
            if value is GONE:
                del inner[last]
            else:
                inner[last] = value
            yield kind, json.dumps(body).encode()


def reshaped() -> Iterator[tuple[str, bytes]]:
    """Each sound body cut short, put into an envelope, and with each needed field renamed and moved away."""
    for kind, changes in DRIFTS.items():
        sound = json.dumps(SOUND[kind]).encode()
        yield kind, sound[: len(sound) * 2 // 3]
        yield kind, json.dumps({"envelope": {"version": "2"}, "payload": SOUND[kind]}).encode()
        for place in dict.fromkeys(place for place, value in changes if value is GONE):
            for moved in (False, True):
                body = copy.deepcopy(SOUND[kind])
                *way, last = place.split("/")[1:]
                inner = resolve(body, "".join(f"/{part}" for part in way))
                value = inner.pop(last)
                inner[f"{last}_v2"] = {last: value} if moved else value
                yield kind, json.dumps(body).encode()


def sources() -> dict[str, Source]:
    """A source of each kind, and one model that has all the names in their bodies."""
    model = world.claims_model()
    for kind, name in NAMES.items():
        name_outside(by=world.OPERATOR, at=AT, model=model, system=kind, name=name)
    made = {kind: world.source(kind) for kind in SOUND}
    world.teach(made["generic_json"], world.MAPPING)
    return made


def receive(source: Source, body: bytes) -> None:
    """Deliver a body a day after what it tells of."""
    actions.receive(source=source, body=body, headers=HEADERS.get(source.kind, {}), at=AT + dt.timedelta(days=1))


BODIES, RESHAPED = list(drifted()), list(reshaped())


def test_there_are_at_least_fifty_and_every_sender_drifts() -> None:
    assert len(BODIES) >= 50
    assert len(RESHAPED) >= 50
    assert DRIFTS.keys() == SOUND.keys() == set(SourceKind.values) - {SourceKind.BACKFILL}


@pytest.mark.django_db
def test_before_they_drift_they_are_read(run_line: Callable[[], None]) -> None:
    for kind, source in sources().items():
        receive(source, json.dumps(SOUND[kind]).encode())
    run_line()

    assert dict(TelemetryEvent.objects.exclude(state=EventState.DONE).values_list("source__kind", "reason")) == {}
    assert Measurement.objects.values("event_id").distinct().count() == len(SOUND)


@pytest.mark.django_db
@pytest.mark.parametrize("bodies", [BODIES, RESHAPED], ids=["changed", "reshaped"])
def test_every_drifted_body_is_held_with_a_named_reason_and_a_replay_says_the_same(
    run_line: Callable[[], None], bodies: list[tuple[str, bytes]]
) -> None:
    sent = sources()
    for kind, body in bodies:
        receive(sent[kind], body)
    for packed in (b"", b"\x05junk", prompb.packed(b"\x0a\x7f")):
        headers = {"content-type": "application/x-protobuf"}
        actions.receive(source=sent["prometheus"], body=packed, headers=headers, at=AT)
    run_line()
    first = _told()

    actions.replay(by=world.OPERATOR, at=AT, events=[pk for pk, *_ in first])
    run_line()

    assert len(first) == len(bodies) + 3
    assert {state for _, state, _, _ in first} == {EventState.QUARANTINED}
    assert all(reason.partition(":")[0] in DRIFTED and detail for _, _, reason, detail in first)
    assert _told() == first
    assert not Measurement.objects.exists()


def _told() -> list[tuple[int, str, str, str]]:
    return list(TelemetryEvent.objects.order_by("pk").values_list("pk", "state", "reason", "detail"))
