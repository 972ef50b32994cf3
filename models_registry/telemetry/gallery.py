"""Every platform that can be connected: what it is for, what it sends, and what connecting it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from models_registry.telemetry.models import SourceKind

HOUR, DAY = 3_600, 86_400


class Group(StrEnum):
    """How the gallery is divided."""

    OBSERVABILITY = "Observability"
    TRACKING = "Tracking and evaluation"
    CLOUD = "Monitors of a cloud"
    GENERIC = "Anything that can send"
    SECURITY = "Security"


@dataclass(frozen=True, slots=True)
class Platform:
    """One card. ``interval_s`` is offered as the longest usual silence; None where silence is good news.

    ``place`` is where the configuration goes there, ``how_to`` the page of the documentation, ``also`` further
    words by which people look for it. ``makes_secret`` says that the platform may have a secret of its own.
    """

    kind: str
    group: Group
    sends: str
    needs: str
    place: str
    how_to: str
    interval_s: int | None = None
    also: str = ""
    makes_secret: bool = False

    @property
    def label(self) -> str:
        """The platform's name."""
        return str(SourceKind(self.kind).label)

    def matches(self, words: str) -> bool:
        """Say whether every word is found on the card or among what people call it."""
        text = f"{self.label} {self.group} {self.sends} {self.needs} {self.also}".lower()
        return all(word in text for word in words.lower().split())


_CARDS: Final = (
    Platform(
        SourceKind.ARIZE,
        Group.OBSERVABILITY,
        "Drift, performance and data-quality monitors of models, when their status changes.",
        "A webhook of the organization in Arize AX, signed or with a token.",
        "Arize AX, Settings, Webhooks",
        "connect-arize",
        also="ax embeddings monitor",
        makes_secret=True,
    ),
    Platform(
        SourceKind.OPENTELEMETRY,
        Group.OBSERVABILITY,
        "Metrics, logs and traces of applications and agents, GenAI conventions and evaluation results included.",
        "Five environment variables of the application, or an exporter of your collector.",
        "The application's environment",
        "send-opentelemetry",
        HOUR,
        also="otel otlp collector llm genai tokens latency",
    ),
    Platform(
        SourceKind.PROMETHEUS,
        Group.OBSERVABILITY,
        "Its alerts, as to an Alertmanager, and its samples by remote write.",
        "Two blocks of prometheus.yml and a label that names the model.",
        "prometheus.yml",
        "connect-prometheus",
        HOUR,
        also="remote write thanos mimir victoria metrics",
    ),
    Platform(
        SourceKind.ALERTMANAGER,
        Group.OBSERVABILITY,
        "Alerts that fire and that are resolved, with the number behind them.",
        "A receiver in alertmanager.yml and a label that names the model.",
        "alertmanager.yml",
        "connect-alertmanager",
        also="prometheus alerts",
    ),
    Platform(
        SourceKind.GRAFANA,
        Group.OBSERVABILITY,
        "Alerts of Grafana's own rules, whatever database they ask.",
        "A contact point of the type Webhook. Grafana signs what it sends.",
        "Grafana, Alerting, Contact points",
        "connect-grafana",
        also="loki mimir alerting cloud",
    ),
    Platform(
        SourceKind.DATADOG,
        Group.OBSERVABILITY,
        "Transitions of monitors that name a model by a tag.",
        "A webhook of the Webhooks integration, with a custom header and a payload.",
        "Datadog, Integrations, Webhooks",
        "connect-datadog",
        also="apm monitors",
    ),
    Platform(
        SourceKind.MLFLOW,
        Group.TRACKING,
        "Changes of registered models, versions, tags and aliases.",
        "A tracking server from 3.3 on with a database, and a line of Python.",
        "Python, against the tracking server",
        "connect-mlflow-webhooks",
        also="registry databricks",
    ),
    Platform(
        SourceKind.WANDB,
        Group.TRACKING,
        "Changes of registered artifacts, with the numbers in their metadata.",
        "A webhook of the team and an automation with a payload.",
        "Weights & Biases, Team settings, Webhooks",
        "connect-wandb",
        also="w&b weights biases registry artifacts",
        makes_secret=True,
    ),
    Platform(
        SourceKind.PHOENIX,
        Group.TRACKING,
        "Annotations and evaluations of traces of language models.",
        "Sweeps of its API, or a job that posts what it finds.",
        "Sweeps, or the job",
        "connect-phoenix",
        DAY,
        also="llm evals traces",
    ),
    Platform(
        SourceKind.EVIDENTLY,
        Group.TRACKING,
        "Reports and test suites on drift, quality and performance.",
        "Three lines in the job that makes the report.",
        "The job that makes the report",
        "connect-evidently",
        DAY,
        also="drift report",
    ),
    Platform(
        SourceKind.SAGEMAKER,
        Group.CLOUD,
        "Violations that Model Monitor found, and how its executions ended.",
        "An EventBridge rule with an API destination.",
        "AWS EventBridge",
        "connect-cloud-monitors",
        DAY,
        also="aws amazon model monitor eventbridge",
    ),
    Platform(
        SourceKind.AZURE_ML,
        Group.CLOUD,
        "Drift that a dataset monitor found; models registered and deployed.",
        "A subscription in Event Grid.",
        "Azure Event Grid",
        "connect-cloud-monitors",
        also="microsoft event grid",
    ),
    Platform(
        SourceKind.VERTEX,
        Group.CLOUD,
        "Log entries of model monitoring.",
        "A log sink and a push subscription of Pub/Sub.",
        "Google Cloud Logging and Pub/Sub",
        "connect-cloud-monitors",
        DAY,
        also="google gcp pubsub",
        makes_secret=True,
    ),
    Platform(
        SourceKind.MEASUREMENTS,
        Group.GENERIC,
        "Numbers of any model: metric, value, moment; up to 10,000 at once.",
        "Whatever can send JSON: a job, a notebook, a shell.",
        "A shell or a job",
        "send-measurements",
        also="rest api python batch script curl bulk",
    ),
    Platform(
        SourceKind.CLOUDEVENTS,
        Group.GENERIC,
        "CloudEvents 1.0, alone or in batches.",
        "A sender that can set a header.",
        "A shell or an application",
        "send-cloudevents",
        also="knative event",
    ),
    Platform(
        SourceKind.STANDARD_WEBHOOKS,
        Group.GENERIC,
        "Signed webhooks of platforms that follow the standard.",
        "Address and secret, entered at the platform.",
        "The platform's settings of webhooks",
        "send-cloudevents",
        also="svix hook",
        makes_secret=True,
    ),
    Platform(
        SourceKind.GENERIC_JSON,
        Group.GENERIC,
        "Any JSON of a platform that is not in this list.",
        "A mapping, made by pointing at the fields of the first delivery.",
        "Whatever sends it",
        "map-a-payload",
        also="custom own webhook http",
    ),
    Platform(
        SourceKind.SECURITY,
        Group.SECURITY,
        "Weights that differ from those released, access to fine-tuning that nobody allowed, attacks.",
        "A job, or the alert webhook of Splunk or Elastic.",
        "A job, or your SIEM",
        "connect-security-events",
        also="siem splunk elastic digest",
    ),
)

PLATFORMS: Final[Mapping[str, Platform]] = {card.kind: card for card in _CARDS}
"""The cards by the kind of source that they connect, in the order in which they are shown."""


def shelves(*, words: str = "") -> Sequence[tuple[str, Sequence[Platform]]]:
    """Return the groups with the platforms in them that the words find; groups without any are left out."""
    found = {
        group: [card for card in PLATFORMS.values() if card.group == group and card.matches(words)] for group in Group
    }
    return [(str(group), cards) for group, cards in found.items() if cards]
