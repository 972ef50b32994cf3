"""Indexes over the few rows that the frame of every page counts, so that counting them never reads a whole table."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("governance", "0007_gates")]
    operations = [
        migrations.AddIndex(
            model_name="risk",
            index=models.Index(
                fields=["model", "due_at"],
                condition=Q(("state__in", ["OPEN", "ACKNOWLEDGED", "MITIGATING"])),
                name="risks_risk_owed",
            ),
        ),
        migrations.AddIndex(
            model_name="risk",
            index=models.Index(
                fields=["model"],
                condition=Q(
                    ("state", "VERIFYING"),
                    Q(("factor__lt", 40), ("level", "HIGH")),
                    Q(("factor__lt", 75), ("level", "CRITICAL")),
                    _connector="OR",
                ),
                name="risks_risk_to_check",
            ),
        ),
        migrations.AddIndex(
            model_name="posture",
            index=models.Index(fields=["model"], condition=Q(("in_the_red", True)), name="scoring_posture_red"),
        ),
    ]
