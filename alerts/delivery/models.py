"""Channels, notifications (the outbox) and the attempts to send them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.vocabulary import Tier


class ChannelKind(models.TextChoices):
    """The providers built so far."""

    EMAIL = "EMAIL", "E-mail"
    SLACK_WEBHOOK = "SLACK_WEBHOOK", "Slack incoming webhook"
    WEBHOOK = "WEBHOOK", "Signed webhook"
    MLFLOW_WEBHOOK = "MLFLOW_WEBHOOK", "MLflow webhook"


class Lane(models.IntegerChoices):
    """Which senders take a message: people are never kept waiting by what programs are told."""

    PEOPLE = 0
    REGISTRY = 1


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Chainable filters over channels."""

    def for_people(self) -> "ChannelQuerySet":
        """Channels that routes may use; webhooks of the registry are looked after on pages of their own."""
        return self.exclude(kind=ChannelKind.MLFLOW_WEBHOOK)


class Channel(models.Model):
    """A row means: messages can be sent there. The address of a Slack or generic webhook is a secret in the vault.

    A receiver in the registry's lane that fails rests until ``resting_until``, longer with each of its ``failures``
    in a row, so that it does not hold up the others.
    """

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=16, choices=ChannelKind)
    config = models.JSONField(default=dict)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    resting_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField()

    objects = ChannelQuerySet.as_manager()

    class Meta:
        db_table = "delivery_channel"

    def __str__(self) -> str:
        return self.name


class NotificationState(models.TextChoices):
    """notifications = DELIVERED + GIVEN_UP + CANCELLED + PENDING, always."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    GIVEN_UP = "GIVEN_UP"
    CANCELLED = "CANCELLED"


class Notification(models.Model):
    """A row means: one message must reach one channel; every try carries the same ``dedup_key``."""

    alert = models.ForeignKey("alerts.Alert", on_delete=models.PROTECT, null=True, related_name="notifications")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="notifications", db_index=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lane = models.PositiveSmallIntegerField(choices=Lane, default=Lane.PEOPLE, db_default=Lane.PEOPLE)
    tier = models.PositiveSmallIntegerField(choices=Tier.choices)
    dedup_key = models.CharField(max_length=255, unique=True)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=NotificationState, default=NotificationState.PENDING)
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "delivery_notification"
        indexes = [
            models.Index(
                fields=["lane", "tier", "not_before"], condition=Q(state="PENDING"), name="delivery_notification_next"
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state="PENDING", lease_until__isnull=False),
                name="delivery_notification_leased",
            ),
            models.Index(fields=["channel", "-id"], name="delivery_notification_channel"),
        ]

    def __str__(self) -> str:
        return self.dedup_key


class DeliveryAttempt(models.Model):
    """A row means: we tried once to send a notification, and this came of it. Append-only."""

    notification = models.ForeignKey(
        Notification, on_delete=models.PROTECT, related_name="delivery_attempts", db_index=False
    )
    number = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    elapsed_ms = models.PositiveIntegerField(default=0)
    succeeded = models.BooleanField()
    permanent = models.BooleanField(default=False)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "delivery_attempt"
        constraints = [models.UniqueConstraint(fields=["notification", "number"], name="delivery_attempt_number_once")]


class Ends(models.Model):
    """How many notifications ended how; those that wait are counted where they are read."""

    delivered = models.BigIntegerField(default=0, db_default=0)
    given_up = models.BigIntegerField(default=0, db_default=0)
    cancelled = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True


class DeliveryBooks(Ends):
    """The row means: so many notifications have ended, as far as tallies were folded in. There is one."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)

    class Meta:
        db_table = "delivery_books"
        constraints = [models.CheckConstraint(name="delivery_books_one_row", condition=Q(id=1))]


class DeliveryTally(Ends):
    """A row means: these counts are to be added to the books; negative when a message left an end again.

    Senders append and never wait for each other; one fold a second keeps the table short.
    """

    id = models.BigAutoField(primary_key=True)

    class Meta:
        db_table = "delivery_tally"
