"""Routes, and the decision taken for every alertable entry of the trail."""

from django.db import models
from django.db.models import Q

from alerts.delivery.models import Channel
from alerts.inbox.models import Alert
from governance.vocabulary import Tier
from models_registry.audit.models import AuditEntry


class Route(models.Model):
    """A row means: entries that match go out in this tier over these channels; the first match wins.

    ``match`` holds any of ``actions``, ``levels``, ``categories``, ``units``, ``materialities``: lists of
    words, all given keys must match.
    """

    name = models.CharField(max_length=120, unique=True)
    position = models.PositiveIntegerField(unique=True)
    match = models.JSONField(default=dict)
    tier = models.PositiveSmallIntegerField(choices=Tier.choices)
    channels = models.ManyToManyField(Channel, related_name="routes", db_table="routing_route_channel")
    tell_owner = models.BooleanField(default=True)
    enabled = models.BooleanField(default=True)

    class Meta:
        db_table = "routing_route"

    def __str__(self) -> str:
        return self.name


class Outcome(models.TextChoices):
    """What was done with an entry."""

    PAGE = "PAGE"
    POST = "POST"
    DIGEST = "DIGEST"
    JOIN = "JOIN"
    SUPPRESS = "SUPPRESS"


class RoutingDecision(models.Model):
    """A row means: exactly this was done with this alertable entry, and why. Append-only."""

    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="routing_decision")
    outcome = models.CharField(max_length=10, choices=Outcome)
    tier = models.PositiveSmallIntegerField(choices=Tier.choices, null=True)
    route = models.ForeignKey(Route, on_delete=models.PROTECT, null=True, related_name="+")
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, null=True, related_name="routing_decisions")
    reason = models.CharField(max_length=300)
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "routing_decision"
        indexes = [
            models.Index(fields=["-id"], name="routing_decision_recent"),
            models.Index(fields=["decided_at"], name="routing_decision_day"),
        ]


class RoutingBooks(models.Model):
    """The row means: so many entries were decided. There is one; the router, who is alone, adds to it as it decides."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    decided = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "routing_books"
        constraints = [models.CheckConstraint(name="routing_books_one_row", condition=Q(id=1))]
