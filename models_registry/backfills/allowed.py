"""Who may bring in history: whoever manages sources, and accounts that send telemetry."""

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, require
from models_registry.audit.actor import Actor


def require_writer(by: Actor) -> None:
    """Let the operator, a manager of sources and a sending account pass. Raises AccessDenied."""
    if isinstance(by, Account) and not can(by, Permission.TELEMETRY_WRITE):
        require(by, Permission.SOURCE_MANAGE)
