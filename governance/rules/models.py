"""Rules, their versions, the state of every series under them, and what they found."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.vocabulary import Mode, RiskCategory
from models_registry.catalog.models import RegisteredModel


class VersionState(models.TextChoices):
    """The road of a version of a rule or formula."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    SHADOW = "SHADOW"
    ENFORCED = "ENFORCED"
    RETIRED = "RETIRED"


class Rule(models.Model):
    """A row means: a rule exists under this name; what it says is in its versions."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=160)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "rules_rule"

    def __str__(self) -> str:
        return self.title


class RuleVersion(models.Model):
    """A row means: this text, word for word. It never changes once submitted; ``digest`` is its SHA-256.

    ``error`` is the reason the version could not be evaluated last time; gates doubt while it stands.
    """

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=80)
    state = models.CharField(max_length=12, choices=VersionState, default=VersionState.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    shadowed_at = models.DateTimeField(null=True, blank=True)
    enforced_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "rules_version"
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="rules_version_number_once"),
            models.UniqueConstraint(fields=["rule"], condition=Q(state="ENFORCED"), name="rules_version_one_enforced"),
            models.UniqueConstraint(fields=["rule"], condition=Q(state="SHADOW"), name="rules_version_one_shadow"),
        ]

    def __str__(self) -> str:
        return f"{self.rule.slug} v{self.number}"


class SeriesState(models.Model):
    """A row means: what one rule version currently says of one model, environment and segment.

    ``holds`` is empty when the version could not tell (missing data, an error of a reading).
    """

    rule_version = models.ForeignKey(
        RuleVersion, on_delete=models.PROTECT, related_name="series_states", db_index=False
    )
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="+", db_index=False)
    environment = models.CharField(max_length=40)
    segment = models.CharField(max_length=120, blank=True)
    holds = models.BooleanField(null=True)
    firing = models.BooleanField(default=False)
    firing_since = models.DateTimeField(null=True, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)
    value = models.FloatField(null=True)
    explanation = models.TextField(blank=True)
    evaluated_at = models.DateTimeField()

    class Meta:
        db_table = "rules_series_state"
        constraints = [
            models.UniqueConstraint(
                fields=["rule_version", "model", "environment", "segment"], name="rules_series_state_once"
            )
        ]
        indexes = [
            models.Index(fields=["model"], condition=Q(firing=True), name="rules_series_firing"),
            models.Index(fields=["model", "environment"], name="rules_series_model"),
        ]


class Episode(models.Model):
    """A row means: a rule version fired on one series from ``began_at`` until ``cleared_at`` (empty: still).

    Derived from the windows alone, so that late or repeated evidence gives the same rows. ``steps`` lists
    how the points grew: ``[{"at", "points", "value", "text"}]``; ``points`` is the last and largest.
    ``found_at`` is when it was first written down. ``held`` means that the version's breaker was open then:
    it weighs nothing until a person reinstates the version.
    """

    rule_version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="episodes", db_index=False)
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="+", db_index=False)
    environment = models.CharField(max_length=40)
    segment = models.CharField(max_length=120, blank=True)
    category = models.CharField(max_length=20, choices=RiskCategory.choices)
    points = models.FloatField()
    steps = models.JSONField()
    began_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField(null=True)
    held = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "rules_episode"
        constraints = [
            models.UniqueConstraint(
                fields=["rule_version", "model", "environment", "segment", "began_at"], name="rules_episode_once"
            ),
            models.CheckConstraint(name="rules_episode_points", condition=Q(points__gte=0, points__lte=100)),
        ]
        indexes = [
            models.Index(fields=["model", "category", "began_at"], name="rules_episode_model"),
            models.Index(fields=["rule_version", "model", "cleared_at"], name="rules_episode_recent"),
            models.Index(fields=["rule_version", "found_at"], name="rules_episode_found"),
            models.Index(
                fields=["model", "environment"], condition=Q(cleared_at__isnull=True), name="rules_episode_open"
            ),
        ]


class Evaluation(models.Model):
    """A row means: this rule version was judged on this series at this moment, and its answer changed.

    ``readings`` are the windows it used, as plain JSON. Append-only.
    """

    id = models.BigAutoField(primary_key=True)
    rule_version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="evaluations", db_index=False)
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="+", db_index=False)
    environment = models.CharField(max_length=40)
    segment = models.CharField(max_length=120, blank=True)
    mode = models.CharField(max_length=10, choices=Mode.choices)
    holds = models.BooleanField(null=True)
    firing = models.BooleanField()
    value = models.FloatField(null=True)
    threshold = models.FloatField(null=True)
    points = models.FloatField(default=0)
    readings = models.JSONField(default=list)
    explanation = models.TextField()
    event_id = models.BigIntegerField(null=True)
    judged_at = models.DateTimeField()

    class Meta:
        db_table = "rules_evaluation"
        indexes = [
            models.Index(fields=["model", "-id"], name="rules_evaluation_model"),
            models.Index(fields=["rule_version", "-id"], name="rules_evaluation_version"),
        ]
