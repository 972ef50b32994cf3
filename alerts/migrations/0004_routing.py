"""Reserved."""

from django.db import migrations


class Migration(migrations.Migration):
    """Reserved."""

    dependencies = [("alerts", "0003_append_only")]
    operations = []
