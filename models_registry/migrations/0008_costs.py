"""Costs by day, the imported records behind some of them, prices, exchange rates, and budgets with their standing."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from models_registry.audit import sql
from models_registry.costs.models import CURRENCY

ORIGINS = [
    ("MEASURED", "Reported by a source"),
    ("PRICED", "Tokens times price"),
    ("TRACED", "Prediction traces"),
    ("IMPORTED", "Imported bill"),
]
STATES = [("PREVIEWED", "Not imported"), ("IMPORTED", "Imported"), ("UNDONE", "Undone")]
SCOPES = [
    ("HOUSE", "The whole house"),
    ("UNIT", "A unit"),
    ("TEAM", "A team"),
    ("MODEL", "A model"),
    ("PROJECT", "A project"),
]
APPEND_ONLY = ("costs_record", "costs_price_list", "costs_rate")
GOVERNED = ("costs_budget", "costs_import", "costs_price_list", "costs_rate", "costs_record")


def _id():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def _key(to, **options):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=options.pop("related_name", "+"), to=to, **options
    )


def _account(**options):
    return _key(settings.AUTH_USER_MODEL, **options)


def _perhaps(name):
    return _key(f"models_registry.{name}", blank=True, null=True)


def _owners(*, version=True):
    keys = {"model": "registeredmodel", "version": "modelversion", "unit": "businessunit", "team": "team"}
    return [(name, _perhaps(to)) for name, to in keys.items() if version or name != "version"]


def _project():
    return ("project", models.CharField(blank=True, default="", max_length=80))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("models_registry", "0007_validation")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="DailyCost",
            fields=[
                _id(),
                _project(),
                ("day", models.DateField()),
                ("origin", models.CharField(choices=ORIGINS, max_length=10)),
                ("currency", models.CharField(max_length=3)),
                ("amount_micros", models.BigIntegerField()),
                ("reporting_micros", models.BigIntegerField(null=True)),
                ("tokens_in", models.BigIntegerField(default=0)),
                ("tokens_out", models.BigIntegerField(default=0)),
                ("counted", models.BooleanField(default=True)),
                *_owners(),
            ],
            options={
                "db_table": "costs_daily",
                "indexes": [models.Index(fields=["model", "day"], name="costs_daily_model")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "origin", "model", "version", "unit", "team", "project", "currency"),
                        name="costs_daily_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(condition=Q(("currency__regex", CURRENCY)), name="costs_daily_currency"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CostImport",
            fields=[
                _id(),
                ("file_name", models.CharField(max_length=200)),
                ("digest", models.CharField(max_length=71, unique=True)),
                ("content", models.TextField()),
                ("state", models.CharField(choices=STATES, default="PREVIEWED", max_length=10)),
                ("replaces_measured", models.BooleanField(default=False)),
                ("round", models.PositiveIntegerField(default=1)),
                ("uploaded_at", models.DateTimeField()),
                ("imported_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("imported_by", _account(blank=True, null=True)),
                ("undone_by", _account(blank=True, null=True)),
                ("uploaded_by", _account()),
            ],
            options={
                "db_table": "costs_import",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state="PREVIEWED") | Q(imported_at__isnull=False, imported_by__isnull=False),
                        name="costs_import_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="UNDONE") | Q(undone_at__isnull=False, undone_by__isnull=False),
                        name="costs_import_undone_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CostRecord",
            fields=[
                _id(),
                _project(),
                ("round", models.PositiveIntegerField()),
                ("row", models.PositiveIntegerField()),
                ("day", models.DateField(db_index=True)),
                ("currency", models.CharField(max_length=3)),
                ("amount_micros", models.BigIntegerField()),
                ("description", models.CharField(blank=True, max_length=300)),
                ("recorded_at", models.DateTimeField()),
                (
                    "compensates",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="compensated_by",
                        to="models_registry.costrecord",
                    ),
                ),
                ("recorded_by", _account()),
                ("source", _key("models_registry.costimport", related_name="records")),
                *_owners(),
            ],
            options={
                "db_table": "costs_record",
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(("compensates__isnull", True)),
                        fields=("source", "round", "row"),
                        name="costs_record_row_once",
                    ),
                    models.CheckConstraint(condition=Q(("currency__regex", CURRENCY)), name="costs_record_currency"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PriceList",
            fields=[
                _id(),
                ("provider", models.CharField(max_length=60)),
                ("number", models.PositiveIntegerField()),
                ("effective_on", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("prices", models.JSONField()),
                ("source", models.CharField(blank=True, max_length=300)),
                ("entered_at", models.DateTimeField()),
                ("entered_by", _account()),
            ],
            options={
                "db_table": "costs_price_list",
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "number"), name="costs_price_list_number_once"),
                    models.CheckConstraint(
                        condition=Q(("currency__regex", CURRENCY)), name="costs_price_list_currency"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                _id(),
                ("currency", models.CharField(max_length=3)),
                ("reporting", models.CharField(max_length=3)),
                ("effective_on", models.DateField()),
                ("rate", models.DecimalField(decimal_places=10, max_digits=20)),
                ("entered_at", models.DateTimeField()),
                ("entered_by", _account()),
            ],
            options={
                "db_table": "costs_rate",
                "constraints": [
                    models.CheckConstraint(condition=Q(("rate__gt", 0)), name="costs_rate_positive"),
                    models.CheckConstraint(
                        name="costs_rate_currencies",
                        condition=Q(currency__regex=CURRENCY)
                        & Q(reporting__regex=CURRENCY)
                        & ~Q(currency=F("reporting")),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                _id(),
                ("scope", models.CharField(choices=SCOPES, max_length=8)),
                _project(),
                ("amount_micros", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("warn_percent", models.PositiveSmallIntegerField(default=80)),
                ("first_month", models.DateField()),
                ("last_month", models.DateField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("created_by", _account()),
                *_owners(version=False),
            ],
            options={
                "db_table": "costs_budget",
                "constraints": [
                    models.CheckConstraint(condition=Q(("amount_micros__gt", 0)), name="costs_budget_positive"),
                    models.CheckConstraint(
                        condition=Q(warn_percent__gte=1, warn_percent__lte=100), name="costs_budget_warns_in_time"
                    ),
                    models.CheckConstraint(
                        name="costs_budget_one_target",
                        condition=Q(scope="HOUSE", unit__isnull=True, team__isnull=True, model__isnull=True, project="")
                        | Q(scope="UNIT", unit__isnull=False, team__isnull=True, model__isnull=True, project="")
                        | Q(scope="TEAM", unit__isnull=True, team__isnull=False, model__isnull=True, project="")
                        | Q(scope="MODEL", unit__isnull=True, team__isnull=True, model__isnull=False, project="")
                        | (
                            Q(scope="PROJECT", unit__isnull=True, team__isnull=True, model__isnull=True)
                            & ~Q(project="")
                        ),
                    ),
                    models.CheckConstraint(
                        name="costs_budget_months_in_order",
                        condition=Q(last_month__isnull=True) | Q(last_month__gte=F("first_month")),
                    ),
                    models.UniqueConstraint(
                        condition=Q(("ended_at__isnull", True)),
                        fields=("scope", "unit", "team", "model", "project"),
                        name="costs_budget_one_open",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetStatus",
            fields=[
                (
                    "budget",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="status",
                        serialize=False,
                        to="models_registry.budget",
                    ),
                ),
                ("day", models.DateField()),
                ("spent_micros", models.BigIntegerField()),
                ("expected_micros", models.BigIntegerField(null=True)),
                ("low_micros", models.BigIntegerField(null=True)),
                ("high_micros", models.BigIntegerField(null=True)),
                ("judged_at", models.DateTimeField()),
                ("answering", _key("models_registry.registeredmodel", null=True)),
            ],
            options={"db_table": "costs_budget_status"},
        ),
        *(migrations.RunSQL(sql.refuse_changes(table), sql.drop_refuse_changes(table)) for table in APPEND_ONLY),
        *(migrations.RunSQL(sql.require_entry(table), sql.drop_require_entry(table)) for table in GOVERNED),
    ]
