"""Reserved."""

from django.db import migrations


class Migration(migrations.Migration):
    """Reserved."""

    dependencies = [("governance", "0006_scoring")]
    operations = []
