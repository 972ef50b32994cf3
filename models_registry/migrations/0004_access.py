"""Saved views: the filters and the order of a list under a name, private or shared with a role."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from models_registry.audit import sql


class Migration(migrations.Migration):
    dependencies = [("models_registry", "0003_trail_promises")]
    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("list_name", models.CharField(max_length=32)),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(blank=True, max_length=1000)),
                ("shared_role", models.CharField(blank=True, max_length=32)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "access_saved_view",
                "indexes": [
                    models.Index(
                        fields=["list_name", "shared_role"],
                        condition=~models.Q(shared_role=""),
                        name="access_saved_view_shared",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        "owner",
                        "list_name",
                        django.db.models.functions.text.Lower("name"),
                        name="access_saved_view_name_once",
                    ),
                    models.CheckConstraint(condition=~models.Q(name=""), name="access_saved_view_named"),
                ],
            },
        ),
        migrations.RunSQL(sql.require_entry("access_saved_view"), sql.drop_require_entry("access_saved_view")),
    ]
