"""Artifacts, their versions, the edges between them and model versions, and the numbers of a build."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from models_registry.audit import sql
from models_registry.lineage.models import DIGEST

KINDS = [
    ("WEIGHTS", "Weights"),
    ("ADAPTER", "Adapter"),
    ("BASE_MODEL", "Base model"),
    ("TOKENIZER", "Tokenizer"),
    ("PROMPT_TEMPLATE", "Prompt"),
    ("DATASET", "Dataset"),
    ("EVALUATION_DATASET", "Evaluation dataset"),
    ("VECTOR_INDEX", "Vector index"),
    ("CODE", "Code"),
    ("CONTAINER", "Container"),
    ("GUARDRAIL", "Guardrail"),
]
ROLES = [
    ("CONSISTS_OF", "consists of"),
    ("TRAINED_ON", "trained on"),
    ("EVALUATED_ON", "evaluated on"),
    ("FINE_TUNED_FROM", "fine-tuned from"),
    ("PROMPTS_WITH", "prompts with"),
    ("RETRIEVES_FROM", "retrieves from"),
    ("GUARDED_BY", "guarded by"),
    ("BUILT_BY", "built by"),
    ("RUNS_IN", "runs in"),
    ("DERIVED_FROM", "derived from"),
]
GOVERNED = ("lineage_artifact", "lineage_artifact_version", "lineage_edge")


def _id():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def _account(**options):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, **options
    )


def _key(to, related_name, **options):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to=f"models_registry.{to}", **options
    )


class Migration(migrations.Migration):
    dependencies = [("models_registry", "0004_registry_clients")]

    operations = [
        migrations.CreateModel(
            name="Artifact",
            fields=[
                _id(),
                ("kind", models.CharField(choices=KINDS, max_length=20)),
                ("name", models.CharField(max_length=200)),
                ("description", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField()),
                ("created_by", _account()),
            ],
            options={"db_table": "lineage_artifact"},
        ),
        migrations.CreateModel(
            name="ArtifactVersion",
            fields=[
                _id(),
                ("label", models.CharField(max_length=100)),
                ("digest", models.CharField(blank=True, max_length=140)),
                ("licence", models.CharField(blank=True, max_length=120)),
                ("source_uri", models.CharField(blank=True, max_length=500)),
                ("content", models.TextField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("artifact", _key("artifact", "versions")),
                ("created_by", _account()),
            ],
            options={"db_table": "lineage_artifact_version"},
        ),
        migrations.CreateModel(
            name="Edge",
            fields=[
                _id(),
                ("role", models.CharField(choices=ROLES, max_length=20)),
                ("recorded_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("version", _key("modelversion", "uses", null=True)),
                ("derived", _key("artifactversion", "uses", null=True)),
                ("used", _key("artifactversion", "used_by")),
                ("recorded_by", _account()),
                ("withdrawn_by", _account(blank=True, null=True)),
            ],
            options={"db_table": "lineage_edge"},
        ),
        migrations.CreateModel(
            name="Fact",
            fields=[
                _id(),
                ("sort", models.CharField(choices=[("PARAMETER", "Parameter"), ("METRIC", "Metric")], max_length=10)),
                ("name", models.CharField(max_length=120)),
                ("text", models.CharField(max_length=500)),
                ("number", models.FloatField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField()),
                ("version", _key("modelversion", "facts")),
                ("recorded_by", _account()),
            ],
            options={"db_table": "lineage_fact"},
        ),
        migrations.AddIndex(
            model_name="artifact", index=models.Index(fields=["name", "id"], name="lineage_artifact_name")
        ),
        migrations.AddConstraint(
            model_name="artifact",
            constraint=models.UniqueConstraint(fields=("kind", "name"), name="lineage_artifact_once"),
        ),
        migrations.AddConstraint(
            model_name="artifactversion",
            constraint=models.UniqueConstraint(fields=("artifact", "label"), name="lineage_version_label_once"),
        ),
        migrations.AddConstraint(
            model_name="artifactversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("digest", ""), _negated=True),
                fields=("artifact", "digest"),
                name="lineage_version_digest_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="artifactversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest", ""), ("digest__regex", DIGEST), _connector="OR"),
                name="lineage_version_digest_shape",
            ),
        ),
        migrations.AddConstraint(
            model_name="artifactversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("label", ""), _negated=True), name="lineage_version_label_told"
            ),
        ),
        migrations.AddConstraint(
            model_name="edge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("derived__isnull", True), ("version__isnull", False)),
                    models.Q(("derived__isnull", False), ("version__isnull", True)),
                    _connector="OR",
                ),
                name="lineage_edge_one_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="edge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("derived__isnull", True), models.Q(("derived", models.F("used")), _negated=True), _connector="OR"
                ),
                name="lineage_edge_not_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="edge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                    models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    _connector="OR",
                ),
                name="lineage_edge_withdrawn_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="edge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("version__isnull", False), ("withdrawn_at__isnull", True)),
                fields=("version", "used", "role"),
                name="lineage_edge_of_version_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="edge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("derived__isnull", False), ("withdrawn_at__isnull", True)),
                fields=("derived", "used", "role"),
                name="lineage_edge_of_artifact_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="fact",
            constraint=models.UniqueConstraint(fields=("version", "sort", "name"), name="lineage_fact_once"),
        ),
        migrations.RunSQL(sql.refuse_changes("lineage_fact"), sql.drop_refuse_changes("lineage_fact")),
        *(migrations.RunSQL(sql.require_entry(table), sql.drop_require_entry(table)) for table in GOVERNED),
    ]
