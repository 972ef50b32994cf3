"""Plan steps are verified by another person, answers are drafted, and each deadline is recorded once."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import CASCADE, PROTECT, F, Q

ACCOUNT = settings.AUTH_USER_MODEL


class Migration(migrations.Migration):
    """Evidence of plan steps and their verification, drafts, and what makes the clocks of the register row-driven."""

    dependencies = [
        ("governance", "0003_trail_promises"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ResponseDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("body", models.JSONField(default=dict)),
                ("version", models.PositiveIntegerField(default=1)),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "db_table": "risks_response_draft",
            },
        ),
        migrations.AddField(
            model_name="acceptance",
            name="warned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="dispute",
            name="upheld",
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="planstep",
            name="evidence_url",
            field=models.URLField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="planstep",
            name="return_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="planstep",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="planstep",
            name="returned_by",
            field=models.ForeignKey(blank=True, null=True, on_delete=PROTECT, related_name="+", to=ACCOUNT),
        ),
        migrations.AddField(
            model_name="planstep",
            name="verified_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="planstep",
            name="verified_by",
            field=models.ForeignKey(blank=True, null=True, on_delete=PROTECT, related_name="+", to=ACCOUNT),
        ),
        migrations.AddField(
            model_name="risk",
            name="evidence",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="risk",
            name="evidence_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="risk",
            name="evidence_by",
            field=models.ForeignKey(blank=True, null=True, on_delete=PROTECT, related_name="+", to=ACCOUNT),
        ),
        migrations.AddField(
            model_name="risk",
            name="overdue_for",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="acceptance",
            index=models.Index(condition=Q(state="ACTIVE"), fields=["expires_on"], name="risks_acceptance_ends"),
        ),
        migrations.AddConstraint(
            model_name="planstep",
            constraint=models.CheckConstraint(
                name="risks_plan_step_verified_by_another",
                condition=Q(verified_at__isnull=True, verified_by__isnull=True)
                | (
                    Q(verified_at__isnull=False, verified_by__isnull=False, done_at__isnull=False)
                    & ~Q(verified_by=F("done_by"))
                ),
            ),
        ),
        migrations.AddField(
            model_name="responsedraft",
            name="author",
            field=models.ForeignKey(on_delete=CASCADE, related_name="+", to=ACCOUNT),
        ),
        migrations.AddField(
            model_name="responsedraft",
            name="risk",
            field=models.ForeignKey(on_delete=CASCADE, related_name="drafts", to="governance.risk"),
        ),
        migrations.AddConstraint(
            model_name="responsedraft",
            constraint=models.UniqueConstraint(fields=("risk", "author"), name="risks_draft_one_per_author"),
        ),
    ]
