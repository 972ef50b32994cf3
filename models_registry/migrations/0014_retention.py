"""How long history is kept, what is held back, what was dropped; and the function that drops a proven month."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import models_registry.telemetry.history_models
from models_registry.audit import sql
from models_registry.telemetry import history_sql


class Migration(migrations.Migration):
    dependencies = [
        ("models_registry", "0013_pollers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Drop",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sort", models.CharField(choices=models_registry.telemetry.history_models.sorts, max_length=12)),
                ("month", models.DateField()),
                ("count", models.BigIntegerField()),
                ("freed", models.BigIntegerField()),
                ("digest", models.CharField(max_length=80)),
                ("dropped_at", models.DateTimeField()),
            ],
            options={
                "db_table": "telemetry_drop",
            },
        ),
        migrations.CreateModel(
            name="DropPart",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("month", models.DateField()),
                ("width_s", models.PositiveIntegerField()),
                ("count", models.BigIntegerField()),
                ("readings", models.BigIntegerField()),
                ("total", models.DecimalField()),
            ],
            options={
                "db_table": "telemetry_drop_part",
            },
        ),
        migrations.CreateModel(
            name="KeepingTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True)),
                ("measurements_days", models.PositiveIntegerField(null=True)),
                ("bodies_days", models.PositiveIntegerField(null=True)),
                ("held_days", models.PositiveIntegerField(null=True)),
                ("fine_days", models.PositiveIntegerField(null=True)),
                ("coarse_days", models.PositiveIntegerField(null=True)),
                ("reason", models.CharField(max_length=500)),
                ("foreseen", models.JSONField(default=dict)),
                ("proposed_at", models.DateTimeField()),
                ("agreed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_because", models.CharField(blank=True, db_default="", max_length=500)),
            ],
            options={
                "db_table": "telemetry_keeping_terms",
            },
        ),
        migrations.CreateModel(
            name="KeepingWalk",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("walked_at", models.DateTimeField()),
                ("bodies_from", models.DateField(null=True)),
                ("held_from", models.DateField(null=True)),
            ],
            options={
                "db_table": "telemetry_keeping_walk",
            },
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField()),
                ("until", models.DateField(null=True)),
                ("reason", models.CharField(max_length=500)),
                ("placed_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_because", models.CharField(blank=True, db_default="", max_length=500)),
            ],
            options={
                "db_table": "telemetry_legal_hold",
            },
        ),
        migrations.AddField(
            model_name="telemetryevent",
            name="body_digest",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="telemetryevent",
            name="body_size",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="telemetryevent",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["received_at"], name="telemetry_event_received"),
        ),
        migrations.AddConstraint(
            model_name="telemetryevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("body_digest__isnull", True), ("body_size__isnull", True)),
                    models.Q(("body_digest__isnull", False), ("body_size__isnull", False), ("raw", b"")),
                    _connector="OR",
                ),
                name="telemetry_event_body_gone",
            ),
        ),
        migrations.AddField(
            model_name="droppart",
            name="drop",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="models_registry.drop"
            ),
        ),
        migrations.AddField(
            model_name="droppart",
            name="model",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="models_registry.registeredmodel",
            ),
        ),
        migrations.AddField(
            model_name="keepingterms",
            name="agreed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="keepingterms",
            name="ended_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="keepingterms",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="drop",
            name="terms",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="drops", to="models_registry.keepingterms"
            ),
        ),
        migrations.AddField(
            model_name="legalhold",
            name="lifted_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="legalhold",
            name="model",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="models_registry.registeredmodel",
            ),
        ),
        migrations.AddField(
            model_name="legalhold",
            name="placed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="droppart",
            index=models.Index(fields=["model", "width_s", "month"], name="telemetry_drop_part_month"),
        ),
        migrations.AddConstraint(
            model_name="keepingterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("agreed_by", models.F("proposed_by")), _negated=True),
                name="telemetry_keeping_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="keepingterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agreed_at__isnull", True), ("agreed_by__isnull", True)),
                    models.Q(("agreed_at__isnull", False), ("agreed_by__isnull", False), ("ended_at__isnull", True)),
                    _connector="OR",
                ),
                name="telemetry_keeping_agreed_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="keepingterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="telemetry_keeping_ended_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="keepingterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("measurements_days__isnull", True), ("measurements_days__gte", 180), _connector="OR"),
                    models.Q(("bodies_days__isnull", True), ("bodies_days__gte", 31), _connector="OR"),
                    models.Q(("held_days__isnull", True), ("held_days__gte", 31), _connector="OR"),
                    models.Q(("fine_days__isnull", True), ("fine_days__gte", 180), _connector="OR"),
                    models.Q(("coarse_days__isnull", True), ("coarse_days__gte", 800), _connector="OR"),
                ),
                name="telemetry_keeping_floors",
            ),
        ),
        migrations.AddConstraint(
            model_name="keepingterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("fine_days__isnull", True),
                        models.Q(
                            ("measurements_days__isnull", False), ("measurements_days__lte", models.F("fine_days"))
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("coarse_days__isnull", True),
                        models.Q(("fine_days__isnull", False), ("fine_days__lte", models.F("coarse_days"))),
                        _connector="OR",
                    ),
                ),
                name="telemetry_keeping_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="keepingterms",
            constraint=models.UniqueConstraint(
                condition=models.Q(("agreed_at__isnull", True), ("ended_at__isnull", True)),
                fields=("agreed_at",),
                name="telemetry_keeping_one_proposed",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="drop",
            index=models.Index(fields=["sort", "month"], name="telemetry_drop_month"),
        ),
        migrations.AddIndex(
            model_name="legalhold",
            index=models.Index(
                condition=models.Q(("lifted_at__isnull", True)), fields=["since"], name="telemetry_hold_stands"
            ),
        ),
        migrations.AddConstraint(
            model_name="legalhold",
            constraint=models.CheckConstraint(
                condition=models.Q(("lifted_by", models.F("placed_by")), _negated=True), name="telemetry_hold_four_eyes"
            ),
        ),
        migrations.AddConstraint(
            model_name="legalhold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                    models.Q(("lifted_at__isnull", False), ("lifted_by__isnull", False)),
                    _connector="OR",
                ),
                name="telemetry_hold_lifted_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="legalhold",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"),
                name="telemetry_hold_in_order",
            ),
        ),
        migrations.RunSQL(history_sql.COMPACT_FUNCTION, history_sql.DROP_COMPACT_FUNCTION),
        *(
            migrations.RunSQL(sql.require_entry(table), sql.drop_require_entry(table))
            for table in ("telemetry_drop", "telemetry_keeping_terms", "telemetry_legal_hold")
        ),
        *(
            migrations.RunSQL(sql.refuse_changes(table), sql.drop_refuse_changes(table))
            for table in ("telemetry_drop", "telemetry_drop_part")
        ),
    ]
