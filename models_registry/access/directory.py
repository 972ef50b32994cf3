"""What is given out of people: accounts and the roles they hold, for those who may open the page of people."""

from models_registry.access.exports import export_of
from models_registry.access.models import Account, RoleGrant
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open
from models_registry.tabular.writing import Export


def tables(*, actor: Account) -> list[Export]:
    """Return accounts and role grants; nothing that signs anybody in."""
    if not may_open(actor, Permission.PEOPLE_READ):
        return []
    return [
        export_of("people", "Accounts of people and of automations.", Account.objects.all(), {
            "username": "username", "name": "display_name", "kind": "kind", "unit": "unit__slug",
            "team": "team__slug", "active": "is_active", "joined_at": "date_joined",
        }),
        export_of("roles", "Who held which role, from when until when.", RoleGrant.objects.all(), {
            "username": "account__username", "role": "role", "unit": "unit__slug",
            "granted_by": "granted_by__username", "granted_at": "granted_at", "ended_at": "ended_at",
        }),
    ]  # fmt: skip
