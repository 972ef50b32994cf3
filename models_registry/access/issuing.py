"""Issue and revoke tokens and one-time links. The secret is returned once and never stored."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from models_registry.access import tokens
from models_registry.access.actions import AlreadyEnded, require_power
from models_registry.access.models import Account, OneTimeLink, Token
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied
from models_registry.audit.actions import record
from models_registry.audit.actor import Actor

LINK_LIFE = timedelta(hours=24)


class LifeTooLong(Exception):
    """A token lives more than nothing and at most 90 days."""

    http_status = 400


class UnknownScope(Exception):
    """A scope is the name of a permission."""

    http_status = 400


class HasPassword(Exception):
    """The account has a password, so a link that sets one would be a way to act as somebody else."""

    http_status = 409


class LinkSpent(Exception):
    """This link was used, has expired or never existed. Ask an administrator for a new one."""

    http_status = 410


@dataclass(frozen=True)
class Issued:
    """A new token and, this once, its secret."""

    token: Token
    raw: str = field(repr=False)


@transaction.atomic
def issue_token(
    *,
    by: Actor,
    at: datetime,
    account: Account,
    name: str = "",
    scopes: Sequence[str] = (),
    lifetime: timedelta = timedelta(days=30),
) -> Issued:
    """Issue a token; without scopes it carries all that the account's roles allow.

    People issue for themselves; for others it takes TOKEN_MANAGE, and only for
    automation, so that nobody can act in the name of another person. Raises
    AccessDenied, LifeTooLong, UnknownScope.
    """
    if by != account:
        _require_issuer(by, account)
    if not timedelta(0) < lifetime <= tokens.LONGEST_LIFE:
        raise LifeTooLong("A token lives more than nothing and at most 90 days.")
    _check_scopes(scopes)
    raw = tokens.mint()
    token = Token.objects.create(
        account=account,
        name=name,
        digest=tokens.digest_of(raw),
        last_four=raw[-4:],
        scopes=sorted(set(scopes)),
        issued_by=by if isinstance(by, Account) else None,
        issued_at=at,
        expires_at=at + lifetime,
    )
    record(by=by, action="token.issued", on=token, body={**_body(token), "expires_at": token.expires_at})
    return Issued(token, raw)


@transaction.atomic
def revoke_token(*, by: Actor, at: datetime, token: Token) -> Token:
    """End a token at once. Raises AccessDenied, AlreadyEnded."""
    locked = Token.objects.select_for_update(of=("self",)).select_related("account").get(pk=token.pk)
    if by != locked.account:
        require_power(by, Permission.TOKEN_MANAGE)
    if locked.revoked_at is not None:
        raise AlreadyEnded("This token was revoked already.")
    locked.revoked_at = at
    locked.save(update_fields=["revoked_at"])
    record(by=by, action="token.revoked", on=locked, body=_body(locked))
    return locked


@transaction.atomic
def create_link(*, by: Actor, at: datetime, account: Account) -> str:
    """Return the secret of a link with which one person sets a password, once, within a day.

    Raises AccessDenied, also for automation, which never signs in.
    """
    require_power(by, Permission.PEOPLE_MANAGE)
    if account.is_automation:
        raise AccessDenied("Automation holds tokens and never signs in.")
    raw = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(account=account, digest=tokens.digest_of(raw), created_at=at, expires_at=at + LINK_LIFE)
    record(by=by, action="link.created", on=account, body={"username": account.username})
    return raw


@transaction.atomic
def renew_link(*, by: Actor, at: datetime, account: Account) -> str:
    """Return the secret of a new link for a person who has set no password yet; earlier ones end.

    With a password it would be a way to act as somebody else. Raises AccessDenied, AlreadyEnded, HasPassword.
    """
    locked = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    require_power(by, Permission.PEOPLE_MANAGE)
    if not locked.is_active:
        raise AlreadyEnded(f"{locked} is disabled.")
    if locked.has_usable_password():
        raise HasPassword(f"{locked} has a password. A forgotten one is replaced from the sign-in page, by e-mail.")
    OneTimeLink.objects.filter(account=locked, used_at__isnull=True, expires_at__gt=at).update(expires_at=at)
    return create_link(by=by, at=at, account=locked)


def open_link(*, raw: str, at: datetime) -> OneTimeLink:
    """Return the link behind the secret; raise LinkSpent when it can no longer be used."""
    usable = OneTimeLink.objects.select_related("account").filter(
        digest=tokens.digest_of(raw), used_at__isnull=True, expires_at__gt=at, account__is_active=True
    )
    found = usable.first()
    if found is None:
        raise LinkSpent("This link was used, has expired or never existed. Ask an administrator for a new one.")
    return found


@transaction.atomic
def use_link(*, raw: str, at: datetime, password: str) -> Account:
    """Set the password of the link's account and spend the link. Raises LinkSpent, ValidationError."""
    link = OneTimeLink.objects.select_for_update().get(pk=open_link(raw=raw, at=at).pk)
    if link.used_at is not None:
        raise LinkSpent("This link was used a moment ago.")
    account = link.account
    validate_password(password, account)
    account.set_password(password)
    account.save(update_fields=["password"])
    link.used_at = at
    link.save(update_fields=["used_at"])
    record(by=account, action="account.password_set", on=account, body={"by_link": link.pk})
    return account


def _require_issuer(by: Actor, account: Account) -> None:
    require_power(by, Permission.TOKEN_MANAGE)
    if isinstance(by, Account) and not account.is_automation:
        from_others = f"Only {account} can issue a token that acts as {account}."
        raise AccessDenied(from_others)


def _check_scopes(scopes: Sequence[str]) -> None:
    unknown = sorted(set(scopes) - set(Permission))
    if unknown:
        raise UnknownScope(f"Unknown scope: {', '.join(unknown)}. A scope is a permission such as gate.ask.")


def _body(token: Token) -> dict[str, object]:
    return {
        "account": token.account.username,
        "name": token.name,
        "last_four": token.last_four,
        "scopes": token.scopes,
    }
