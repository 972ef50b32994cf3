"""The trail: one append-only row for everything that happened."""

import json
from typing import Any

from django.db import models
from django.db.models import Q


class Xid8Field(models.BigIntegerField):
    """A PostgreSQL ``xid8``: the 64-bit identifier of the writing transaction."""

    def db_type(self, connection: Any) -> str:
        return "xid8"


class ActorKind(models.TextChoices):
    """Who caused an entry."""

    PERSON = "PERSON"
    AUTOMATION = "AUTOMATION"
    SYSTEM = "SYSTEM"


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Chainable filters over the trail."""

    def about(self, *, object_type: str, object_id: str) -> "AuditEntryQuerySet":
        """Entries whose subject is the given object."""
        return self.filter(object_type=object_type, object_id=object_id)

    def of_model(self, *, model_id: int) -> "AuditEntryQuerySet":
        """Entries that concern one registered model, whatever their subject."""
        return self.filter(model_id=model_id)

    def newest_first(self) -> "AuditEntryQuerySet":
        """Order by identifier, newest first (identifiers are unique, so the order is total)."""
        return self.order_by("-id")


class AuditEntry(models.Model):
    """A row means: this happened, then, by this actor. Rows are never changed or removed.

    ``xid``, ``at`` and ``leaf`` are set by a database trigger and cannot be supplied;
    ``leaf`` is SHA-256 of 0x00 and the UTF-8 bytes of ``canon`` (RFC 9162 leaf hash);
    ``canon`` is RFC 8785 canonical JSON and is what a signature will cover.
    Written by ``models_registry.audit.actions.record`` only.
    """

    id = models.BigAutoField(primary_key=True)
    xid = Xid8Field(editable=False)
    at = models.DateTimeField(editable=False)
    actor_kind = models.CharField(max_length=12, choices=ActorKind)
    actor_id = models.CharField(max_length=64, blank=True)
    actor_name = models.CharField(max_length=150, blank=True)
    request_id = models.UUIDField(null=True)
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=48)
    object_id = models.CharField(max_length=64)
    model_id = models.BigIntegerField(null=True)
    cause_event_id = models.BigIntegerField(null=True)
    canon = models.TextField()
    leaf = models.BinaryField(editable=False)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        db_table = "audit_entry"
        constraints = [
            models.CheckConstraint(
                name="audit_entry_action_is_noun_dot_verb", condition=Q(action__regex=r"^[a-z_]+\.[a-z_]+$")
            ),
        ]
        indexes = [
            models.Index(fields=["xid"], name="audit_entry_xid"),
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_entry_object"),
            models.Index(fields=["model_id", "-id"], name="audit_entry_model"),
            models.Index(fields=["action", "-id"], name="audit_entry_action"),
            models.Index(fields=["at"], name="audit_entry_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type}:{self.object_id}"

    @property
    def body(self) -> dict[str, Any]:
        """What was recorded, parsed from the canonical text."""
        parsed: dict[str, Any] = json.loads(self.canon)
        return parsed
