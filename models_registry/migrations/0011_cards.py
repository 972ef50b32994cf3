"""What people write in model cards, and the cards that were issued: both only grow."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from models_registry.audit import sql
from models_registry.catalog.card_models import DIGEST
from models_registry.catalog.card_sections import section_choices

GOVERNED = ("catalog_card_text", "catalog_issued_card")


def _id():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def _key(to, related_name):
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to=to)


def _promises(name):
    return [
        models.CheckConstraint(condition=models.Q(("digest__regex", DIGEST)), name=f"{name}_digest_shape"),
        models.CheckConstraint(condition=models.Q(("number__gte", 1)), name=f"{name}_number_positive"),
    ]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("models_registry", "0010_doors")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="CardText",
            fields=[
                _id(),
                ("section", models.CharField(choices=section_choices, max_length=24)),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField(blank=True)),
                ("digest", models.CharField(max_length=71)),
                ("written_at", models.DateTimeField()),
                ("model", _key("models_registry.registeredmodel", "card_texts")),
                ("written_by", _key(settings.AUTH_USER_MODEL, "+")),
            ],
            options={
                "db_table": "catalog_card_text",
                "constraints": [
                    models.UniqueConstraint(fields=("model", "section", "number"), name="catalog_card_text_once"),
                    *_promises("catalog_card_text"),
                ],
            },
        ),
        migrations.CreateModel(
            name="IssuedCard",
            fields=[
                _id(),
                ("number", models.PositiveIntegerField()),
                ("document", models.TextField()),
                ("digest", models.CharField(max_length=71)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("issued_at", models.DateTimeField()),
                ("model", _key("models_registry.registeredmodel", "issued_cards")),
                ("issued_by", _key(settings.AUTH_USER_MODEL, "+")),
            ],
            options={
                "db_table": "catalog_issued_card",
                "constraints": [
                    models.UniqueConstraint(fields=("model", "number"), name="catalog_issued_card_once"),
                    *_promises("catalog_issued_card"),
                ],
            },
        ),
        *(migrations.RunSQL(sql.refuse_changes(table), sql.drop_refuse_changes(table)) for table in GOVERNED),
        *(migrations.RunSQL(sql.require_entry(table), sql.drop_require_entry(table)) for table in GOVERNED),
    ]
