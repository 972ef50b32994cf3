"""Who is told by name: the owner and deputy of a model, or the holders of a role."""

from dataclasses import dataclass

from models_registry.access.models import Account, RoleGrant
from models_registry.catalog.models import RegisteredModel

ROLES = {
    "source": ("on_call", "ml_engineer"),
    "telemetry": ("on_call", "ml_engineer"),
    "rule": ("compliance_officer", "governance_board"),
    "approval": ("compliance_officer",),
    "automation": ("compliance_officer", "on_call"),
    "trail": ("auditor", "compliance_officer", "administrator"),
}
"""By the noun of the action; everything else is the owner's."""
BESIDE_OWNERS = {"violation": ("compliance_officer",)}
"""Who is told beside the owner and the deputy."""

MOST = 20
"""People told about one entry by role."""


@dataclass(frozen=True)
class Reader:
    """A person who is told: account and how they are called."""

    id: int
    name: str


def readers(*, action: str, model_id: int | None) -> list[Reader]:
    """Return who is told about an entry: active people, owner first, each once."""
    noun = action.partition(".")[0]
    roles = ROLES.get(noun)
    found = _holders(roles) if roles else [*_owners(model_id), *_holders(BESIDE_OWNERS.get(noun, ()))]
    return [Reader(one.pk, str(one)) for one in dict.fromkeys(found) if one.is_active]


def _owners(model_id: int | None) -> list[Account]:
    if model_id is None:
        return []
    model = RegisteredModel.objects.select_related("owner", "deputy").filter(pk=model_id).first()
    if model is None:
        return []
    return [model.owner, model.deputy] if model.deputy else [model.owner]


def _holders(roles: tuple[str, ...]) -> list[Account]:
    if not roles:
        return []
    grants = RoleGrant.objects.filter(role__in=roles, ended_at__isnull=True).select_related("account")
    return [grant.account for grant in grants.order_by("account_id")[:MOST]]
