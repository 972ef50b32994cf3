"""Every table of what is told."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import governance.vocabulary


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("models_registry", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("EMAIL", "E-mail"),
                            ("SLACK_WEBHOOK", "Slack incoming webhook"),
                            ("WEBHOOK", "Signed webhook"),
                        ],
                        max_length=16,
                    ),
                ),
                ("config", models.JSONField(default=dict)),
                ("disabled_at", models.DateTimeField(blank=True, null=True)),
                ("disabled_reason", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "delivery_channel",
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fingerprint", models.CharField(max_length=80)),
                ("tier", models.PositiveSmallIntegerField(choices=governance.vocabulary.Tier.choices)),
                ("title", models.CharField(max_length=240)),
                ("body", models.TextField(blank=True)),
                ("url", models.CharField(blank=True, max_length=300)),
                (
                    "model",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="models_registry.registeredmodel",
                    ),
                ),
                ("risk_id", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("OPEN", "Open"), ("ACKNOWLEDGED", "Acknowledged"), ("RESOLVED", "Resolved")],
                        default="OPEN",
                        max_length=14,
                    ),
                ),
                ("occurrence_count", models.PositiveIntegerField(default=1)),
                ("opened_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "inbox_alert",
                "indexes": [
                    models.Index(fields=["state", "tier", "-last_at"], name="inbox_alert_list"),
                    models.Index(fields=["model", "-id"], name="inbox_alert_model"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "RESOLVED"), _negated=True),
                        fields=("fingerprint",),
                        name="inbox_alert_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("acknowledged_at__isnull", True), ("acknowledged_by__isnull", True)),
                            models.Q(("acknowledged_at__isnull", False), ("acknowledged_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="inbox_alert_acknowledged_pair",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "alert",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to="alerts.alert",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notifications", to="alerts.channel"
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("tier", models.PositiveSmallIntegerField(choices=governance.vocabulary.Tier.choices)),
                ("dedup_key", models.CharField(max_length=255, unique=True)),
                ("payload", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("DELIVERED", "Delivered"),
                            ("GIVEN_UP", "Given Up"),
                            ("CANCELLED", "Cancelled"),
                        ],
                        default="PENDING",
                        max_length=10,
                    ),
                ),
                ("not_before", models.DateTimeField()),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "delivery_notification",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "PENDING")),
                        fields=["tier", "not_before"],
                        name="delivery_notification_due",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveryAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "notification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delivery_attempts",
                        to="alerts.notification",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("began_at", models.DateTimeField()),
                ("elapsed_ms", models.PositiveIntegerField(default=0)),
                ("succeeded", models.BooleanField()),
                ("permanent", models.BooleanField(default=False)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("error", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "db_table": "delivery_attempt",
                "constraints": [
                    models.UniqueConstraint(fields=("notification", "number"), name="delivery_attempt_number_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Annotation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="annotations", to="alerts.alert"
                    ),
                ),
                ("text", models.TextField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "inbox_annotation",
            },
        ),
        migrations.CreateModel(
            name="Route",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                ("position", models.PositiveIntegerField(unique=True)),
                ("match", models.JSONField(default=dict)),
                ("tier", models.PositiveSmallIntegerField(choices=governance.vocabulary.Tier.choices)),
                ("tell_owner", models.BooleanField(default=True)),
                ("enabled", models.BooleanField(default=True)),
                (
                    "channels",
                    models.ManyToManyField(
                        db_table="routing_route_channel", related_name="routes", to="alerts.channel"
                    ),
                ),
            ],
            options={
                "db_table": "routing_route",
            },
        ),
        migrations.CreateModel(
            name="RoutingDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="routing_decision",
                        to="models_registry.auditentry",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("PAGE", "Page"),
                            ("POST", "Post"),
                            ("DIGEST", "Digest"),
                            ("JOIN", "Join"),
                            ("SUPPRESS", "Suppress"),
                        ],
                        max_length=10,
                    ),
                ),
                ("tier", models.PositiveSmallIntegerField(choices=governance.vocabulary.Tier.choices, null=True)),
                (
                    "route",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="alerts.route"
                    ),
                ),
                (
                    "alert",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="routing_decisions",
                        to="alerts.alert",
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("decided_at", models.DateTimeField()),
            ],
            options={
                "db_table": "routing_decision",
                "indexes": [
                    models.Index(fields=["-id"], name="routing_decision_recent"),
                    models.Index(fields=["decided_at"], name="routing_decision_day"),
                ],
            },
        ),
    ]
