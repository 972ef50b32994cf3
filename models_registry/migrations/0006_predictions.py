"""Predictions by month, the subjects they are about, what sources may have kept of them, and how many came."""

from typing import ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from models_registry.audit import sql
from models_registry.lineage import prediction_sql


class Migration(migrations.Migration):
    dependencies: ClassVar = [("models_registry", "0005_lineage")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Prediction",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("prediction_id", models.CharField(max_length=128)),
                ("trace_id", models.CharField(blank=True, max_length=128)),
                ("model_name", models.CharField(max_length=200)),
                ("version_name", models.CharField(blank=True, max_length=100)),
                ("alias", models.CharField(blank=True, max_length=255)),
                ("environment", models.CharField(max_length=40)),
                ("segment", models.CharField(blank=True, max_length=120)),
                ("observed_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("prompt_name", models.CharField(blank=True, max_length=200)),
                ("prompt_label", models.CharField(blank=True, max_length=100)),
                ("prompt_digest", models.CharField(blank=True, max_length=140)),
                ("documents", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list)),
                ("input_tokens", models.PositiveIntegerField(null=True)),
                ("output_tokens", models.PositiveIntegerField(null=True)),
                ("latency_ms", models.FloatField(null=True)),
                ("cost_micros", models.BigIntegerField(null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("OK", "Answered"),
                            ("ERROR", "Failed"),
                            ("BLOCKED", "Blocked by a guardrail"),
                            ("REFUSED", "Refused by the model"),
                            ("TIMEOUT", "Timed out"),
                        ],
                        max_length=12,
                    ),
                ),
                ("outcome_code", models.CharField(blank=True, max_length=64)),
                ("input_hash", models.BinaryField(null=True)),
                ("output_hash", models.BinaryField(null=True)),
                ("input_sealed", models.BinaryField(null=True)),
                ("output_sealed", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "lineage_prediction",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="PredictionTally",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "source_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("kept", models.BigIntegerField(db_default=0, default=0)),
                ("duplicate", models.BigIntegerField(db_default=0, default=0)),
                ("refused", models.BigIntegerField(db_default=0, default=0)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.source",
                    ),
                ),
            ],
            options={
                "db_table": "lineage_prediction_tally",
            },
        ),
        migrations.CreateModel(
            name="PredictionTerms",
            fields=[
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="prediction_terms",
                        serialize=False,
                        to="models_registry.source",
                    ),
                ),
                ("keeps_text", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "lineage_prediction_terms",
            },
        ),
        migrations.CreateModel(
            name="Subject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("generation", models.DateField()),
                ("pseudonym", models.BinaryField(max_length=32, null=True)),
                ("wrapped_key", models.BinaryField(null=True)),
                ("created_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.source",
                    ),
                ),
            ],
            options={
                "db_table": "lineage_subject",
                "indexes": [models.Index(fields=["generation"], name="lineage_subject_generation")],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "generation", "pseudonym"), name="lineage_subject_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("erased_at__isnull", True),
                                ("pseudonym__isnull", False),
                                ("wrapped_key__isnull", False),
                            ),
                            models.Q(
                                ("erased_at__isnull", False), ("pseudonym__isnull", True), ("wrapped_key__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="lineage_subject_erased_whole",
                    ),
                ],
            },
        ),
        migrations.RunSQL(prediction_sql.PREDICTION_TABLE, prediction_sql.DROP_PREDICTION_TABLE),
        migrations.RunSQL(prediction_sql.SETTLED, prediction_sql.DROP_SETTLED),
        migrations.RunSQL(prediction_sql.PARTITION_FUNCTION, prediction_sql.DROP_PARTITION_FUNCTION),
        migrations.RunSQL(prediction_sql.RETENTION_FUNCTION, prediction_sql.DROP_RETENTION_FUNCTION),
        migrations.RunSQL(
            sql.require_entry("lineage_prediction_terms"), sql.drop_require_entry("lineage_prediction_terms")
        ),
    ]
