"""Placements of guarded aliases and stages elsewhere, and the violations that follow from them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from models_registry.catalog.models import Clearance, ModelVersion, RegisteredModel
from models_registry.telemetry.models import Source
from models_registry.telemetry.placed import Mark


def marks() -> list[tuple[str, str]]:
    """Return what a registry puts on a version."""
    return [(mark.value, mark.value.capitalize()) for mark in Mark]


class Placement(models.Model):
    """A row means: this source said that an alias or a stage stood on this version there, or no longer did.

    ``slot`` names what at most one version has at a time; the later statement of a slot replaces the earlier.
    ``event`` is the telemetry event that said it, whose body may since have been removed. ``model`` is tied as soon
    as a registered model is known by ``model_name``; nothing else of a row ever changes.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="placements", db_index=False)
    event = models.BigIntegerField()
    ordinal = models.PositiveIntegerField()
    slot = models.CharField(max_length=32)
    segment = models.CharField(max_length=120)
    place = models.CharField(max_length=400, blank=True)
    model_name = models.CharField(max_length=200)
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    mark = models.CharField(max_length=8, choices=marks)
    name = models.CharField(max_length=255)
    on = models.BooleanField()
    version_name = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=80, blank=True)
    link = models.CharField(max_length=500, blank=True)
    said_by = models.CharField(max_length=200, blank=True)
    observed_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "outside_placement"
        constraints = [
            models.UniqueConstraint(fields=["event", "ordinal"], name="outside_placement_once"),
            models.CheckConstraint(name="outside_placement_mark", condition=Q(mark__in=[mark.value for mark in Mark])),
        ]
        indexes = [
            models.Index(fields=["slot", "-observed_at"], name="outside_placement_slot"),
            models.Index(fields=["model", "slot", "-observed_at"], name="outside_placement_model"),
            models.Index(fields=["model_name"], condition=Q(model=None), name="outside_placement_untied"),
        ]

    def __str__(self) -> str:
        return f"{self.model_name} {self.name} → {self.version_name or 'nothing'}"

    @property
    def target(self) -> str:
        """How a clearance names it."""
        return f"{self.mark.lower()}:{self.name}"

    @property
    def what(self) -> str:
        """The alias or stage, as people say it inside a sentence."""
        return f"the {self.mark.lower()} {self.name if self.mark == Mark.ALIAS else self.name.lower()}"

    @property
    def where(self) -> str:
        """Where it stands, as people say it."""
        return f"{self.source}, {self.place}" if self.place else str(self.source)


class Ending(models.TextChoices):
    """How a violation came to its end."""

    TAKEN_OFF = "TAKEN_OFF", "Taken off there"
    DECIDED = "DECIDED", "A gate decision was used"
    CORRECTED = "CORRECTED", "Later evidence showed otherwise"


class Violation(models.Model):
    """A row means: from ``began_at`` on, this stood elsewhere although no used gate decision covered the version.

    ``placement`` is the first statement of it. ``answered_at``, ``answered_by`` and ``answer`` are the owner's words;
    until then the gate approves nothing of the model.
    """

    placement = models.OneToOneField(Placement, on_delete=models.PROTECT, related_name="violation")
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="violations", db_index=False)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    began_at = models.DateTimeField()
    found_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=12, choices=Ending, blank=True)
    clearance = models.ForeignKey(Clearance, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    answer = models.TextField(blank=True)

    class Meta:
        db_table = "outside_violation"
        constraints = [
            models.CheckConstraint(
                name="outside_violation_ended_how",
                condition=Q(ended_at__isnull=True, ending="") | (Q(ended_at__isnull=False) & ~Q(ending="")),
            ),
            models.CheckConstraint(
                name="outside_violation_answered_by",
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
            ),
            models.CheckConstraint(
                name="outside_violation_ends_after",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("began_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["model", "-began_at"], name="outside_violation_model"),
            models.Index(fields=["began_at"], condition=Q(ended_at=None), name="outside_violation_open"),
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def headline(self) -> str:
        """What stands where, in one line."""
        first = self.placement
        return f"{first.what[:1].upper()}{first.what[1:]} on {first.version_name or 'a version'} in {first.source}"
