from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import models_registry.telemetry.catalogue_models
from models_registry.audit import sql

GOVERNED = ("telemetry_mapping_version", "telemetry_house_metric", "telemetry_house_alias")

SENT_UNIT = "ALTER TABLE telemetry_measurement ADD COLUMN sent_unit varchar(24) NOT NULL DEFAULT ''"

KNOWN_SERIES = """
INSERT INTO telemetry_series (model_id, metric, environment, segment, first_seen_at)
SELECT model_id, metric, environment, segment, min(first_at)
FROM telemetry_rollup WHERE width_s = 86400 GROUP BY 1, 2, 3, 4
ON CONFLICT DO NOTHING
"""


def _person() -> models.ForeignKey:
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    """Mappings say why and by whom; metrics and aliases of the house; known series; fields that were seen."""

    dependencies: ClassVar = [("models_registry", "0008_costs")]
    operations: ClassVar = [
        migrations.AddField("mappingversion", "activated_by", _person()),
        migrations.AddField("mappingversion", "note", models.CharField(blank=True, db_default="", max_length=300)),
        migrations.CreateModel(
            name="FieldWatch",
            fields=[
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="field_watch",
                        serialize=False,
                        to="models_registry.source",
                    ),
                ),
                ("looked_xid", models.BigIntegerField(db_default=0, default=0)),
                ("looked_to", models.BigIntegerField(db_default=0, default=0)),
                ("over_count", models.PositiveBigIntegerField(db_default=0, default=0)),
                ("looked_at", models.DateTimeField()),
            ],
            options={"db_table": "telemetry_field_watch"},
        ),
        migrations.CreateModel(
            name="HouseMetric",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                ("unit", models.CharField(blank=True, max_length=24)),
                (
                    "direction",
                    models.CharField(choices=models_registry.telemetry.catalogue_models.directions, max_length=20),
                ),
                ("description", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField()),
                ("created_by", _person()),
            ],
            options={"db_table": "telemetry_house_metric"},
        ),
        migrations.CreateModel(
            name="HouseAlias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source_kind", models.CharField(default="*", max_length=20)),
                ("name", models.CharField(max_length=80)),
                ("metric", models.CharField(max_length=80)),
                ("unit", models.CharField(blank=True, max_length=24)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("created_by", _person()),
                ("ended_by", _person()),
            ],
            options={
                "db_table": "telemetry_house_alias",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("source_kind", "name"),
                        name="telemetry_alias_means_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", models.F("metric")), _negated=True),
                        name="telemetry_alias_not_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SeenField",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("path", models.CharField(max_length=300)),
                ("kind", models.CharField(max_length=12)),
                ("count", models.PositiveBigIntegerField()),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seen_fields",
                        to="models_registry.source",
                    ),
                ),
            ],
            options={
                "db_table": "telemetry_seen_field",
                "constraints": [
                    models.UniqueConstraint(fields=("source", "path", "kind"), name="telemetry_seen_field_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("metric", models.CharField(max_length=80)),
                ("environment", models.CharField(max_length=40)),
                ("segment", models.CharField(blank=True, max_length=120)),
                ("first_seen_at", models.DateTimeField()),
                (
                    "model",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.registeredmodel",
                    ),
                ),
            ],
            options={
                "db_table": "telemetry_series",
                "indexes": [models.Index(fields=["metric"], name="telemetry_series_metric")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("model", "metric", "environment", "segment"), name="telemetry_series_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(SENT_UNIT, "ALTER TABLE telemetry_measurement DROP COLUMN sent_unit"),
        migrations.RunSQL(KNOWN_SERIES, migrations.RunSQL.noop),
        *(migrations.RunSQL(sql.require_entry(table), sql.drop_require_entry(table)) for table in GOVERNED),
    ]
