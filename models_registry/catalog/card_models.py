"""What people wrote in model cards, version by version, and the cards that were issued. Both only grow."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from models_registry.catalog.card_sections import section_choices
from models_registry.catalog.models import RegisteredModel

DIGEST = r"^sha256:[0-9a-f]{64}$"


class CardText(models.Model):
    """A row means: somebody wrote this text in a section of a model's card; the highest number stands. Append-only.

    An empty text takes the section back. ``digest`` is the SHA-256 of the canonical form of model, section, number
    and text; the entry in the trail carries it too.
    """

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="card_texts", db_index=False)
    section = models.CharField(max_length=24, choices=section_choices)
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    digest = models.CharField(max_length=71)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_card_text"
        constraints = [
            models.UniqueConstraint(fields=["model", "section", "number"], name="catalog_card_text_once"),
            models.CheckConstraint(name="catalog_card_text_digest_shape", condition=Q(digest__regex=DIGEST)),
            models.CheckConstraint(name="catalog_card_text_number_positive", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.get_section_display()} v{self.number}"


class IssuedCard(models.Model):
    """A row means: at that moment somebody issued the model's card as this document. Append-only.

    ``document`` is canonical JSON (RFC 8785), ``digest`` its SHA-256: whoever holds the text can check it alone.
    """

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="issued_cards", db_index=False)
    number = models.PositiveIntegerField()
    document = models.TextField()
    digest = models.CharField(max_length=71)
    note = models.CharField(max_length=300, blank=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_issued_card"
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="catalog_issued_card_once"),
            models.CheckConstraint(name="catalog_issued_card_digest_shape", condition=Q(digest__regex=DIGEST)),
            models.CheckConstraint(name="catalog_issued_card_number_positive", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"Model card {self.number} of {self.model}"
