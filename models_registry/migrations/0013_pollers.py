"""Platforms that are asked: settings, sweeps, what they saw, and which changes were told by whom."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import models_registry.telemetry.poll_models


class Migration(migrations.Migration):
    dependencies = [
        ("models_registry", "0012_partitions_in_turn"),
    ]

    operations = [
        migrations.CreateModel(
            name="Polling",
            fields=[
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="polling",
                        serialize=False,
                        to="models_registry.source",
                    ),
                ),
                ("config", models.JSONField(default=dict)),
                ("scheme", models.CharField(choices=models_registry.telemetry.poll_models.schemes, max_length=12)),
                ("interval_s", models.PositiveIntegerField()),
                ("sweep_budget", models.PositiveIntegerField()),
                ("day_budget", models.PositiveIntegerField()),
                ("set_at", models.DateTimeField()),
                ("begun_at", models.DateTimeField()),
                ("paused_at", models.DateTimeField(blank=True, null=True)),
                ("cursor", models.JSONField(default=dict)),
                ("next_at", models.DateTimeField()),
                ("held_until", models.DateTimeField(blank=True, null=True)),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                ("turn", models.PositiveBigIntegerField(db_default=0, default=0)),
                ("failure_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("last_error", models.CharField(blank=True, db_default="", max_length=300)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("day", models.DateField()),
                ("requests_today", models.PositiveIntegerField(db_default=0, default=0)),
                (
                    "set_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "telemetry_polling",
                "indexes": [
                    models.Index(
                        condition=models.Q(("paused_at__isnull", True)),
                        fields=["next_at"],
                        name="telemetry_polling_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("day_budget__gte", 1), ("interval_s__gte", 30), ("sweep_budget__gte", 1)),
                        name="telemetry_polling_in_range",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PollSweep",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("turn", models.PositiveBigIntegerField()),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("RUNNING", "Runs"),
                            ("DONE", "Read to the end"),
                            ("PART", "Goes on"),
                            ("FAILED", "Failed"),
                            ("DIED", "Ended without an answer"),
                        ],
                        default="RUNNING",
                        max_length=8,
                    ),
                ),
                ("requests", models.PositiveIntegerField(default=0)),
                ("found", models.PositiveIntegerField(default=0)),
                ("fresh", models.PositiveIntegerField(default=0)),
                ("missed", models.PositiveIntegerField(default=0)),
                ("too_large", models.PositiveIntegerField(default=0)),
                ("told", models.CharField(blank=True, max_length=300)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sweeps",
                        to="models_registry.source",
                    ),
                ),
            ],
            options={
                "db_table": "telemetry_poll_sweep",
                "constraints": [
                    models.UniqueConstraint(fields=("source", "turn"), name="telemetry_poll_sweep_once"),
                    models.CheckConstraint(
                        condition=models.Q(("fresh__lte", models.F("found")), ("missed__lte", models.F("fresh"))),
                        name="telemetry_poll_sweep_counts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Remembered",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("thing", models.CharField(max_length=200)),
                ("state", models.JSONField()),
                ("seen_at", models.DateTimeField()),
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
                "db_table": "telemetry_remembered",
                "constraints": [models.UniqueConstraint(fields=("source", "thing"), name="telemetry_remembered_once")],
            },
        ),
        migrations.CreateModel(
            name="Sighting",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=64)),
                ("what", models.CharField(max_length=300)),
                ("event_pk", models.BigIntegerField()),
                ("delivery", models.CharField(blank=True, max_length=255)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("heard_at", models.DateTimeField(blank=True, null=True)),
                ("finding", models.CharField(blank=True, max_length=255)),
                ("since", models.DateTimeField(blank=True, null=True)),
                ("until", models.DateTimeField(blank=True, null=True)),
                ("found_at", models.DateTimeField(blank=True, null=True)),
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
                "db_table": "telemetry_sighting",
                "indexes": [
                    models.Index(fields=["source", "key"], name="telemetry_sighting_key"),
                    models.Index(
                        condition=models.Q(("heard_at__isnull", True)),
                        fields=["source", "-found_at"],
                        name="telemetry_sighting_missed",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("delivery", ""), _negated=True),
                        fields=("source", "delivery", "key"),
                        name="telemetry_sighting_heard_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("finding", ""), _negated=True),
                        fields=("source", "finding"),
                        name="telemetry_sighting_found_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("heard_at__isnull", False), ("told_at__isnull", False)),
                            models.Q(("found_at__isnull", False), ("since__isnull", False), ("until__isnull", False)),
                            _connector="OR",
                        ),
                        name="telemetry_sighting_by_somebody",
                    ),
                ],
            },
        ),
    ]
