from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import models_registry.telemetry.models


class Migration(migrations.Migration):
    """Kinds of sources are asked from the code, so that a further one is no migration."""

    dependencies: ClassVar = [("models_registry", "0009_source_mappings")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="SourceNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40)),
                ("subject", models.CharField(blank=True, max_length=120)),
                ("count", models.PositiveBigIntegerField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("newest_event", models.BigIntegerField()),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="models_registry.source",
                    ),
                ),
            ],
            options={
                "db_table": "telemetry_notice",
                "constraints": [
                    models.UniqueConstraint(fields=("source", "code", "subject"), name="telemetry_notice_once"),
                    models.CheckConstraint(condition=models.Q(("count__gte", 1)), name="telemetry_notice_not_empty"),
                ],
            },
        ),
        migrations.AlterField(
            model_name="source",
            name="kind",
            field=models.CharField(choices=models_registry.telemetry.models.source_kinds, max_length=20),
        ),
    ]
