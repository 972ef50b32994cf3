"""Reserved."""

from django.db import migrations


class Migration(migrations.Migration):
    """Reserved."""

    dependencies = [("governance", "0003_trail_promises")]
    operations = []
