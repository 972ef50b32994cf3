"""Reserved."""

from django.db import migrations


class Migration(migrations.Migration):
    """Reserved."""

    dependencies = [("governance", "0005_rules")]
    operations = []
