"""Who walks a rule or formula down its road in these tests."""

from datetime import UTC, datetime

from models_registry.access.models import Account, RoleGrant

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def a_person(name: str, *roles: str) -> Account:
    """Return an account with these roles everywhere."""
    person = Account.objects.create(username=name.lower(), display_name=name)
    for role in roles:
        RoleGrant.objects.create(account=person, role=role, granted_at=AT)
    return person


def cora() -> Account:
    """Cora writes rules and formulas."""
    return a_person("Cora", "compliance_officer")
