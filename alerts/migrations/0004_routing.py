"""Name the kinds of channel, and find the decisions of a day without reading the others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Choices of a channel's kind, an index on decisions by moment."""

    dependencies = [("alerts", "0003_append_only")]
    operations = [
        migrations.AlterField(
            model_name="channel",
            name="kind",
            field=models.CharField(
                choices=[
                    ("EMAIL", "E-mail"),
                    ("SLACK_WEBHOOK", "Slack incoming webhook"),
                    ("WEBHOOK", "Signed webhook"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="routingdecision", index=models.Index(fields=["decided_at"], name="routing_decision_day")
        ),
    ]
