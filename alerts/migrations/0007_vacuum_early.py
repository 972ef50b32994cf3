"""A queue is rewritten row by row: clean it after a hundredth of its rows, not after a fifth of all that it keeps."""

from django.db import migrations

EARLY = "ALTER TABLE delivery_notification SET (autovacuum_vacuum_scale_factor = 0.01)"
AS_OTHERS = "ALTER TABLE delivery_notification RESET (autovacuum_vacuum_scale_factor)"


class Migration(migrations.Migration):
    dependencies = [("alerts", "0006_lean_indexes")]

    operations = [migrations.RunSQL(EARLY, AS_OTHERS)]
