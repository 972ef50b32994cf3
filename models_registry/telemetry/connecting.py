"""What to paste into a platform so that it sends to a source: the configuration, per kind."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from models_registry.telemetry import platforms, samples
from models_registry.telemetry.models import SourceKind

UNKNOWN: Final = "SECRET"
"""Stands where the secret belongs once it is no longer shown."""


@dataclass(frozen=True)
class Setup:
    """One thing to paste: where it goes, the text, and what to know of it."""

    title: str
    text: str
    note: str = ""


MODEL: Final = "MODEL"
"""Stands where the model's name belongs until somebody says which."""
_ABOUT_MODEL: Final = re.compile(r"[^.]*\bMODEL\b[^.]*\.\s*")
"""A sentence that explains the word; it goes once the word is gone."""
TRY: Final = "Try it from a shell"
TRIES: Final = (
    "It sends one delivery as the platform would. What it tells is measured, and may raise a risk, like any other."
)


def setups(
    *, kind: str, address: str, secret: str = UNKNOWN, model: str = MODEL, environment: str = "production"
) -> tuple[Setup, ...]:
    """Return the ways to make a platform of this kind send; the last one tries the address with curl.

    ``address`` is where the source sends to; an OpenTelemetry exporter adds `/v1/metrics` and the like to it.
    """
    own = _own(kind, address, secret, environment)
    if kind in samples.TEXTS:
        own = (*own, _try(kind, address, secret))
    if model == MODEL:
        return own
    return tuple(Setup(each.title, _named(each.text, model), _ABOUT_MODEL.sub("", each.note)) for each in own)


def _named(text: str, model: str) -> str:
    return re.sub(rf"\b{MODEL}\b", lambda _: model, text)


def _own(kind: str, address: str, secret: str, environment: str) -> tuple[Setup, ...]:
    match kind:
        case SourceKind.OPENTELEMETRY:
            return _opentelemetry(address, secret, environment)
        case SourceKind.CLOUDEVENTS:
            return _cloudevents(address, secret)
        case SourceKind.STANDARD_WEBHOOKS:
            return _standard_webhooks(address, secret)
        case SourceKind.ALERTMANAGER:
            return _alertmanager(address)
    return tuple(Setup(*each) for each in platforms.texts(kind=kind, address=address, secret=secret))


def _try(kind: str, address: str, secret: str) -> Setup:
    """Return the sample of this kind as a command. What it sends is measured like anything else."""
    return Setup(TRY, samples.in_shell(kind=kind, address=address, secret=secret), TRIES)


def _opentelemetry(base: str, secret: str, environment: str) -> tuple[Setup, ...]:
    variables = (
        f"OTEL_EXPORTER_OTLP_ENDPOINT={base}",
        "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        f"OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20{quote(secret, safe='')}",
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta",
        f"OTEL_RESOURCE_ATTRIBUTES=redline.model=MODEL,deployment.environment.name={environment}",
    )
    collector = (
        "exporters:",
        "  otlphttp/redline:",
        f"    endpoint: {base}",
        "    headers:",
        f'      authorization: "Bearer {secret}"',
    )
    python = (
        "from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter",
        "from opentelemetry.sdk.metrics import MeterProvider",
        "from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader",
        "from opentelemetry.sdk.resources import Resource",
        "",
        "exporter = OTLPMetricExporter(",
        f'    endpoint="{base}/v1/metrics",',
        f'    headers={{"authorization": "Bearer {secret}"}},',
        ")",
        "provider = MeterProvider(",
        f'    resource=Resource.create({{"redline.model": "MODEL", "deployment.environment.name": "{environment}"}}),',
        "    metric_readers=[PeriodicExportingMetricReader(exporter)],",
        ")",
        'provider.get_meter("drift").create_gauge("ai.drift.psi").set(0.31)',
        "provider.force_flush()",
    )
    return (
        Setup(
            "Environment of an application",
            "\n".join(variables),
            "MODEL stands for the model. With delta temporality, counts and percentiles are of the last interval.",
        ),
        Setup(
            "Exporter of a collector", "\n".join(collector), "Name it under exporters of the pipelines that it is for."
        ),
        Setup("In Python", "\n".join(python), "Needs opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http."),
    )


def _cloudevents(address: str, secret: str) -> tuple[Setup, ...]:
    lines = (
        f"curl -sS {address} \\",
        f"  -H 'Authorization: Bearer {secret}' -H 'Content-Type: application/json' \\",
        "  -H 'ce-specversion: 1.0' -H \"ce-id: $(date +%s%N)\" -H 'ce-source: /monitors/42' \\",
        "  -H 'ce-type: com.example.drift.detected' -H 'ce-subject: MODEL' \\",
        '  -d \'{"metric": "psi", "value": 0.31}\'',
    )
    python = (
        "import uuid",
        "import requests",
        "from cloudevents.core.bindings.http import to_binary_event",
        "from cloudevents.core.v1.event import CloudEvent",
        "",
        "event = CloudEvent(",
        "    attributes={",
        '        "id": str(uuid.uuid4()), "source": "/monitors/42", "type": "com.example.drift.detected",',
        '        "subject": "MODEL", "datacontenttype": "application/json",',
        "    },",
        '    data={"metric": "psi", "value": 0.31},',
        ")",
        "sent = to_binary_event(event)",
        f'headers = {{**sent.headers, "Authorization": "Bearer {secret}"}}',
        f'requests.post("{address}", data=sent.body, headers=headers, timeout=30).raise_for_status()',
    )
    return (
        Setup(
            "One event from a shell",
            "\n".join(lines),
            "MODEL stands for the model. Structured and batched events go to the same address.",
        ),
        Setup("In Python", "\n".join(python), "Needs cloudevents and requests."),
    )


def _standard_webhooks(address: str, secret: str) -> tuple[Setup, ...]:
    lines = (
        "import datetime, json, requests, uuid",
        "from standardwebhooks import Webhook",
        "",
        f'webhook, name, at = Webhook("{secret}"), f"msg_{{uuid.uuid4().hex}}", datetime.datetime.now(datetime.UTC)',
        "body = json.dumps(",
        '    {"type": "drift.measured", "timestamp": at.isoformat(), '
        '"data": {"model": "MODEL", "metric": "psi", "value": 0.31}}',
        ")",
        "requests.post(",
        f'    "{address}",',
        "    data=body,",
        "    timeout=30,",
        "    headers={",
        '        "content-type": "application/json",',
        '        "webhook-id": name,',
        '        "webhook-timestamp": str(int(at.timestamp())),',
        '        "webhook-signature": webhook.sign(name, at, body),',
        "    },",
        ")",
    )
    return (
        Setup(
            "A sender in Python",
            "\n".join(lines),
            "MODEL stands for the model. A platform that sends Standard Webhooks asks for address and secret alone.",
        ),
    )


def _alertmanager(address: str) -> tuple[Setup, ...]:
    lines = (
        "route:",
        "  receiver: everybody-else",
        "  routes:",
        "    - receiver: redline",
        "      matchers: ['model_id=~\".+\"']",
        "      group_by: [model_id]",
        "      continue: true",
        "receivers:",
        "  - name: everybody-else",
        "  - name: redline",
        "    webhook_configs:",
        f"      - url: {address}",
        "        send_resolved: true",
        "        http_config:",
        "          authorization:",
        "            credentials_file: /etc/alertmanager/redline-secret",
    )
    test = "amtool alert add TestOfRedline model_id=MODEL --alertmanager.url=http://localhost:9093"
    return (
        Setup(
            "In alertmanager.yml",
            "\n".join(lines),
            "Put the secret alone into the file. everybody-else stands for the receivers that you have.",
        ),
        Setup("An alert to test it", test, "Through your own Alertmanager; it ends by itself after a few minutes."),
    )
