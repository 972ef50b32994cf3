"""The risk register: risks, what contributes to them, how they moved, and how their owners answered."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast, Concat

from governance.approvals.models import ApprovalRequest
from governance.risks.lifecycle import UNDO_WITHIN
from governance.rules.models import Evaluation
from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.catalog.models import ModelVersion, RegisteredModel

ACTOR = settings.AUTH_USER_MODEL
UNDONE = "answer:undo_acknowledgement:"


def _to_check() -> Q:
    """Return what compliance may have to check: handed-over evidence, and levels held above their factor."""
    held = Q(level=RiskLevel.HIGH.value, factor__lt=RiskLevel.HIGH.entry_points)
    held |= Q(level=RiskLevel.CRITICAL.value, factor__lt=RiskLevel.CRITICAL.entry_points)
    return Q(state="VERIFYING") | held


class RiskState(models.TextChoices):
    """Where the owner's answer stands; see ``risks.lifecycle`` for the transitions and due times."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    MITIGATING = "MITIGATING"
    ACCEPTED = "ACCEPTED"
    VERIFYING = "VERIFYING"
    CLOSED = "CLOSED"


def _one_to_five(field: str) -> Q:
    return Q(**{f"{field}__gte": 1, f"{field}__lte": 5})


class Risk(models.Model):
    """A row means: one line of the register, a model × a category.

    ``factor`` is F and ``score`` the effective factor score E of scoring.md, 0–100, one decimal;
    likelihoods and impacts are 1–5. ``digest`` identifies the state a decision judges.
    CLOSED means that nothing is owed now; a raise opens it again. ``overdue_for`` is the due time whose
    passing was recorded last; ``evidence`` is what was handed over for the verification that runs.
    """

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="risks", db_index=False)
    category = models.CharField(max_length=20, choices=RiskCategory.choices)
    inherent_likelihood = models.PositiveSmallIntegerField(default=1)
    inherent_impact = models.PositiveSmallIntegerField(default=1)
    baseline_likelihood = models.PositiveSmallIntegerField(default=1)
    baseline_impact = models.PositiveSmallIntegerField(default=1)
    target_level = models.CharField(max_length=10, choices=RiskLevel.choices, default=RiskLevel.LOW)
    factor = models.FloatField(default=0)
    score = models.FloatField(default=0)
    level = models.CharField(max_length=10, choices=RiskLevel.choices, default=RiskLevel.LOW)
    level_since = models.DateTimeField()
    explanation = models.TextField(blank=True)
    state = models.CharField(max_length=14, choices=RiskState, default=RiskState.CLOSED)
    raised_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=80, blank=True)
    disputed = models.BooleanField(default=False)
    overdue_for = models.DateTimeField(null=True, blank=True)
    evidence = models.TextField(blank=True)
    evidence_by = models.ForeignKey(ACTOR, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    evidence_at = models.DateTimeField(null=True, blank=True)
    next_change_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "risks_risk"
        constraints = [
            models.UniqueConstraint(fields=["model", "category"], name="risks_risk_one_per_category"),
            models.CheckConstraint(name="risks_risk_score_range", condition=Q(score__gte=0, score__lte=100)),
            models.CheckConstraint(
                name="risks_risk_grid",
                condition=_one_to_five("inherent_likelihood")
                & _one_to_five("inherent_impact")
                & _one_to_five("baseline_likelihood")
                & _one_to_five("baseline_impact"),
            ),
        ]
        indexes = [
            models.Index(fields=["level", "-score"], name="risks_risk_level_score"),
            models.Index(fields=["due_at"], condition=~Q(state="CLOSED"), name="risks_risk_due"),
            models.Index(fields=["next_change_at"], name="risks_risk_next_change"),
            models.Index(
                fields=["model", "due_at"],
                condition=Q(state__in=["OPEN", "ACKNOWLEDGED", "MITIGATING"]),
                name="risks_risk_owed",
            ),
            models.Index(fields=["model"], condition=_to_check(), name="risks_risk_to_check"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.get_category_display()}"

    @property
    def reference(self) -> str:
        """The name people use: ``R-`` and the number."""
        return f"R-{self.pk}"


class Contribution(models.Model):
    """A row means: an automation account scored this risk from here on, until ``cleared_at``.

    What rules contribute is in ``rules.Episode``. ``cause`` is ``scorer:<account>:<name>``.
    """

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="contributions", db_index=False)
    cause = models.CharField(max_length=260)
    points = models.FloatField()
    explanation = models.TextField(blank=True)
    began_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)
    event_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "risks_contribution"
        constraints = [
            models.UniqueConstraint(fields=["risk", "cause", "began_at"], name="risks_contribution_once"),
            models.CheckConstraint(name="risks_contribution_points_range", condition=Q(points__gte=0, points__lte=100)),
        ]


class Assessment(models.Model):
    """A row means: people judged this residual likelihood and impact without live evidence. Append-only."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="assessments")
    likelihood = models.PositiveSmallIntegerField()
    impact = models.PositiveSmallIntegerField()
    reason = models.TextField(blank=True)
    assessed_by = models.ForeignKey(ACTOR, on_delete=models.PROTECT, related_name="+")
    assessed_at = models.DateTimeField()

    class Meta:
        db_table = "risks_assessment"
        constraints = [
            models.CheckConstraint(
                name="risks_assessment_grid", condition=_one_to_five("likelihood") & _one_to_five("impact")
            )
        ]


class RiskChange(models.Model):
    """A row means: a risk moved, and why. Append-only; the history that ``as_of`` reads."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="changes", db_index=False)
    from_level = models.CharField(max_length=10, choices=RiskLevel.choices)
    to_level = models.CharField(max_length=10, choices=RiskLevel.choices)
    from_score = models.FloatField()
    to_score = models.FloatField()
    state = models.CharField(max_length=14, choices=RiskState)
    cause = models.CharField(max_length=260, blank=True)
    explanation = models.TextField()
    contributions = models.JSONField(default=list)
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "risks_change"
        indexes = [
            models.Index(
                fields=["risk", "-changed_at", "-id"],
                include=["to_level", "to_score", "state"],
                name="risks_change_history",
            )
        ]


def undo_cause(number: int) -> str:
    """Return what the history of a risk names as the cause when this acknowledgement was undone."""
    return f"{UNDONE}{number}"


class AcknowledgementQuerySet(models.QuerySet["Acknowledgement"]):
    """Acknowledgements; one that was undone stays on record, and the history of its risk says so."""

    def with_undone(self, *, until: datetime | None = None) -> Self:
        """Give each row ``undone_at``, None where it stands; ``until`` asks what was so at a past moment."""
        undone = RiskChange.objects.filter(
            risk=models.OuterRef("risk"),
            changed_at__gte=models.OuterRef("at"),
            changed_at__lte=models.OuterRef("at") + UNDO_WITHIN,
            cause=Concat(models.Value(UNDONE), Cast(models.OuterRef("pk"), models.TextField())),
        )
        if until is not None:
            undone = undone.filter(changed_at__lte=until)
        return self.annotate(undone_at=models.Subquery(undone.values("changed_at")[:1]))

    def standing(self) -> Self:
        """Leave out what was undone."""
        return self.with_undone().filter(undone_at__isnull=True)


class Acknowledgement(models.Model):
    """A row means: this person has seen this state of the risk. Append-only, an undone one included."""

    undone_at: datetime | None
    """Set by `AcknowledgementQuerySet.with_undone` alone."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="acknowledgements")
    by = models.ForeignKey(ACTOR, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    judged_digest = models.CharField(max_length=80)

    objects = AcknowledgementQuerySet.as_manager()

    class Meta:
        db_table = "risks_acknowledgement"


class PlanState(models.TextChoices):
    """Where a mitigation plan stands."""

    ACTIVE = "ACTIVE"
    DONE = "DONE"
    REPLACED = "REPLACED"


class MitigationPlan(models.Model):
    """A row means: the owner promised these steps; at most one plan of a risk is active."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="plans")
    summary = models.TextField()
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=PlanState, default=PlanState.ACTIVE)
    judged_digest = models.CharField(max_length=80)
    created_by = models.ForeignKey(ACTOR, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "risks_plan"
        constraints = [
            models.UniqueConstraint(fields=["risk"], condition=Q(state="ACTIVE"), name="risks_plan_one_active")
        ]


def _by_another() -> Q:
    return ~Q(verified_by=models.F("done_by"))


class PlanStep(models.Model):
    """A row means: this person will have done this by this date; ``evidence`` says how it was shown.

    Another person than who did it verifies it, or returns it with a reason, which makes it owed again.
    """

    plan = models.ForeignKey(MitigationPlan, on_delete=models.PROTECT, related_name="steps", db_index=False)
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(ACTOR, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(ACTOR, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    evidence = models.TextField(blank=True)
    evidence_url = models.URLField(max_length=500, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(ACTOR, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(ACTOR, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    return_reason = models.TextField(blank=True)

    class Meta:
        db_table = "risks_plan_step"
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="risks_plan_step_position"),
            models.CheckConstraint(
                name="risks_plan_step_done_with_person",
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
            ),
            models.CheckConstraint(
                name="risks_plan_step_verified_by_another",
                condition=Q(verified_at__isnull=True, verified_by__isnull=True)
                | (Q(verified_at__isnull=False, verified_by__isnull=False, done_at__isnull=False) & _by_another()),
            ),
        ]


class AcceptanceState(models.TextChoices):
    """Where an acceptance stands; PROPOSED waits for a second person."""

    PROPOSED = "PROPOSED"
    ACTIVE = "ACTIVE"
    REJECTED = "REJECTED"
    STALE = "STALE"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"


class Acceptance(models.Model):
    """A row means: this risk, in the judged state and up to ``accepted_level``, is borne until ``expires_on``."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="acceptances")
    justification = models.TextField()
    compensating_control = models.TextField(blank=True)
    accepted_level = models.CharField(max_length=10, choices=RiskLevel.choices)
    expires_on = models.DateField()
    state = models.CharField(max_length=10, choices=AcceptanceState, default=AcceptanceState.PROPOSED)
    judged_digest = models.CharField(max_length=80)
    approval = models.OneToOneField(ApprovalRequest, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_by = models.ForeignKey(ACTOR, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "risks_acceptance"
        indexes = [models.Index(fields=["expires_on"], condition=Q(state="ACTIVE"), name="risks_acceptance_ends")]
        constraints = [
            models.UniqueConstraint(
                fields=["risk"],
                condition=Q(state__in=["PROPOSED", "ACTIVE"]),
                name="risks_acceptance_one_open",
            )
        ]


class Dispute(models.Model):
    """A row means: somebody says that an input of this score is wrong, and why."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="disputes")
    reason = models.TextField()
    disputed_input = models.CharField(max_length=260)
    judged_digest = models.CharField(max_length=80)
    raised_by = models.ForeignKey(ACTOR, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(ACTOR, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    settlement = models.TextField(blank=True)
    upheld = models.BooleanField(null=True, blank=True)

    class Meta:
        db_table = "risks_dispute"
        constraints = [
            models.UniqueConstraint(
                fields=["risk"], condition=Q(settled_at__isnull=True), name="risks_dispute_one_open"
            )
        ]


class ResponseDraft(models.Model):
    """A row means: this person has begun to answer this risk; nothing is decided yet.

    ``body`` is what the form held; ``version`` counts the saves, so that two windows never overwrite each other.
    """

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="drafts", db_index=False)
    author = models.ForeignKey(ACTOR, on_delete=models.CASCADE, related_name="+")
    body = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "risks_response_draft"
        constraints = [models.UniqueConstraint(fields=["risk", "author"], name="risks_draft_one_per_author")]


class Release(models.Model):
    """A row means: a person released a held High or Critical level after verifying. Append-only."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="releases")
    reason = models.TextField()
    released_by = models.ForeignKey(ACTOR, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField()

    class Meta:
        db_table = "risks_release"
