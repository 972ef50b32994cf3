"""What every way in is sent while processes are killed: a parcel of its sender's own form, and what becomes of it.

Run as a process of its own with the settings of the instance, it makes a source or an account for each door and
prints JSON with their addresses and secrets.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import django
from backports import zstd

from models_registry.telemetry.signatures import sign
from tests.models_registry.telemetry import otlp, prompb

PAYLOADS = Path(__file__).parents[1] / "payloads"
MODEL = "chaos-0"
MAPPING: dict[str, Any] = {
    "mapping": 1,
    "event_id": "/id",
    "fields": {"model": "/model", "observed_at": "/at"},
    "values": [{"metric": {"const": "accuracy"}, "value": "/accuracy"}],
}
"""How the bodies of `generic_json` are read."""

type Parcel = tuple[bytes, dict[str, str]]


def export(number: int, secret: str) -> Parcel:
    """An export of two resources, which becomes two events."""
    now = time.time_ns()
    resources = [
        ({"redline__model": MODEL}, [otlp.gauge(f"{half}_reading", float(number), at=now)])
        for half in ("first", "second")
    ]
    return otlp.metrics_of(resources), {"Content-Type": otlp.PROTOBUF, **bearer(secret)}


def spans(number: int, secret: str) -> Parcel:
    """A call to a model with what was asked, which becomes a prediction and five measurements."""
    facts = {"redline__model": MODEL, "gen_ai__operation__name": "chat", "gen_ai__input__messages": f"Claim {number}?"}
    call = otlp.span(number=number + 1, **facts)
    ended = time.time_ns()
    call |= {"start_time_unix_nano": ended - 10**8, "end_time_unix_nano": ended}
    return otlp.traces(call), {"Content-Type": otlp.PROTOBUF, **bearer(secret)}


def judgements(number: int, secret: str) -> Parcel:
    """Two results of evaluations, as logs."""
    now = time.time_ns()
    told = [otlp.evaluation(f"{half}_reading", float(number), at=now, redline__model=MODEL) for half in "ab"]
    return otlp.logs(*told), {"Content-Type": otlp.PROTOBUF, **bearer(secret)}


def cloud_events(number: int, secret: str) -> Parcel:
    """A batch of two events."""
    events = [
        {
            "specversion": "1.0",
            "id": f"{half}-{number}",
            "source": "/storm",
            "type": "measured",
            "subject": MODEL,
            "data": {"metric": f"{half}_reading", "value": number},
        }
        for half in ("first", "second")
    ]
    kind = "application/cloudevents-batch+json"
    return json.dumps(events).encode(), {"Content-Type": kind, **bearer(secret)}


def webhook(number: int, secret: str) -> Parcel:
    """A signed webhook of two measurements."""
    body = json.dumps({"type": "measured", "data": {"measurements": two_readings(number)}}).encode()
    signed = sign(event_id=f"msg_{number}", at=datetime.now(UTC), body=body, secret=secret)
    return body, {"Content-Type": "application/json", **signed}


def bulk(number: int, secret: str) -> Parcel:
    """Two measurements in bulk, of their own minute."""
    return in_json({"measurements": [{**each, "observed_at": moment(number)} for each in two_readings(number)]}, secret)


def samples(number: int, secret: str) -> Parcel:
    """A remote write of two series."""
    told = [({"__name__": name, "model_id": MODEL}, [(float(number), ms(number))]) for name in ("psi", "accuracy")]
    packed = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
    return prompb.packed(prompb.version_1(*told)), {**packed, **bearer(secret)}


def prometheus_alerts(number: int, secret: str) -> Parcel:
    """Two alerts as Prometheus posts them to an Alertmanager."""
    return in_json([alert(number, name) for name in ("psi", "accuracy")], secret)


def alertmanager(number: int, secret: str) -> Parcel:
    """Two alerts that an Alertmanager tells of."""
    return in_json(notification(number), secret)


def grafana(number: int, secret: str) -> Parcel:
    """Two alerts that Grafana tells of."""
    told = notification(number)
    return in_json(
        {**told, "version": "1", "alerts": [{**each, "values": {"A": 0.3}} for each in told["alerts"]]}, secret
    )


def datadog(number: int, secret: str) -> Parcel:
    """A monitor of Datadog that was triggered."""
    body = recorded("datadog/triggered.json")
    tags = f"env:prod,model_id:{MODEL}"
    told = {"id": str(number), "cycle_key": f"c{number}", "tags": tags, "scope": tags, "at": str(ms(number) // 1000)}
    return in_json(body | told, secret)


def arize(number: int, secret: str) -> Parcel:
    """A drift alert of Arize."""
    body = recorded("arize/drift_alert.json")
    return in_json(body | {"model_id": MODEL, "timestamp": moment(number)}, secret)


def siem(number: int, secret: str) -> Parcel:
    """Two events of a SIEM."""
    told = {"type": "jailbreak", "model": MODEL, "at": moment(number)}
    return in_json({"events": [{**told, "id": f"{half}-{number}"} for half in "ab"]}, secret)


def predictions(number: int, secret: str) -> Parcel:
    """Two answers of a model, one by one."""
    told = {
        "model": MODEL,
        "observed_at": moment(number),
        "outcome": "ok",
        "version": 1,
        "input": f"Claim {number}?",
    }
    return in_json({"predictions": [{**told, "prediction_id": f"{half}-{number}"} for half in "ab"]}, secret)


def packed_json(number: int, secret: str) -> Parcel:
    """An export in JSON, packed with zstd."""
    point = {"asDouble": float(number), "timeUnixNano": str(time.time_ns())}
    gauge = {"name": "psi", "gauge": {"dataPoints": [point]}}
    resource = {"attributes": [{"key": "redline.model", "value": {"stringValue": MODEL}}]}
    told = {"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"metrics": [gauge]}]}]}
    body, headers = in_json(told, secret)
    return zstd.compress(body), {**headers, "Content-Encoding": "zstd"}


def samples_2(number: int, secret: str) -> Parcel:
    """A remote write 2.0 of two series."""
    told = [({"__name__": name, "model_id": MODEL}, [(float(number), ms(number))]) for name in ("psi", "accuracy")]
    kind = "application/x-protobuf;proto=io.prometheus.write.v2.Request"
    return prompb.packed(prompb.version_2(*told)), {
        "Content-Type": kind,
        "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Write-Version": "2.0.0",
        **bearer(secret),
    }


def mlflow(number: int, secret: str) -> Parcel:
    """A version that MLflow tells of, signed as it signs."""
    body: dict[str, Any] = recorded("mlflow/webhooks/model_version.created.json")["body"]
    body["data"] |= {"name": MODEL, "version": str(number + 1)}
    wire, delivery, at = json.dumps(body).encode(), f"5b1c7e1e-0d8f-4c1a-9a53-{number:012}", str(int(time.time()))
    digest = hmac.new(secret.encode(), f"{delivery}.{at}.".encode() + wire, hashlib.sha256).digest()
    return wire, {
        "Content-Type": "application/json",
        "X-MLflow-Delivery-Id": delivery,
        "X-MLflow-Timestamp": at,
        "X-MLflow-Signature": "v1," + base64.b64encode(digest).decode(),
    }


def wandb(number: int, secret: str) -> Parcel:
    """An automation of W&B, signed as it signs; it names its deliveries by nothing."""
    link = {"artifact_collection_name": MODEL, "artifact_version_string": f"acme/registry/{MODEL}:latest"}
    body = recorded("wandb/alias_added.json") | link | {"event_type": "LINK_MODEL", "alias": "", "tag": str(number)}
    wire = json.dumps(body).encode()
    signed = base64.b64encode(hmac.new(secret.encode(), wire, hashlib.sha256).digest()).decode()
    return wire, {"Content-Type": "application/json", "X-Wandb-Signature": signed}


def phoenix(number: int, secret: str) -> Parcel:
    """A page of annotations with one score."""
    page = recorded("phoenix/annotations.json") | {"project": MODEL}
    page["data"] = [page["data"][0] | {"id": str(number), "created_at": moment(number), "updated_at": moment(number)}]
    return in_json(page, secret)


def evidently(number: int, secret: str) -> Parcel:
    """A report of four metrics and two tests."""
    body = recorded("evidently/report.json")
    del body["version"]
    return in_json(body | {"model": MODEL, "observed_at": moment(number)}, secret)


def sagemaker(number: int, secret: str) -> Parcel:
    """Two violations of two checks: all of them, each check, and each violation."""
    body = recorded("sagemaker/violations.json") | {"id": f"event-{number}", "time": moment(number)}
    body["detail"]["EndpointName"] = MODEL
    return in_json(body, secret)


def azure_ml(number: int, secret: str) -> Parcel:
    """Drift that Event Grid tells of."""
    [event] = recorded("azure_ml/drift.json")
    event["data"] |= {"DataDriftName": MODEL, "EndTime": moment(number)}
    return in_json([event | {"id": f"event-{number}"}], secret)


def vertex(number: int, secret: str) -> Parcel:
    """A log entry that Pub/Sub pushes; it sends no header of ours."""
    entry = {"timestamp": moment(number), "jsonPayload": {"model": MODEL, "metric": "psi", "value": 0.3}}
    data = base64.b64encode(json.dumps(entry).encode()).decode()
    body = {"subscription": "s", "message": {"messageId": str(number), "data": data}}
    return json.dumps(body).encode(), {"Content-Type": "application/json"}


def mapped(number: int, secret: str) -> Parcel:
    """A body that a mapping reads."""
    return in_json({"id": f"run-{number}", "model": MODEL, "at": moment(number), "accuracy": 0.9}, secret)


def by_token(number: int, secret: str) -> Parcel:
    """Two measurements of a program with a token, which names the source in a header."""
    body, headers = bulk(number, secret)
    return body, {**headers, "Redline-Source": "storm-by-token", "Idempotency-Key": f"bulk-{number}"}


def finding(number: int, secret: str) -> Parcel:
    """A finding of a scorer with a token, in the product's own format."""
    evidence = {"source": "ARIZE_AI", "metric": "psi", "score": 0.1, "timestamp": moment(number)}
    told = {"modelId": MODEL, "riskIndicator": "PERFORMANCE_DRIFT", "severity": "LOW", "automatedAction": "LOG_ONLY"}
    body, headers = in_json({**told, "evidence": evidence}, secret)
    return body, {**headers, "Idempotency-Key": f"finding-{number}"}


def recorded(name: str) -> Any:
    """What a sender is on record to have sent."""
    return json.loads((PAYLOADS / name).read_text())


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def in_json(body: Any, secret: str) -> Parcel:
    return json.dumps(body).encode(), {"Content-Type": "application/json", **bearer(secret)}


def two_readings(number: int) -> list[dict[str, Any]]:
    return [{"model": MODEL, "metric": f"{half}_reading", "value": number} for half in ("first", "second")]


def alert(number: int, metric: str) -> dict[str, Any]:
    labels = {"alertname": "Drift", "model_id": MODEL, "metric": metric}
    return {"labels": labels, "annotations": {"value": "0.3"}, "startsAt": moment(number)}


def notification(number: int) -> dict[str, Any]:
    return {"version": "4", "alerts": [{**alert(number, name), "status": "firing"} for name in ("psi", "accuracy")]}


def ms(number: int) -> int:
    return (int(time.time()) // 3600 * 3600 - 3600 + number) * 1000


def moment(number: int) -> str:
    return datetime.fromtimestamp(ms(number) / 1000, UTC).isoformat()


class Door(NamedTuple):
    """One way in: what kind of source, what is sent, and what becomes of a parcel.

    ``below`` is added to the source's address, ``own`` stands in its place; both may name `{token}` and `{secret}`.
    A ``role`` says that a token of an account with it is the secret. ``named`` says whether the sender names its
    deliveries, so that a repeated one is known for good; where it does not, equal bodies count once a minute.
    """

    kind: str
    parcel: Callable[[int, str], Parcel]
    events: int = 1
    measurements: int = 2
    predictions: int = 0
    findings: int = 0
    below: str = ""
    own: str = ""
    role: str = ""
    named: bool = True

    def path(self, *, address: str, secret: str) -> str:
        """Return where its parcels go, for a source at this address."""
        token = address.rstrip("/").rpartition("/")[2]
        return (self.own or address + self.below).format(token=token, secret=quote(secret, safe=""))


DOORS: dict[str, Door] = {
    "metrics": Door("opentelemetry", export, events=2, below="/v1/metrics"),
    "traces": Door("opentelemetry", spans, measurements=5, predictions=1, below="/v1/traces"),
    "logs": Door("opentelemetry", judgements, below="/v1/logs"),
    "cloudevents": Door("cloudevents", cloud_events, events=2),
    "webhooks": Door("standard_webhooks", webhook),
    "bulk": Door("measurements", bulk),
    "remote write": Door("prometheus", samples, below="api/v1/write"),
    "prometheus alerts": Door("prometheus", prometheus_alerts, measurements=4, below="api/v2/alerts"),
    "alertmanager": Door("alertmanager", alertmanager, measurements=4),
    "grafana": Door("grafana", grafana, measurements=4),
    "datadog": Door("datadog", datadog, measurements=1),
    "arize": Door("arize", arize, measurements=1),
    "security": Door("security", siem),
    "predictions": Door(
        "generic_json", predictions, events=0, measurements=0, predictions=2, own="/api/v1/predictions/from/{token}/"
    ),
    "metrics in json": Door("opentelemetry", packed_json, measurements=1, below="/v1/metrics"),
    "remote write 2": Door("prometheus", samples_2, below="api/v1/write"),
    "mlflow": Door("mlflow", mlflow, measurements=1),
    "wandb": Door("wandb", wandb, measurements=1, named=False),
    "phoenix": Door("phoenix", phoenix, measurements=1),
    "evidently": Door("evidently", evidently, measurements=6),
    "sagemaker": Door("sagemaker", sagemaker, measurements=5),
    "azure": Door("azure_ml", azure_ml, measurements=1),
    "vertex": Door("vertex", vertex, measurements=1, below="?token={secret}"),
    "mapped": Door("generic_json", mapped, measurements=1),
    "by token": Door("measurements", by_token, own="/api/v1/measurements/", role="automation_ingest"),
    "findings": Door(
        "measurements", finding, events=0, measurements=0, findings=1, own="/v1/risk/update", role="automation_scorer"
    ),
}


def connect() -> dict[str, tuple[str, str]]:
    """Return the address and the secret of each door, made by the real actions."""
    from django.utils import timezone

    from models_registry.access.actions import create_account, grant_role
    from models_registry.access.issuing import issue_token
    from models_registry.access.models import AccountKind
    from models_registry.telemetry import source_actions
    from tests.journeys import builders

    at, made = timezone.now(), {}
    for name, door in DOORS.items():
        source, secret = source_actions.create_source(by=builders.OPERATOR, at=at, name=f"Storm {name}", kind=door.kind)
        if door.parcel is mapped:
            mapping = source_actions.save_mapping(by=builders.OPERATOR, at=at, source=source, document=MAPPING)
            source_actions.activate_mapping(by=builders.OPERATOR, at=at, mapping=mapping)
        if door.role:
            account = create_account(by=builders.OPERATOR, at=at, username=door.role, kind=AccountKind.AUTOMATION)
            grant_role(by=builders.OPERATOR, at=at, account=account, role=door.role)
            secret = issue_token(by=builders.OPERATOR, at=at, account=account).raw
        place = "/otlp/{}" if door.kind == "opentelemetry" else "/api/v1/telemetry/{}/"
        made[name] = (place.format(source.path_token), secret)
    return made


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "governance.config.settings"
    django.setup()
    print(json.dumps(connect()))  # noqa: T201
