"""How long history is kept: the terms people agreed on, what is held back from them, and what was dropped."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.models import EventState


class Sort(models.TextChoices):
    """The sorts of history that have a term of their own."""

    MEASUREMENTS = "MEASUREMENTS", "Single measurements"
    BODIES = "BODIES", "Bodies of measured events"
    HELD = "HELD", "Bodies of held events"
    FINE = "FINE", "Windows of five minutes"
    COARSE = "COARSE", "Windows of an hour and a day"


def sorts() -> list[tuple[str, str]]:
    """Return the sorts; asked for when needed, so that a further one is no migration."""
    return Sort.choices


WIDTHS: Final = {Sort.FINE: (300,), Sort.COARSE: (3_600, 86_400)}
"""The widths, in seconds, of the windows that go by each term."""
STATES: Final = {
    Sort.BODIES: (EventState.DONE.value,),
    Sort.HELD: (EventState.QUARANTINED.value, EventState.DEAD.value),
}
"""The states of the events whose bodies go by each term."""

FLOORS: Final = {"measurements_days": 180, "bodies_days": 31, "held_days": 31, "fine_days": 180, "coarse_days": 800}
"""The least that each term may be. Rules judge 120 days again, and read at most 60 days before that."""


def _floors() -> Q:
    found = Q()
    for field, least in FLOORS.items():
        found &= Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": least})
    return found


def _within(shorter: str, longer: str) -> Q:
    return Q(**{f"{longer}__isnull": True}) | Q(**{f"{shorter}__isnull": False, f"{shorter}__lte": F(longer)})


class KeepingTerms(models.Model):
    """A row means: these terms were proposed, and hold from ``agreed_at`` until later ones are agreed on.

    Each is days since a number was observed or a body received; empty means for ever. ``foreseen`` is what the
    terms would have dropped when they were proposed. An ended proposal was refused, or taken back by its author.
    """

    number = models.PositiveIntegerField(unique=True)
    measurements_days = models.PositiveIntegerField(null=True)
    bodies_days = models.PositiveIntegerField(null=True)
    held_days = models.PositiveIntegerField(null=True)
    fine_days = models.PositiveIntegerField(null=True)
    coarse_days = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=500)
    foreseen = models.JSONField(default=dict)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=500, blank=True, db_default="")

    class Meta:
        db_table = "telemetry_keeping_terms"
        constraints = [
            models.CheckConstraint(name="telemetry_keeping_four_eyes", condition=~Q(agreed_by=F("proposed_by"))),
            models.CheckConstraint(
                name="telemetry_keeping_agreed_pair",
                condition=Q(agreed_by__isnull=True, agreed_at__isnull=True)
                | Q(agreed_by__isnull=False, agreed_at__isnull=False, ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="telemetry_keeping_ended_pair",
                condition=Q(ended_by__isnull=True, ended_at__isnull=True)
                | Q(ended_by__isnull=False, ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="telemetry_keeping_floors",
                condition=_floors(),
            ),
            models.CheckConstraint(
                name="telemetry_keeping_in_order",
                condition=_within("measurements_days", "fine_days") & _within("fine_days", "coarse_days"),
            ),
            models.UniqueConstraint(
                fields=["agreed_at"],
                condition=Q(agreed_at__isnull=True, ended_at__isnull=True),
                nulls_distinct=False,
                name="telemetry_keeping_one_proposed",
            ),
        ]

    def __str__(self) -> str:
        return f"Terms {self.number}"

    @property
    def is_proposed(self) -> bool:
        """Whether a second person still has to say something."""
        return self.agreed_at is None and self.ended_at is None

    def days(self, sort: str) -> int | None:
        """Return the term of a sort in days, None for ever."""
        term: int | None = getattr(self, f"{sort.lower()}_days")
        return term


class LegalHold(models.Model):
    """A row means: nothing of these months is dropped, of one model or of all, until two people lifted the hold.

    That holds of measurements, windows, bodies and predictions.

    ``since`` and ``until`` are first days of months, both inclusive; without ``until`` it holds what is still to come.
    """

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, null=True, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True)
    reason = models.CharField(max_length=500)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_because = models.CharField(max_length=500, blank=True, db_default="")

    class Meta:
        db_table = "telemetry_legal_hold"
        indexes = [models.Index(fields=["since"], condition=Q(lifted_at__isnull=True), name="telemetry_hold_stands")]
        constraints = [
            models.CheckConstraint(name="telemetry_hold_four_eyes", condition=~Q(lifted_by=F("placed_by"))),
            models.CheckConstraint(
                name="telemetry_hold_lifted_pair",
                condition=Q(lifted_by__isnull=True, lifted_at__isnull=True)
                | Q(lifted_by__isnull=False, lifted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="telemetry_hold_in_order", condition=Q(until__isnull=True) | Q(until__gte=F("since"))
            ),
        ]

    def __str__(self) -> str:
        return f"Legal hold {self.pk}"

    @property
    def key(self) -> str:
        """Its number as text, for names in pages."""
        return str(self.pk)


class KeepingWalk(models.Model):
    """The one row means: the last round ended at ``walked_at``; before these months no body is left to look at."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    walked_at = models.DateTimeField()
    bodies_from = models.DateField(null=True)
    held_from = models.DateField(null=True)

    class Meta:
        db_table = "telemetry_keeping_walk"


class Drop(models.Model):
    """A row means: at ``dropped_at`` this much of one sort and month was dropped. Append-only.

    ``digest`` is SHA-256 over what went, as the how-to says; ``freed`` is in bytes, of bodies or of the partition.
    """

    id = models.BigAutoField(primary_key=True)
    sort = models.CharField(max_length=12, choices=sorts)
    month = models.DateField()
    count = models.BigIntegerField()
    freed = models.BigIntegerField()
    digest = models.CharField(max_length=80)
    terms = models.ForeignKey(KeepingTerms, on_delete=models.PROTECT, related_name="drops")
    dropped_at = models.DateTimeField()

    class Meta:
        db_table = "telemetry_drop"
        indexes = [models.Index(fields=["sort", "month"], name="telemetry_drop_month")]

    def __str__(self) -> str:
        return f"{self.get_sort_display()} of {self.month:%Y-%m}"


class DropPart(models.Model):
    """A row means: of one drop, so much was of this model. Append-only.

    ``width_s`` is 0 for measurements, else the width of the windows. ``readings`` and ``total`` are the number of
    measurements and their exact sum, so that windows and what is left can always be added up again.
    """

    id = models.BigAutoField(primary_key=True)
    drop = models.ForeignKey(Drop, on_delete=models.PROTECT, related_name="parts")
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    width_s = models.PositiveIntegerField()
    count = models.BigIntegerField()
    readings = models.BigIntegerField()
    total = models.DecimalField()

    class Meta:
        db_table = "telemetry_drop_part"
        indexes = [models.Index(fields=["model", "width_s", "month"], name="telemetry_drop_part_month")]

    def __str__(self) -> str:
        return f"{self.model_id} {self.month:%Y-%m} {self.width_s}"
