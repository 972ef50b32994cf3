"""One small delivery of each kind, as its platform would send it: to try a door with, from a shell or from the page.

`MODEL` stands for the model, `NOW` for a moment in ISO 8601 and `EPOCH` for it in Unix seconds. The same text becomes
the command that people paste and the trial that the page makes, so that what is shown is what was tried.
"""

import base64
import datetime as dt
from collections.abc import Mapping
from typing import Final, NamedTuple

from models_registry.telemetry.adapters.otlp_wire import SIGNAL_HEADER
from models_registry.telemetry.models import SourceKind

JSON: Final = "application/json"
CLOUD_EVENT: Final = "application/cloudevents+json"

TEXTS: Final[Mapping[str, str]] = {
    SourceKind.ARIZE: '{"model_id": "MODEL", "metric_name": "psi", "drift_score": 0.31, "timestamp": "NOW"}',
    SourceKind.ALERTMANAGER: """\
{"version": "4", "groupKey": "EPOCH", "truncatedAlerts": 0, "status": "firing",
 "receiver": "redline", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "",
 "alerts": [{"status": "firing", "startsAt": "NOW", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "",
             "labels": {"alertname": "TestOfRedline", "model_id": "MODEL", "metric": "psi"},
             "annotations": {"value": "0.31"}, "fingerprint": "EPOCH"}]}""",
    SourceKind.OPENTELEMETRY: """\
{"resourceMetrics": [{"resource": {"attributes": [{"key": "redline.model", "value": {"stringValue": "MODEL"}}]},
  "scopeMetrics": [{"metrics": [{"name": "ai.drift.psi", "unit": "1", "gauge": {"dataPoints":
    [{"asDouble": 0.31, "timeUnixNano": "EPOCH000000000"}]}}]}]}]}""",
    SourceKind.CLOUDEVENTS: """\
{"specversion": "1.0", "id": "EPOCH", "source": "/monitors/42", "type": "com.example.drift.detected",
 "subject": "MODEL", "time": "NOW", "data": {"metric": "psi", "value": 0.31}}""",
    SourceKind.STANDARD_WEBHOOKS: """\
{"type": "drift.measured", "timestamp": "NOW", "data": {"model": "MODEL", "metric": "psi", "value": 0.31}}""",
    SourceKind.GENERIC_JSON: '{"id": "run-EPOCH", "model": "MODEL", "at": "NOW", "results": {"accuracy": 0.91}}',
    SourceKind.MEASUREMENTS: """\
{"measurements": [{"model": "MODEL", "metric": "psi", "value": 0.31, "observed_at": "NOW"}]}""",
    SourceKind.PROMETHEUS: """\
[{"labels": {"alertname": "TestOfRedline", "model_id": "MODEL", "metric": "psi"},
  "annotations": {"value": "0.31"}, "startsAt": "NOW", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": ""}]""",
    SourceKind.GRAFANA: """\
{"receiver": "redline", "status": "firing", "state": "alerting", "orgId": 1, "title": "Test", "message": "",
 "version": "1", "groupKey": "EPOCH", "truncatedAlerts": 0, "externalURL": "", "groupLabels": {},
 "commonLabels": {}, "commonAnnotations": {},
 "alerts": [{"status": "firing", "labels": {"alertname": "TestOfRedline", "model_id": "MODEL", "metric": "psi"},
             "annotations": {}, "startsAt": "NOW", "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "EPOCH",
             "generatorURL": "", "values": {"A": 0.31}}]}""",
    SourceKind.MLFLOW: """\
{"entity": "model_version", "action": "created", "timestamp": "NOW",
 "data": {"name": "MODEL", "version": "1", "source": "s3://models/MODEL/1", "run_id": null, "tags": {},
          "description": null}}""",
    SourceKind.WANDB: """\
{"event_type": "LINK_ARTIFACT", "event_author": "you", "entity_name": "team", "project_name": "registry",
 "artifact_collection_name": "MODEL", "artifact_version": "", "artifact_version_string": "team/registry/MODEL:v1",
 "alias": "", "tag": "EPOCH", "metrics": {"accuracy": "0.91"}}""",
    SourceKind.PHOENIX: """\
{"model": "MODEL", "next_cursor": null,
 "data": [{"id": "EPOCH", "created_at": "NOW", "updated_at": "NOW", "source": "API", "name": "hallucination",
           "annotator_kind": "LLM", "span_id": "67f6740bbe1ddc3f", "identifier": "", "user_id": null,
           "result": {"label": "hallucinated", "score": 1.0, "explanation": null}, "metadata": {}}]}""",
    SourceKind.DATADOG: """\
{"id": "EPOCH", "monitor_id": "1", "title": "Test of Redline", "transition": "Triggered", "cycle_key": "EPOCH",
 "metric": "psi", "value": "0.31", "scope": "model_id:MODEL", "priority": "normal", "status": "Alert",
 "tags": "model_id:MODEL", "link": "", "at": "EPOCH"}""",
    SourceKind.EVIDENTLY: """\
{"model": "MODEL", "observed_at": "NOW", "evidently": {"tests": [], "metrics":
 [{"id": "EPOCH", "metric_name": "ValueDrift(column=income,method=PSI,threshold=0.1)", "value": 0.31,
   "config": {"type": "evidently:metric_v2:ValueDrift", "column": "income", "method": "PSI", "threshold": 0.1}}]}}""",
    SourceKind.SAGEMAKER: """\
{"version": "0", "id": "EPOCH", "detail-type": "Model monitor violations", "source": "redline.monitor", "time": "NOW",
 "account": "123456789012", "region": "eu-central-1", "resources": [], "detail": {"EndpointName": "MODEL",
 "MonitoringScheduleName": "daily", "violations": [{"feature_name": "income",
 "constraint_check_type": "baseline_drift_check", "description": "Baseline drift distance: 0.42 exceeds 0.1"}]}}""",
    SourceKind.AZURE_ML: """\
[{"id": "EPOCH", "topic": "/workspaces/test", "subject": "datadrifts/test", "eventTime": "NOW", "dataVersion": "",
  "eventType": "Microsoft.MachineLearningServices.DatasetDriftDetected", "metadataVersion": "1",
  "data": {"DataDriftId": "test", "DataDriftName": "MODEL", "RunId": "EPOCH", "BaseDatasetId": "",
           "TargetDatasetId": "", "DriftCoefficient": 0.31, "StartTime": "NOW", "EndTime": "NOW"}}]""",
    SourceKind.VERTEX: """\
{"insertId": "EPOCH", "logName": "projects/test/logs/model_monitoring", "timestamp": "NOW",
 "jsonPayload": {"model": "MODEL", "metric": "psi", "value": 0.31}}""",
    SourceKind.SECURITY: """\
{"id": "test-EPOCH", "type": "login.unusual", "model": "MODEL", "severity": "low", "actor": "test", "at": "NOW"}""",
}
"""A body of each kind; none needs escaping where a shell reads it between double quotes or in a here-document."""

PATHS: Final[Mapping[str, str]] = {
    SourceKind.OPENTELEMETRY: "/v1/metrics",
    SourceKind.PROMETHEUS: "api/v2/alerts",
}
"""What a sender of this kind adds to its source's address."""
TYPES: Final[Mapping[str, str]] = {SourceKind.CLOUDEVENTS: CLOUD_EVENT}

_ENVELOPE: Final = '{"subscription": "test", "message": {"messageId": "EPOCH", "publishTime": "NOW", "data": "ENTRY"}}'
_IN_SHELL: Final = {"NOW": "$(date -u +%Y-%m-%dT%H:%M:%SZ)", "EPOCH": "$(date +%s)"}


class Sample(NamedTuple):
    """A delivery: its bytes, and the headers that tell how to read them."""

    body: bytes
    headers: dict[str, str]


def sample(*, kind: str, model: str, at: dt.datetime) -> Sample:
    """Return the delivery of this kind that tells of one model at one moment."""
    said = {"MODEL": model, "NOW": f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}", "EPOCH": str(int(at.timestamp()))}
    text = _filled(TEXTS[kind], said)
    if kind == SourceKind.VERTEX:
        text = _filled(_ENVELOPE, {**said, "ENTRY": base64.b64encode(text.encode()).decode()})
    headers = {"content-type": TYPES.get(kind, JSON)}
    if kind == SourceKind.OPENTELEMETRY:
        headers[SIGNAL_HEADER] = "metrics"
    return Sample(text.encode(), headers)


def in_shell(*, kind: str, address: str, secret: str) -> str:
    """Return the command that sends the delivery with curl; `MODEL` stays, for whoever pastes it to replace."""
    if kind == SourceKind.STANDARD_WEBHOOKS:
        return _signed(address, secret)
    before: tuple[str, ...] = ()
    text = _filled(TEXTS[kind], _IN_SHELL)
    if kind == SourceKind.VERTEX:
        before = ("log=$(base64 <<LOG | tr -d '\\n'", text, "LOG", ")")
        text = _filled(_ENVELOPE, {**_IN_SHELL, "ENTRY": "$log"})
    lines = (
        *before,
        f"curl -sS {address}{PATHS.get(kind, '')} -H 'Authorization: Bearer {secret}' \\",
        f"  -H 'Content-Type: {TYPES.get(kind, JSON)}' --data-binary @- <<BODY",
        text,
        "BODY",
    )
    return "\n".join(lines)


def _signed(address: str, secret: str) -> str:
    """Return the command that signs as Standard Webhooks 1.0.0 asks: HMAC-SHA256 over id, moment and body."""
    body = _filled(TEXTS[SourceKind.STANDARD_WEBHOOKS], {"NOW": "'$(date -u +%Y-%m-%dT%H:%M:%SZ)'"})
    lines = (
        f"body='{body}'",
        "id=msg_$(date +%s%N) at=$(date +%s)",
        f"key=$(printf %s '{secret}' | sed 's/^whsec_//' | base64 -d | od -An -v -tx1 | tr -d ' \\n')",
        'signature=$(printf %s.%s.%s "$id" "$at" "$body" |',
        '  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)',
        f"curl -sS {address} -H 'Content-Type: application/json' \\",
        '  -H "webhook-id: $id" -H "webhook-timestamp: $at" -H "webhook-signature: v1,$signature" \\',
        '  --data-binary "$body"',
    )
    return "\n".join(lines)


def _filled(text: str, said: Mapping[str, str]) -> str:
    for name, value in said.items():
        text = text.replace(name, value)
    return text
