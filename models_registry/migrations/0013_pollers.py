from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("models_registry", "0012_partitions_in_turn")]

    operations = []
