"""Builders for people, units and models; every arrangement leaves one entry in the trail."""

from datetime import UTC, datetime

from models_registry.access.models import Account, AccountKind, BusinessUnit, RoleGrant, Team
from models_registry.access.roles import ROLES
from models_registry.audit.actions import record
from models_registry.audit.actor import System
from models_registry.catalog.models import Kind, RegisteredModel

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
ARRANGER = System("arrangement")


def a_unit(slug: str = "credit") -> BusinessUnit:
    unit, _ = BusinessUnit.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
    return unit


def a_team(slug: str = "scoring-team", unit: str = "credit") -> Team:
    team, _ = Team.objects.get_or_create(slug=slug, defaults={"name": slug, "unit": a_unit(unit)})
    return team


def an_account(
    username: str, *roles: str, unit: str = "credit", team: str = "scoring-team", limited_to: str = ""
) -> Account:
    automation = any(ROLES[role].for_automation for role in roles if role in ROLES)
    account = Account.objects.create(
        username=username,
        kind=AccountKind.AUTOMATION if automation else AccountKind.PERSON,
        unit=a_unit(unit) if unit else None,
        team=a_team(team, unit) if team else None,
    )
    record(by=ARRANGER, action="test.arranged", on=account, body={})
    for role in roles:
        RoleGrant.objects.create(
            account=account, role=role, unit=a_unit(limited_to) if limited_to else None, granted_at=AT
        )
    return account


def a_model(slug: str, owner: Account, *, unit: str, team: str | None = None) -> RegisteredModel:
    model = RegisteredModel.objects.create(
        slug=slug,
        name=slug,
        kind=Kind.CLASSIFIER,
        owner=owner,
        unit=a_unit(unit),
        team=a_team(team, unit) if team else None,
        created_at=AT,
    )
    record(by=ARRANGER, action="test.arranged", on=model, body={})
    return model
