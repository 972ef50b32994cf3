"""A model that the gate approves, with nothing in its way; tests break one thing at a time."""

from datetime import UTC, datetime, timedelta
from typing import Any

from governance.gates.models import GateDecision
from governance.health.models import Formula, FormulaVersion, HealthScore
from governance.risks.models import Risk
from governance.rules.models import Rule, RuleVersion, VersionState
from governance.scoring.models import Posture
from models_registry.access.issuing import issue_token
from models_registry.access.models import Account, AccountKind, BusinessUnit, RoleGrant
from models_registry.audit.actor import System
from models_registry.audit.canonical import digest
from models_registry.catalog import actions as catalog
from models_registry.catalog.models import ModelVersion, RegisteredModel, Stage

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ARTIFACT = "sha256:" + "a" * 64
OPERATOR = System("operator")

FORMULA = """\
formula: classic
title: Classic models
redline: 60
components:
  - {key: accurate, metric: accuracy, weight: 100, zero_at: 0.5, hundred_at: 0.95, missing: quiet, max_age: 1d}
"""

RULE = """\
rule: pii-leak
title: Personal data in answers
why: Personal data must not leave the house.
when:
  metric: pii_leak_rate
  over: 1h
  above: 0.001
then:
  risk: privacy
  effect: {floor: high}
  require: [acknowledgement, incident]
  restrict: sandbox
clear:
  for: 2
  then: propose
"""


def a_person(name: str, role: str = "", *, kind: AccountKind = AccountKind.PERSON) -> Account:
    """Return an account in the claims unit, with a role everywhere when one is named."""
    unit, _ = BusinessUnit.objects.get_or_create(slug="claims", defaults={"name": "Claims"})
    person, _ = Account.objects.get_or_create(
        username=name.lower(), defaults={"display_name": name, "unit": unit, "kind": kind}
    )
    if role:
        RoleGrant.objects.get_or_create(account=person, role=role, defaults={"granted_at": AT})
    return person


def otto() -> Account:
    """Otto, the pipeline."""
    return a_person("Otto", "automation_ci", kind=AccountKind.AUTOMATION)


def a_token(account: Account, *, at: datetime) -> str:
    """Return the secret of a new token of the account."""
    return issue_token(by=account, at=at, account=account, name="pipeline").raw


def a_clean_version(*, at: datetime = AT, **facts: Any) -> ModelVersion:
    """Return a staged version of a model that is healthy, observed, calm and small."""
    olive = a_person("Olive", "model_owner")
    assert olive.unit is not None
    model = catalog.register_model(
        by=OPERATOR,
        at=at,
        slug="claims-triage",
        name="Claims triage",
        kind="CLASSIFIER",
        owner=olive,
        unit=olive.unit,
        **{"materiality": "MEDIUM", **facts},
    )
    made = catalog.register_version(by=olive, at=at, model=model, artifact_digest=ARTIFACT)
    version = catalog.move_stage(by=olive, at=at, version=made, to=Stage.STAGING)
    _observed(model, at)
    return version


def a_rule(*, text: str = RULE, slug: str = "pii-leak", error: str = "") -> RuleVersion:
    """Return an enforced rule version."""
    rule = Rule.objects.create(slug=slug, title=slug, created_at=AT)
    return RuleVersion.objects.create(
        rule=rule,
        number=1,
        text=text,
        digest=digest(text),
        state=VersionState.ENFORCED,
        author=a_person("Cora", "compliance_officer"),
        created_at=AT,
        enforced_at=AT,
        error=error,
    )


def codes(decision: GateDecision) -> set[str]:
    """Return the codes of a decision's reasons."""
    return {reason["code"] for reason in decision.reasons}


def _observed(model: RegisteredModel, at: datetime) -> None:
    formula = Formula.objects.create(slug="classic", title="Classic", kinds=["CLASSIFIER"], created_at=at)
    version = FormulaVersion.objects.create(
        formula=formula,
        number=1,
        text=FORMULA,
        digest=digest(FORMULA),
        state=VersionState.ENFORCED,
        author=a_person("Cora", "compliance_officer"),
        created_at=at,
        enforced_at=at,
    )
    a_score(model, version, at=at)
    Posture.objects.create(
        model=model, digest="sha256:1", health=95, health_redline=60, coverage=1, quiet=False, updated_at=at
    )
    Risk.objects.create(model=model, category="PERFORMANCE", score=10, level_since=at, created_at=at)


def a_score(model: RegisteredModel, version: FormulaVersion, *, at: datetime, **changed: Any) -> HealthScore:
    """Write a health score whose one component was observed an hour ago."""
    part = {
        "name": "accurate",
        "metric": "accuracy",
        "value": 0.93,
        "score": 95.0,
        "lost": 5.0,
        "observed_at": (at - HOUR).isoformat(),
        **changed,
    }
    return HealthScore.objects.create(
        model=model, formula_version=version, score=95, redline=60, coverage=1, components=[part], scored_at=at
    )
