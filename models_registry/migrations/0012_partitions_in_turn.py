"""Two first measurements of a month at once: the second waits, and finds the partition that the first one made."""

from typing import ClassVar

from django.db import migrations

from models_registry.telemetry import sql


class Migration(migrations.Migration):
    dependencies: ClassVar = [("models_registry", "0011_cards")]
    operations: ClassVar = [
        migrations.RunSQL(sql.DROP_PARTITION_FUNCTION + sql.PARTITION_FUNCTION, migrations.RunSQL.noop),
    ]
