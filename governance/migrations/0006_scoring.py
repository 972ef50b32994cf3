"""Episodes say when they were found and whether a breaker held them; recent ones have an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns and indexes for the live loop."""

    dependencies = [("governance", "0005_rules")]
    operations = [
        migrations.AlterField("automationcontrol", "scope_id", models.CharField(blank=True, max_length=80)),
        migrations.AddField("episode", "found_at", models.DateTimeField(null=True)),
        migrations.AddField("episode", "held", models.BooleanField(db_default=False, default=False)),
        migrations.AddIndex(
            "episode", models.Index(fields=["rule_version", "model", "cleared_at"], name="rules_episode_recent")
        ),
        migrations.AddIndex("episode", models.Index(fields=["rule_version", "found_at"], name="rules_episode_found")),
        migrations.AddIndex("seriesstate", models.Index(fields=["model", "environment"], name="rules_series_model")),
    ]
