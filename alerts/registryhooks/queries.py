"""Which webhooks somebody sees."""

from django.db.models import QuerySet

from alerts.registryhooks import actions
from alerts.registryhooks.models import RegistryWebhook
from models_registry.access.models import Account


def seen(by: Account) -> QuerySet[RegistryWebhook]:
    """Return the webhooks that stand and that the account may see: its own, or everybody's."""
    standing = RegistryWebhook.objects.standing()
    return standing if actions.sees_all(by) else standing.filter(made_by=by)
