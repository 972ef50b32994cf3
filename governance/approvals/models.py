"""Requests that need more than one person, and the votes on them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from models_registry.catalog.models import RegisteredModel


class ApprovalState(models.TextChoices):
    """Where a request stands."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"


class Subject(models.TextChoices):
    """What is to be approved."""

    RULE_VERSION = "RULE_VERSION"
    FORMULA_VERSION = "FORMULA_VERSION"
    ACCEPTANCE = "ACCEPTANCE"
    PROMOTION = "PROMOTION"
    RESUME = "RESUME"


class ApprovalRequest(models.Model):
    """A row means: somebody asked for this, and the votes below count for exactly this digest.

    ``policy`` is ``{"required": 2, "roles": ["compliance_officer", "governance_board"]}``:
    so many votes, of distinct people, covering each named role once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.CharField(max_length=20, choices=Subject)
    object_id = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    url = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=80)
    policy = models.JSONField()
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, null=True, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=ApprovalState, default=ApprovalState.PENDING)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "approvals_request"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "object_id"], condition=Q(state="PENDING"), name="approvals_one_pending"
            ),
            models.CheckConstraint(
                name="approvals_decided_with_time",
                condition=Q(state="PENDING", decided_at__isnull=True)
                | (~Q(state="PENDING") & Q(decided_at__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["state", "expires_at"], name="approvals_state_expiry")]

    def __str__(self) -> str:
        return self.title


class Vote(models.Model):
    """A row means: this person said yes or no to this digest. Append-only; a trigger refuses self-approval."""

    request = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="votes", db_index=False)
    voter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    as_role = models.CharField(max_length=32)
    approves = models.BooleanField()
    digest = models.CharField(max_length=80)
    comment = models.TextField(blank=True)
    voted_at = models.DateTimeField()

    class Meta:
        db_table = "approvals_vote"
        constraints = [models.UniqueConstraint(fields=["request", "voter", "digest"], name="approvals_vote_once")]
