"""Imports of an inventory, what each would do to which model, and how columns were mapped."""

from typing import ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from models_registry.audit import sql

STATES = [
    ("MAPPING", "Columns to be mapped"),
    ("CHECKING", "Being checked"),
    ("CHECKED", "Checked"),
    ("APPLYING", "Being applied"),
    ("APPLIED", "Applied"),
    ("UNDOING", "Being taken back"),
    ("UNDONE", "Taken back"),
]
OUTCOMES = [
    ("UNKNOWN", "Not checked"),
    ("CREATE", "Created"),
    ("CHANGE", "Changed"),
    ("SAME", "Left alone"),
    ("WRONG", "With problems"),
    ("REFUSED", "Refused"),
]
ITEM_STATES = [("WAITING", "Waiting"), ("DONE", "Applied"), ("LEFT", "Left alone"), ("UNDONE", "Taken back")]


def _id():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def _person(**options):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, **options
    )


class Migration(migrations.Migration):
    dependencies = [("models_registry", "0014_retention")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Intake",
            fields=[
                _id(),
                (
                    "kind",
                    models.CharField(choices=[("FILE", "File"), ("EDIT", "Bulk edit")], default="FILE", max_length=8),
                ),
                ("file_name", models.CharField(max_length=200)),
                ("form", models.CharField(blank=True, max_length=8)),
                ("digest", models.CharField(max_length=71)),
                ("size_bytes", models.PositiveIntegerField(default=0)),
                ("told", models.CharField(blank=True, max_length=300)),
                ("headings", models.JSONField(default=list)),
                ("rows", models.BinaryField(default=bytes)),
                ("row_count", models.PositiveIntegerField(default=0)),
                ("mapping", models.JSONField(default=dict)),
                ("usual", models.JSONField(default=dict)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list
                    ),
                ),
                ("state", models.CharField(choices=STATES, default="MAPPING", max_length=10)),
                ("good_rows_only", models.BooleanField(default=False)),
                ("then_apply", models.BooleanField(default=False)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("trouble", models.TextField(blank=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("uploaded_at", models.DateTimeField()),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("applied_by", _person(blank=True, null=True)),
                ("undone_by", _person(blank=True, null=True)),
                ("uploaded_by", _person()),
            ],
            options={
                "db_table": "intake_import",
                "indexes": [
                    models.Index(fields=["uploaded_by", "-id"], name="intake_import_by"),
                    models.Index(fields=["digest"], name="intake_import_digest"),
                    models.Index(
                        condition=models.Q(("state__in", ["CHECKING", "APPLYING", "UNDOING"])),
                        fields=["id"],
                        name="intake_import_at_work",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["APPLIED", "UNDOING", "UNDONE"]), _negated=True),
                            models.Q(("applied_at__isnull", False), ("applied_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="intake_import_applied_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "UNDONE"), _negated=True),
                            models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="intake_import_undone_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IntakeItem",
            fields=[
                _id(),
                ("position", models.PositiveIntegerField()),
                ("asked", models.JSONField(default=list)),
                ("slug", models.CharField(blank=True, max_length=80)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("outcome", models.CharField(choices=OUTCOMES, default="UNKNOWN", max_length=8)),
                ("changes", models.JSONField(default=list)),
                ("problems", models.JSONField(default=list)),
                ("state", models.CharField(choices=ITEM_STATES, default="WAITING", max_length=8)),
                ("note", models.TextField(blank=True)),
                (
                    "intake",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="models_registry.intake"
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.registeredmodel",
                    ),
                ),
            ],
            options={
                "db_table": "intake_item",
                "indexes": [
                    models.Index(fields=["intake", "outcome", "position"], name="intake_item_outcome"),
                    models.Index(fields=["model"], name="intake_item_model"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("intake", "position"), name="intake_item_position_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedMapping",
            fields=[
                _id(),
                ("headings_digest", models.CharField(max_length=71, unique=True)),
                ("mapping", models.JSONField(default=dict)),
                ("usual", models.JSONField(default=dict)),
                ("saved_at", models.DateTimeField()),
                ("saved_by", _person()),
            ],
            options={"db_table": "intake_mapping"},
        ),
        migrations.RunSQL(sql.require_entry("intake_import"), sql.drop_require_entry("intake_import")),
    ]
