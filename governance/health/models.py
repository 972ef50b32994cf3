"""Health formulas, their versions, and the history of scores."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from governance.rules.models import VersionState
from models_registry.catalog.models import RegisteredModel


class Formula(models.Model):
    """A row means: a way of scoring health exists under this name, for models of these kinds."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=160)
    kinds = ArrayField(models.CharField(max_length=24), default=list)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "health_formula"

    def __str__(self) -> str:
        return self.title


class FormulaVersion(models.Model):
    """A row means: this text of a formula; it never changes once submitted."""

    formula = models.ForeignKey(Formula, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=80)
    state = models.CharField(max_length=12, choices=VersionState, default=VersionState.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    enforced_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "health_formula_version"
        constraints = [
            models.UniqueConstraint(fields=["formula", "number"], name="health_version_number_once"),
            models.UniqueConstraint(
                fields=["formula"], condition=Q(state="ENFORCED"), name="health_version_one_enforced"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.formula.slug} v{self.number}"


class HealthScore(models.Model):
    """A row means: from this moment a model's health was this. Append-only history.

    ``score`` and ``redline`` are 0–100, ``coverage`` 0–1; ``components`` and ``segments`` explain the score.
    """

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="health_scores", db_index=False)
    formula_version = models.ForeignKey(FormulaVersion, on_delete=models.PROTECT, related_name="+")
    score = models.FloatField(null=True)
    redline = models.FloatField()
    coverage = models.FloatField()
    components = models.JSONField(default=list)
    segments = models.JSONField(default=list)
    scored_at = models.DateTimeField()

    class Meta:
        db_table = "health_score"
        constraints = [
            models.CheckConstraint(
                name="health_score_ranges",
                condition=(Q(score__isnull=True) | Q(score__gte=0, score__lte=100))
                & Q(coverage__gte=0, coverage__lte=1),
            )
        ]
        indexes = [
            models.Index(
                fields=["model", "-scored_at", "-id"], include=["score", "redline"], name="health_score_history"
            )
        ]
