"""Where the walk over the trail stands and what it found, and an index over the episodes that are open."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("governance", "0006_scoring")]
    operations = [
        migrations.CreateModel(
            name="TrailWalk",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("entry_id", models.BigIntegerField(default=0)),
                ("walked_at", models.DateTimeField()),
                ("round_ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={"db_table": "gates_trail_walk"},
        ),
        migrations.CreateModel(
            name="TrailBreak",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("model_id", models.BigIntegerField(db_index=True, null=True)),
                ("found_at", models.DateTimeField()),
            ],
            options={"db_table": "gates_trail_break"},
        ),
        migrations.AddIndex(
            model_name="episode",
            index=models.Index(
                condition=Q(("cleared_at__isnull", True)), fields=["model", "environment"], name="rules_episode_open"
            ),
        ),
    ]
