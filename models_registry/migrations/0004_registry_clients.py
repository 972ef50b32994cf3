"""What registry clients, such as MLflow's, keep beside a model and its versions; who may move a protected alias."""

import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

from models_registry.audit import sql

CHANGED = """
create constraint trigger catalog_version_registry_audit_changed after update on catalog_version
  deferrable initially deferred for each row
  when (row(old.registry_tags, old.run_id, old.run_link, old.logged_model_id, old.download_uri, old.withdrawn_at)
        is distinct from
        row(new.registry_tags, new.run_id, new.run_link, new.logged_model_id, new.download_uri, new.withdrawn_at))
  execute function audit_required();
"""
"""What clients keep with a version changes together with an entry of the trail, as the rest of it does."""


class Migration(migrations.Migration):
    dependencies = [
        ("models_registry", "0003_trail_promises"),
    ]

    operations = [
        migrations.CreateModel(
            name="AliasProtection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255)),
                ("pipeline_only", models.BooleanField(default=False)),
                ("protected_at", models.DateTimeField()),
            ],
            options={
                "db_table": "catalog_alias_protection",
            },
        ),
        migrations.AddField(
            model_name="modelversion",
            name="changed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="modelversion",
            name="download_uri",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AddField(
            model_name="modelversion",
            name="logged_model_id",
            field=models.CharField(blank=True, db_default="", default="", max_length=256),
        ),
        migrations.AddField(
            model_name="modelversion",
            name="registry_tags",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="modelversion",
            name="run_id",
            field=models.CharField(blank=True, db_default="", default="", max_length=256),
        ),
        migrations.AddField(
            model_name="modelversion",
            name="run_link",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AddField(
            model_name="modelversion",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="registeredmodel",
            name="changed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="registeredmodel",
            name="is_prompt",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="registeredmodel",
            name="last_number",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="registeredmodel",
            name="registered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="registeredmodel",
            name="registry_name",
            field=models.CharField(blank=True, max_length=256, null=True),
        ),
        migrations.AddField(
            model_name="registeredmodel",
            name="registry_tags",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="alias",
            name="name",
            field=models.CharField(max_length=255),
        ),
        migrations.AlterField(
            model_name="aliasmove",
            name="name",
            field=models.CharField(max_length=255),
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
                    ("UNKNOWN", "Not stated"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddConstraint(
            model_name="registeredmodel",
            constraint=models.UniqueConstraint(
                django.db.models.functions.comparison.Coalesce(
                    "registry_name", "slug", output_field=models.CharField()
                ),
                condition=models.Q(("archived_at__isnull", True)),
                name="catalog_model_registry_name_once",
            ),
        ),
        migrations.AddField(
            model_name="aliasprotection",
            name="model",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="alias_protections",
                to="models_registry.registeredmodel",
            ),
        ),
        migrations.AddField(
            model_name="aliasprotection",
            name="movers",
            field=models.ManyToManyField(db_table="catalog_alias_mover", related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="aliasprotection",
            name="protected_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="aliasprotection",
            constraint=models.UniqueConstraint(fields=("model", "name"), name="catalog_alias_protection_once"),
        ),
        migrations.RunSQL(CHANGED, "drop trigger catalog_version_registry_audit_changed on catalog_version;"),
        migrations.RunSQL(
            sql.require_entry("catalog_alias_protection"), sql.drop_require_entry("catalog_alias_protection")
        ),
    ]
