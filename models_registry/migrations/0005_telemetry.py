"""Books kept by counting as events end, and a revision of each source that its door checks."""

import django.db.models.deletion
from django.db import migrations, models

COUNT_WHAT_IS_THERE = """
INSERT INTO telemetry_books (source_id, done, quarantined, dead, duplicate, day, today)
SELECT source_id, count(*) FILTER (WHERE state = 'DONE'), count(*) FILTER (WHERE state = 'QUARANTINED'),
       count(*) FILTER (WHERE state = 'DEAD'), sum(duplicate_count), (max(received_at) AT TIME ZONE 'UTC')::date, 0
FROM telemetry_event GROUP BY source_id;
"""

COUNTS = [
    ("done", models.BigIntegerField(db_default=0, default=0)),
    ("quarantined", models.BigIntegerField(db_default=0, default=0)),
    ("dead", models.BigIntegerField(db_default=0, default=0)),
    ("duplicate", models.BigIntegerField(db_default=0, default=0)),
    ("day", models.DateField()),
    ("today", models.BigIntegerField(db_default=0, default=0)),
]


class Migration(migrations.Migration):
    dependencies = [("models_registry", "0004_access")]
    operations = [
        migrations.CreateModel(
            name="SourceBooks",
            fields=[
                *COUNTS,
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="models_registry.source",
                    ),
                ),
            ],
            options={"db_table": "telemetry_books"},
        ),
        migrations.AddField(
            model_name="source",
            name="revision",
            field=models.PositiveBigIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                *COUNTS,
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.source",
                    ),
                ),
            ],
            options={"db_table": "telemetry_tally"},
        ),
        migrations.RunSQL(COUNT_WHAT_IS_THERE, migrations.RunSQL.noop),
    ]
