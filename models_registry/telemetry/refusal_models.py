"""What was refused at the doors of sources."""

from django.db import models
from django.db.models import Q

from models_registry.telemetry.models import Source


class DoorRefusal(models.Model):
    """A row means: deliveries to this source were refused for this reason, so often at least.

    Without a ``source`` they came to an address that no source has. Neither body nor secret is kept: ``sender`` is
    what the sender called itself, ``place`` the part of the address that leads nowhere. One row for a reason and a
    source, so the table cannot grow with what strangers send. Each process counts exactly and writes at most once
    a second, so what came after its last write is not in ``count`` yet.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="refusals", db_index=False
    )
    code = models.CharField(max_length=20)
    status = models.PositiveSmallIntegerField()
    sender = models.CharField(max_length=80, blank=True)
    place = models.CharField(max_length=80, blank=True)
    count = models.PositiveBigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "telemetry_refusal"
        constraints = [
            models.UniqueConstraint(fields=["source", "code"], name="telemetry_refusal_once", nulls_distinct=False),
            models.CheckConstraint(name="telemetry_refusal_not_empty", condition=Q(count__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.source or 'no source'} {self.code}: {self.count}"
