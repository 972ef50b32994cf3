"""Reserved."""

from django.db import migrations


class Migration(migrations.Migration):
    """Reserved."""

    dependencies = [("models_registry", "0003_trail_promises")]
    operations = []
