"""Platforms that are asked: how, what they said last, what sweeps came to, and which changes were told by whom."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from models_registry.telemetry.models import Source
from models_registry.telemetry.pollers.shapes import Scheme


class SweepOutcome(models.TextChoices):
    """How a sweep ended."""

    RUNNING = "RUNNING", "Runs"
    DONE = "DONE", "Read to the end"
    PART = "PART", "Goes on"
    FAILED = "FAILED", "Failed"
    DIED = "DIED", "Ended without an answer"


def schemes() -> list[tuple[str, str]]:
    """Return how a credential may be shown; asked for when needed, so that a further one is no migration."""
    return [(each.value, each.value) for each in Scheme]


class Polling(models.Model):
    """A row means: this source is asked every ``interval_s`` seconds, from the address in ``config`` on.

    The credential is in the vault under ``telemetry_polling|<pk>|credential``. ``cursor`` says where the next sweep
    goes on. ``turn`` rises with each claim: who holds an earlier one can keep nothing any more. ``requests_today``
    counts those of ``day`` (UTC), before they are sent. ``begun_at`` is when the source was first polled,
    ``held_until`` is how long the platform itself asked to wait.
    """

    source = models.OneToOneField(Source, on_delete=models.PROTECT, primary_key=True, related_name="polling")
    config = models.JSONField(default=dict)
    scheme = models.CharField(max_length=12, choices=schemes)
    interval_s = models.PositiveIntegerField()
    sweep_budget = models.PositiveIntegerField()
    day_budget = models.PositiveIntegerField()
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    set_at = models.DateTimeField()
    begun_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    cursor = models.JSONField(default=dict)
    next_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    turn = models.PositiveBigIntegerField(default=0, db_default=0)
    failure_count = models.PositiveIntegerField(default=0, db_default=0)
    last_error = models.CharField(max_length=300, blank=True, db_default="")
    done_at = models.DateTimeField(null=True, blank=True)
    day = models.DateField()
    requests_today = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "telemetry_polling"
        constraints = [
            models.CheckConstraint(
                name="telemetry_polling_in_range",
                condition=Q(interval_s__gte=30, sweep_budget__gte=1, day_budget__gte=1),
            )
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(paused_at__isnull=True), name="telemetry_polling_due"),
        ]

    def __str__(self) -> str:
        return f"{self.source} polled"


class PollSweep(models.Model):
    """A row means: a source was swept once. ``fresh`` of the ``found`` events were kept; the rest was known.

    ``missed`` of the fresh ones are such as the platform's webhooks tell. The newest sweeps are kept.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="sweeps", db_index=False)
    turn = models.PositiveBigIntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=SweepOutcome, default=SweepOutcome.RUNNING)
    requests = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    fresh = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    too_large = models.PositiveIntegerField(default=0)
    told = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "telemetry_poll_sweep"
        constraints = [
            models.UniqueConstraint(fields=["source", "turn"], name="telemetry_poll_sweep_once"),
            models.CheckConstraint(
                name="telemetry_poll_sweep_counts", condition=Q(fresh__lte=F("found"), missed__lte=F("fresh"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} sweep {self.turn}"


class Sighting(models.Model):
    """A row means: this change of a polled source is known, by a delivery, by a sweep, or by both.

    ``key`` is the SHA-256 of ``what`` (the poller's key for the change). A delivery has ``told_at``, the moment that
    it tells, and its event id in ``delivery``; a sweep has ``since`` and ``until``, between which the change was
    made, and its own id in ``finding``. ``event_pk`` is the one event that both stand for. `forgetting` says when
    a row is let go of.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=64)
    what = models.CharField(max_length=300)
    event_pk = models.BigIntegerField()
    delivery = models.CharField(max_length=255, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField(max_length=255, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "telemetry_sighting"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "delivery", "key"], condition=~Q(delivery=""), name="telemetry_sighting_heard_once"
            ),
            models.UniqueConstraint(
                fields=["source", "finding"], condition=~Q(finding=""), name="telemetry_sighting_found_once"
            ),
            models.CheckConstraint(
                name="telemetry_sighting_by_somebody",
                condition=Q(heard_at__isnull=False, told_at__isnull=False)
                | Q(found_at__isnull=False, since__isnull=False, until__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["source", "key"], name="telemetry_sighting_key"),
            models.Index(
                fields=["source", "-found_at"],
                condition=Q(heard_at__isnull=True),
                name="telemetry_sighting_missed",
            ),
        ]

    def __str__(self) -> str:
        return self.what


class Remembered(models.Model):
    """A row means: a sweep saw this thing in this state. Written only when the state is another one.

    ``seen_at`` is when a sweep last came across it, to within a day. `forgetting` says when a row is let go of.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    thing = models.CharField(max_length=200)
    state = models.JSONField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "telemetry_remembered"
        constraints = [models.UniqueConstraint(fields=["source", "thing"], name="telemetry_remembered_once")]

    def __str__(self) -> str:
        return self.thing
