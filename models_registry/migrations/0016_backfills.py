from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import models_registry.backfills.models


class Migration(migrations.Migration):
    """Files of history, and what waits to be judged. Files come packed, so that packing them again is vain."""

    dependencies: ClassVar = [("models_registry", "0015_intake")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="LateEvidence",
            fields=[
                (
                    "model",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="models_registry.registeredmodel",
                    ),
                ),
                ("since", models.DateTimeField()),
                ("newest", models.DateTimeField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "db_table": "backfills_late_evidence",
            },
        ),
        migrations.CreateModel(
            name="Backfill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file_name", models.CharField(max_length=200)),
                ("size", models.BigIntegerField()),
                ("received", models.BigIntegerField(default=0)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("shape", models.JSONField(default=dict)),
                ("plan", models.JSONField(blank=True, null=True)),
                ("plan_digest", models.CharField(blank=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=models_registry.backfills.models.backfill_states, default="UPLOADING", max_length=12
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500)),
                ("row", models.BigIntegerField(default=1)),
                ("row_count", models.BigIntegerField(blank=True, null=True)),
                ("consumed", models.BigIntegerField(default=0)),
                ("kept_count", models.BigIntegerField(default=0)),
                ("known_count", models.BigIntegerField(default=0)),
                ("rejected_count", models.BigIntegerField(default=0)),
                ("left_out_count", models.BigIntegerField(default=0)),
                ("worked_s", models.FloatField(default=0)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="backfills",
                        to="models_registry.source",
                    ),
                ),
            ],
            options={
                "db_table": "backfills_backfill",
            },
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("first_row", models.BigIntegerField()),
                ("last_row", models.BigIntegerField()),
                ("kept_count", models.IntegerField()),
                ("rejected_count", models.IntegerField()),
                ("rejected", models.BinaryField(null=True)),
                (
                    "backfill",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="models_registry.backfill",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.telemetryevent",
                    ),
                ),
            ],
            options={
                "db_table": "backfills_batch",
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=40)),
                ("subject", models.CharField(blank=True, max_length=220)),
                ("count", models.BigIntegerField()),
                ("first_row", models.BigIntegerField()),
                (
                    "backfill",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="models_registry.backfill",
                    ),
                ),
            ],
            options={
                "db_table": "backfills_finding",
            },
        ),
        migrations.CreateModel(
            name="Piece",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("begins_at", models.BigIntegerField()),
                ("content", models.BinaryField()),
                (
                    "backfill",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pieces",
                        to="models_registry.backfill",
                    ),
                ),
            ],
            options={
                "db_table": "backfills_piece",
            },
        ),
        migrations.CreateModel(
            name="Pulse",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "backfills_pulse",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="backfills_pulse_alone")],
            },
        ),
        migrations.AddIndex(
            model_name="backfill",
            index=models.Index(condition=models.Q(("state", "RUNNING")), fields=["id"], name="backfills_running"),
        ),
        migrations.AddConstraint(
            model_name="backfill",
            constraint=models.CheckConstraint(
                condition=models.Q(("received__lte", models.F("size"))), name="backfills_received_within_size"
            ),
        ),
        migrations.AddConstraint(
            model_name="backfill",
            constraint=models.CheckConstraint(condition=models.Q(("size__gte", 1)), name="backfills_size_positive"),
        ),
        migrations.AddConstraint(
            model_name="backfill",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["RUNNING", "PAUSED", "DONE"])),
                fields=("source", "digest", "plan_digest"),
                name="backfills_same_file_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.UniqueConstraint(fields=("backfill", "first_row"), name="backfills_batch_once"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(fields=("backfill", "code", "subject"), name="backfills_finding_once"),
        ),
        migrations.AddConstraint(
            model_name="piece",
            constraint=models.UniqueConstraint(fields=("backfill", "begins_at"), name="backfills_piece_once"),
        ),
        migrations.RunSQL(
            "ALTER TABLE backfills_piece ALTER COLUMN content SET STORAGE EXTERNAL",
            "ALTER TABLE backfills_piece ALTER COLUMN content SET STORAGE EXTENDED",
        ),
    ]
