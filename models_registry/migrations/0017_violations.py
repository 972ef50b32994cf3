"""What registries elsewhere say of aliases and stages, and the violations of the gate that follow from it."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from models_registry.audit import sql
from models_registry.outside.models import Ending, marks


def _id():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def _key(to, related_name="+", **facts):
    on_delete = django.db.models.deletion.PROTECT
    return models.ForeignKey(to=to, on_delete=on_delete, related_name=related_name, db_index=False, **facts)


PLACEMENT = migrations.CreateModel(
    name="Placement",
    fields=[
        _id(),
        ("event", models.BigIntegerField()),
        ("ordinal", models.PositiveIntegerField()),
        ("slot", models.CharField(max_length=32)),
        ("segment", models.CharField(max_length=120)),
        ("place", models.CharField(blank=True, max_length=400)),
        ("model_name", models.CharField(max_length=200)),
        ("mark", models.CharField(choices=marks, max_length=8)),
        ("name", models.CharField(max_length=255)),
        ("on", models.BooleanField()),
        ("version_name", models.CharField(blank=True, max_length=100)),
        ("digest", models.CharField(blank=True, max_length=80)),
        ("link", models.CharField(blank=True, max_length=500)),
        ("said_by", models.CharField(blank=True, max_length=200)),
        ("observed_at", models.DateTimeField()),
        ("received_at", models.DateTimeField()),
        ("model", _key("models_registry.registeredmodel", null=True)),
        ("source", _key("models_registry.source", "placements")),
    ],
    options={
        "db_table": "outside_placement",
        "indexes": [
            models.Index(fields=["slot", "-observed_at"], name="outside_placement_slot"),
            models.Index(fields=["model", "slot", "-observed_at"], name="outside_placement_model"),
            models.Index(fields=["model_name"], condition=Q(model=None), name="outside_placement_untied"),
        ],
        "constraints": [
            models.UniqueConstraint(fields=("event", "ordinal"), name="outside_placement_once"),
            models.CheckConstraint(condition=Q(mark__in=["ALIAS", "STAGE"]), name="outside_placement_mark"),
        ],
    },
)

VIOLATION = migrations.CreateModel(
    name="Violation",
    fields=[
        _id(),
        ("began_at", models.DateTimeField()),
        ("found_at", models.DateTimeField()),
        ("ended_at", models.DateTimeField(null=True)),
        ("ending", models.CharField(blank=True, choices=Ending.choices, max_length=12)),
        ("answered_at", models.DateTimeField(null=True)),
        ("answer", models.TextField(blank=True)),
        ("answered_by", _key(settings.AUTH_USER_MODEL, null=True)),
        ("clearance", _key("models_registry.clearance", null=True)),
        ("model", _key("models_registry.registeredmodel", "violations")),
        (
            "placement",
            models.OneToOneField(
                to="models_registry.placement",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="violation",
            ),
        ),
        ("version", _key("models_registry.modelversion", null=True)),
    ],
    options={
        "db_table": "outside_violation",
        "indexes": [
            models.Index(fields=["model", "-began_at"], name="outside_violation_model"),
            models.Index(fields=["began_at"], condition=Q(ended_at=None), name="outside_violation_open"),
        ],
        "constraints": [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ending="") | (Q(ended_at__isnull=False) & ~Q(ending="")),
                name="outside_violation_ended_how",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="outside_violation_answered_by",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("began_at")),
                name="outside_violation_ends_after",
            ),
        ],
    },
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("models_registry", "0018_connecting")]
    operations: ClassVar = [
        PLACEMENT,
        VIOLATION,
        migrations.RunSQL(sql.require_entry("outside_violation"), sql.drop_require_entry("outside_violation")),
    ]
