"""Runtime access for callers that ask all day, on the porch: one statement reads token, rights and posture.

The answer is the one that `gates.api.Runtime` gives, from the same judgement. Anything unusual (no token, one
that is not good, a model that roles do not open, the day's first use of a token) is left to that view, which
knows how to say no. In the statement, the model's open episodes are found first (`OFFSET 0` keeps that order):
there are few of them, and their rules are looked up one by one.
"""

import re
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from django.utils import timezone

from governance.gates.facts import ENVIRONMENT
from governance.gates.queries import restraint_of, restraint_of_law
from governance.gates.runtime import RuntimeAnswer, judge
from governance.rules.models import RuleVersion
from models_registry.access import rights, tokens
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.porch import Environ, Reply
from models_registry.access.prepared import fetch_one
from models_registry.access.roles import ROLES

ADDRESSED = re.compile(r"([-a-zA-Z0-9_]+)/")
STANDING = """
SELECT token.revoked_at IS NULL AND token.expires_at > %(at)s AND token.last_used_on = %(today)s, token.scopes,
       account.id, account.is_active, account.kind, account.team_id, account.unit_id,
       ARRAY(SELECT held.role || ' ' || coalesce(held.unit_id::text, '') FROM access_role_grant AS held
             WHERE held.account_id = account.id AND held.ended_at IS NULL),
       model.owner_id, model.deputy_id, model.team_id, model.unit_id, model.regulatory_class,
       greatest(posture.swept_at, posture.updated_at),
       (SELECT jsonb_agg(jsonb_build_array(rule.title, version.digest, firing.said))::text
        FROM (SELECT episode.rule_version_id, episode.steps -> -1 ->> 'text' AS said FROM rules_episode AS episode
              WHERE episode.model_id = model.id AND episode.environment = %(environment)s
                    AND episode.cleared_at IS NULL AND NOT episode.held
              OFFSET 0) AS firing
        JOIN rules_version AS version ON version.id = firing.rule_version_id AND version.state = 'ENFORCED'
        JOIN rules_rule AS rule ON rule.id = version.rule_id)
FROM access_token AS token
JOIN access_account AS account ON account.id = token.account_id
JOIN catalog_model AS model ON model.slug = %(slug)s
JOIN scoring_posture AS posture ON posture.model_id = model.id
WHERE token.digest = %(digest)s
"""


class _Row(NamedTuple):
    """What `STANDING` reads."""

    token_is_good: bool
    scopes: list[str]
    account_id: int
    is_active: bool
    kind: str
    team_id: int | None
    unit_id: int | None
    grants: list[str]
    owner_id: int
    deputy_id: int | None
    model_team_id: int | None
    model_unit_id: int
    regulatory_class: str
    as_of: datetime
    firing: str | None


class _Owned(NamedTuple):
    """A registered model as far as rights look at it."""

    owner_id: int
    deputy_id: int | None
    team_id: int | None
    unit_id: int


def runtime(rest: str, environ: Environ) -> Reply | None:
    """Return the answer to a question that ends in ``<slug>/``: full, sandbox or none, with the moment it was true.

    None leaves it to the view.
    """
    scheme, _, raw = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    raw = raw.strip()
    asked = ADDRESSED.fullmatch(rest)
    if asked is None or scheme.lower() != "bearer" or not tokens.well_formed(raw):
        return None
    now = timezone.now()
    found = _standing(asked[1], tokens.digest_of(raw), now)
    if found is None or not _may_ask(found):
        return None
    return Reply(_content(asked[1], _judged(found, now)))


def _standing(slug: str, digest: bytes, now: datetime) -> _Row | None:
    facts = {"slug": slug, "digest": digest, "at": now, "today": now.date(), "environment": ENVIRONMENT}
    row = fetch_one(STANDING, facts)
    return _Row(*row) if row else None


def _may_ask(found: _Row) -> bool:
    bearer = (found.account_id, found.is_active, found.kind, found.team_id, found.unit_id)
    model = _Owned(found.owner_id, found.deputy_id, found.model_team_id, found.model_unit_id)
    return found.token_is_good and _allowed(*bearer, tuple(sorted(found.grants)), tuple(found.scopes), model)


@lru_cache(maxsize=16_384)
def _allowed(
    pk: int,
    is_active: bool,
    kind: str,
    team_id: int | None,
    unit_id: int | None,
    grants: tuple[str, ...],
    scopes: tuple[str, ...],
    model: _Owned,
) -> bool:
    """Judge the facts that were just read; equal facts have equal rights."""
    account = _bearer(pk, is_active, kind, team_id, unit_id, grants, scopes)
    asked = (Permission.RUNTIME_ASK, Permission.MODEL_READ)
    return all(rights.can(account, permission, on=model) for permission in asked)


@lru_cache(maxsize=1024)
def _bearer(
    pk: int,
    is_active: bool,
    kind: str,
    team_id: int | None,
    unit_id: int | None,
    grants: tuple[str, ...],
    scopes: tuple[str, ...],
) -> Account:
    """Return an account that holds these grants, for rights to judge; equal rows share one."""
    account = Account(pk=pk, is_active=is_active, kind=kind, team_id=team_id, unit_id=unit_id)
    held = [grant.partition(" ") for grant in grants]
    roles = [rights.Held(ROLES[role], int(unit) if unit else None) for role, _, unit in held if role in ROLES]
    account._held = [one for one in roles if one.role.for_automation == account.is_automation]  # type: ignore[attr-defined]
    rights.limit(account, scopes)
    return account


@lru_cache(maxsize=1024)
def _text(digest: str) -> str:
    """Return the rule text with this digest, read once."""
    return RuleVersion.objects.filter(digest=digest).values_list("text", flat=True)[0]


def _judged(found: _Row, now: datetime) -> RuntimeAnswer:
    rules = msgspec.json.decode(found.firing) if found.firing else ()
    firing = [restraint_of(title=title, text=_text(digest), said=said) for title, digest, said in rules]
    law = restraint_of_law(found.regulatory_class)
    return judge([one for one in (*firing, law) if one is not None], as_of=min(found.as_of, now))


def _content(slug: str, answer: RuntimeAnswer) -> bytes:
    body: dict[str, Any] = {
        "model": slug,
        "access": answer.access.word,
        "reasons": answer.reasons,
        "as_of": answer.as_of,
        "stale_after": answer.stale_after,
    }
    return msgspec.json.encode(body)
