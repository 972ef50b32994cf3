from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("models_registry", "0013_pollers")]

    operations = []
