from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("models_registry", "0017_violations")]

    operations = [
        migrations.AddIndex(
            model_name="aliasmove",
            index=models.Index(fields=["model", "name", "-moved_at", "-id"], name="catalog_alias_move_history"),
        ),
        migrations.AddIndex(
            model_name="aliasmove",
            index=models.Index(fields=["model", "-moved_at", "-id"], name="catalog_alias_move_newest"),
        ),
    ]
