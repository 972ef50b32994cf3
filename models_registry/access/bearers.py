"""Who holds a token, with one prepared statement: for addresses that are called all day.

The answer is the one of `access.api.recognise`; equal rows share one account object, which nothing may change.
"""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from models_registry.access import rights, tokens
from models_registry.access.models import Account, Token
from models_registry.access.prepared import fetch_one
from models_registry.access.roles import ROLES

HOLDER = """
SELECT token.id, token.revoked_at, token.expires_at, token.last_used_on, token.issued_by_id, token.scopes,
       account.id, account.username, account.display_name, account.is_active, account.kind, account.team_id,
       account.unit_id,
       ARRAY(SELECT held.role || ' ' || coalesce(held.unit_id::text, '') FROM access_role_grant AS held
             WHERE held.account_id = account.id AND held.ended_at IS NULL ORDER BY held.role, held.id)
FROM access_token AS token JOIN access_account AS account ON account.id = token.account_id
WHERE token.digest = %(digest)s
"""


class NotKnown(Exception):
    """Nobody is known by this token; the message says what is wrong with it."""


class Holder(NamedTuple):
    """An account that presented a token, and who issued the token to it."""

    account: Account
    issued_by_id: int | None


class _Row(NamedTuple):
    """What `HOLDER` reads of the account."""

    pk: int
    username: str
    display_name: str
    is_active: bool
    kind: str
    team_id: int | None
    unit_id: int | None
    grants: tuple[str, ...]
    scopes: tuple[str, ...]


def holder(raw: str, *, at: datetime) -> Holder:
    """Return who presents this token, narrowed to its scopes and with its roles read. Raises NotKnown."""
    if not tokens.well_formed(raw):
        raise NotKnown("This is not a Redline token.")
    found = fetch_one(HOLDER, {"digest": tokens.digest_of(raw)})
    if found is None:
        raise NotKnown("This token is not known.")
    pk, revoked_at, expires_at, last_used_on, issued_by_id, scopes, *facts, grants = found
    row = _Row._make([*facts, tuple(grants), tuple(scopes)])
    if revoked_at is not None:
        raise NotKnown("This token was revoked.")
    if expires_at <= at:
        raise NotKnown("This token has expired.")
    if not row.is_active:
        raise NotKnown("This account is disabled.")
    if last_used_on != at.date():
        Token.objects.filter(pk=pk).update(last_used_on=at.date())
    return Holder(_account(row), issued_by_id)


@lru_cache(maxsize=1024)
def _account(row: _Row) -> Account:
    account = Account(
        pk=row.pk,
        username=row.username,
        display_name=row.display_name,
        is_active=row.is_active,
        kind=row.kind,
        team_id=row.team_id,
        unit_id=row.unit_id,
    )
    held = [grant.partition(" ") for grant in row.grants]
    roles = [rights.Held(ROLES[role], int(unit) if unit else None) for role, _, unit in held if role in ROLES]
    account._held = [one for one in roles if one.role.for_automation == account.is_automation]  # type: ignore[attr-defined]
    account._state.adding = False
    rights.limit(account, row.scopes)
    return account
