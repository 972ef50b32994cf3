"""Reach the states that journeys begin in, by calling the real actions.

Olive owns the claims models, Cora is compliance, Otto is on call, Adam administers; Stella is a stranger
without a role.
All moments follow from `NOON`, yesterday at twelve, so that pages may ask for them as the past.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from governance.health.formula import parse as parse_formula
from governance.health.models import Formula, FormulaVersion
from governance.rules.judging import definition_of
from governance.rules.models import Rule, RuleVersion, VersionState
from governance.scoring import pipeline
from models_registry.access.actions import create_account, grant_role
from models_registry.access.models import Account, BusinessUnit
from models_registry.audit.actions import record
from models_registry.audit.actor import System
from models_registry.audit.canonical import digest
from models_registry.catalog.actions import register_model
from models_registry.catalog.models import Kind, Materiality, RegisteredModel
from models_registry.telemetry.actions import create_source, receive
from models_registry.telemetry.models import Source

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
OPERATOR = System("operator")
SHIPPED_FORMULAS = Path(__file__).parents[2] / "governance" / "health" / "shipped"

ACCURACY_RULE = """
rule: accuracy-low
title: Accuracy below 0.80
why: Wrong answers cost claimants time.
when:
  metric: accuracy
  over: 1h
  below: 0.8
  for: 1
then:
  risk: performance
  effect: {floor: high}
  alert: {tier: 1}
clear:
  above: 0.85
  for: 1
  then: auto
"""
"""One completed hour below 0.80 raises performance risk to High, one above 0.85 ends it."""


@dataclass(frozen=True)
class People:
    """The persons of the stories, and the unit in which Olive works."""

    olive: Account
    cora: Account
    otto: Account
    stella: Account
    claims: BusinessUnit


def people(at: datetime = NOON - timedelta(days=60)) -> People:
    """Return the persons with their roles; calling again returns the same rows."""
    claims, _ = BusinessUnit.objects.get_or_create(slug="claims", defaults={"name": "Claims"})
    return People(
        olive=a_person("olive", "Olive Okafor", "model_owner", unit=claims, at=at),
        cora=a_person("cora", "Cora Castellan", "compliance_officer", at=at),
        otto=a_person("otto", "Otto Ortega", "on_call", at=at),
        stella=a_person("stella", "Stella Strand", at=at),
        claims=claims,
    )


def a_person(
    username: str,
    display_name: str = "",
    *roles: str,
    unit: BusinessUnit | None = None,
    at: datetime = NOON - timedelta(days=60),
) -> Account:
    """Return the account of this name, made with these roles if it is not there."""
    known = Account.objects.filter(username=username).first()
    if known is not None:
        return known
    account = create_account(
        by=OPERATOR, at=at, username=username, display_name=display_name or username.capitalize(), unit=unit
    )
    for role in roles:
        grant_role(by=OPERATOR, at=at, account=account, role=role)
    return account


def a_model(slug: str = "claims-triage", *, at: datetime = NOON - timedelta(days=30), **facts: Any) -> RegisteredModel:
    """Return a model that Olive owns, of high materiality, registered 30 days before noon."""
    persons = people()
    given = {
        "name": slug.replace("-", " ").capitalize(),
        "kind": Kind.CLASSIFIER,
        "owner": persons.olive,
        "unit": persons.claims,
        "materiality": Materiality.HIGH,
    }
    return register_model(by=OPERATOR, at=at, slug=slug, **given | facts)


@transaction.atomic
def an_enforced_rule(text: str = ACCURACY_RULE, *, at: datetime = NOON - timedelta(days=20)) -> RuleVersion:
    """Return an enforced version with this text, written by Cora; an earlier one of the rule retires."""
    definition = definition_of(text)
    rule, _ = Rule.objects.get_or_create(slug=definition.rule, defaults={"title": definition.title, "created_at": at})
    rule.versions.filter(state=VersionState.ENFORCED).update(state=VersionState.RETIRED, retired_at=at)
    version = RuleVersion.objects.create(
        rule=rule,
        number=rule.versions.count() + 1,
        text=text,
        digest=digest(text),
        state=VersionState.ENFORCED,
        author=people().cora,
        created_at=at,
        submitted_at=at,
        approved_at=at,
        shadowed_at=at,
        enforced_at=at,
    )
    body = {"rule": rule.slug, "number": version.number, "digest": version.digest}
    record(by=OPERATOR, action="rule.activated", on=version, body=body)
    return version


@transaction.atomic
def an_enforced_formula(
    text: str = "", *, kinds: Iterable[str] = (Kind.CLASSIFIER,), at: datetime = NOON - timedelta(days=20)
) -> FormulaVersion:
    """Return an enforced health formula for these kinds; the shipped classic one without a text."""
    text = text or (SHIPPED_FORMULAS / "classic-ml.yaml").read_text()
    parsed = parse_formula(text)
    formula = Formula.objects.create(
        slug=parsed.name, title=parsed.title, kinds=[str(kind) for kind in kinds], created_at=at
    )
    version = FormulaVersion.objects.create(
        formula=formula,
        number=1,
        text=text,
        digest=digest(text),
        state=VersionState.ENFORCED,
        author=people().cora,
        created_at=at,
        enforced_at=at,
    )
    record(by=OPERATOR, action="formula.activated", on=version, body={"formula": formula.slug, "number": 1})
    return version


def a_source(name: str = "Monitoring", *, kind: str = "measurements", at: datetime = NOON) -> Source:
    """Return the source of this name, made if it is not there."""
    known = Source.objects.filter(name=name).first()
    adam = a_person("adam", "Adam Ames", "administrator")
    return known or create_source(by=adam, at=at, name=name, kind=kind)[0]


def send(readings: Iterable[Mapping[str, Any]], *, at: datetime = NOON, score: bool = True) -> int:
    """Send one event with these readings and let the line take it; return how many events it took.

    A reading has `model`, `metric`, `value` and `observed_at` (a datetime), and may have `segment`.
    """
    rows = [{**one, "observed_at": one["observed_at"].isoformat()} for one in readings]
    body = json.dumps({"measurements": rows}).encode()
    receive(source=a_source(at=at), body=body, headers={}, at=at)
    return pipeline.process(limit=100, at=at) if score else 0


def hourly(
    values: Iterable[float],
    *,
    model: str = "claims-triage",
    metric: str = "accuracy",
    until: datetime = NOON,
    segment: str = "",
) -> list[dict[str, Any]]:
    """Return one reading per hour, the last in the hour before `until`, at half past."""
    listed = list(values)
    first = until - timedelta(hours=len(listed)) + timedelta(minutes=30)
    return [
        {
            "model": model,
            "metric": metric,
            "value": value,
            "observed_at": first + timedelta(hours=hour),
            **({"segment": segment} if segment else {}),
        }
        for hour, value in enumerate(listed)
    ]


def a_model_past_its_line(slug: str = "claims-triage", *, at: datetime = NOON, **facts: Any) -> RegisteredModel:
    """Return a model whose accuracy has been low for two hours under an enforced rule: its risk is High."""
    model = a_model(slug, **facts)
    if not RuleVersion.objects.filter(rule__slug="accuracy-low", state=VersionState.ENFORCED).exists():
        an_enforced_rule()
    send(hourly([0.95, 0.93, 0.7, 0.6], model=slug, until=at), at=at)
    return model
