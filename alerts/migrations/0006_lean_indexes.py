import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0005_registry_webhooks"),
        ("models_registry", "0021_lean_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="alert",
            name="model",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="alerts",
                to="models_registry.registeredmodel",
            ),
        ),
        migrations.AlterField(
            model_name="deliveryattempt",
            name="notification",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="delivery_attempts",
                to="alerts.notification",
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="channel",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notifications",
                to="alerts.channel",
            ),
        ),
    ]
