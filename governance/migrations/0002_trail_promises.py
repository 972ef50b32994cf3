"""What governance decides is append-only or governed: the database refuses anything else."""

from django.db import migrations

from models_registry.audit import sql

APPEND_ONLY = (
    "approvals_vote",
    "health_score",
    "risks_acknowledgement",
    "risks_assessment",
    "risks_change",
    "risks_release",
    "rules_evaluation",
    "scoring_posture_change",
)
GOVERNED = (
    "approvals_request",
    "gates_decision",
    "health_formula_version",
    "risks_acceptance",
    "risks_plan",
    "risks_risk",
    "rules_version",
    "scoring_control",
)


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial"), ("models_registry", "0003_trail_promises")]
    operations = [
        *(migrations.RunSQL(sql.refuse_changes(table), sql.drop_refuse_changes(table)) for table in APPEND_ONLY),
        *(migrations.RunSQL(sql.require_entry(table), sql.drop_require_entry(table)) for table in GOVERNED),
        migrations.RunSQL(sql.VOTE, sql.DROP_VOTE),
    ]
