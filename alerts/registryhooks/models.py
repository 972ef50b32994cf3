"""Webhooks of the registry, and how far the trail was followed for them."""

import uuid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from alerts.delivery.models import Channel
from models_registry.audit.models import Xid8Field


class RegistryWebhookQuerySet(models.QuerySet["RegistryWebhook"]):
    """Chainable filters over webhooks."""

    def standing(self) -> "RegistryWebhookQuerySet":
        """Webhooks that were not deleted, each with its channel and its maker."""
        return self.filter(deleted_at__isnull=True).select_related("channel", "made_by", "stopped_by")

    def on(self) -> "RegistryWebhookQuerySet":
        """Webhooks that are told of changes."""
        return self.standing().filter(channel__disabled_at__isnull=True)


class RegistryWebhook(models.Model):
    """A row means: changes of the registry that its maker may read are posted to an address.

    Address, state and what waits are those of its channel; the secret is in the vault. ``events`` are names such as
    ``model_version.created``. ``stopped_by`` is who turned it off, where that was not its maker.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=63)
    description = models.CharField(max_length=1000, blank=True)
    events = models.JSONField()
    channel = models.OneToOneField(Channel, on_delete=models.PROTECT, related_name="registry_webhook")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="registry_webhooks")
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = RegistryWebhookQuerySet.as_manager()

    class Meta:
        db_table = "registryhooks_webhook"
        constraints = [
            models.CheckConstraint(name="registryhooks_webhook_has_events", condition=~Q(events=[])),
            models.CheckConstraint(
                name="registryhooks_webhook_deleted_after",
                condition=Q(deleted_at__isnull=True) | Q(deleted_at__gte=F("created_at")),
            ),
        ]
        indexes = [models.Index(fields=["-created_at"], name="registryhooks_webhook_recent")]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """Where it posts to; its channel must have been read."""
        config: dict[str, Any] = self.channel.config
        return str(config["url"])

    def shown_url(self, *, to: int) -> str:
        """Return the address for an account's eyes: whole for its maker, of others' the host alone.

        The rest of an address may hold a key.
        """
        if to == self.made_by_id:
            return self.url
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_signed(self) -> bool:
        """Whether a secret is kept for it."""
        return bool(self.channel.config["signed"])


class Followed(models.Model):
    """The row means: the trail was followed up to this transaction and entry. There is one once a webhook was made.

    Entries up to ``floor_id`` are done whatever their transaction: those of a database that was restored elsewhere
    carry numbers that its transactions no longer mean.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    xid = Xid8Field()
    entry_id = models.BigIntegerField(default=0)
    floor_id = models.BigIntegerField(default=0)

    class Meta:
        db_table = "registryhooks_followed"
        constraints = [models.CheckConstraint(name="registryhooks_followed_one_row", condition=Q(id=1))]
