"""What was tried, noted and decided about alerts is never rewritten."""

from django.db import migrations

from models_registry.audit import sql

APPEND_ONLY = ("delivery_attempt", "inbox_annotation", "routing_decision")


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_initial"), ("models_registry", "0003_trail_promises")]
    operations = [migrations.RunSQL(sql.refuse_changes(table), sql.drop_refuse_changes(table)) for table in APPEND_ONLY]
