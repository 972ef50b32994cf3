"""A queue is rewritten row by row: clean it after a hundredth of its rows, not after a fifth of all that it keeps."""

from django.db import migrations

EARLY = "ALTER TABLE telemetry_event SET (autovacuum_vacuum_scale_factor = 0.01)"
AS_OTHERS = "ALTER TABLE telemetry_event RESET (autovacuum_vacuum_scale_factor)"


class Migration(migrations.Migration):
    dependencies = [("models_registry", "0021_lean_indexes")]

    operations = [migrations.RunSQL(EARLY, AS_OTHERS)]
