from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("models_registry", "0022_vacuum_early")]

    operations = [
        migrations.RemoveIndex(model_name="modelversion", name="catalog_version_stage"),
        migrations.AddIndex(
            model_name="modelversion",
            index=models.Index(fields=["model", "stage", "-number"], name="catalog_version_stage"),
        ),
    ]
