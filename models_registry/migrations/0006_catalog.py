"""Name the kinds of sources as people write them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Choices of a source's kind."""

    dependencies = [("models_registry", "0005_telemetry")]
    operations = [
        migrations.AlterField(
            model_name="source",
            name="kind",
            field=models.CharField(
                choices=[
                    ("arize", "Arize"),
                    ("alertmanager", "Alertmanager"),
                    ("generic_json", "Generic JSON"),
                    ("measurements", "Measurements in bulk"),
                ],
                max_length=20,
            ),
        ),
    ]
