"""Sources, the events they sent kept verbatim, and the measurements read from them."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from models_registry.audit.models import Xid8Field
from models_registry.catalog.models import ModelVersion, RegisteredModel


class SourceKind(models.TextChoices):
    """Which adapter reads a source; the values are the keys of ``telemetry.adapters.ADAPTERS``."""

    ARIZE = "arize", "Arize"
    ALERTMANAGER = "alertmanager", "Alertmanager"
    OPENTELEMETRY = "opentelemetry", "OpenTelemetry"
    CLOUDEVENTS = "cloudevents", "CloudEvents"
    STANDARD_WEBHOOKS = "standard_webhooks", "Standard Webhooks"
    GENERIC_JSON = "generic_json", "Generic JSON"
    MEASUREMENTS = "measurements", "Measurements in bulk"
    PROMETHEUS = "prometheus", "Prometheus"
    GRAFANA = "grafana", "Grafana"
    MLFLOW = "mlflow", "MLflow"
    WANDB = "wandb", "Weights & Biases"
    PHOENIX = "phoenix", "Arize Phoenix"
    DATADOG = "datadog", "Datadog"
    EVIDENTLY = "evidently", "Evidently"
    SAGEMAKER = "sagemaker", "Amazon SageMaker"
    AZURE_ML = "azure_ml", "Azure Machine Learning"
    VERTEX = "vertex", "Vertex AI"
    SECURITY = "security", "Security events"
    BACKFILL = "backfill", "Files of history"


def source_kinds() -> list[tuple[str, str]]:
    """Return the kinds; asked for when needed, so that a further one is no migration."""
    return SourceKind.choices


class Source(models.Model):
    """A row means: a platform may send to us at the address that carries ``path_token``.

    Secrets are in the vault under ``telemetry_source|<pk>|secret.current`` and ``….next``.
    Quiet sources are found by ``expected_interval_s``. ``revision`` rises whenever something that its
    door remembers changes (secrets, mapping), so that a door never acts on what it remembered too long.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=source_kinds)
    path_token = models.CharField(max_length=64, unique=True)
    expected_interval_s = models.PositiveIntegerField(null=True, blank=True)
    environment = models.CharField(max_length=40, default="production")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, blank=True)
    quiet_since = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveBigIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        db_table = "telemetry_source"

    def __str__(self) -> str:
        return self.name

    def named(self) -> dict[str, str]:
        """Return how the trail names this source."""
        return {"name": self.name, "slug": self.slug}


class MappingVersion(models.Model):
    """A row means: from its activation on, this document says how to read this source's bodies.

    Never activated, it is a draft; the one that was activated last is in force. ``note`` says why it was written.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="mappings", db_index=False)
    number = models.PositiveIntegerField()
    document = models.JSONField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True, db_default="")
    activated_at = models.DateTimeField(null=True, blank=True)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        db_table = "telemetry_mapping_version"
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="telemetry_mapping_number_once")]

    def __str__(self) -> str:
        return f"{self.source} mapping {self.number}"


class EventState(models.TextChoices):
    """What became of an event; received = DONE + QUARANTINED + DEAD + NEW (+ duplicates counted)."""

    NEW = "NEW"
    DONE = "DONE"
    QUARANTINED = "QUARANTINED"
    DEAD = "DEAD"


class TelemetryEvent(models.Model):
    """A row means: a source sent these bytes. They are kept as they came, before anyone parses them.

    ``duplicate_count`` counts further deliveries of the same ``event_id`` that were answered
    but had no effect. ``raw`` is at most 1 MiB. When its term is over it is emptied: ``body_digest`` is its
    SHA-256 from then on, and ``body_size`` how many bytes it had.
    """

    id = models.BigAutoField(primary_key=True)
    xid = Xid8Field(editable=False, db_default=models.Func(function="pg_current_xact_id"))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="events", db_index=False)
    event_id = models.CharField(max_length=255)
    received_at = models.DateTimeField()
    raw = models.BinaryField()
    headers = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=EventState, default=EventState.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    detail = models.TextField(blank=True)
    conflict = models.BooleanField(default=False)
    duplicate_count = models.PositiveIntegerField(default=0)
    processed_at = models.DateTimeField(null=True, blank=True)
    body_digest = models.BinaryField(null=True)
    body_size = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "telemetry_event"
        constraints = [
            models.UniqueConstraint(fields=["source", "event_id"], name="telemetry_event_once"),
            models.CheckConstraint(
                name="telemetry_event_body_gone",
                condition=Q(body_digest__isnull=True, body_size__isnull=True)
                | Q(raw=b"", body_digest__isnull=False, body_size__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["source", "id"], condition=Q(state="NEW"), name="telemetry_event_waiting"),
            models.Index(
                fields=["not_before"], condition=Q(state="NEW", attempts__gte=1), name="telemetry_event_retried"
            ),
            models.Index(fields=["source", "-id"], name="telemetry_event_newest"),
            models.Index(
                fields=["source", "-id"],
                condition=Q(state__in=["QUARANTINED", "DEAD"]),
                name="telemetry_event_held",
            ),
            models.Index(
                fields=["-id"], condition=Q(state__in=["QUARANTINED", "DEAD"]), name="telemetry_event_held_newest"
            ),
            BrinIndex(fields=["received_at"], name="telemetry_event_received"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.event_id}"


class Counts(models.Model):
    """How many events of one source ended how. ``today`` counts those that were received on ``day``."""

    done = models.BigIntegerField(default=0, db_default=0)
    quarantined = models.BigIntegerField(default=0, db_default=0)
    dead = models.BigIntegerField(default=0, db_default=0)
    duplicate = models.BigIntegerField(default=0, db_default=0)
    day = models.DateField()
    today = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True


class SourceBooks(Counts):
    """A row means: so many events of this source have ended, as far as tallies were folded in."""

    source = models.OneToOneField(Source, on_delete=models.PROTECT, primary_key=True, related_name="+")

    class Meta:
        db_table = "telemetry_books"


class Tally(Counts):
    """A row means: these counts are to be added to the source's books; negative when events were taken up again.

    Writers append and never wait for each other; one fold a second keeps the table short.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "telemetry_tally"


class Measurement(models.Model):
    """A row means: one number was observed. The table is partitioned by month of ``observed_at``.

    ``value`` is in ``unit``; ``sent_unit`` is the unit it came in, where that was another one.
    ``(event, ordinal)`` names the place in the event it came from. The database's primary key is
    ``(id, observed_at)``, because a partitioned table's key must contain its partition column.
    """

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(TelemetryEvent, on_delete=models.PROTECT, related_name="measurements", db_index=False)
    ordinal = models.PositiveIntegerField()
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="measurements", db_index=False)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    metric = models.CharField(max_length=80)
    value = models.FloatField()
    unit = models.CharField(max_length=24, blank=True)
    sent_unit = models.CharField(max_length=24, blank=True)
    environment = models.CharField(max_length=40)
    segment = models.CharField(max_length=120, blank=True)
    observed_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "telemetry_measurement"
        managed = False

    def __str__(self) -> str:
        return f"{self.metric} {self.value}"


class Rollup(models.Model):
    """A row means: all measurements of one series inside one epoch-aligned window, merged.

    ``width_s`` is 300, 3600 or 86400. ``segment`` is empty for the whole model; a reading that names a
    segment is merged into that segment's row only. ``sum`` is an exact decimal: adding floats in another
    order would give another sum. Of equal times, ``first`` is the smallest and ``last`` the largest value.
    """

    id = models.BigAutoField(primary_key=True)
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="rollups", db_index=False)
    metric = models.CharField(max_length=80)
    environment = models.CharField(max_length=40)
    segment = models.CharField(max_length=120, blank=True)
    width_s = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    count = models.PositiveBigIntegerField()
    sum = models.DecimalField()
    min = models.FloatField()
    max = models.FloatField()
    first = models.FloatField()
    first_at = models.DateTimeField()
    last = models.FloatField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "telemetry_rollup"
        constraints = [
            models.UniqueConstraint(
                fields=["model", "width_s", "metric", "environment", "segment", "starts_at"],
                name="telemetry_rollup_window_once",
            ),
            models.CheckConstraint(name="telemetry_rollup_not_empty", condition=Q(count__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.starts_at:%Y-%m-%d %H:%M} n={self.count}"
