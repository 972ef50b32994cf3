"""What to paste into a platform so that it sends to a source: the configuration, per kind."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from models_registry.telemetry import platforms
from models_registry.telemetry.models import SourceKind

UNKNOWN: Final = "SECRET"
"""Stands where the secret belongs once it is no longer shown."""


@dataclass(frozen=True)
class Setup:
    """One thing to paste: where it goes, the text, and what to know of it."""

    title: str
    text: str
    note: str = ""


def setups(*, kind: str, address: str, secret: str = UNKNOWN) -> tuple[Setup, ...]:
    """Return the ways to make a platform of this kind send.

    ``address`` is where the source sends to; an OpenTelemetry exporter adds `/v1/metrics` and the like to it.
    """
    match kind:
        case SourceKind.OPENTELEMETRY:
            return _opentelemetry(address, secret)
        case SourceKind.CLOUDEVENTS:
            return _cloudevents(address, secret)
        case SourceKind.STANDARD_WEBHOOKS:
            return _standard_webhooks(address, secret)
        case SourceKind.ALERTMANAGER:
            return _alertmanager(address)
    return tuple(Setup(*each) for each in platforms.texts(kind=kind, address=address, secret=secret))


def _opentelemetry(base: str, secret: str) -> tuple[Setup, ...]:
    variables = (
        f"OTEL_EXPORTER_OTLP_ENDPOINT={base}",
        "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        f"OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20{quote(secret, safe='')}",
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta",
        "OTEL_RESOURCE_ATTRIBUTES=redline.model=MODEL,deployment.environment.name=production",
    )
    collector = (
        "exporters:",
        "  otlphttp/redline:",
        f"    endpoint: {base}",
        "    headers:",
        f'      authorization: "Bearer {secret}"',
    )
    return (
        Setup(
            "Environment of an application",
            "\n".join(variables),
            "MODEL stands for the model. With delta temporality, counts and percentiles are of the last interval.",
        ),
        Setup("Exporter of a collector", "\n".join(collector)),
    )


def _cloudevents(address: str, secret: str) -> tuple[Setup, ...]:
    lines = (
        f"curl -sS {address} \\",
        f"  -H 'Authorization: Bearer {secret}' -H 'Content-Type: application/json' \\",
        "  -H 'ce-specversion: 1.0' -H \"ce-id: $(date +%s%N)\" -H 'ce-source: /monitors/42' \\",
        "  -H 'ce-type: com.example.drift.detected' -H 'ce-subject: MODEL' \\",
        '  -d \'{"metric": "psi", "value": 0.31}\'',
    )
    return (
        Setup(
            "One event from a shell",
            "\n".join(lines),
            "MODEL stands for the model. Structured and batched events go to the same address.",
        ),
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
        "receivers:",
        "  - name: redline",
        "    webhook_configs:",
        f"      - url: {address}",
        "        send_resolved: true",
        "        http_config:",
        "          authorization:",
        "            credentials_file: /etc/alertmanager/redline-secret",
    )
    return (Setup("Receiver of Alertmanager", "\n".join(lines), "Put the secret alone into the file."),)
