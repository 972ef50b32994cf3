"""Files of history, the pieces they come in, the batches they became, and what was found wrong with their rows."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.models import Source, TelemetryEvent


class BackfillState(models.TextChoices):
    """Where a backfill stands. Only a RUNNING one is worked on; the last three are its ends."""

    UPLOADING = "UPLOADING", "Uploading"
    READY = "READY", "Columns to be chosen"
    RUNNING = "RUNNING", "Running"
    PAUSED = "PAUSED", "Paused"
    DONE = "DONE", "Done"
    FAILED = "FAILED", "Failed"
    CANCELLED = "CANCELLED", "Cancelled"


ENDED = (BackfillState.DONE, BackfillState.FAILED, BackfillState.CANCELLED)


def backfill_states() -> list[tuple[str, str]]:
    """Return the states; asked for when needed, so that a further one is no migration."""
    return BackfillState.choices


class Backfill(models.Model):
    """A row means: this file of measurements is brought in, so far.

    ``size`` and ``received`` are bytes; ``digest`` is the SHA-256 of the file in hex, declared or worked out when
    it is whole. ``row`` is the last row that was read, the header being row 1, and ``row_count`` the last row of
    the file once that is known. ``kept_count`` measurements went into events; ``known_count`` were in events of
    the same file before; ``left_out_count`` cells were empty or outside the chosen time. ``consumed`` is how many
    bytes of the file the reading has used; ``worked_s`` how long it took.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="backfills")
    file_name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    shape = models.JSONField(default=dict)
    plan = models.JSONField(null=True, blank=True)
    plan_digest = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, choices=backfill_states, default=BackfillState.UPLOADING)
    note = models.CharField(max_length=500, blank=True)
    row = models.BigIntegerField(default=1)
    row_count = models.BigIntegerField(null=True, blank=True)
    consumed = models.BigIntegerField(default=0)
    kept_count = models.BigIntegerField(default=0)
    known_count = models.BigIntegerField(default=0)
    rejected_count = models.BigIntegerField(default=0)
    left_out_count = models.BigIntegerField(default=0)
    worked_s = models.FloatField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "backfills_backfill"
        constraints = [
            models.CheckConstraint(name="backfills_received_within_size", condition=Q(received__lte=models.F("size"))),
            models.CheckConstraint(name="backfills_size_positive", condition=Q(size__gte=1)),
            models.UniqueConstraint(
                fields=["source", "digest", "plan_digest"],
                condition=Q(state__in=["RUNNING", "PAUSED", "DONE"]),
                name="backfills_same_file_once",
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state="RUNNING"), name="backfills_running")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def has_ended(self) -> bool:
        """True when nothing more will happen to it."""
        return self.state in ENDED


class Piece(models.Model):
    """A row means: these bytes of the file begin at this offset. Pieces are dropped when the backfill has ended."""

    id = models.BigAutoField(primary_key=True)
    backfill = models.ForeignKey(Backfill, on_delete=models.PROTECT, related_name="pieces", db_index=False)
    begins_at = models.BigIntegerField()
    content = models.BinaryField()

    class Meta:
        db_table = "backfills_piece"
        constraints = [models.UniqueConstraint(fields=["backfill", "begins_at"], name="backfills_piece_once")]


class Batch(models.Model):
    """A row means: the rows up to ``last_row`` were read; their sound measurements are in the event.

    ``rejected`` holds the rows that were not, as zstd over lines of JSON.
    """

    id = models.BigAutoField(primary_key=True)
    backfill = models.ForeignKey(Backfill, on_delete=models.PROTECT, related_name="batches", db_index=False)
    event = models.ForeignKey(TelemetryEvent, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    first_row = models.BigIntegerField()
    last_row = models.BigIntegerField()
    kept_count = models.IntegerField()
    rejected_count = models.IntegerField()
    rejected = models.BinaryField(null=True)

    class Meta:
        db_table = "backfills_batch"
        constraints = [models.UniqueConstraint(fields=["backfill", "first_row"], name="backfills_batch_once")]


class Finding(models.Model):
    """A row means: for this reason so many rows were rejected. ``subject`` is a column, or a model nobody knows."""

    id = models.BigAutoField(primary_key=True)
    backfill = models.ForeignKey(Backfill, on_delete=models.PROTECT, related_name="findings", db_index=False)
    code = models.CharField(max_length=40)
    subject = models.CharField(max_length=220, blank=True)
    count = models.BigIntegerField()
    first_row = models.BigIntegerField()

    class Meta:
        db_table = "backfills_finding"
        constraints = [models.UniqueConstraint(fields=["backfill", "code", "subject"], name="backfills_finding_once")]


class LateEvidence(models.Model):
    """A row means: history of this model came in, observed from ``since`` to ``newest``, and is not judged yet.

    It is judged once the stream of it has rested, and at the latest some minutes after ``first_at``.
    """

    model = models.OneToOneField(RegisteredModel, on_delete=models.PROTECT, primary_key=True, related_name="+")
    since = models.DateTimeField()
    newest = models.DateTimeField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "backfills_late_evidence"


class Pulse(models.Model):
    """A row means: a worker did something for the backfills at this moment. There is at most one."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()

    class Meta:
        db_table = "backfills_pulse"
        constraints = [models.CheckConstraint(name="backfills_pulse_alone", condition=Q(id=1))]
