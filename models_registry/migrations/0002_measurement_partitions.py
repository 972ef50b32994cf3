"""The measurement table is partitioned by month, which Django cannot express."""

from django.db import migrations

from models_registry.telemetry import sql


class Migration(migrations.Migration):
    dependencies = [("models_registry", "0001_initial")]
    operations = [
        migrations.RunSQL(sql.MEASUREMENT_TABLE, sql.DROP_MEASUREMENT_TABLE),
        migrations.RunSQL(sql.PARTITION_FUNCTION, sql.DROP_PARTITION_FUNCTION),
    ]
