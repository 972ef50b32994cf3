"""Who walks a rule or formula down its road in these tests."""

from datetime import UTC, datetime

from django.db import transaction

from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest
from governance.rules import actions
from governance.rules.models import RuleVersion
from models_registry.access.models import Account, BusinessUnit, RoleGrant
from models_registry.audit.actions import record
from models_registry.audit.actor import System
from models_registry.catalog.models import RegisteredModel

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def a_person(name: str, *roles: str) -> Account:
    """Return an account with these roles everywhere."""
    with transaction.atomic():
        person, new = Account.objects.get_or_create(username=name.lower(), defaults={"display_name": name})
        for role in roles if new else ():
            RoleGrant.objects.create(account=person, role=role, granted_at=AT)
        record(by=System("arrangement"), action="test.arranged", on=person, body={})
    return person


def cora() -> Account:
    """Cora writes rules and formulas."""
    return a_person("Cora", "compliance_officer")


def two_eyes_more() -> tuple[Account, Account]:
    """Carl of compliance and Bea of the board, who did not write it."""
    return a_person("Carl", "compliance_officer"), a_person("Bea", "governance_board")


def agree(request: ApprovalRequest) -> None:
    """Let both approve."""
    for voter in two_eyes_more():
        approvals.vote(by=voter, at=AT, request_id=request.pk, approves=True, judged_digest=request.digest)


def an_approved_version(slug: str, text: str) -> RuleVersion:
    """Walk a rule to APPROVED: Cora drafts and submits, Carl and Bea agree."""
    version = actions.draft(by=cora(), at=AT, slug=slug, text=text)
    agree(actions.submit(by=cora(), at=AT, version=version))
    version.refresh_from_db()
    return version


def an_enforced_version(slug: str, text: str) -> RuleVersion:
    """Walk a rule all the way."""
    version = an_approved_version(slug, text)
    actions.shadow(by=cora(), at=AT, version=version)
    return actions.enforce(by=cora(), at=AT, version=version)


def a_model(slug: str, **facts: object) -> RegisteredModel:
    """Return a model that Olive of the claims unit owns; ``facts`` are its further columns."""
    unit, _ = BusinessUnit.objects.get_or_create(slug="claims", defaults={"name": "Claims"})
    olive = a_person("Olive", "model_owner")
    given = {"slug": slug, "name": slug.title(), "kind": "CLASSIFIER", "owner": olive, "unit": unit, "created_at": AT}
    with transaction.atomic():
        model: RegisteredModel = RegisteredModel.objects.create(**given | facts)
        record(by=System("arrangement"), action="test.arranged", on=model, body={})
    return model
