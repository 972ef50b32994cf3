"""Every table of what governance decides."""

import uuid

import django.contrib.postgres.fields
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
            name="ApprovalRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("RULE_VERSION", "Rule Version"),
                            ("FORMULA_VERSION", "Formula Version"),
                            ("ACCEPTANCE", "Acceptance"),
                            ("PROMOTION", "Promotion"),
                            ("RESUME", "Resume"),
                        ],
                        max_length=20,
                    ),
                ),
                ("object_id", models.CharField(max_length=64)),
                ("title", models.CharField(max_length=200)),
                ("summary", models.TextField(blank=True)),
                ("url", models.CharField(blank=True, max_length=200)),
                ("digest", models.CharField(max_length=80)),
                ("policy", models.JSONField()),
                (
                    "model",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.registeredmodel",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("APPROVED", "Approved"),
                            ("REJECTED", "Rejected"),
                            ("EXPIRED", "Expired"),
                            ("WITHDRAWN", "Withdrawn"),
                        ],
                        default="PENDING",
                        max_length=12,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "approvals_request",
                "indexes": [models.Index(fields=["state", "expires_at"], name="approvals_state_expiry")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "PENDING")),
                        fields=("subject", "object_id"),
                        name="approvals_one_pending",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state", "PENDING")),
                            models.Q(models.Q(("state", "PENDING"), _negated=True), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="approvals_decided_with_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to="governance.approvalrequest",
                    ),
                ),
                (
                    "voter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("as_role", models.CharField(max_length=32)),
                ("approves", models.BooleanField()),
                ("digest", models.CharField(max_length=80)),
                ("comment", models.TextField(blank=True)),
                ("voted_at", models.DateTimeField()),
            ],
            options={
                "db_table": "approvals_vote",
                "constraints": [
                    models.UniqueConstraint(fields=("request", "voter", "digest"), name="approvals_vote_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TrailWalk",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("entry_id", models.BigIntegerField(default=0)),
                ("walked_at", models.DateTimeField()),
                ("round_ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "gates_trail_walk",
            },
        ),
        migrations.CreateModel(
            name="TrailBreak",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("model_id", models.BigIntegerField(db_index=True, null=True)),
                ("found_at", models.DateTimeField()),
            ],
            options={
                "db_table": "gates_trail_break",
            },
        ),
        migrations.CreateModel(
            name="GateDecision",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gate_decisions",
                        to="models_registry.modelversion",
                    ),
                ),
                ("target", models.CharField(max_length=100)),
                ("verdict", models.CharField(choices=governance.vocabulary.Verdict.choices, max_length=16)),
                ("reasons", models.JSONField()),
                ("epoch", models.BigIntegerField()),
                ("artifact_digest", models.CharField(blank=True, max_length=80)),
                ("state_digest", models.CharField(max_length=80)),
                ("policy_digest", models.CharField(max_length=80)),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("decided_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "gates_decision",
                "indexes": [models.Index(fields=["version", "-decided_at"], name="gates_decision_version")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("used_at__isnull", True), ("verdict", "APPROVE"), _connector="OR"),
                        name="gates_decision_used_only_if_approved",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("title", models.CharField(max_length=160)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "rules_rule",
            },
        ),
        migrations.CreateModel(
            name="RuleVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="governance.rule"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("digest", models.CharField(max_length=80)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("DRAFT", "Draft"),
                            ("SUBMITTED", "Submitted"),
                            ("APPROVED", "Approved"),
                            ("SHADOW", "Shadow"),
                            ("ENFORCED", "Enforced"),
                            ("RETIRED", "Retired"),
                        ],
                        default="DRAFT",
                        max_length=12,
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("shadowed_at", models.DateTimeField(blank=True, null=True)),
                ("enforced_at", models.DateTimeField(blank=True, null=True)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "db_table": "rules_version",
                "constraints": [
                    models.UniqueConstraint(fields=("rule", "number"), name="rules_version_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "ENFORCED")), fields=("rule",), name="rules_version_one_enforced"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "SHADOW")), fields=("rule",), name="rules_version_one_shadow"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SeriesState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="series_states",
                        to="governance.ruleversion",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.registeredmodel",
                    ),
                ),
                ("environment", models.CharField(max_length=40)),
                ("segment", models.CharField(blank=True, max_length=120)),
                ("holds", models.BooleanField(null=True)),
                ("firing", models.BooleanField(default=False)),
                ("firing_since", models.DateTimeField(blank=True, null=True)),
                ("cleared_at", models.DateTimeField(blank=True, null=True)),
                ("value", models.FloatField(null=True)),
                ("explanation", models.TextField(blank=True)),
                ("evaluated_at", models.DateTimeField()),
            ],
            options={
                "db_table": "rules_series_state",
                "indexes": [
                    models.Index(condition=models.Q(("firing", True)), fields=["model"], name="rules_series_firing"),
                    models.Index(fields=["model", "environment"], name="rules_series_model"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rule_version", "model", "environment", "segment"), name="rules_series_state_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Episode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="episodes",
                        to="governance.ruleversion",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.registeredmodel",
                    ),
                ),
                ("environment", models.CharField(max_length=40)),
                ("segment", models.CharField(blank=True, max_length=120)),
                ("category", models.CharField(choices=governance.vocabulary.RiskCategory.choices, max_length=20)),
                ("points", models.FloatField()),
                ("steps", models.JSONField()),
                ("began_at", models.DateTimeField()),
                ("cleared_at", models.DateTimeField(blank=True, null=True)),
                ("found_at", models.DateTimeField(null=True)),
                ("held", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "db_table": "rules_episode",
                "indexes": [
                    models.Index(fields=["model", "category", "began_at"], name="rules_episode_model"),
                    models.Index(fields=["rule_version", "model", "cleared_at"], name="rules_episode_recent"),
                    models.Index(fields=["rule_version", "found_at"], name="rules_episode_found"),
                    models.Index(
                        condition=models.Q(("cleared_at__isnull", True)),
                        fields=["model", "environment"],
                        name="rules_episode_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rule_version", "model", "environment", "segment", "began_at"),
                        name="rules_episode_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("points__gte", 0), ("points__lte", 100)), name="rules_episode_points"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evaluation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "rule_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evaluations",
                        to="governance.ruleversion",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.registeredmodel",
                    ),
                ),
                ("environment", models.CharField(max_length=40)),
                ("segment", models.CharField(blank=True, max_length=120)),
                ("mode", models.CharField(choices=governance.vocabulary.Mode.choices, max_length=10)),
                ("holds", models.BooleanField(null=True)),
                ("firing", models.BooleanField()),
                ("value", models.FloatField(null=True)),
                ("threshold", models.FloatField(null=True)),
                ("points", models.FloatField(default=0)),
                ("readings", models.JSONField(default=list)),
                ("explanation", models.TextField()),
                ("event_id", models.BigIntegerField(null=True)),
                ("judged_at", models.DateTimeField()),
            ],
            options={
                "db_table": "rules_evaluation",
                "indexes": [
                    models.Index(fields=["model", "-id"], name="rules_evaluation_model"),
                    models.Index(fields=["rule_version", "-id"], name="rules_evaluation_version"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Formula",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("title", models.CharField(max_length=160)),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), default=list),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "health_formula",
            },
        ),
        migrations.CreateModel(
            name="FormulaVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "formula",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="governance.formula"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("digest", models.CharField(max_length=80)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("DRAFT", "Draft"),
                            ("SUBMITTED", "Submitted"),
                            ("APPROVED", "Approved"),
                            ("SHADOW", "Shadow"),
                            ("ENFORCED", "Enforced"),
                            ("RETIRED", "Retired"),
                        ],
                        default="DRAFT",
                        max_length=12,
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("enforced_at", models.DateTimeField(blank=True, null=True)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "health_formula_version",
                "constraints": [
                    models.UniqueConstraint(fields=("formula", "number"), name="health_version_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "ENFORCED")),
                        fields=("formula",),
                        name="health_version_one_enforced",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HealthScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="health_scores",
                        to="models_registry.registeredmodel",
                    ),
                ),
                (
                    "formula_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.formulaversion"
                    ),
                ),
                ("score", models.FloatField(null=True)),
                ("redline", models.FloatField()),
                ("coverage", models.FloatField()),
                ("components", models.JSONField(default=list)),
                ("segments", models.JSONField(default=list)),
                ("scored_at", models.DateTimeField()),
            ],
            options={
                "db_table": "health_score",
                "indexes": [models.Index(fields=["model", "-scored_at", "-id"], name="health_score_history")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("score__isnull", True),
                                models.Q(("score__gte", 0), ("score__lte", 100)),
                                _connector="OR",
                            ),
                            ("coverage__gte", 0),
                            ("coverage__lte", 1),
                        ),
                        name="health_score_ranges",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Risk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="risks",
                        to="models_registry.registeredmodel",
                    ),
                ),
                ("category", models.CharField(choices=governance.vocabulary.RiskCategory.choices, max_length=20)),
                ("inherent_likelihood", models.PositiveSmallIntegerField(default=1)),
                ("inherent_impact", models.PositiveSmallIntegerField(default=1)),
                ("baseline_likelihood", models.PositiveSmallIntegerField(default=1)),
                ("baseline_impact", models.PositiveSmallIntegerField(default=1)),
                (
                    "target_level",
                    models.CharField(
                        choices=governance.vocabulary.RiskLevel.choices,
                        default=governance.vocabulary.RiskLevel["LOW"],
                        max_length=10,
                    ),
                ),
                ("factor", models.FloatField(default=0)),
                ("score", models.FloatField(default=0)),
                (
                    "level",
                    models.CharField(
                        choices=governance.vocabulary.RiskLevel.choices,
                        default=governance.vocabulary.RiskLevel["LOW"],
                        max_length=10,
                    ),
                ),
                ("level_since", models.DateTimeField()),
                ("explanation", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OPEN", "Open"),
                            ("ACKNOWLEDGED", "Acknowledged"),
                            ("MITIGATING", "Mitigating"),
                            ("ACCEPTED", "Accepted"),
                            ("VERIFYING", "Verifying"),
                            ("CLOSED", "Closed"),
                        ],
                        default="CLOSED",
                        max_length=14,
                    ),
                ),
                ("raised_at", models.DateTimeField(blank=True, null=True)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("digest", models.CharField(blank=True, max_length=80)),
                ("disputed", models.BooleanField(default=False)),
                ("overdue_for", models.DateTimeField(blank=True, null=True)),
                ("evidence", models.TextField(blank=True)),
                (
                    "evidence_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("evidence_at", models.DateTimeField(blank=True, null=True)),
                ("next_change_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "risks_risk",
                "indexes": [
                    models.Index(fields=["level", "-score"], name="risks_risk_level_score"),
                    models.Index(
                        condition=models.Q(("state", "CLOSED"), _negated=True), fields=["due_at"], name="risks_risk_due"
                    ),
                    models.Index(fields=["next_change_at"], name="risks_risk_next_change"),
                    models.Index(
                        condition=models.Q(("state__in", ["OPEN", "ACKNOWLEDGED", "MITIGATING"])),
                        fields=["model", "due_at"],
                        name="risks_risk_owed",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state", "VERIFYING"),
                            models.Q(("factor__lt", 40), ("level", "HIGH")),
                            models.Q(("factor__lt", 75), ("level", "CRITICAL")),
                            _connector="OR",
                        ),
                        fields=["model"],
                        name="risks_risk_to_check",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("model", "category"), name="risks_risk_one_per_category"),
                    models.CheckConstraint(
                        condition=models.Q(("score__gte", 0), ("score__lte", 100)), name="risks_risk_score_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("inherent_likelihood__gte", 1),
                            ("inherent_likelihood__lte", 5),
                            ("inherent_impact__gte", 1),
                            ("inherent_impact__lte", 5),
                            ("baseline_likelihood__gte", 1),
                            ("baseline_likelihood__lte", 5),
                            ("baseline_impact__gte", 1),
                            ("baseline_impact__lte", 5),
                        ),
                        name="risks_risk_grid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contribution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "risk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contributions", to="governance.risk"
                    ),
                ),
                ("cause", models.CharField(max_length=260)),
                ("points", models.FloatField()),
                ("explanation", models.TextField(blank=True)),
                ("began_at", models.DateTimeField()),
                ("cleared_at", models.DateTimeField(blank=True, null=True)),
                ("event_id", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "risks_contribution",
                "constraints": [
                    models.UniqueConstraint(fields=("risk", "cause", "began_at"), name="risks_contribution_once"),
                    models.CheckConstraint(
                        condition=models.Q(("points__gte", 0), ("points__lte", 100)),
                        name="risks_contribution_points_range",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "risk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="assessments", to="governance.risk"
                    ),
                ),
                ("likelihood", models.PositiveSmallIntegerField()),
                ("impact", models.PositiveSmallIntegerField()),
                ("reason", models.TextField(blank=True)),
                (
                    "assessed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("assessed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "risks_assessment",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("likelihood__gte", 1), ("likelihood__lte", 5), ("impact__gte", 1), ("impact__lte", 5)
                        ),
                        name="risks_assessment_grid",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "risk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="governance.risk"
                    ),
                ),
                ("from_level", models.CharField(choices=governance.vocabulary.RiskLevel.choices, max_length=10)),
                ("to_level", models.CharField(choices=governance.vocabulary.RiskLevel.choices, max_length=10)),
                ("from_score", models.FloatField()),
                ("to_score", models.FloatField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OPEN", "Open"),
                            ("ACKNOWLEDGED", "Acknowledged"),
                            ("MITIGATING", "Mitigating"),
                            ("ACCEPTED", "Accepted"),
                            ("VERIFYING", "Verifying"),
                            ("CLOSED", "Closed"),
                        ],
                        max_length=14,
                    ),
                ),
                ("cause", models.CharField(blank=True, max_length=260)),
                ("explanation", models.TextField()),
                ("contributions", models.JSONField(default=list)),
                (
                    "evaluation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.evaluation",
                    ),
                ),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "risks_change",
                "indexes": [models.Index(fields=["risk", "-changed_at", "-id"], name="risks_change_history")],
            },
        ),
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "risk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acknowledgements",
                        to="governance.risk",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField()),
                ("note", models.TextField(blank=True)),
                ("judged_digest", models.CharField(max_length=80)),
            ],
            options={
                "db_table": "risks_acknowledgement",
            },
        ),
        migrations.CreateModel(
            name="MitigationPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "risk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="governance.risk"
                    ),
                ),
                ("summary", models.TextField()),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.modelversion",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("ACTIVE", "Active"), ("DONE", "Done"), ("REPLACED", "Replaced")],
                        default="ACTIVE",
                        max_length=10,
                    ),
                ),
                ("judged_digest", models.CharField(max_length=80)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "risks_plan",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "ACTIVE")), fields=("risk",), name="risks_plan_one_active"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="governance.mitigationplan",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("text", models.CharField(max_length=300)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("due_on", models.DateField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("evidence", models.TextField(blank=True)),
                ("evidence_url", models.URLField(blank=True, max_length=500)),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                (
                    "verified_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                (
                    "returned_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("return_reason", models.TextField(blank=True)),
            ],
            options={
                "db_table": "risks_plan_step",
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "position"), name="risks_plan_step_position"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", True), ("done_by__isnull", True)),
                            models.Q(("done_at__isnull", False), ("done_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="risks_plan_step_done_with_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("verified_at__isnull", True), ("verified_by__isnull", True)),
                            models.Q(
                                ("done_at__isnull", False),
                                ("verified_at__isnull", False),
                                ("verified_by__isnull", False),
                                models.Q(("verified_by", models.F("done_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="risks_plan_step_verified_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Acceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "risk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="acceptances", to="governance.risk"
                    ),
                ),
                ("justification", models.TextField()),
                ("compensating_control", models.TextField(blank=True)),
                ("accepted_level", models.CharField(choices=governance.vocabulary.RiskLevel.choices, max_length=10)),
                ("expires_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PROPOSED", "Proposed"),
                            ("ACTIVE", "Active"),
                            ("REJECTED", "Rejected"),
                            ("STALE", "Stale"),
                            ("EXPIRED", "Expired"),
                            ("WITHDRAWN", "Withdrawn"),
                        ],
                        default="PROPOSED",
                        max_length=10,
                    ),
                ),
                ("judged_digest", models.CharField(max_length=80)),
                (
                    "approval",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.approvalrequest",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("warned_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "risks_acceptance",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "ACTIVE")), fields=["expires_on"], name="risks_acceptance_ends"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["PROPOSED", "ACTIVE"])),
                        fields=("risk",),
                        name="risks_acceptance_one_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "risk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="disputes", to="governance.risk"
                    ),
                ),
                ("reason", models.TextField()),
                ("disputed_input", models.CharField(max_length=260)),
                ("judged_digest", models.CharField(max_length=80)),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("raised_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("settlement", models.TextField(blank=True)),
                ("upheld", models.BooleanField(blank=True, null=True)),
            ],
            options={
                "db_table": "risks_dispute",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("settled_at__isnull", True)),
                        fields=("risk",),
                        name="risks_dispute_one_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ResponseDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "risk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="drafts", to="governance.risk"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("body", models.JSONField(default=dict)),
                ("version", models.PositiveIntegerField(default=1)),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "db_table": "risks_response_draft",
                "constraints": [models.UniqueConstraint(fields=("risk", "author"), name="risks_draft_one_per_author")],
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "risk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="releases", to="governance.risk"
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "released_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("released_at", models.DateTimeField()),
            ],
            options={
                "db_table": "risks_release",
            },
        ),
        migrations.CreateModel(
            name="Posture",
            fields=[
                ("risk_score", models.FloatField(default=0)),
                (
                    "level",
                    models.CharField(
                        choices=governance.vocabulary.RiskLevel.choices,
                        default=governance.vocabulary.RiskLevel["LOW"],
                        max_length=10,
                    ),
                ),
                ("tolerance", models.FloatField(default=59)),
                ("appetite", models.FloatField(default=39)),
                ("health", models.FloatField(null=True)),
                ("health_redline", models.FloatField(null=True)),
                ("coverage", models.FloatField(default=0)),
                ("room", models.FloatField(default=0)),
                ("in_the_red", models.BooleanField(default=False)),
                ("quiet", models.BooleanField(default=True)),
                ("accepted", models.BooleanField(default=False)),
                ("why", models.TextField(blank=True)),
                ("way_out", models.TextField(blank=True)),
                (
                    "model",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="posture",
                        serialize=False,
                        to="models_registry.registeredmodel",
                    ),
                ),
                ("digest", models.CharField(blank=True, max_length=80)),
                ("red_since", models.DateTimeField(blank=True, null=True)),
                ("quiet_since", models.DateTimeField(blank=True, null=True)),
                ("last_observed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "formula_version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.formulaversion",
                    ),
                ),
                ("swept_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("dirty_since", models.DateTimeField(blank=True, null=True)),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "db_table": "scoring_posture",
                "indexes": [
                    models.Index(fields=["room"], name="scoring_posture_room"),
                    models.Index(
                        condition=models.Q(("in_the_red", True)), fields=["model"], name="scoring_posture_red"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PostureChange",
            fields=[
                ("risk_score", models.FloatField(default=0)),
                (
                    "level",
                    models.CharField(
                        choices=governance.vocabulary.RiskLevel.choices,
                        default=governance.vocabulary.RiskLevel["LOW"],
                        max_length=10,
                    ),
                ),
                ("tolerance", models.FloatField(default=59)),
                ("appetite", models.FloatField(default=39)),
                ("health", models.FloatField(null=True)),
                ("health_redline", models.FloatField(null=True)),
                ("coverage", models.FloatField(default=0)),
                ("room", models.FloatField(default=0)),
                ("in_the_red", models.BooleanField(default=False)),
                ("quiet", models.BooleanField(default=True)),
                ("accepted", models.BooleanField(default=False)),
                ("why", models.TextField(blank=True)),
                ("way_out", models.TextField(blank=True)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posture_changes",
                        to="models_registry.registeredmodel",
                    ),
                ),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "scoring_posture_change",
                "indexes": [models.Index(fields=["model", "-changed_at", "-id"], name="scoring_posture_history")],
            },
        ),
        migrations.CreateModel(
            name="AutomationControl",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scope",
                    models.CharField(
                        choices=[("GLOBAL", "Global"), ("SOURCE", "Source"), ("RULE", "Rule"), ("MODEL", "Model")],
                        max_length=8,
                    ),
                ),
                ("scope_id", models.CharField(blank=True, max_length=80)),
                ("reason", models.TextField()),
                (
                    "paused_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("paused_at", models.DateTimeField()),
                (
                    "resumed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("resumed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "scoring_control",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("resumed_at__isnull", True)),
                        fields=("scope", "scope_id"),
                        name="scoring_control_one_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleTrip",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="trips", to="governance.ruleversion"
                    ),
                ),
                ("model_count", models.PositiveIntegerField()),
                ("tripped_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "scoring_rule_trip",
            },
        ),
    ]
