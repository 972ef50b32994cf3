"""People, models and entries of the trail that the tests of alerts share."""

import itertools
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from models_registry.access.models import Account, BusinessUnit, RoleGrant
from models_registry.audit.actions import record
from models_registry.audit.actor import CLOCK, SCORING
from models_registry.catalog.models import RegisteredModel

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
numbers = itertools.count(1)


def a_person(name: str, *, role: str = "") -> Account:
    """Return an account, with a role everywhere when one is named."""
    with transaction.atomic():
        return _person(name, role)


def _person(name: str, role: str) -> Account:
    person = Account.objects.create(
        username=f"{name.lower()}{next(numbers)}", display_name=name, email=f"{name.lower()}@example.test"
    )
    if role:
        RoleGrant.objects.create(account=person, role=role, granted_at=AT)
    record(by=CLOCK, action="account.created", on=person, body={"role": role})
    return person


def a_model(owner: Account, *, slug: str = "claims", materiality: str = "HIGH") -> RegisteredModel:
    """Return a registered model of the owner's."""
    with transaction.atomic():
        return _model(owner, slug, materiality)


def _model(owner: Account, slug: str, materiality: str) -> RegisteredModel:
    unit, _ = BusinessUnit.objects.get_or_create(slug="claims-unit", defaults={"name": "Claims"})
    model = RegisteredModel.objects.create(
        slug=slug,
        name=slug.replace("-", " ").capitalize(),
        kind="CLASSIFIER",
        owner=owner,
        unit=unit,
        materiality=materiality,
        created_at=AT,
    )
    record(by=CLOCK, action="model.registered", on=model, body={"slug": slug})
    return model


def a_raise(model: RegisteredModel, *, level: str = "CRITICAL", **changed: Any) -> int:
    """Write the entry of a raised risk in the caller's transaction."""
    return an_entry(model, "risk.level_raised", to_level=level, **changed)


def an_entry(model: RegisteredModel, action: str, **changed: Any) -> int:
    """Write an entry about a risk of a model in the caller's transaction."""
    body = {
        "model": model.slug,
        "model_name": model.name,
        "category": "PERFORMANCE",
        "from_level": "LOW",
        "to_level": "CRITICAL",
        "score": 81.5,
        "explanation": "Recall 0.61 is under 0.80 over 1 day.",
        "unit": model.unit.slug,
        "materiality": model.materiality,
        "risk": 7,
        "alert_tier": None,
        **changed,
    }
    return record(by=SCORING, action=action, on=("risk", "7"), body=body, model_id=model.pk)
