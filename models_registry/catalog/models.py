"""Registered models, their versions, stages and aliases, and the clearances that let them move."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from guardian.models import UserObjectPermissionBase

from models_registry.access.models import BusinessUnit, Team


class Kind(models.TextChoices):
    """What sort of system a model is; rules name these in lower case."""

    CLASSIFIER = "CLASSIFIER"
    REGRESSOR = "REGRESSOR"
    RECOMMENDER = "RECOMMENDER"
    FORECASTER = "FORECASTER"
    LLM_APPLICATION = "LLM_APPLICATION", "LLM application"
    RAG_APPLICATION = "RAG_APPLICATION", "RAG application"
    FINE_TUNED_ADAPTER = "FINE_TUNED_ADAPTER", "Fine-tuned adapter"
    EMBEDDING_MODEL = "EMBEDDING_MODEL", "Embedding model"
    AGENT = "AGENT"
    VISION = "VISION"
    SPEECH = "SPEECH"
    UNKNOWN = "UNKNOWN", "Not stated"
    """What a program registered and nobody has described yet; no shipped formula scores it, so no gate approves it."""

    @classmethod
    def stated(cls) -> list[tuple[str, str]]:
        """Return what somebody who describes a model, or writes a formula, chooses from."""
        return [(str(value), str(label)) for value, label in cls.choices if value != "UNKNOWN"]


class Materiality(models.TextChoices):
    """How much hangs on a model; tier 1, 2, 3 of the scoring method."""

    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class RegulatoryClass(models.TextChoices):
    """EU AI Act class."""

    PROHIBITED = "PROHIBITED"
    HIGH_RISK = "HIGH_RISK"
    LIMITED = "LIMITED"
    MINIMAL = "MINIMAL"
    GENERAL_PURPOSE = "GENERAL_PURPOSE"


class DataSensitivity(models.TextChoices):
    """The most sensitive data a model reads or writes."""

    PUBLIC = "PUBLIC"
    INTERNAL = "INTERNAL"
    CONFIDENTIAL = "CONFIDENTIAL"
    PERSONAL = "PERSONAL"
    SPECIAL_CATEGORY = "SPECIAL_CATEGORY"


class Stage(models.TextChoices):
    """Where a version stands. PRODUCTION is guarded: a clearance is needed to enter it."""

    DEVELOPMENT = "DEVELOPMENT"
    STAGING = "STAGING"
    PRODUCTION = "PRODUCTION"
    ARCHIVED = "ARCHIVED"


class RegisteredModelQuerySet(models.QuerySet["RegisteredModel"]):
    """Chainable filters over models."""

    def active(self) -> "RegisteredModelQuerySet":
        """Models that are not archived."""
        return self.filter(archived_at__isnull=True)


class GovernedModels(models.Manager.from_queryset(RegisteredModelQuerySet)):  # type: ignore[misc]
    """Models without the prompts that registry clients keep beside them."""

    def get_queryset(self) -> RegisteredModelQuerySet:
        """Leave prompts out: nobody scores a prompt, and none is in the red."""
        found: RegisteredModelQuerySet = super().get_queryset().filter(is_prompt=False)
        return found


class RegisteredModel(models.Model):
    """A row means: the company runs, ran or plans to run this model, and somebody owns it.

    Registry clients, such as MLflow's, know it by ``registry_name``, or by its slug where they gave it no name.
    ``registry_tags`` are theirs: labels without a meaning for governance. ``last_number`` is the highest number
    that a version was ever given. A prompt of such a client is a row too (``is_prompt``), outside `objects`.
    """

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=24, choices=Kind)
    purpose = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="owned_models")
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="deputised_models"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="models")
    unit = models.ForeignKey(BusinessUnit, on_delete=models.PROTECT, related_name="models", db_index=False)
    vendor = models.CharField(max_length=120, blank=True)
    provider = models.CharField(max_length=120, blank=True)
    data_sensitivity = models.CharField(max_length=20, choices=DataSensitivity, default=DataSensitivity.INTERNAL)
    materiality = models.CharField(max_length=8, choices=Materiality, default=Materiality.MEDIUM)
    regulatory_class = models.CharField(max_length=20, choices=RegulatoryClass, default=RegulatoryClass.MINIMAL)
    customer_facing = models.BooleanField(default=False)
    jurisdictions = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    registry_name = models.CharField(max_length=256, null=True, blank=True)
    registry_tags = models.JSONField(default=dict, db_default={}, blank=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_prompt = models.BooleanField(default=False, db_default=False)
    last_number = models.PositiveIntegerField(default=0, db_default=0)

    objects = GovernedModels()
    registry = RegisteredModelQuerySet.as_manager()

    class Meta:
        db_table = "catalog_model"
        constraints = [
            models.UniqueConstraint(
                Coalesce("registry_name", "slug", output_field=models.CharField()),
                condition=Q(archived_at__isnull=True),
                name="catalog_model_registry_name_once",
            ),
        ]
        permissions = [("read_model", "May read this model although no role or scope says so")]
        indexes = [
            models.Index(fields=["owner"], name="catalog_model_owner_ix"),
            models.Index(fields=["unit", "slug"], name="catalog_model_unit_slug"),
        ]

    def __str__(self) -> str:
        return self.name


class RegisteredModelGrant(UserObjectPermissionBase):
    """A row means: an exceptional permission of one account on one model (django-guardian, direct key)."""

    id = models.BigAutoField(primary_key=True)
    content_object = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        db_table = "catalog_model_grant"


class ExternalName(models.Model):
    """A row means: a monitoring or tracking system calls this model by this name."""

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="external_names")
    system = models.CharField(max_length=40)
    name = models.CharField(max_length=200)

    class Meta:
        db_table = "catalog_external_name"
        constraints = [
            models.UniqueConstraint(fields=["system", "name"], name="catalog_external_name_once"),
        ]

    def __str__(self) -> str:
        return f"{self.system}:{self.name}"


class ModelVersion(models.Model):
    """A row means: one immutable build of a model. Only its stage, epoch, labels and description change.

    ``run_id``, ``run_link``, ``logged_model_id`` and ``source_uri`` are what a registry client said of its origin,
    kept as given and never opened; ``download_uri`` is the source of the version that this one was copied from.
    A withdrawn version is out of every client's sight, and keeps its number. An artifact digest may be stated
    once, later than the rest. ``epoch`` grows with every change that a gate decision could depend on; a decision
    taken at an older epoch can no longer be used.
    """

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    artifact_digest = models.CharField(max_length=80, blank=True)
    source_uri = models.CharField(max_length=500, blank=True)
    description = models.TextField(blank=True)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.DEVELOPMENT)
    epoch = models.BigIntegerField(default=0)
    run_id = models.CharField(max_length=256, blank=True, default="", db_default="")
    run_link = models.CharField(max_length=500, blank=True, default="", db_default="")
    logged_model_id = models.CharField(max_length=256, blank=True, default="", db_default="")
    download_uri = models.CharField(max_length=500, blank=True, default="", db_default="")
    registry_tags = models.JSONField(default=dict, db_default={}, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "catalog_version"
        constraints = [
            models.UniqueConstraint(
                fields=["model", "number"], include=["created_at"], name="catalog_version_number_once"
            ),
            models.CheckConstraint(name="catalog_version_number_positive", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="catalog_version_digest_shape",
                condition=Q(artifact_digest="") | Q(artifact_digest__regex=r"^sha256:[0-9a-f]{64}$"),
            ),
        ]
        indexes = [
            models.Index(fields=["model", "stage", "-number"], name="catalog_version_stage"),
            models.Index(
                F("model"), Coalesce("changed_at", "created_at").desc(), F("number").desc(),
                name="catalog_version_model_changed",
            ),
            models.Index(Coalesce("changed_at", "created_at").desc(), name="catalog_version_changed"),
            models.Index(fields=["run_id"], condition=~Q(run_id=""), name="catalog_version_run"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.model} v{self.number}"


class StageMove(models.Model):
    """A row means: a version moved from one stage to another at that moment. Append-only.

    ``model`` is the version's; the database writes it.
    """

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="stage_moves")
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, null=True, editable=False, related_name="stage_moves", db_index=False
    )
    from_stage = models.CharField(max_length=12, choices=Stage, blank=True)
    to_stage = models.CharField(max_length=12, choices=Stage)
    clearance = models.ForeignKey("Clearance", on_delete=models.PROTECT, null=True, related_name="+")
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_stage_move"
        indexes = [
            models.Index(fields=["model", "-moved_at", "-id"], name="catalog_stage_move_newest"),
            models.Index(fields=["model", "to_stage", "-version"], name="catalog_stage_move_entered"),
        ]


class Alias(models.Model):
    """A row means: this name points at this version of the model now."""

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="aliases", db_index=False)
    name = models.CharField(max_length=255)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="aliases")
    guarded = models.BooleanField(default=False)

    class Meta:
        db_table = "catalog_alias"
        constraints = [models.UniqueConstraint(fields=["model", "name"], name="catalog_alias_name_once")]

    def __str__(self) -> str:
        return f"{self.name} → {self.version}"


class AliasMove(models.Model):
    """A row means: an alias began to point at another version, or at none. Append-only."""

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="alias_moves", db_index=False)
    name = models.CharField(max_length=255)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="+")
    clearance = models.ForeignKey("Clearance", on_delete=models.PROTECT, null=True, related_name="+")
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_alias_move"
        indexes = [
            models.Index(fields=["model", "name", "-moved_at", "-id"], name="catalog_alias_move_history"),
            models.Index(fields=["model", "-moved_at", "-id"], name="catalog_alias_move_newest"),
        ]


class AliasProtection(models.Model):
    """A row means: only the named accounts, or only pipelines, may move this alias of the model.

    It narrows who moves the alias; a guarded alias needs its clearance besides.
    """

    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, related_name="alias_protections", db_index=False
    )
    name = models.CharField(max_length=255)
    pipeline_only = models.BooleanField(default=False)
    movers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", db_table="catalog_alias_mover")
    protected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    protected_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_alias_protection"
        constraints = [models.UniqueConstraint(fields=["model", "name"], name="catalog_alias_protection_once")]

    def __str__(self) -> str:
        return f"{self.model}@{self.name}"


class Clearance(models.Model):
    """A row means: a gate lets this version, with this digest, enter this target once, until it expires.

    ``target`` is ``stage:PRODUCTION`` or ``alias:<name>``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="clearances")
    artifact_digest = models.CharField(max_length=80)
    target = models.CharField(max_length=100)
    epoch = models.BigIntegerField()
    decision_id = models.UUIDField(unique=True)
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "catalog_clearance"

    def __str__(self) -> str:
        return f"{self.version} → {self.target}"
