"""Validation suites with their results, experiment runs and sweeps."""

from typing import ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from models_registry.audit import sql

APPEND_ONLY = ("catalog_validation", "catalog_validation_result")
GOVERNED = ("catalog_run", "catalog_sweep", "catalog_validation")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("models_registry", "0006_predictions")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Sweep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        choices=[("MLFLOW", "MLflow"), ("WANDB", "W&B"), ("OWN", "Own pipeline")], max_length=8
                    ),
                ),
                ("external_id", models.CharField(max_length=256)),
                ("name", models.CharField(max_length=200)),
                ("method", models.CharField(blank=True, max_length=40)),
                ("space", models.JSONField(blank=True, default=dict)),
                ("objective", models.CharField(blank=True, max_length=120)),
                (
                    "goal",
                    models.CharField(
                        choices=[("MAXIMIZE", "Maximize"), ("MINIMIZE", "Minimize")], default="MAXIMIZE", max_length=8
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sweeps",
                        to="models_registry.registeredmodel",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "catalog_sweep",
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        choices=[("MLFLOW", "MLflow"), ("WANDB", "W&B"), ("OWN", "Own pipeline")], max_length=8
                    ),
                ),
                ("external_id", models.CharField(max_length=256)),
                ("name", models.CharField(max_length=200)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("SCHEDULED", "Scheduled"),
                            ("RUNNING", "Running"),
                            ("FINISHED", "Finished"),
                            ("FAILED", "Failed"),
                            ("STOPPED", "Stopped"),
                        ],
                        max_length=10,
                    ),
                ),
                ("author", models.CharField(blank=True, max_length=120)),
                ("url", models.CharField(blank=True, max_length=500)),
                ("parameters", models.JSONField(blank=True, default=dict)),
                ("metrics", models.JSONField(blank=True, default=dict)),
                ("artifacts", models.JSONField(blank=True, default=list)),
                ("objective", models.FloatField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("linked_at", models.DateTimeField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "linked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="models_registry.registeredmodel",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="models_registry.modelversion",
                    ),
                ),
                (
                    "sweep",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="models_registry.sweep",
                    ),
                ),
            ],
            options={
                "db_table": "catalog_run",
            },
        ),
        migrations.CreateModel(
            name="Validation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("suite", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("PERFORMANCE", "Performance"),
                            ("FAIRNESS", "Fairness"),
                            ("TOXICITY", "Toxicity"),
                            ("ROBUSTNESS", "Robustness"),
                            ("SAFETY", "Safety"),
                            ("SECURITY", "Security"),
                            ("PRIVACY", "Privacy"),
                            ("EXPLAINABILITY", "Explainability"),
                            ("DATA_QUALITY", "Data quality"),
                            ("OTHER", "Other"),
                        ],
                        max_length=16,
                    ),
                ),
                ("dataset", models.CharField(blank=True, max_length=200)),
                ("dataset_digest", models.CharField(blank=True, max_length=140)),
                ("report_uri", models.CharField(blank=True, max_length=500)),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("ran_at", models.DateTimeField()),
                ("ran_by", models.CharField(blank=True, max_length=120)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("PASS", "Passed"), ("FAIL", "Failed"), ("INCONCLUSIVE", "Inconclusive")],
                        max_length=12,
                    ),
                ),
                ("digest", models.CharField(max_length=71)),
                ("recorded_at", models.DateTimeField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="validations",
                        to="models_registry.modelversion",
                    ),
                ),
            ],
            options={
                "db_table": "catalog_validation",
            },
        ),
        migrations.CreateModel(
            name="ValidationResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("metric", models.CharField(max_length=120)),
                ("segment", models.CharField(blank=True, max_length=120)),
                ("value", models.FloatField()),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("HIGHER_IS_BETTER", "higher is better"),
                            ("LOWER_IS_BETTER", "lower is better"),
                            ("NEITHER", "neither way"),
                        ],
                        max_length=16,
                    ),
                ),
                ("threshold", models.FloatField(blank=True, null=True)),
                ("baseline", models.FloatField(blank=True, null=True)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("PASS", "Passed"), ("FAIL", "Failed"), ("INCONCLUSIVE", "Inconclusive")],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("low", models.FloatField(blank=True, null=True)),
                ("high", models.FloatField(blank=True, null=True)),
                ("count", models.PositiveBigIntegerField(blank=True, null=True)),
                ("successes", models.PositiveBigIntegerField(blank=True, null=True)),
                ("variance", models.FloatField(blank=True, null=True)),
                (
                    "samples",
                    django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), blank=True, null=True),
                ),
                (
                    "validation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="models_registry.validation",
                    ),
                ),
            ],
            options={
                "db_table": "catalog_validation_result",
            },
        ),
        migrations.AddConstraint(
            model_name="sweep",
            constraint=models.UniqueConstraint(fields=("model", "source", "external_id"), name="catalog_sweep_once"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["model", "-started_at"], name="catalog_run_newest"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["sweep", "objective"], name="catalog_run_objective"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(fields=("model", "source", "external_id"), name="catalog_run_once"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("version__isnull", False)), fields=("version",), name="catalog_run_one_of_a_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("linked_at__isnull", True), ("linked_by__isnull", True), ("version__isnull", True)),
                    models.Q(("linked_at__isnull", False), ("linked_by__isnull", False), ("version__isnull", False)),
                    _connector="OR",
                ),
                name="catalog_run_linked_by_somebody",
            ),
        ),
        migrations.AddIndex(
            model_name="validation",
            index=models.Index(fields=["version", "-ran_at"], name="catalog_validation_newest"),
        ),
        migrations.AddConstraint(
            model_name="validation",
            constraint=models.UniqueConstraint(fields=("version", "digest"), name="catalog_validation_once"),
        ),
        migrations.AddConstraint(
            model_name="validation",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__regex", "^sha256:[0-9a-f]{64}$")), name="catalog_validation_digest_shape"
            ),
        ),
        migrations.AddConstraint(
            model_name="validation",
            constraint=models.CheckConstraint(
                condition=models.Q(("ran_at__lte", models.F("recorded_at"))), name="catalog_validation_ran_before"
            ),
        ),
        migrations.AddConstraint(
            model_name="validationresult",
            constraint=models.UniqueConstraint(fields=("validation", "position"), name="catalog_result_position_once"),
        ),
        migrations.AddConstraint(
            model_name="validationresult",
            constraint=models.UniqueConstraint(fields=("validation", "metric", "segment"), name="catalog_result_once"),
        ),
        migrations.AddConstraint(
            model_name="validationresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("successes__isnull", True),
                    models.Q(("count__gte", 1), ("count__gte", models.F("successes"))),
                    _connector="OR",
                ),
                name="catalog_result_successes_of_count",
            ),
        ),
        migrations.AddConstraint(
            model_name="validationresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("variance__isnull", True), models.Q(("count__gte", 2), ("variance__gte", 0)), _connector="OR"
                ),
                name="catalog_result_variance_of_count",
            ),
        ),
        migrations.AddConstraint(
            model_name="validationresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("high__isnull", True), ("low__isnull", True)),
                    ("low__lte", models.F("high")),
                    _connector="OR",
                ),
                name="catalog_result_interval",
            ),
        ),
        *(migrations.RunSQL(sql.refuse_changes(table), sql.drop_refuse_changes(table)) for table in APPEND_ONLY),
        *(migrations.RunSQL(sql.require_entry(table), sql.drop_require_entry(table)) for table in GOVERNED),
    ]
