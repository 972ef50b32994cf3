"""Imports of an inventory, what each of them would do to which model, and how columns were mapped."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class IntakeKind(models.TextChoices):
    """Where the rows came from."""

    FILE = "FILE", "File"
    EDIT = "EDIT", "Bulk edit"


class IntakeState(models.TextChoices):
    """How far an import is. CHECKING, APPLYING and UNDOING are worked off step by step."""

    MAPPING = "MAPPING", "Columns to be mapped"
    CHECKING = "CHECKING", "Being checked"
    CHECKED = "CHECKED", "Checked"
    APPLYING = "APPLYING", "Being applied"
    APPLIED = "APPLIED", "Applied"
    UNDOING = "UNDOING", "Being taken back"
    UNDONE = "UNDONE", "Taken back"


class Outcome(models.TextChoices):
    """What applying an import would do to a model; WRONG and REFUSED do nothing."""

    UNKNOWN = "UNKNOWN", "Not checked"
    CREATE = "CREATE", "Created"
    CHANGE = "CHANGE", "Changed"
    SAME = "SAME", "Left alone"
    WRONG = "WRONG", "With problems"
    REFUSED = "REFUSED", "Refused"


class ItemState(models.TextChoices):
    """What came of it. LEFT: somebody changed the model meanwhile, so it was left alone."""

    WAITING = "WAITING", "Waiting"
    DONE = "DONE", "Applied"
    LEFT = "LEFT", "Left alone"
    UNDONE = "UNDONE", "Taken back"


class Intake(models.Model):
    """A row means: somebody brought these rows in. Nothing of them counts until they are applied.

    ``digest`` is the SHA-256 of the file, or of what was asked of which models. ``rows`` holds the cells that were
    read (zlib over JSON); the file itself is not kept. ``mapping`` goes from the place of a column to the name of a
    field; ``usual`` is what new models get where their row says nothing. ``scopes`` are those of the token that
    brought the rows, which the work done later keeps to. ``done`` of ``total`` items are worked off in the present
    state; with ``then_apply`` a check that finds nothing new is followed by applying. ``trouble`` says why work
    stopped, ``counts`` how many items have which outcome.
    """

    kind = models.CharField(max_length=8, choices=IntakeKind, default=IntakeKind.FILE)
    file_name = models.CharField(max_length=200)
    form = models.CharField(max_length=8, blank=True)
    digest = models.CharField(max_length=71)
    size_bytes = models.PositiveIntegerField(default=0)
    told = models.CharField(max_length=300, blank=True)
    headings = models.JSONField(default=list)
    rows = models.BinaryField(default=bytes)
    row_count = models.PositiveIntegerField(default=0)
    mapping = models.JSONField(default=dict)
    usual = models.JSONField(default=dict)
    scopes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    state = models.CharField(max_length=10, choices=IntakeState, default=IntakeState.MAPPING)
    good_rows_only = models.BooleanField(default=False)
    then_apply = models.BooleanField(default=False)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    counts = models.JSONField(default=dict)
    trouble = models.TextField(blank=True)
    reason = models.CharField(max_length=500, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    uploaded_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "intake_import"
        constraints = [
            models.CheckConstraint(
                name="intake_import_applied_by_somebody",
                condition=~Q(state__in=["APPLIED", "UNDOING", "UNDONE"])
                | Q(applied_at__isnull=False, applied_by__isnull=False),
            ),
            models.CheckConstraint(
                name="intake_import_undone_by_somebody",
                condition=~Q(state="UNDONE") | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["uploaded_by", "-id"], name="intake_import_by"),
            models.Index(fields=["digest"], name="intake_import_digest"),
            models.Index(
                fields=["id"],
                condition=Q(state__in=["CHECKING", "APPLYING", "UNDOING"]),
                name="intake_import_at_work",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class IntakeItem(models.Model):
    """A row means: this is what an import says of one model, and what applying it would do, or did.

    ``asked`` are the rows about the model: their numbers and cells by field. ``changes`` and ``problems`` are those
    of `planning`.
    """

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveIntegerField()
    asked = models.JSONField(default=list)
    slug = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=120, blank=True)
    model = models.ForeignKey(
        "models_registry.RegisteredModel", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.UNKNOWN)
    changes = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=ItemState, default=ItemState.WAITING)
    note = models.TextField(blank=True)

    class Meta:
        db_table = "intake_item"
        constraints = [
            models.UniqueConstraint(fields=["intake", "position"], name="intake_item_position_once"),
        ]
        indexes = [
            models.Index(fields=["intake", "outcome", "position"], name="intake_item_outcome"),
            models.Index(fields=["model"], name="intake_item_model"),
        ]

    def __str__(self) -> str:
        return self.name or self.slug


class SavedMapping(models.Model):
    """A row means: columns with these headings were last mapped so, and are proposed so the next time."""

    headings_digest = models.CharField(max_length=71, unique=True)
    mapping = models.JSONField(default=dict)
    usual = models.JSONField(default=dict)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "intake_mapping"

    def __str__(self) -> str:
        return self.headings_digest
