"""Alerts: what Redline tells people, at most one open per fingerprint."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.vocabulary import Tier
from models_registry.catalog.models import RegisteredModel


class AlertState(models.TextChoices):
    """Where an alert stands."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    RESOLVED = "RESOLVED"


class Alert(models.Model):
    """A row means: people were or are told about one thing; further entries of it join this row."""

    fingerprint = models.CharField(max_length=80)
    tier = models.PositiveSmallIntegerField(choices=Tier.choices)
    title = models.CharField(max_length=240)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, null=True, related_name="alerts", db_index=False
    )
    risk_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=14, choices=AlertState, default=AlertState.OPEN)
    occurrence_count = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "inbox_alert"
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"], condition=~Q(state="RESOLVED"), name="inbox_alert_one_open"
            ),
            models.CheckConstraint(
                name="inbox_alert_acknowledged_pair",
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "tier", "-last_at"], name="inbox_alert_list"),
            models.Index(fields=["model", "-id"], name="inbox_alert_model"),
        ]

    def __str__(self) -> str:
        return self.title


class SnoozeQuerySet(models.QuerySet["Snooze"]):
    """Snoozes; one ends by itself at its time."""

    def running(self, *, at: datetime) -> Self:
        """Keep those that hold at this moment."""
        return self.filter(ended_at__isnull=True, until__gt=at)


class Snooze(models.Model):
    """A row means: this person put this alert off until then.

    It leaves their own list of what waits, nobody else's, and ends by itself: at ``until``, or at ``ended_at``
    when they ended it, put it off anew, or the alert grew louder. The alert stays open and its clock runs.
    """

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="snoozes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SnoozeQuerySet.as_manager()

    class Meta:
        db_table = "inbox_snooze"
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "by"], condition=Q(ended_at__isnull=True), name="inbox_snooze_one_each"
            ),
            models.CheckConstraint(name="inbox_snooze_has_an_end", condition=Q(until__gt=models.F("at"))),
        ]


class Annotation(models.Model):
    """A row means: somebody wrote a note on an alert. Append-only."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="annotations")
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "inbox_annotation"
