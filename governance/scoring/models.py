"""The live loop's state: posture of every model, its history, the pause switch, tripped rules."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.health.models import FormulaVersion
from governance.rules.models import RuleVersion
from governance.vocabulary import RiskLevel
from models_registry.catalog.models import RegisteredModel


class PostureBase(models.Model):
    """What stands of a model at one moment.

    ``room`` = min(tolerance − risk score, health − health redline), in points; negative = in the red.
    Scores are 0–100, coverages 0–1. ``quiet`` means that required telemetry is stale.
    """

    risk_score = models.FloatField(default=0)
    level = models.CharField(max_length=10, choices=RiskLevel.choices, default=RiskLevel.LOW)
    tolerance = models.FloatField(default=59)
    appetite = models.FloatField(default=39)
    health = models.FloatField(null=True)
    health_redline = models.FloatField(null=True)
    coverage = models.FloatField(default=0)
    room = models.FloatField(default=0)
    in_the_red = models.BooleanField(default=False)
    quiet = models.BooleanField(default=True)
    accepted = models.BooleanField(default=False)
    why = models.TextField(blank=True)
    way_out = models.TextField(blank=True)

    class Meta:
        abstract = True


class Posture(PostureBase):
    """A row means: how one model stands now. ``digest`` identifies the state that decisions judge.

    ``dirty_since`` is the earliest observation that arrived but was not yet scored (automation was paused).
    """

    model = models.OneToOneField(RegisteredModel, on_delete=models.PROTECT, related_name="posture", primary_key=True)
    digest = models.CharField(max_length=80, blank=True)
    red_since = models.DateTimeField(null=True, blank=True)
    quiet_since = models.DateTimeField(null=True, blank=True)
    last_observed_at = models.DateTimeField(null=True, blank=True)
    formula_version = models.ForeignKey(FormulaVersion, on_delete=models.PROTECT, null=True, related_name="+")
    swept_at = models.DateTimeField(null=True, blank=True, db_index=True)
    dirty_since = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "scoring_posture"
        indexes = [
            models.Index(fields=["room"], name="scoring_posture_room"),
            models.Index(fields=["model"], condition=models.Q(in_the_red=True), name="scoring_posture_red"),
        ]

    def __str__(self) -> str:
        return f"{self.model}: {self.room:+.0f}"


class PostureChange(PostureBase):
    """A row means: from ``changed_at`` on, a model stood like this. Append-only; ``as_of`` reads it."""

    id = models.BigAutoField(primary_key=True)
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="posture_changes", db_index=False)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "scoring_posture_change"
        indexes = [
            models.Index(
                fields=["model", "-changed_at", "-id"],
                include=["level", "in_the_red", "quiet", "health", "risk_score", "room"],
                name="scoring_posture_history",
            )
        ]


class ControlScope(models.TextChoices):
    """What a pause covers; ``scope_id`` names the one source, rule or model."""

    GLOBAL = "GLOBAL"
    SOURCE = "SOURCE"
    RULE = "RULE"
    MODEL = "MODEL"


class AutomationControl(models.Model):
    """A row means: automated changes of this scope are paused (``resumed_at`` empty) or were."""

    scope = models.CharField(max_length=8, choices=ControlScope)
    scope_id = models.CharField(max_length=80, blank=True)
    reason = models.TextField()
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    paused_at = models.DateTimeField()
    resumed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resumed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "scoring_control"
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "scope_id"], condition=Q(resumed_at__isnull=True), name="scoring_control_one_open"
            )
        ]


class RuleTrip(models.Model):
    """A row means: the storm breaker put this rule version into shadow, because it moved too many models."""

    rule_version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="trips")
    model_count = models.PositiveIntegerField()
    tripped_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "scoring_rule_trip"
