"""Find one row for a door: what a person may not see does not exist for them."""

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.http import Http404

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible


def find[M: Model](
    actor: Account, permission: Permission, queryset: QuerySet[M], *, through: str = "", **by: object
) -> M:
    """Return the one visible row with these values; raise Http404, equal for absent and invisible."""
    try:
        return visible(actor, permission, queryset, through=through).get(**by)
    except (ObjectDoesNotExist, ValueError):
        raise Http404("Not found.") from None
