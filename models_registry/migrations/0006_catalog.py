"""Name the kinds of sources and of models as people write them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Choices of two fields."""

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
        migrations.AlterField(
            model_name="registeredmodel",
            name="kind",
            field=models.CharField(
                choices=[
                    ("CLASSIFIER", "Classifier"),
                    ("REGRESSOR", "Regressor"),
                    ("RECOMMENDER", "Recommender"),
                    ("FORECASTER", "Forecaster"),
                    ("LLM_APPLICATION", "LLM application"),
                    ("RAG_APPLICATION", "RAG application"),
                    ("FINE_TUNED_ADAPTER", "Fine-tuned adapter"),
                    ("EMBEDDING_MODEL", "Embedding model"),
                    ("AGENT", "Agent"),
                    ("VISION", "Vision"),
                    ("SPEECH", "Speech"),
                ],
                max_length=24,
            ),
        ),
    ]
