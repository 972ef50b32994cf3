"""Artifacts, their versions, the edges between them and model versions, and the numbers of a build."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from models_registry.catalog.models import ModelVersion, RegisteredModel

DIGEST = (
    r"^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}|sha1:[0-9a-f]{40}|md5:[0-9a-f]{32}"
    r"|git:[0-9a-f]{40}([0-9a-f]{24})?)$"
)
"""An algorithm and as many hexadecimal digits as it gives, in lower case; ``git`` is the name of a commit."""


class ArtifactKind(models.TextChoices):
    """What sort of thing models are made of."""

    WEIGHTS = "WEIGHTS", "Weights"
    ADAPTER = "ADAPTER", "Adapter"
    BASE_MODEL = "BASE_MODEL", "Base model"
    TOKENIZER = "TOKENIZER", "Tokenizer"
    PROMPT_TEMPLATE = "PROMPT_TEMPLATE", "Prompt"
    DATASET = "DATASET", "Dataset"
    EVALUATION_DATASET = "EVALUATION_DATASET", "Evaluation dataset"
    VECTOR_INDEX = "VECTOR_INDEX", "Vector index"
    CODE = "CODE", "Code"
    CONTAINER = "CONTAINER", "Container"
    GUARDRAIL = "GUARDRAIL", "Guardrail"


TEXTUAL = frozenset({ArtifactKind.PROMPT_TEMPLATE, ArtifactKind.GUARDRAIL})
"""Kinds whose text may be kept whole."""


class EdgeRole(models.TextChoices):
    """What one end of an edge is to the other: the first reads "… trained on …"."""

    CONSISTS_OF = "CONSISTS_OF", "consists of"
    TRAINED_ON = "TRAINED_ON", "trained on"
    EVALUATED_ON = "EVALUATED_ON", "evaluated on"
    FINE_TUNED_FROM = "FINE_TUNED_FROM", "fine-tuned from"
    PROMPTS_WITH = "PROMPTS_WITH", "prompts with"
    RETRIEVES_FROM = "RETRIEVES_FROM", "retrieves from"
    GUARDED_BY = "GUARDED_BY", "guarded by"
    BUILT_BY = "BUILT_BY", "built by"
    RUNS_IN = "RUNS_IN", "runs in"
    DERIVED_FROM = "DERIVED_FROM", "derived from"


class FactSort(models.TextChoices):
    """What a number or word about a build is."""

    PARAMETER = "PARAMETER"
    METRIC = "METRIC"


class Artifact(models.Model):
    """A row means: something of this kind goes by this name, in any number of versions."""

    kind = models.CharField(max_length=20, choices=ArtifactKind)
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "lineage_artifact"
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="lineage_artifact_once")]
        indexes = [models.Index(fields=["name", "id"], name="lineage_artifact_name")]

    def __str__(self) -> str:
        return self.name


class ArtifactVersion(models.Model):
    """A row means: an artifact in one state that never changes; append-only.

    The digest says which state. What its maker hosts may have none, and is known by its label alone; the text of
    a prompt is named by its own digest. ``source_uri`` is kept as given and never opened.
    """

    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="versions", db_index=False)
    label = models.CharField(max_length=100)
    digest = models.CharField(max_length=140, blank=True)
    licence = models.CharField(max_length=120, blank=True)
    source_uri = models.CharField(max_length=500, blank=True)
    content = models.TextField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "lineage_artifact_version"
        constraints = [
            models.UniqueConstraint(fields=["artifact", "label"], name="lineage_version_label_once"),
            models.UniqueConstraint(
                fields=["artifact", "digest"], condition=~Q(digest=""), name="lineage_version_digest_once"
            ),
            models.CheckConstraint(
                name="lineage_version_digest_shape", condition=Q(digest="") | Q(digest__regex=DIGEST)
            ),
            models.CheckConstraint(name="lineage_version_label_told", condition=~Q(label="")),
        ]
        indexes = [models.Index(fields=["artifact", "-created_at", "-id"], name="lineage_version_newest")]

    def __str__(self) -> str:
        return f"{self.artifact} {self.label}"


class Edge(models.Model):
    """A row means: a model version, or an artifact version, was made from or works with an artifact version.

    An edge recorded by mistake is withdrawn and stays on record; only standing edges are followed. ``artifact`` is
    the one used and ``model`` that of the version; the database writes both.
    """

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="uses")
    derived = models.ForeignKey(ArtifactVersion, on_delete=models.PROTECT, null=True, related_name="uses")
    used = models.ForeignKey(ArtifactVersion, on_delete=models.PROTECT, related_name="used_by")
    artifact = models.ForeignKey(
        Artifact, on_delete=models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    role = models.CharField(max_length=20, choices=EdgeRole)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "lineage_edge"
        constraints = [
            models.CheckConstraint(
                name="lineage_edge_one_end",
                condition=Q(version__isnull=False, derived__isnull=True)
                | Q(version__isnull=True, derived__isnull=False),
            ),
            models.CheckConstraint(
                name="lineage_edge_not_itself", condition=Q(derived__isnull=True) | ~Q(derived=models.F("used"))
            ),
            models.CheckConstraint(
                name="lineage_edge_withdrawn_by_somebody",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["version", "used", "role"],
                condition=Q(version__isnull=False, withdrawn_at__isnull=True),
                name="lineage_edge_of_version_once",
            ),
            models.UniqueConstraint(
                fields=["derived", "used", "role"],
                condition=Q(derived__isnull=False, withdrawn_at__isnull=True),
                name="lineage_edge_of_artifact_once",
            ),
        ]
        indexes = [
            models.Index(fields=["artifact", "model"], condition=Q(model__isnull=False), name="lineage_edge_users")
        ]


class Fact(models.Model):
    """A row means: this version was built with this parameter, or showed this number when it was built. Append-only.

    ``number`` is the value where it is one; ``text`` is what was given, as text.
    """

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="facts", db_index=False)
    sort = models.CharField(max_length=10, choices=FactSort)
    name = models.CharField(max_length=120)
    text = models.CharField(max_length=500)
    number = models.FloatField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "lineage_fact"
        constraints = [models.UniqueConstraint(fields=["version", "sort", "name"], name="lineage_fact_once")]
