"""Gate decisions: what was asked, what was answered, and the state that was judged."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.vocabulary import Verdict
from models_registry.catalog.models import ModelVersion


class TrailWalk(models.Model):
    """The one row means: the walk over the trail has hashed everything up to ``entry_id`` in this round."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    entry_id = models.BigIntegerField(default=0)
    walked_at = models.DateTimeField()
    round_ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "gates_trail_walk"


class TrailBreak(models.Model):
    """A row means: the walk found that this entry of the trail does not hash as it did when it was written."""

    entry_id = models.BigIntegerField(primary_key=True)
    model_id = models.BigIntegerField(null=True, db_index=True)
    found_at = models.DateTimeField()

    class Meta:
        db_table = "gates_trail_break"

    def __str__(self) -> str:
        return f"audit entry {self.entry_id}"


class GateDecision(models.Model):
    """A row means: at ``decided_at`` the gate gave this verdict for this version, digest and target.

    ``reasons`` is a list of ``{"code", "text", "path"}``; only an unused, unexpired APPROVE of the
    version's current epoch can be turned into a clearance.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="gate_decisions", db_index=False)
    target = models.CharField(max_length=100)
    verdict = models.CharField(max_length=16, choices=Verdict.choices)
    reasons = models.JSONField()
    epoch = models.BigIntegerField()
    artifact_digest = models.CharField(max_length=80, blank=True)
    state_digest = models.CharField(max_length=80)
    policy_digest = models.CharField(max_length=80)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "gates_decision"
        constraints = [
            models.CheckConstraint(
                name="gates_decision_used_only_if_approved",
                condition=Q(used_at__isnull=True) | Q(verdict="APPROVE"),
            )
        ]
        indexes = [models.Index(fields=["version", "-decided_at"], name="gates_decision_version")]

    def __str__(self) -> str:
        return f"{self.verdict} {self.version} → {self.target}"
