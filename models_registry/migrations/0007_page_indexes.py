"""An index over the held events of all sources, so that their list reads one page however many there are."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("models_registry", "0006_catalog")]
    operations = [
        migrations.AddIndex(
            model_name="telemetryevent",
            index=models.Index(
                fields=["-id"],
                condition=Q(("state__in", ["QUARANTINED", "DEAD"])),
                name="telemetry_event_held_newest",
            ),
        ),
    ]
