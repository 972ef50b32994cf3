"""Make and close accounts, give and end roles. Every change is in the trail."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from models_registry.access.models import Account, AccountKind, BusinessUnit, RoleGrant, Team
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied, require
from models_registry.access.roles import ROLES, Administrator
from models_registry.audit.actions import record
from models_registry.audit.actor import Actor


class NameTaken(Exception):
    """An account with this name exists already."""

    http_status = 409


class UnknownRole(Exception):
    """There is no such role."""

    http_status = 400


class RoleOfAnotherKind(Exception):
    """Automation holds automation roles only, and people hold none of them."""

    http_status = 409


class RoleHeldAlready(Exception):
    """The account holds this role already."""

    http_status = 409


class AlreadyEnded(Exception):
    """This has ended already."""

    http_status = 409


class LastAdministrator(Exception):
    """Somebody must remain who can manage people."""

    http_status = 409


TOLD = {"username", "display_name", "email"}
"""What whoever makes an account says in words of their own."""


@transaction.atomic
def create_account(
    *,
    by: Actor,
    at: datetime,
    username: str,
    kind: AccountKind = AccountKind.PERSON,
    display_name: str = "",
    email: str = "",
    unit: BusinessUnit | None = None,
    team: Team | None = None,
    password: str | None = None,
) -> Account:
    """Create an account without roles; without a password nobody can sign in to it yet.

    Raises AccessDenied, NameTaken, and ValidationError for a name or an address that is none, or a weak password.
    """
    require_power(by, Permission.PEOPLE_MANAGE)
    account = Account(
        username=username,
        kind=kind,
        display_name=display_name,
        email=email,
        unit=unit or (team.unit if team else None),
        team=team,
        date_joined=at,
    )
    account.clean_fields(exclude={field.name for field in Account._meta.fields} - TOLD)
    if username.strip(".") != username:
        raise ValidationError({"username": "A name neither begins nor ends with a full stop."})
    if account.is_automation:
        password = None  # automation holds tokens and never signs in
    if password is not None:
        validate_password(password, account)
    account.set_password(password)
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError:
        raise NameTaken(f"An account named {username} exists already.") from None
    record(by=by, action="account.created", on=account, body={"username": username, "kind": str(kind)})
    return account


@transaction.atomic
def disable(*, by: Actor, at: datetime, account: Account) -> Account:
    """Close an account: sessions and tokens stop at once, history stays.

    Raises AccessDenied, AlreadyEnded, LastAdministrator.
    """
    require_power(by, Permission.PEOPLE_MANAGE)
    locked = Account.objects.select_for_update().get(pk=account.pk)
    if not locked.is_active:
        raise AlreadyEnded(f"{locked} is disabled already.")
    _keep_an_administrator(without=locked)
    locked.is_active = False
    locked.save(update_fields=["is_active"])
    locked.tokens.filter(revoked_at__isnull=True).update(revoked_at=at)
    record(by=by, action="account.disabled", on=locked, body={"username": locked.username})
    account.is_active = False
    return account


@transaction.atomic
def grant_role(*, by: Actor, at: datetime, account: Account, role: str, unit: BusinessUnit | None = None) -> RoleGrant:
    """Give a role, everywhere or for the models of one unit. Nobody gives a role to themselves.

    Raises AccessDenied, UnknownRole, RoleOfAnotherKind, RoleHeldAlready.
    """
    require_power(by, Permission.PEOPLE_MANAGE)
    if by == account:
        raise AccessDenied("Nobody gives a role to themselves; ask another administrator.")
    if role not in ROLES:
        raise UnknownRole(f"There is no role {role!r}. Roles: {', '.join(ROLES)}.")
    if ROLES[role].for_automation != account.is_automation:
        raise RoleOfAnotherKind(f"{ROLES[role].title} is not a role for {account}: it is {account.kind.lower()}.")
    try:
        with transaction.atomic():
            granted = RoleGrant.objects.create(
                account=account,
                role=role,
                unit=unit,
                granted_by=by if isinstance(by, Account) else None,
                granted_at=at,
            )
    except IntegrityError:
        raise RoleHeldAlready(f"{account} is {ROLES[role].title} already.") from None
    record(by=by, action="role.granted", on=account, body=_grant_body(granted))
    return granted


@transaction.atomic
def end_role(*, by: Actor, at: datetime, grant: RoleGrant) -> RoleGrant:
    """End a role from this moment; the grant stays as history.

    Raises AccessDenied, AlreadyEnded, LastAdministrator.
    """
    require_power(by, Permission.PEOPLE_MANAGE)
    locked = RoleGrant.objects.select_for_update(of=("self",)).select_related("account").get(pk=grant.pk)
    if locked.ended_at is not None:
        raise AlreadyEnded("This role has ended already.")
    if locked.role == Administrator.name:
        _keep_an_administrator(without=locked.account)
    locked.ended_at = at
    locked.save(update_fields=["ended_at"])
    record(by=by, action="role.ended", on=locked.account, body=_grant_body(locked))
    return locked


def require_power(by: Actor, permission: Permission) -> None:
    """Hold accounts to their permissions; a part of Redline itself acts from a command line."""
    if isinstance(by, Account):
        require(by, permission)


def administrators() -> list[int]:
    """Return the identifiers of the active accounts that manage people, locked against ending."""
    open_grants = RoleGrant.objects.select_for_update(of=("self",)).filter(
        role=Administrator.name, ended_at__isnull=True, account__is_active=True, unit__isnull=True
    )
    return sorted(open_grants.order_by("pk").values_list("account_id", flat=True))


def _keep_an_administrator(*, without: Account) -> None:
    if administrators() == [without.pk]:
        raise LastAdministrator(f"{without} is the last administrator; name another one first.")


def _grant_body(grant: RoleGrant) -> dict[str, object]:
    return {"role": grant.role, "unit": grant.unit.slug if grant.unit else None, "grant": grant.pk}
