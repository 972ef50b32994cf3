"""Every table of the records."""

import uuid

import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import models_registry.audit.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="BusinessUnit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=120)),
            ],
            options={
                "db_table": "access_unit",
            },
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=120)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="teams",
                        to="models_registry.businessunit",
                    ),
                ),
            ],
            options={
                "db_table": "access_team",
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                (
                    "kind",
                    models.CharField(
                        choices=[("PERSON", "Person"), ("AUTOMATION", "Automation")], default="PERSON", max_length=12
                    ),
                ),
                ("display_name", models.CharField(blank=True, max_length=120)),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="models_registry.businessunit",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="models_registry.team",
                    ),
                ),
                (
                    "theme",
                    models.CharField(
                        choices=[("AUTO", "Auto"), ("LIGHT", "Light"), ("DARK", "Dark")], default="AUTO", max_length=8
                    ),
                ),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("phone", models.CharField(blank=True, max_length=40)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "db_table": "access_account",
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="RoleGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="role_grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("role", models.CharField(max_length=32)),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="models_registry.businessunit",
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("granted_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "access_role_grant",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("account", "role", "unit"),
                        name="access_role_grant_one_open",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tokens", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=80)),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("last_four", models.CharField(max_length=4)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "db_table": "access_token",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("issued_at"))),
                        name="access_token_expires_after_issue",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OneTimeLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="one_time_links",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "access_one_time_link",
            },
        ),
        migrations.CreateModel(
            name="IdempotentRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("key", models.CharField(max_length=255)),
                ("route", models.CharField(max_length=200)),
                ("request_digest", models.BinaryField(max_length=32)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("content_type", models.CharField(blank=True, max_length=80)),
                ("answer", models.BinaryField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "access_idempotent_request",
                "constraints": [
                    models.UniqueConstraint(fields=("account", "key"), name="access_idempotent_request_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("list_name", models.CharField(max_length=32)),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(blank=True, max_length=1000)),
                ("shared_role", models.CharField(blank=True, max_length=32)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "access_saved_view",
                "indexes": [
                    models.Index(
                        condition=models.Q(("shared_role", ""), _negated=True),
                        fields=["list_name", "shared_role"],
                        name="access_saved_view_shared",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("owner"),
                        models.F("list_name"),
                        django.db.models.functions.text.Lower("name"),
                        name="access_saved_view_name_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="access_saved_view_named"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("xid", models_registry.audit.models.Xid8Field(editable=False)),
                ("at", models.DateTimeField(editable=False)),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[("PERSON", "Person"), ("AUTOMATION", "Automation"), ("SYSTEM", "System")],
                        max_length=12,
                    ),
                ),
                ("actor_id", models.CharField(blank=True, max_length=64)),
                ("actor_name", models.CharField(blank=True, max_length=150)),
                ("request_id", models.UUIDField(null=True)),
                ("action", models.CharField(max_length=64)),
                ("object_type", models.CharField(max_length=48)),
                ("object_id", models.CharField(max_length=64)),
                ("model_id", models.BigIntegerField(null=True)),
                ("cause_event_id", models.BigIntegerField(null=True)),
                ("canon", models.TextField()),
                ("leaf", models.BinaryField()),
            ],
            options={
                "db_table": "audit_entry",
                "indexes": [
                    models.Index(fields=["xid"], name="audit_entry_xid"),
                    models.Index(fields=["object_type", "object_id", "-id"], name="audit_entry_object"),
                    models.Index(fields=["model_id", "-id"], name="audit_entry_model"),
                    models.Index(fields=["action", "-id"], name="audit_entry_action"),
                    models.Index(fields=["at"], name="audit_entry_at"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("action__regex", "^[a-z_]+\\.[a-z_]+$")),
                        name="audit_entry_action_is_noun_dot_verb",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisteredModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("CLASSIFIER", "Classifier"),
                            ("REGRESSOR", "Regressor"),
                            ("RECOMMENDER", "Recommender"),
                            ("FORECASTER", "Forecaster"),
                            ("LLM_APPLICATION", "LLM application"),
                            ("RAG_APPLICATION", "RAG application"),
                            ("FINE_TUNED_ADAPTER", "Fine-tuned adapter"),
                            ("EMBEDDING_MODEL", "Embedding model"),
                            ("AGENT", "Agent"),
                            ("VISION", "Vision"),
                            ("SPEECH", "Speech"),
                        ],
                        max_length=24,
                    ),
                ),
                ("purpose", models.TextField(blank=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_models",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deputy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deputised_models",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="models",
                        to="models_registry.team",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="models",
                        to="models_registry.businessunit",
                    ),
                ),
                ("vendor", models.CharField(blank=True, max_length=120)),
                ("provider", models.CharField(blank=True, max_length=120)),
                (
                    "data_sensitivity",
                    models.CharField(
                        choices=[
                            ("PUBLIC", "Public"),
                            ("INTERNAL", "Internal"),
                            ("CONFIDENTIAL", "Confidential"),
                            ("PERSONAL", "Personal"),
                            ("SPECIAL_CATEGORY", "Special Category"),
                        ],
                        default="INTERNAL",
                        max_length=20,
                    ),
                ),
                (
                    "materiality",
                    models.CharField(
                        choices=[("HIGH", "High"), ("MEDIUM", "Medium"), ("LOW", "Low")], default="MEDIUM", max_length=8
                    ),
                ),
                (
                    "regulatory_class",
                    models.CharField(
                        choices=[
                            ("PROHIBITED", "Prohibited"),
                            ("HIGH_RISK", "High Risk"),
                            ("LIMITED", "Limited"),
                            ("MINIMAL", "Minimal"),
                            ("GENERAL_PURPOSE", "General Purpose"),
                        ],
                        default="MINIMAL",
                        max_length=20,
                    ),
                ),
                ("customer_facing", models.BooleanField(default=False)),
                (
                    "jurisdictions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8), blank=True, default=list
                    ),
                ),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, default=list
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "catalog_model",
                "permissions": [("read_model", "May read this model although no role or scope says so")],
                "indexes": [
                    models.Index(fields=["owner"], name="catalog_model_owner_ix"),
                    models.Index(fields=["unit", "slug"], name="catalog_model_unit_slug"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisteredModelGrant",
            fields=[
                ("permission", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "content_object",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="models_registry.registeredmodel"
                    ),
                ),
            ],
            options={
                "db_table": "catalog_model_grant",
                "unique_together": {("user", "permission", "content_object")},
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ExternalName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="external_names",
                        to="models_registry.registeredmodel",
                    ),
                ),
                ("system", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=200)),
            ],
            options={
                "db_table": "catalog_external_name",
                "constraints": [models.UniqueConstraint(fields=("system", "name"), name="catalog_external_name_once")],
            },
        ),
        migrations.CreateModel(
            name="ModelVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="models_registry.registeredmodel",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("artifact_digest", models.CharField(blank=True, max_length=80)),
                ("source_uri", models.CharField(blank=True, max_length=500)),
                ("description", models.TextField(blank=True)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("DEVELOPMENT", "Development"),
                            ("STAGING", "Staging"),
                            ("PRODUCTION", "Production"),
                            ("ARCHIVED", "Archived"),
                        ],
                        default="DEVELOPMENT",
                        max_length=12,
                    ),
                ),
                ("epoch", models.BigIntegerField(default=0)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "catalog_version",
                "indexes": [models.Index(fields=["model", "stage"], name="catalog_version_stage")],
                "constraints": [
                    models.UniqueConstraint(fields=("model", "number"), name="catalog_version_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="catalog_version_number_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("artifact_digest", ""),
                            ("artifact_digest__regex", "^sha256:[0-9a-f]{64}$"),
                            _connector="OR",
                        ),
                        name="catalog_version_digest_shape",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Alias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aliases",
                        to="models_registry.registeredmodel",
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aliases",
                        to="models_registry.modelversion",
                    ),
                ),
                ("guarded", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "catalog_alias",
                "constraints": [models.UniqueConstraint(fields=("model", "name"), name="catalog_alias_name_once")],
            },
        ),
        migrations.CreateModel(
            name="Clearance",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clearances",
                        to="models_registry.modelversion",
                    ),
                ),
                ("artifact_digest", models.CharField(max_length=80)),
                ("target", models.CharField(max_length=100)),
                ("epoch", models.BigIntegerField()),
                ("decision_id", models.UUIDField(unique=True)),
                ("granted_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "catalog_clearance",
            },
        ),
        migrations.CreateModel(
            name="StageMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stage_moves",
                        to="models_registry.modelversion",
                    ),
                ),
                (
                    "from_stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("DEVELOPMENT", "Development"),
                            ("STAGING", "Staging"),
                            ("PRODUCTION", "Production"),
                            ("ARCHIVED", "Archived"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "to_stage",
                    models.CharField(
                        choices=[
                            ("DEVELOPMENT", "Development"),
                            ("STAGING", "Staging"),
                            ("PRODUCTION", "Production"),
                            ("ARCHIVED", "Archived"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "clearance",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.clearance",
                    ),
                ),
                (
                    "moved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("moved_at", models.DateTimeField()),
            ],
            options={
                "db_table": "catalog_stage_move",
            },
        ),
        migrations.CreateModel(
            name="AliasMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alias_moves",
                        to="models_registry.registeredmodel",
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.modelversion",
                    ),
                ),
                (
                    "clearance",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.clearance",
                    ),
                ),
                (
                    "moved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("moved_at", models.DateTimeField()),
            ],
            options={
                "db_table": "catalog_alias_move",
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("arize", "Arize"),
                            ("alertmanager", "Alertmanager"),
                            ("generic_json", "Generic JSON"),
                            ("measurements", "Measurements in bulk"),
                        ],
                        max_length=20,
                    ),
                ),
                ("path_token", models.CharField(max_length=64, unique=True)),
                ("expected_interval_s", models.PositiveIntegerField(blank=True, null=True)),
                ("environment", models.CharField(default="production", max_length=40)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("disabled_at", models.DateTimeField(blank=True, null=True)),
                ("quiet_since", models.DateTimeField(blank=True, null=True)),
                ("revision", models.PositiveBigIntegerField(db_default=1, default=1, editable=False)),
            ],
            options={
                "db_table": "telemetry_source",
            },
        ),
        migrations.CreateModel(
            name="MappingVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mappings",
                        to="models_registry.source",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("document", models.JSONField()),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("activated_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "telemetry_mapping_version",
                "constraints": [
                    models.UniqueConstraint(fields=("source", "number"), name="telemetry_mapping_number_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TelemetryEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "xid",
                    models_registry.audit.models.Xid8Field(
                        db_default=models.Func(function="pg_current_xact_id"), editable=False
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="models_registry.source"
                    ),
                ),
                ("event_id", models.CharField(max_length=255)),
                ("received_at", models.DateTimeField()),
                ("raw", models.BinaryField()),
                ("headers", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("NEW", "New"), ("DONE", "Done"), ("QUARANTINED", "Quarantined"), ("DEAD", "Dead")],
                        default="NEW",
                        max_length=12,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("not_before", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("detail", models.TextField(blank=True)),
                ("conflict", models.BooleanField(default=False)),
                ("duplicate_count", models.PositiveIntegerField(default=0)),
                ("processed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "telemetry_event",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "NEW")), fields=["source", "id"], name="telemetry_event_waiting"
                    ),
                    models.Index(
                        condition=models.Q(("attempts__gte", 1), ("state", "NEW")),
                        fields=["not_before"],
                        name="telemetry_event_retried",
                    ),
                    models.Index(fields=["source", "-id"], name="telemetry_event_newest"),
                    models.Index(
                        condition=models.Q(("state__in", ["QUARANTINED", "DEAD"])),
                        fields=["source", "-id"],
                        name="telemetry_event_held",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["QUARANTINED", "DEAD"])),
                        fields=["-id"],
                        name="telemetry_event_held_newest",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("source", "event_id"), name="telemetry_event_once")],
            },
        ),
        migrations.CreateModel(
            name="SourceBooks",
            fields=[
                ("done", models.BigIntegerField(db_default=0, default=0)),
                ("quarantined", models.BigIntegerField(db_default=0, default=0)),
                ("dead", models.BigIntegerField(db_default=0, default=0)),
                ("duplicate", models.BigIntegerField(db_default=0, default=0)),
                ("day", models.DateField()),
                ("today", models.BigIntegerField(db_default=0, default=0)),
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="models_registry.source",
                    ),
                ),
            ],
            options={
                "db_table": "telemetry_books",
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("done", models.BigIntegerField(db_default=0, default=0)),
                ("quarantined", models.BigIntegerField(db_default=0, default=0)),
                ("dead", models.BigIntegerField(db_default=0, default=0)),
                ("duplicate", models.BigIntegerField(db_default=0, default=0)),
                ("day", models.DateField()),
                ("today", models.BigIntegerField(db_default=0, default=0)),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.source",
                    ),
                ),
            ],
            options={
                "db_table": "telemetry_tally",
            },
        ),
        migrations.CreateModel(
            name="Measurement",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "event",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measurements",
                        to="models_registry.telemetryevent",
                    ),
                ),
                ("ordinal", models.PositiveIntegerField()),
                (
                    "model",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measurements",
                        to="models_registry.registeredmodel",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="models_registry.modelversion",
                    ),
                ),
                ("metric", models.CharField(max_length=80)),
                ("value", models.FloatField()),
                ("unit", models.CharField(blank=True, max_length=24)),
                ("environment", models.CharField(max_length=40)),
                ("segment", models.CharField(blank=True, max_length=120)),
                ("observed_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "db_table": "telemetry_measurement",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Rollup",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "model",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rollups",
                        to="models_registry.registeredmodel",
                    ),
                ),
                ("metric", models.CharField(max_length=80)),
                ("environment", models.CharField(max_length=40)),
                ("segment", models.CharField(blank=True, max_length=120)),
                ("width_s", models.PositiveIntegerField()),
                ("starts_at", models.DateTimeField()),
                ("count", models.PositiveBigIntegerField()),
                ("sum", models.DecimalField()),
                ("min", models.FloatField()),
                ("max", models.FloatField()),
                ("first", models.FloatField()),
                ("first_at", models.DateTimeField()),
                ("last", models.FloatField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "db_table": "telemetry_rollup",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("model", "width_s", "metric", "environment", "segment", "starts_at"),
                        name="telemetry_rollup_window_once",
                    ),
                    models.CheckConstraint(condition=models.Q(("count__gte", 1)), name="telemetry_rollup_not_empty"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SealedSecret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.CharField(max_length=160, unique=True)),
                ("kek_id", models.CharField(max_length=40)),
                ("envelope", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                ("rotated_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "vault_sealed_secret",
            },
        ),
    ]
