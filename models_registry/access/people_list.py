"""The list of accounts: found by name, role, unit and kind, in the database."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from models_registry.access.listing import ListFilters, one_of, searched
from models_registry.access.models import Account, AccountKind, BusinessUnit, RoleGrant
from models_registry.access.roles import ROLES

HEADS = (("Account", "name"), ("Roles", ""), ("Unit", ""), ("Team", ""), ("State", ""))
NO_ROLE = "none"


class AccountFilters(ListFilters):
    """Narrow the list; a value that is not known narrows nothing."""

    q = searched("Name of a person or an automation", method="named")
    role = one_of("Role", [*((name, role.title) for name, role in ROLES.items()), (NO_ROLE, "No role")], method="held")
    unit = one_of("Unit", field_name="unit__slug")
    kind = one_of("Kind", [(kind.value, kind.label.capitalize()) for kind in AccountKind])
    state = one_of("State", [("active", "Active"), ("disabled", "Disabled")], method="open_or_closed")

    SORTS: ClassVar[Mapping[str, Any]] = {"name": Lower("username"), "joined": F("date_joined")}
    SORT = "name"

    class Meta:
        model = Account
        fields: Sequence[str] = ()

    def prepare(self) -> None:
        """Offer the units there are."""
        self.filters["unit"].extra["choices"] = list(BusinessUnit.objects.order_by("name").values_list("slug", "name"))

    def named(self, accounts: QuerySet[Account], _: str, text: str) -> QuerySet[Account]:
        """Keep accounts whose name holds the text."""
        return accounts.filter(Q(username__icontains=text) | Q(display_name__icontains=text))

    def held(self, accounts: QuerySet[Account], _: str, role: str) -> QuerySet[Account]:
        """Keep accounts that hold the role now, or those that hold none."""
        grants = RoleGrant.objects.filter(account=OuterRef("pk"), ended_at__isnull=True)
        return accounts.filter(~Exists(grants) if role == NO_ROLE else Exists(grants.filter(role=role)))

    def open_or_closed(self, accounts: QuerySet[Account], _: str, word: str) -> QuerySet[Account]:
        """Keep accounts that can act, or those that were disabled."""
        return accounts.filter(is_active=word == "active")


def with_roles(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Read with each account what a line shows of it; ended roles stay unread."""
    held = RoleGrant.objects.filter(ended_at__isnull=True).select_related("unit").order_by("pk")
    return accounts.select_related("unit", "team").prefetch_related(Prefetch("role_grants", queryset=held))
