"""What sources told that was counted and not measured."""

from django.db import models

from models_registry.telemetry.models import Source
from models_registry.telemetry.notices import WORDS


class SourceNotice(models.Model):
    """A row means: so many things of one sort were told by this source and are in no measurement.

    ``code`` is one of `notices.WORDS`, ``subject`` says which (a metric, a model, an alert). ``newest_event`` is
    the event that told of it last; its body may since have been removed.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="notices", db_index=False)
    code = models.CharField(max_length=40)
    subject = models.CharField(max_length=120, blank=True)
    count = models.PositiveBigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    newest_event = models.BigIntegerField()

    class Meta:
        db_table = "telemetry_notice"
        constraints = [
            models.UniqueConstraint(fields=["source", "code", "subject"], name="telemetry_notice_once"),
            models.CheckConstraint(name="telemetry_notice_not_empty", condition=models.Q(count__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.code} {self.subject}: {self.count}"

    @property
    def in_words(self) -> str:
        """The sort, as people read it."""
        return WORDS.get(self.code, self.code)
