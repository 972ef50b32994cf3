"""Reads of the register for pages and the API."""

from django.db.models import QuerySet

from governance.risks.models import Risk, RiskState
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible


def seen_by(account: Account) -> QuerySet[Risk]:
    """Return the risks of the models the account may see, gravest first."""
    rows = visible(account, Permission.RISK_READ, Risk.objects.all(), through="model")
    return rows.select_related("model__unit", "model__owner").order_by("-score", "pk")


def open_for(account: Account) -> QuerySet[Risk]:
    """Return those on which an answer is owed or runs."""
    return seen_by(account).exclude(state=RiskState.CLOSED)
