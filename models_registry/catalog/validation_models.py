"""Validation suites that were run on a version, and their results. Both only grow."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from models_registry.catalog.models import ModelVersion

MOST_SAMPLES = 500
"""How many samples one result may bring; more are sent as count, mean and variance."""


class SuiteKind(models.TextChoices):
    """What a suite looks at."""

    PERFORMANCE = "PERFORMANCE"
    FAIRNESS = "FAIRNESS"
    TOXICITY = "TOXICITY"
    ROBUSTNESS = "ROBUSTNESS"
    SAFETY = "SAFETY"
    SECURITY = "SECURITY"
    PRIVACY = "PRIVACY"
    EXPLAINABILITY = "EXPLAINABILITY"
    DATA_QUALITY = "DATA_QUALITY", "Data quality"
    OTHER = "OTHER"


class VerdictWord(models.TextChoices):
    """What a suite or a result came to; a result without a threshold has none."""

    PASS = "PASS", "Passed"
    FAIL = "FAIL", "Failed"
    INCONCLUSIVE = "INCONCLUSIVE", "Inconclusive"


class MetricWay(models.TextChoices):
    """Which way a metric improves."""

    HIGHER_IS_BETTER = "HIGHER_IS_BETTER", "higher is better"
    LOWER_IS_BETTER = "LOWER_IS_BETTER", "lower is better"
    NEITHER = "NEITHER", "neither way"


class Validation(models.Model):
    """A row means: this suite was run on this version at that time, with the results beneath. Append-only.

    ``digest`` is the SHA-256 of the canonical form of what was stated, results included; the trail's entry carries
    it too. A suite that is run again is another row, and the newest counts.
    """

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="validations", db_index=False)
    suite = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=SuiteKind)
    dataset = models.CharField(max_length=200, blank=True)
    dataset_digest = models.CharField(max_length=140, blank=True)
    report_uri = models.CharField(max_length=500, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    ran_at = models.DateTimeField()
    ran_by = models.CharField(max_length=120, blank=True)
    verdict = models.CharField(max_length=12, choices=VerdictWord)
    digest = models.CharField(max_length=71)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_validation"
        constraints = [
            models.UniqueConstraint(fields=["version", "digest"], name="catalog_validation_once"),
            models.CheckConstraint(
                name="catalog_validation_digest_shape", condition=Q(digest__regex=r"^sha256:[0-9a-f]{64}$")
            ),
            models.CheckConstraint(name="catalog_validation_ran_before", condition=Q(ran_at__lte=F("recorded_at"))),
        ]
        indexes = [
            models.Index(fields=["version", "-ran_at", "-id"], name="catalog_validation_newest"),
            models.Index(fields=["version", "suite", "-ran_at", "-id"], name="catalog_validation_suite"),
        ]

    def __str__(self) -> str:
        return f"{self.suite} of {self.version}"


class ValidationResult(models.Model):
    """A row means: one metric of a suite, for all data or for one segment. Append-only.

    ``low`` and ``high`` are the 95 % interval of the value, where its evidence gives one. Evidence is ``samples``,
    or ``successes`` of ``count``, or ``count`` with the sample ``variance``, or a count alone, or nothing.
    """

    validation = models.ForeignKey(Validation, on_delete=models.PROTECT, related_name="results", db_index=False)
    position = models.PositiveSmallIntegerField()
    metric = models.CharField(max_length=120)
    segment = models.CharField(max_length=120, blank=True)
    value = models.FloatField()
    way = models.CharField(max_length=16, choices=MetricWay)
    threshold = models.FloatField(null=True, blank=True)
    baseline = models.FloatField(null=True, blank=True)
    verdict = models.CharField(max_length=12, choices=VerdictWord, blank=True)
    reason = models.CharField(max_length=300)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    count = models.PositiveBigIntegerField(null=True, blank=True)
    successes = models.PositiveBigIntegerField(null=True, blank=True)
    variance = models.FloatField(null=True, blank=True)
    samples = ArrayField(models.FloatField(), null=True, blank=True)

    class Meta:
        db_table = "catalog_validation_result"
        constraints = [
            models.UniqueConstraint(fields=["validation", "position"], name="catalog_result_position_once"),
            models.UniqueConstraint(fields=["validation", "metric", "segment"], name="catalog_result_once"),
            models.CheckConstraint(
                name="catalog_result_successes_of_count",
                condition=Q(successes__isnull=True) | (Q(count__gte=1) & Q(count__gte=F("successes"))),
            ),
            models.CheckConstraint(
                name="catalog_result_variance_of_count",
                condition=Q(variance__isnull=True) | Q(variance__gte=0, count__gte=2),
            ),
            models.CheckConstraint(
                name="catalog_result_interval",
                condition=Q(low__isnull=True, high__isnull=True) | Q(low__lte=F("high")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.segment}".strip()
