"""Predictions, the subjects they are about, what a source may have kept of them, and how many came."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from models_registry.access.models import Account
from models_registry.catalog.models import ModelVersion, RegisteredModel
from models_registry.telemetry.models import Source


class Outcome(models.TextChoices):
    """How a prediction ended."""

    OK = "OK", "Answered"
    ERROR = "ERROR", "Failed"
    BLOCKED = "BLOCKED", "Blocked by a guardrail"
    REFUSED = "REFUSED", "Refused by the model"
    TIMEOUT = "TIMEOUT", "Timed out"


class Subject(models.Model):
    """A row means: predictions were made about somebody whom a source calls by a reference that is not kept.

    ``pseudonym`` is HMAC-SHA256 of the reference under the key of its generation, the month in which it came. Texts
    are hashed and sealed with the subject's own key, which stands here wrapped by that of the generation. Erasing a
    subject takes both away; afterwards the row only says that somebody was erased.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    generation = models.DateField()
    pseudonym = models.BinaryField(max_length=32, null=True)
    wrapped_key = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "lineage_subject"
        constraints = [
            models.UniqueConstraint(fields=["source", "generation", "pseudonym"], name="lineage_subject_once"),
            models.CheckConstraint(
                name="lineage_subject_erased_whole",
                condition=Q(erased_at__isnull=True, pseudonym__isnull=False, wrapped_key__isnull=False)
                | Q(erased_at__isnull=False, pseudonym__isnull=True, wrapped_key__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["generation"], name="lineage_subject_generation")]

    def __str__(self) -> str:
        return "erased" if self.pseudonym is None else f"subj_{bytes(self.pseudonym).hex()[:12]}"


class PredictionTerms(models.Model):
    """A row means: it was decided whether the texts of this source's predictions may be kept, sealed. Without a
    row they are not."""

    source = models.OneToOneField(Source, on_delete=models.PROTECT, primary_key=True, related_name="prediction_terms")
    keeps_text = models.BooleanField(default=False)
    changed_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "lineage_prediction_terms"


class PredictionTally(models.Model):
    """A row means: on this day so many predictions of this source were kept, came again, or were refused beside
    good ones."""

    pk = models.CompositePrimaryKey("source_id", "day")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    kept = models.BigIntegerField(default=0, db_default=0)
    duplicate = models.BigIntegerField(default=0, db_default=0)
    refused = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "lineage_prediction_tally"


class PredictionQuerySet(models.QuerySet["Prediction"]):
    """Predictions, narrowed."""

    def orphaned(self) -> "PredictionQuerySet":
        """Keep those whose version is not on record."""
        return self.filter(version__isnull=True)


class Prediction(models.Model):
    """A row means: a model answered once. The table is partitioned by month of ``observed_at``.

    ``model_name``, ``version_name`` and ``alias`` are what the sender said; ``model`` and ``version`` what they mean
    here, found at once or later; without a version the row is an orphan. Money is ``cost_micros``, millionths of one
    unit of ``currency`` (ISO 4217; empty where no cost was given), so that sums are exact. Input and output stand
    here as HMAC-SHA256 under the subject's key (the generation's without a subject), and as sealed text only where
    the terms of the source say so. Nothing but finding its version and losing what is personal ever changes a row.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    prediction_id = models.CharField(max_length=128)
    trace_id = models.CharField(max_length=128, blank=True)
    model_name = models.CharField(max_length=200)
    version_name = models.CharField(max_length=100, blank=True)
    alias = models.CharField(max_length=255, blank=True)
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, null=True, related_name="predictions", db_index=False
    )
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, related_name="predictions", db_index=False
    )
    environment = models.CharField(max_length=40)
    segment = models.CharField(max_length=120, blank=True)
    observed_at = models.DateTimeField()
    received_at = models.DateTimeField()
    prompt_name = models.CharField(max_length=200, blank=True)
    prompt_label = models.CharField(max_length=100, blank=True)
    prompt_digest = models.CharField(max_length=140, blank=True)
    documents = ArrayField(models.TextField(), default=list)
    input_tokens = models.PositiveIntegerField(null=True)
    output_tokens = models.PositiveIntegerField(null=True)
    latency_ms = models.FloatField(null=True)
    cost_micros = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome)
    outcome_code = models.CharField(max_length=64, blank=True)
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, null=True, related_name="predictions", db_index=False
    )
    input_hash = models.BinaryField(null=True)
    output_hash = models.BinaryField(null=True)
    input_sealed = models.BinaryField(null=True)
    output_sealed = models.BinaryField(null=True)

    objects = PredictionQuerySet.as_manager()

    class Meta:
        db_table = "lineage_prediction"
        managed = False

    def __str__(self) -> str:
        return self.prediction_id

    @property
    def cost(self) -> str:
        """The cost in its currency, such as "0.00125 EUR"; empty where none is known."""
        if self.cost_micros is None:
            return ""
        whole, micros = divmod(self.cost_micros, 1_000_000)
        return f"{whole}.{f'{micros:06}'.rstrip('0').ljust(2, '0')} {self.currency}"
