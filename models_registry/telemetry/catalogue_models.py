"""What the house itself says of metrics, which series there are, and which fields sources were seen to send."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.metrics import ANY_SOURCE, Direction
from models_registry.telemetry.models import Source


def directions() -> list[tuple[str, str]]:
    """Return the directions as choices; a further one is no migration."""
    return [(each.value, each.value.replace("_", " ").capitalize()) for each in Direction]


class HouseMetric(models.Model):
    """A row means: this house measures something that the shipped catalogue does not name."""

    name = models.CharField(max_length=80, unique=True)
    unit = models.CharField(max_length=24, blank=True)
    direction = models.CharField(max_length=20, choices=directions)
    description = models.CharField(max_length=300)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table = "telemetry_house_metric"

    def __str__(self) -> str:
        return self.name


class HouseAlias(models.Model):
    """A row means: sources of this kind (`*`: all) say ``name`` for the canonical ``metric``, in ``unit``.

    ``name`` is in the form of `metrics.plain_name`. An empty ``unit`` means the metric's own. An alias that
    was ended stays, so that it can be told what was read by it.
    """

    source_kind = models.CharField(max_length=20, default=ANY_SOURCE)
    name = models.CharField(max_length=80)
    metric = models.CharField(max_length=80)
    unit = models.CharField(max_length=24, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "telemetry_house_alias"
        constraints = [
            models.UniqueConstraint(
                fields=["source_kind", "name"], condition=Q(ended_at__isnull=True), name="telemetry_alias_means_one"
            ),
            models.CheckConstraint(name="telemetry_alias_not_itself", condition=~Q(name=F("metric"))),
        ]

    def __str__(self) -> str:
        return f"{self.name} is {self.metric}"


class Series(models.Model):
    """A row means: this model × metric × environment × segment was measured, first at ``first_seen_at``."""

    id = models.BigAutoField(primary_key=True)
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="+", db_index=False)
    metric = models.CharField(max_length=80)
    environment = models.CharField(max_length=40)
    segment = models.CharField(max_length=120, blank=True)
    first_seen_at = models.DateTimeField()

    class Meta:
        db_table = "telemetry_series"
        constraints = [
            models.UniqueConstraint(fields=["model", "metric", "environment", "segment"], name="telemetry_series_once")
        ]
        indexes = [models.Index(fields=["metric"], name="telemetry_series_metric")]

    def __str__(self) -> str:
        return f"{self.metric} of {self.model_id} in {self.environment}"


class SeenField(models.Model):
    """A row means: so many events of this source had a value of this kind at this place.

    ``path`` is a JSON pointer in which `*` stands for every item of a list. Never a value.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="seen_fields", db_index=False)
    path = models.CharField(max_length=300)
    kind = models.CharField(max_length=12)
    count = models.PositiveBigIntegerField()
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        db_table = "telemetry_seen_field"
        constraints = [models.UniqueConstraint(fields=["source", "path", "kind"], name="telemetry_seen_field_once")]

    def __str__(self) -> str:
        return f"{self.path} ({self.kind})"


class FieldWatch(models.Model):
    """A row means: the fields of this source's events were looked at as far as this event and its transaction.

    ``over_count`` counts how often a field was left out because the source has too many of them.
    """

    source = models.OneToOneField(Source, on_delete=models.PROTECT, primary_key=True, related_name="field_watch")
    looked_xid = models.BigIntegerField(default=0, db_default=0)
    looked_to = models.BigIntegerField(default=0, db_default=0)
    over_count = models.PositiveBigIntegerField(default=0, db_default=0)
    looked_at = models.DateTimeField()

    class Meta:
        db_table = "telemetry_field_watch"
