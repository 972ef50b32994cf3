"""Experiment runs and sweeps as the tracking platforms tell them, and the run that became a version."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from models_registry.catalog.models import ModelVersion, RegisteredModel


class RunSource(models.TextChoices):
    """Where a run was tracked."""

    MLFLOW = "MLFLOW", "MLflow"
    WANDB = "WANDB", "W&B"
    OWN = "OWN", "Own pipeline"


class RunStatus(models.TextChoices):
    """How far a run got."""

    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    STOPPED = "STOPPED"


class Goal(models.TextChoices):
    """What a sweep wants of its objective."""

    MAXIMIZE = "MAXIMIZE"
    MINIMIZE = "MINIMIZE"


class Sweep(models.Model):
    """A row means: one search over parameters for this model, judged by one metric.

    ``space`` maps a parameter to what the platform says it was drawn from, kept as given.
    """

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="sweeps", db_index=False)
    source = models.CharField(max_length=8, choices=RunSource)
    external_id = models.CharField(max_length=256)
    name = models.CharField(max_length=200)
    method = models.CharField(max_length=40, blank=True)
    space = models.JSONField(default=dict, blank=True)
    objective = models.CharField(max_length=120, blank=True)
    goal = models.CharField(max_length=8, choices=Goal, default=Goal.MAXIMIZE)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_sweep"
        constraints = [
            models.UniqueConstraint(fields=["model", "source", "external_id"], name="catalog_sweep_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """A row means: one experiment run for this model, as last told.

    ``metrics`` maps a name to ``last`` and, where known, ``best`` and ``history`` (pairs of step and value).
    ``objective`` is the value of the sweep's metric. ``version`` is the version that this run became.
    """

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="runs", db_index=False)
    source = models.CharField(max_length=8, choices=RunSource)
    external_id = models.CharField(max_length=256)
    name = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=RunStatus)
    author = models.CharField(max_length=120, blank=True)
    url = models.CharField(max_length=500, blank=True)
    sweep = models.ForeignKey(
        Sweep, on_delete=models.PROTECT, null=True, blank=True, related_name="runs", db_index=False
    )
    parameters = models.JSONField(default=dict, blank=True)
    metrics = models.JSONField(default=dict, blank=True)
    artifacts = models.JSONField(default=list, blank=True)
    objective = models.FloatField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="runs")
    linked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    linked_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "catalog_run"
        constraints = [
            models.UniqueConstraint(fields=["model", "source", "external_id"], name="catalog_run_once"),
            models.UniqueConstraint(
                fields=["version"], condition=Q(version__isnull=False), name="catalog_run_one_of_a_version"
            ),
            models.CheckConstraint(
                name="catalog_run_linked_by_somebody",
                condition=Q(version__isnull=True, linked_by__isnull=True, linked_at__isnull=True)
                | Q(version__isnull=False, linked_by__isnull=False, linked_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(F("model"), Coalesce("started_at", "recorded_at").desc(), F("id"), name="catalog_run_newest"),
            models.Index(fields=["sweep", "objective"], name="catalog_run_objective"),
            GinIndex(fields=["artifacts"], opclasses=["jsonb_path_ops"], name="catalog_run_artifacts"),
        ]

    def __str__(self) -> str:
        return self.name
