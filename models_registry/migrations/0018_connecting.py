from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """What was refused at the doors of sources, a row for each source and reason."""

    dependencies: ClassVar = [("models_registry", "0016_backfills")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="DoorRefusal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=20)),
                ("status", models.PositiveSmallIntegerField()),
                ("sender", models.CharField(blank=True, max_length=80)),
                ("place", models.CharField(blank=True, max_length=80)),
                ("count", models.PositiveBigIntegerField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refusals",
                        to="models_registry.source",
                    ),
                ),
            ],
            options={
                "db_table": "telemetry_refusal",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "code"), name="telemetry_refusal_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(condition=models.Q(("count__gte", 1)), name="telemetry_refusal_not_empty"),
                ],
            },
        ),
    ]
