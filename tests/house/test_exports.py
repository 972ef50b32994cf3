"""What each role takes out: every table with the rows that its page would show, and nothing secret in any."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from alerts.inbox.models import Alert, Annotation
from alerts.routing.models import RoutingDecision
from governance.approvals.models import ApprovalRequest, Vote
from governance.health.models import FormulaVersion, HealthScore
from governance.risks.models import Acceptance, Assessment, Release, Risk, RiskChange
from governance.rules.models import Episode, RuleVersion
from governance.scoring.models import Posture, PostureChange
from models_registry.access.models import Account, Token
from models_registry.access.roles import ROLES
from models_registry.audit.models import AuditEntry
from models_registry.catalog.models import AliasProtection, ModelVersion, RegisteredModel, StageMove
from models_registry.catalog.validation_models import Validation, ValidationResult
from models_registry.costs.models import CostImport, CostRecord, DailyCost
from models_registry.lineage.models import Fact
from models_registry.telemetry.models import Source
from tests.house.door_world import World, a_world
from tests.house.test_door_matrix import held, reaches

RELATIONS = ("own", "team", "other")
OF_MODELS = {
    "models": "model.read", "versions": "model.read", "aliases": "", "archived_models": "",
    "validations": "model.read", "stage_moves": "model.read", "alias_moves": "model.read",
    "alias_protections": "model.read", "runs": "model.read", "card_texts": "model.read",
    "issued_cards": "model.read", "lineage": "model.read", "build_facts": "model.read", "predictions": "model.read",
    "artifacts": "model.read", "elsewhere": "model.read", "violations": "model.read", "gate_decisions": "model.read",
    "health_history": "model.read", "costs": "cost.read", "budgets": "cost.read", "standing": "risk.read",
    "standing_history": "risk.read", "risks": "risk.read", "risk_history": "risk.read",
    "acknowledgements": "risk.read", "plans": "risk.read", "plan_steps": "risk.read", "acceptances": "risk.read",
    "assessments": "risk.read", "disputes": "risk.read", "releases": "risk.read", "findings": "risk.read",
    "approvals": "approval.read", "votes": "approval.read", "alerts": "alert.read", "alert_notes": "alert.read",
}  # fmt: skip
"""Tables whose rows are about a model, and the permission on the model that shows a row."""
OF_THE_HOUSE = {
    "imports": "model.read", "webhooks": "model.read", "prices": "cost.read", "exchange_rates": "cost.read",
    "cost_records": "cost.write", "sources": "source.read", "rules": "rule.read", "formulas": "formula.read",
    "routing_decisions": "alert.read", "routes": "alert.read", "channels": "alert.read", "people": "people.read",
    "roles": "people.read",
}  # fmt: skip
NEEDS_TOO = {"cost_records": "cost.read", "findings": "rule.read"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        made = a_world()
        for relation in RELATIONS:
            fill(RegisteredModel.objects.get(slug=f"zz-{relation}"), made.at)
        yield made
        transaction.set_rollback(True)


def fill(model: RegisteredModel, at: datetime) -> None:
    """Give a model a row of whatever the world before the doors leaves out."""
    by = Account.objects.get(username="stella")
    version, risk = ModelVersion.objects.get(model=model), Risk.objects.filter(model=model).earliest("pk")
    stood: dict[str, Any] = {"model": model, "level": "HIGH", "room": -7.5, "in_the_red": True}
    Posture.objects.create(**stood, updated_at=at)
    PostureChange.objects.create(**stood, changed_at=at)
    HealthScore.objects.create(
        model=model, formula_version=FormulaVersion.objects.earliest("pk"), score=50, redline=75, coverage=1,
        scored_at=at,
    )  # fmt: skip
    RiskChange.objects.create(
        risk=risk, from_level="LOW", to_level="HIGH", from_score=0, to_score=60, state="OPEN", explanation="=1+1",
        changed_at=at,
    )  # fmt: skip
    Acceptance.objects.create(
        risk=risk, justification="Borne.", accepted_level="HIGH", expires_on=at.date(), judged_digest="sha256:1",
        proposed_by=by, proposed_at=at,
    )  # fmt: skip
    Assessment.objects.create(risk=risk, likelihood=2, impact=3, assessed_by=by, assessed_at=at)
    Release.objects.create(risk=risk, reason="Verified.", released_by=by, released_at=at)
    Episode.objects.create(
        rule_version=RuleVersion.objects.earliest("pk"), model=model, environment="production",
        category="PERFORMANCE", points=40, steps=[], began_at=at,
    )  # fmt: skip
    Vote.objects.create(
        request=ApprovalRequest.objects.get(model=model), voter=Account.objects.get(username="adam"),
        as_role="governance_board", approves=True, digest="sha256:asked", voted_at=at,
    )  # fmt: skip
    Annotation.objects.create(alert=Alert.objects.get(model=model), text="Looking.", by=by, at=at)
    entry = AuditEntry.objects.filter(model_id=model.pk).earliest("pk")
    RoutingDecision.objects.create(entry=entry, outcome="SUPPRESS", reason="Quiet.", decided_at=at)
    StageMove.objects.create(version=version, to_stage="STAGING", moved_by=by, moved_at=at)
    AliasProtection.objects.create(model=model, name="blue", protected_by=by, protected_at=at).movers.add(by)
    ValidationResult.objects.create(
        validation=Validation.objects.get(version=version), position=0, metric="accuracy", value=0.9,
        way="HIGHER_IS_BETTER", verdict="PASS", reason="Above.",
    )  # fmt: skip
    Fact.objects.create(version=version, sort="PARAMETER", name="depth", text="3", recorded_by=by, recorded_at=at)
    DailyCost.objects.create(
        day=at.date(), origin="TRACED", model=model, currency="EUR", amount_micros=-1_250_000, reporting_micros=5
    )
    CostRecord.objects.create(
        source=CostImport.objects.earliest("pk"), round=1, row=model.pk + 10, model=model, day=at.date(),
        currency="EUR", amount_micros=7, recorded_by=by, recorded_at=at,
    )  # fmt: skip


def taken(client: Client, form: str = "json", table: str = "everything") -> Any:
    answer = client.get(f"/export/{table}.{form}")
    whole = answer.getvalue()  # type: ignore[attr-defined]
    return answer.status_code, whole


def shown(rows: object, relation: str) -> bool:
    told = json.dumps(rows)
    return f"zz-{relation}" in told or f"Qz{relation}qz" in told


@pytest.mark.parametrize("role", ROLES)
def test_a_role_takes_out_what_its_pages_show_and_no_more(role: str, world: World) -> None:
    wrong = []

    with world.acting(role) as who:
        status, whole = taken(world.pages[who])
    if not held(role, "model.read"):
        assert status == 403
        return
    told = json.loads(whole)

    tables = OF_MODELS | OF_THE_HOUSE
    may = {name for name, asked in tables.items() if held(role, asked or "model.read")}
    assert set(told) == {name for name in may if name not in NEEDS_TOO or held(role, NEEDS_TOO[name])}
    for name in (name for name, asked in OF_MODELS.items() if asked and name in told):
        for relation in RELATIONS:
            if shown(told[name], relation) != reaches(role, OF_MODELS[name], relation):
                wrong.append((name, relation, "shows" if shown(told[name], relation) else "hides"))
    for name in OF_THE_HOUSE.keys() & set(told) - {"cost_records"}:
        hidden = [relation for relation in RELATIONS if not reaches(role, "model.read", relation)]
        wrong += [(name, relation, "shows") for relation in hidden if shown(told[name], relation)]
    assert not wrong, "\n".join(map(str, wrong))


def test_every_room_that_gives_something_out_is_asked() -> None:
    rooms = {name.rsplit(".", 1)[0].replace(".", "/") + ".py" for name in settings.EXPORTS}
    there = {
        str(path.relative_to(settings.BASE_DIR))
        for app in ("models_registry", "governance", "alerts")
        for path in (settings.BASE_DIR / app).glob("*/*.py")
        if path.name == "exports.py" and path.parent.name != "access"
    }

    assert rooms == there | {"models_registry/access/directory.py"}


def test_nothing_secret_is_taken_out(world: World) -> None:
    prompt = "What becomes of my claim?"
    secrets = [*Source.objects.values_list("path_token", flat=True), "a@example.test", "https://127.0.0.1/", prompt]
    secrets += [bytes(one).hex() for one in Token.objects.values_list("digest", flat=True)]
    secrets += [one.password for one in Account.objects.exclude(password="")]

    with world.acting("administrator") as who:
        _, whole = taken(world.pages[who])

    assert whole
    assert not [one for one in secrets if one and len(one) > 6 and one.encode() in whole]


def test_numbers_stay_numbers_and_text_is_no_formula(world: World) -> None:
    with world.acting("auditor") as who:
        _, standing = taken(world.pages[who], "csv", "standing")
        _, moves = taken(world.pages[who], "csv", "risk_history")
        _, costs = taken(world.pages[who], "csv", "costs")

    assert b",-7.5," in standing
    assert b",'=1+1," in moves
    assert b",-1.25," in costs


def test_a_table_without_end_is_given_in_no_workbook(world: World) -> None:
    with world.acting("auditor") as who:
        page = world.pages[who].get("/export/").content.decode()
        refused = world.pages[who].get("/export/predictions.xlsx")
        given, _ = taken(world.pages[who], "csv", "predictions")

    assert (refused.status_code, given) == (404, 200)
    assert "/export/predictions.csv" in page
    assert "/export/predictions.xlsx" not in page


def test_taking_everything_asks_no_more_for_more_rows(world: World, django_assert_max_num_queries: Any) -> None:
    with world.acting("auditor") as who, transaction.atomic():
        with django_assert_max_num_queries(200) as first:
            taken(world.pages[who])
        for number in range(30):
            model = RegisteredModel.objects.create(
                slug=f"more-{number}", name=f"More {number}", kind="CLASSIFIER", owner=world.olive,
                unit=world.olive.unit, created_at=world.at,
            )  # fmt: skip
            ModelVersion.objects.create(model=model, number=1, created_by=world.olive, created_at=world.at)
            Risk.objects.create(
                model=model, category="SECURITY", level_since=world.at, created_at=world.at,
                due_at=world.at + timedelta(days=1),
            )  # fmt: skip
        with django_assert_max_num_queries(len(first)):
            taken(world.pages[who])
        transaction.set_rollback(True)
