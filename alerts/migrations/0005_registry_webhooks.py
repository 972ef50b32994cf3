"""Webhooks of the registry, and a lane of their own in the outbox."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from models_registry.audit import sql
from models_registry.audit.models import Xid8Field

WEBHOOK = "registryhooks_webhook"
KINDS = [
    ("EMAIL", "E-mail"),
    ("SLACK_WEBHOOK", "Slack incoming webhook"),
    ("WEBHOOK", "Signed webhook"),
    ("MLFLOW_WEBHOOK", "MLflow webhook"),
]


def _index(*fields, name, **condition):
    return models.Index(fields=list(fields), condition=models.Q(**condition) if condition else None, name=name)


def _account(related_name, **options):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to=settings.AUTH_USER_MODEL,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("alerts", "0004_snoozes"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField("channel", "resting_until", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("channel", "failures", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AlterField("channel", "kind", models.CharField(choices=KINDS, max_length=16)),
        migrations.AddField(
            "notification",
            "lane",
            models.PositiveSmallIntegerField(choices=[(0, "People"), (1, "Registry")], db_default=0, default=0),
        ),
        migrations.RemoveIndex("notification", "delivery_notification_due"),
        migrations.AddIndex(
            "notification", _index("lane", "tier", "not_before", name="delivery_notification_next", state="PENDING")
        ),
        migrations.AddIndex(
            "notification",
            _index(
                "lease_until",
                name="delivery_notification_leased",
                state="PENDING",
                lease_until__isnull=False,
            ),
        ),
        migrations.AddIndex("notification", _index("channel", "-id", name="delivery_notification_channel")),
        migrations.CreateModel(
            name="Followed",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("xid", Xid8Field()),
                ("entry_id", models.BigIntegerField(default=0)),
                ("floor_id", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "registryhooks_followed",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="registryhooks_followed_one_row")
                ],
            },
        ),
        migrations.CreateModel(
            name="RegistryWebhook",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=63)),
                ("description", models.CharField(blank=True, max_length=1000)),
                ("events", models.JSONField()),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "channel",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registry_webhook",
                        to="alerts.channel",
                    ),
                ),
                ("made_by", _account("registry_webhooks")),
                ("stopped_by", _account("+", blank=True, null=True)),
            ],
            options={
                "db_table": WEBHOOK,
                "indexes": [_index("-created_at", name="registryhooks_webhook_recent")],
                "constraints": [
                    models.CheckConstraint(condition=~models.Q(events=[]), name="registryhooks_webhook_has_events"),
                    models.CheckConstraint(
                        condition=models.Q(("deleted_at__isnull", True))
                        | models.Q(("deleted_at__gte", models.F("created_at"))),
                        name="registryhooks_webhook_deleted_after",
                    ),
                ],
            },
        ),
        migrations.RunSQL(sql.require_entry(WEBHOOK), sql.drop_require_entry(WEBHOOK)),
    ]
