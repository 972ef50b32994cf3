"""The database itself keeps the trail's promises: sealed entries, append-only tables, no silent change."""

from django.db import migrations

from models_registry.audit import sql

APPEND_ONLY = ("audit_entry", "catalog_stage_move", "catalog_alias_move")
GOVERNED = (
    "access_role_grant",
    "access_saved_view",
    "access_token",
    "catalog_alias",
    "catalog_model",
    "catalog_version",
    "telemetry_source",
)


class Migration(migrations.Migration):
    dependencies = [("models_registry", "0002_measurement_partitions")]
    operations = [
        migrations.RunSQL(sql.REFUSE_FUNCTION, sql.DROP_REFUSE_FUNCTION),
        migrations.RunSQL(sql.REQUIRED_FUNCTION, sql.DROP_REQUIRED_FUNCTION),
        migrations.RunSQL(sql.AUDIT_ENTRY, sql.DROP_AUDIT_ENTRY),
        *(migrations.RunSQL(sql.refuse_changes(table), sql.drop_refuse_changes(table)) for table in APPEND_ONLY),
        *(migrations.RunSQL(sql.require_entry(table), sql.drop_require_entry(table)) for table in GOVERNED),
    ]
