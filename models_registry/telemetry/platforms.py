"""What to paste into the platforms that companies already run, per kind: title, text, and what to know of it."""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from models_registry.telemetry import google_tokens
from models_registry.telemetry.models import SourceKind

type Text = tuple[str, str, str]
type Writer = Callable[[str, str], tuple[Text, ...]]

ALONE: Final = "Put the secret alone into the file."
IS_MODEL: Final = "MODEL is the model's name in Redline, or a name that was added to it."


def texts(*, kind: str, address: str, secret: str) -> tuple[Text, ...]:
    """Return what makes a platform of this kind send to the address; nothing for a kind that has no page of its own."""
    writer = WRITERS.get(kind)
    return writer(address, secret) if writer else ()


def _arize(address: str, secret: str) -> tuple[Text, ...]:
    fields = f"URL: {address}\nAuthentication: Bearer token\nToken: {secret}"
    note = "A webhook of the organization, for a monitor to notify. Arize may sign instead, with its own secret."
    lines = (
        "now=$(date +%s)",
        'body=\'{"model_id": "MODEL", "metric_name": "psi", "drift_score": 0.31}\'',
        f"signature=$(printf '%s.%s' \"$now\" \"$body\" | openssl dgst -sha256 -hmac '{secret}' | sed 's/.* //')",
        f"curl -sS {address} -H 'Content-Type: application/json' -H \"X-Arize-Webhook-Timestamp: $now\" \\",
        '  -H "X-Arize-Webhook-Signature: v1=$signature" --data-binary "$body"',
    )
    return (
        ("Webhook", fields, note),
        (
            "Signed, from a shell",
            "\n".join(lines),
            "How Arize signs: HMAC-SHA256 of the moment, a full stop and the body.",
        ),
    )


def _generic_json(address: str, secret: str) -> tuple[Text, ...]:
    lines = (
        "import datetime, requests",
        "",
        "now = datetime.datetime.now(datetime.UTC).isoformat()",
        'body = {"model": "MODEL", "at": now, "results": {"accuracy": 0.91}}',
        f'headers = {{"Authorization": "Bearer {secret}"}}',
        f'requests.post("{address}", json=body, headers=headers, timeout=30).raise_for_status()',
    )
    return (
        (
            "In Python",
            "\n".join(lines),
            "Any JSON body. It is held until the source's mapping says where the numbers are.",
        ),
    )


def _measurements(address: str, secret: str) -> tuple[Text, ...]:
    lines = (
        "import datetime, requests",
        "",
        "now = datetime.datetime.now(datetime.UTC).isoformat()",
        'body = {"measurements": [{"model": "MODEL", "metric": "psi", "value": 0.31, "observed_at": now}]}',
        f'headers = {{"Authorization": "Bearer {secret}"}}',
        f'requests.post("{address}", json=body, headers=headers, timeout=30).raise_for_status()',
    )
    return (("In Python", "\n".join(lines), f"{IS_MODEL} Up to 10,000 measurements a body."),)


def _prometheus(address: str, secret: str) -> tuple[Text, ...]:
    place = urlsplit(address)
    alerts = (
        "alerting:",
        "  alertmanagers:",
        f"    - scheme: {place.scheme}",
        f"      path_prefix: {place.path}",
        "      authorization:",
        "        credentials_file: /etc/prometheus/redline-secret",
        "      static_configs:",
        f"        - targets: ['{place.netloc}']",
    )
    samples = (
        "remote_write:",
        f"  - url: {address}api/v1/write",
        "    authorization:",
        "      credentials_file: /etc/prometheus/redline-secret",
        "    write_relabel_configs:",
        "      - source_labels: [model_id]",
        "        regex: .+",
        "        action: keep",
    )
    rule = (
        "groups:",
        "  - name: redline",
        "    rules:",
        "      - alert: PopulationDrift",
        '        expr: psi{model_id="MODEL"} > 0.2',
        "        labels: {model_id: MODEL, metric: psi}",
        "        annotations: {value: '{{ $value }}'}",
    )
    python = (
        "from prometheus_client import Gauge, start_http_server",
        "",
        "start_http_server(8000)",
        'Gauge("psi", "Population stability index", ["model_id"]).labels(model_id="MODEL").set(0.31)',
    )
    return (
        (
            "Alerts, in prometheus.yml",
            "\n".join(alerts),
            f"{ALONE} An alert names its model by the label model_id.",
        ),
        (
            "Samples, in prometheus.yml",
            "\n".join(samples),
            f"{ALONE} Only series with the label model_id leave your Prometheus.",
        ),
        (
            "A rule that names its model",
            "\n".join(rule),
            "In a file under rule_files. The annotation value tells the number behind the alert.",
        ),
        (
            "A service to scrape, in Python",
            "\n".join(python),
            "Needs prometheus-client. A metric of the catalogue with the label model_id is measured as it is.",
        ),
    )


def _grafana(address: str, secret: str) -> tuple[Text, ...]:
    lines = (
        "apiVersion: 1",
        "contactPoints:",
        "  - orgId: 1",
        "    name: redline",
        "    receivers:",
        "      - uid: redline",
        "        type: webhook",
        "        settings:",
        f"          url: {address}",
        "          httpMethod: POST",
        "          hmacConfig:",
        f"            secret: {secret}",
        "            header: X-Grafana-Alerting-Signature",
        "            timestampHeader: X-Grafana-Alerting-Timestamp",
    )
    note = "Provisioning file, or the same fields of a webhook contact point. Label rules with model_id and metric."
    return (("Contact point", "\n".join(lines), note),)


def _mlflow(address: str, secret: str) -> tuple[Text, ...]:
    lines = (
        "from mlflow import MlflowClient",
        "",
        "MlflowClient().create_webhook(",
        '    name="redline",',
        f'    url="{address}",',
        f'    secret="{secret}",',
        "    events=[",
        '        "registered_model.created", "model_version.created",',
        '        "model_version_tag.set", "model_version_tag.deleted",',
        '        "model_version_alias.created", "model_version_alias.deleted",',
        "    ],",
        ")",
    )
    return (
        (
            "From a shell of Python",
            "\n".join(lines),
            "The server needs a database store; a new webhook may miss a minute.",
        ),
    )


def _wandb(address: str, secret: str) -> tuple[Text, ...]:
    names = (
        "event_type",
        "event_author",
        "entity_name",
        "project_name",
        "artifact_collection_name",
        "artifact_version",
        "artifact_version_string",
        "alias",
        "tag",
    )
    payload = [
        *(f' "{name}": "${{{name}}}",' for name in names),
        ' "metrics": {"accuracy": "${artifact_metadata.accuracy}"}}',
    ]
    payload[0] = "{" + payload[0][1:]
    return (
        (
            "Webhook",
            f"URL: {address}\nSecret: {secret}",
            "Team settings, Webhooks. The secret is W&B's Secret, not its Access token.",
        ),
        (
            "Payload of the automation",
            "\n".join(payload),
            "Leave metrics out, or name your artifact's own metadata keys.",
        ),
    )


def _phoenix(address: str, secret: str) -> tuple[Text, ...]:
    lines = (
        'curl -sS -H "Authorization: Bearer $PHOENIX_API_KEY" -G \\',
        '  "$PHOENIX/v1/projects/support-bot/span_annotations" -d limit=1000 -d span_ids=$SPAN |',
        "jq '. + {model: \"MODEL\"}' |",
        f"curl -sS {address} -H 'Authorization: Bearer {secret}' \\",
        "  -H 'Content-Type: application/json' --data-binary @-",
    )
    return (("From a job", "\n".join(lines), IS_MODEL),)


def _datadog(address: str, secret: str) -> tuple[Text, ...]:
    payload = (
        '{"id": "$ID", "monitor_id": "$ALERT_ID", "title": "$ALERT_TITLE",',
        ' "transition": "$ALERT_TRANSITION", "cycle_key": "$ALERT_CYCLE_KEY",',
        ' "metric": "$ALERT_METRIC", "scope": "$ALERT_SCOPE", "priority": "$ALERT_PRIORITY",',
        ' "status": "$ALERT_STATUS", "tags": "$TAGS", "link": "$LINK", "at": "$DATE_POSIX"}',
    )
    headers = f'{{"Authorization": "Bearer {secret}"}}'
    return (
        (
            "Webhook",
            f"Name: redline\nURL: {address}\nCustom headers: {headers}",
            "Integrations, Webhooks. Encode as JSON.",
        ),
        (
            "Payload of the webhook",
            "\n".join(payload),
            "Tag monitors with model_id:MODEL, and say @webhook-redline in their message.",
        ),
    )


def _evidently(address: str, secret: str) -> tuple[Text, ...]:
    lines = (
        "import datetime, json, requests",
        "from evidently import Report",
        "from evidently.presets import DataDriftPreset",
        "",
        "report = Report([DataDriftPreset()], include_tests=True).run(current, reference)",
        'body = {"model": "MODEL", "version": "7",',
        '        "observed_at": datetime.datetime.now(datetime.UTC).isoformat(),',
        '        "evidently": json.loads(report.json())}',
        f'requests.post("{address}", json=body, timeout=30,',
        f'              headers={{"Authorization": "Bearer {secret}"}}).raise_for_status()',
    )
    return (("In the job that makes the report", "\n".join(lines), IS_MODEL),)


def _sagemaker(address: str, secret: str) -> tuple[Text, ...]:
    lines = (
        "aws events create-connection --name redline --authorization-type API_KEY \\",
        f"  --auth-parameters 'ApiKeyAuthParameters={{ApiKeyName=Authorization,ApiKeyValue=\"Bearer {secret}\"}}'",
        "aws events create-api-destination --name redline --http-method POST \\",
        f"  --connection-arn CONNECTION --invocation-endpoint {address}",
        'aws events put-rule --name redline --event-pattern \'{"source": ["redline.monitor"]}\'',
        "aws events put-targets --rule redline --targets Id=redline,Arn=DESTINATION,RoleArn=ROLE",
    )
    function = (
        "import json",
        "",
        "import boto3",
        "",
        "",
        "def handler(event, context):",
        '    at = event["detail"]',
        '    found = boto3.client("s3").get_object(Bucket=at["bucket"]["name"], Key=at["object"]["key"])',
        '    detail = {"EndpointName": "MODEL", "violations": json.load(found["Body"])["violations"]}',
        '    boto3.client("events").put_events(Entries=[{',
        '        "Source": "redline.monitor", "DetailType": "Model monitor violations", "Detail": json.dumps(detail),',
        "    }])",
    )
    return (
        (
            "EventBridge",
            "\n".join(lines),
            "CONNECTION and DESTINATION are the names that the commands before print, ROLE one that may call it.",
        ),
        (
            "Function that reads the results",
            "\n".join(function),
            "Model Monitor sends nothing by itself: its bucket notifies this of each constraint_violations.json.",
        ),
    )


def _azure_ml(address: str, secret: str) -> tuple[Text, ...]:
    types = ("DatasetDriftDetected", "ModelRegistered", "ModelDeployed")
    lines = (
        "az eventgrid event-subscription create --name redline --source-resource-id WORKSPACE \\",
        f"  --endpoint {address} \\",
        f"  --delivery-attribute-mapping Authorization static 'Bearer {secret}' true \\",
        "  --included-event-types " + " ".join(f"Microsoft.MachineLearningServices.{each}" for each in types),
    )
    return (
        (
            "Event Grid",
            "\n".join(lines),
            "WORKSPACE is the resource of the workspace. Redline answers the validation itself.",
        ),
    )


def _vertex(address: str, secret: str) -> tuple[Text, ...]:
    lines = (
        "gcloud logging sinks create redline pubsub.googleapis.com/projects/PROJECT/topics/redline \\",
        "  --log-filter='logName:\"model_monitoring\"'",
        "gcloud pubsub subscriptions create redline --topic redline --ack-deadline 30 \\",
    )
    by_token = f"  --push-endpoint '{address}?token={quote(secret, safe='')}'"
    note = "Pub/Sub sets no header, so the secret stands in the address."
    if secret.startswith(google_tokens.PREFIX):
        known = google_tokens.pusher(secret)
        by_token = (
            f"  --push-endpoint '{address}' \\\n  --push-auth-service-account {known.email} \\\n"
            f"  --push-auth-token-audience '{known.audience}'"
        )
        note = "Google signs each push; nothing secret stands in the address."
    return (("Log sink and subscription", "\n".join([*lines, by_token]), note),)


def _security(address: str, secret: str) -> tuple[Text, ...]:
    lines = (
        "import datetime, hashlib, pathlib, requests",
        "",
        'digest = hashlib.sha256(pathlib.Path("weights.bin").read_bytes()).hexdigest()',
        'body = {"type": "weight_digest.observed", "model": "MODEL", "version": "1",',
        '        "observed_digest": f"sha256:{digest}",',
        '        "at": datetime.datetime.now(datetime.UTC).isoformat()}',
        f'headers = {{"Authorization": "Bearer {secret}"}}',
        f'requests.post("{address}", json=body, headers=headers, timeout=30).raise_for_status()',
    )
    note = f"{IS_MODEL} The weights that are served are compared with the digest on record for that version."
    return (("A job that watches weights", "\n".join(lines), note),)


def _backfill(address: str, secret: str) -> tuple[Text, ...]:
    place = urlsplit(address)
    lines = (
        f"FILE=history.csv.gz SOURCE=SLUG BASE={place.scheme}://{place.netloc}/api/v1/backfills",
        'ID=$(curl -sS "$BASE/" -H "Authorization: Bearer $REDLINE_TOKEN" -H "Content-Type: application/json" \\',
        '  -d "{\\"source\\": \\"$SOURCE\\", \\"file_name\\": \\"$FILE\\", \\"size\\": $(stat -c %s $FILE)}" | jq .id)',
        "for OFFSET in $(seq 0 1048576 $(($(stat -c %s $FILE) - 1))); do",
        '  tail -c +$((OFFSET + 1)) $FILE | head -c 1048576 | curl -sS -X PATCH "$BASE/$ID/file/" \\',
        '    -H "Authorization: Bearer $REDLINE_TOKEN" -H "Upload-Offset: $OFFSET" \\',
        '    -H "Content-Type: application/octet-stream" --data-binary @-',
        "done",
        'curl -sS -X POST "$BASE/$ID/start/" -H "Authorization: Bearer $REDLINE_TOKEN"',
    )
    note = "SLUG is this source's. REDLINE_TOKEN is a token with telemetry.write. Or upload the file on a page."
    return (("A file from a shell", "\n".join(lines), note),)


WRITERS: Final[Mapping[str, Writer]] = {
    SourceKind.ARIZE: _arize,
    SourceKind.GENERIC_JSON: _generic_json,
    SourceKind.MEASUREMENTS: _measurements,
    SourceKind.PROMETHEUS: _prometheus,
    SourceKind.GRAFANA: _grafana,
    SourceKind.MLFLOW: _mlflow,
    SourceKind.WANDB: _wandb,
    SourceKind.PHOENIX: _phoenix,
    SourceKind.DATADOG: _datadog,
    SourceKind.EVIDENTLY: _evidently,
    SourceKind.SAGEMAKER: _sagemaker,
    SourceKind.AZURE_ML: _azure_ml,
    SourceKind.VERTEX: _vertex,
    SourceKind.SECURITY: _security,
    SourceKind.BACKFILL: _backfill,
}
