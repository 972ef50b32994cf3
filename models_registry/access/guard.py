"""The guard of the API: a view that names no permission is closed.

Kept apart from ``access.api`` because REST framework loads its default
permission class while its own views are still being imported.
"""

from collections.abc import Mapping

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from models_registry.access import rights
from models_registry.access.models import Account
from models_registry.access.permissions import Permission


class DenyByDefault(BasePermission):
    """Allow only what the view names in ``permission``: one for all methods, or one per method."""

    def has_permission(self, request: Request, view: object) -> bool:
        """Return True, or raise AccessDenied with its reason (False gives 401 to strangers).

        Raises MethodNotAllowed where the view has no such method.
        """
        if not isinstance(request.user, Account):
            return False
        wanted = permission_of(view, str(request.method))
        if wanted is None:
            if not hasattr(view, str(request.method).lower()):
                raise MethodNotAllowed(str(request.method))
            raise rights.AccessDenied("No permission opens this operation.")
        answer = rights.may_open(request.user, wanted)
        if not answer:
            raise rights.AccessDenied(answer.reason)
        return True


def permission_of(view: object, method: str) -> Permission | None:
    """Return what a view asks for this method. HEAD and OPTIONS ask what GET asks."""
    named = getattr(view, "permission", None)
    if isinstance(named, Mapping):
        by_method: Mapping[str, Permission] = named
        return by_method.get(method, by_method.get("GET") if method in ("HEAD", "OPTIONS") else None)
    return named if isinstance(named, Permission) else None
