"""What other platforms of the company say of the models: alerts of the cluster, changes in MLflow, a monitor, a SIEM.

None of it moves a risk. Each platform also tells of things that are nobody's model, as they do: those are counted.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction

from demo import story
from demo.telemetry import DAY, HOUR
from models_registry.access.models import Account
from models_registry.telemetry import source_actions
from models_registry.telemetry.actions import receive
from models_registry.telemetry.models import Source, SourceKind

EVERYDAY = ("KubePodCrashLooping", "NodeFilesystemAlmostFull")
"""Alerts of the cluster that are about no model."""
EXPERIMENTS = ("churn-playground", "quarterly-hackathon")
"""Models of the researchers' MLflow that nobody has registered."""
MINUTES = timedelta(minutes=40)


class Sent(NamedTuple):
    """One delivery: which platform, when, and its body."""

    kind: SourceKind
    at: datetime
    body: Any


NAMES = {
    SourceKind.PROMETHEUS: "Cluster Prometheus",
    SourceKind.GRAFANA: "Grafana on call",
    SourceKind.MLFLOW: "Research MLflow",
    SourceKind.DATADOG: "Datadog",
    SourceKind.SECURITY: "SIEM",
}


@transaction.atomic
def report(*, by: Account, models: Sequence[story.ModelStory], present: datetime) -> int:
    """Connect the platforms and keep what they sent in the last two days; return how many events that made."""
    sources: dict[SourceKind, Source] = {}
    for kind, name in NAMES.items():
        sources[kind], _ = source_actions.create_source(by=by, at=present - 3 * DAY, name=name, kind=kind)
    heard = [model for model in models if model.plot != "quiet"]
    deliveries = sorted(_deliveries(heard, present), key=lambda sent: sent.at)
    for sent in deliveries:
        receive(source=sources[sent.kind], body=json.dumps(sent.body).encode(), headers={}, at=sent.at)
    return len(deliveries)


def _deliveries(models: Sequence[story.ModelStory], present: datetime) -> Iterator[Sent]:
    first, second = models[0].slug, models[-1].slug
    began = present - 2 * DAY
    for number, name in enumerate(EVERYDAY):
        at = began + (6 + number) * HOUR
        yield Sent(SourceKind.PROMETHEUS, at, [_alert(name, at), _alert("ReplicasBelowTarget", at, model_id=first)])
    over = began + 9 * HOUR
    ended = _alert("ReplicasBelowTarget", began + 6 * HOUR, model_id=first) | {"endsAt": over.isoformat()}
    yield Sent(SourceKind.PROMETHEUS, over, [ended])
    at = began + 11 * HOUR
    shown = {**_alert("QueueDepth", at, model_id=second), "status": "firing", "values": {"A": 41.0}}
    delivery = {"version": "1", "receiver": "redline", "status": "firing", "alerts": [shown], "truncatedAlerts": 3}
    yield Sent(SourceKind.GRAFANA, at, delivery)
    for number, name in enumerate((first, *EXPERIMENTS)):
        at = began + (13 + number) * HOUR
        data = {"name": name, "version": "1", "source": f"s3://research/{name}/1", "tags": {}}
        told = {"entity": "model_version", "action": "created", "timestamp": at.isoformat(), "data": data}
        yield Sent(SourceKind.MLFLOW, at, told)
    for number, transition in enumerate(("Triggered", "Recovered")):
        at = began + 17 * HOUR + number * MINUTES
        body = {"id": f"77001122{number}", "monitor_id": "112233", "title": "Pods restart", "transition": transition}
        yield Sent(SourceKind.DATADOG, at, {**body, "tags": f"env:prod,model_id:{second}", "at": int(at.timestamp())})
    at = began + 20 * HOUR
    event = {"id": "siem-4711", "type": "prompt_injection", "model": second, "severity": "low", "at": at.isoformat()}
    yield Sent(SourceKind.SECURITY, at, {**event, "message": "blocked by the gateway"})


def _alert(name: str, at: datetime, **labels: str) -> dict[str, Any]:
    return {"labels": {"alertname": name, **labels}, "annotations": {}, "startsAt": at.isoformat()}
