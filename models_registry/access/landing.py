"""Where people land after signing in: at what their role asks first."""

from models_registry.access.models import Account
from models_registry.access.rights import roles_of

LANDINGS: tuple[tuple[str, str], ...] = (
    ("compliance_officer", "/inbox/"),
    ("model_owner", "/inbox/"),
    ("on_call", "/alerts/"),
    ("ml_engineer", "/alerts/"),
    ("auditor", "/audit/"),
    ("administrator", "/sources/"),
)
"""Role and address; with several roles the first of these decides, and everybody else lands on the board."""


def landing(account: Account) -> str:
    """Return the page that this person sees first."""
    held = {one.role.name for one in roles_of(account)}
    return next((address for role, address in LANDINGS if role in held), "/")
