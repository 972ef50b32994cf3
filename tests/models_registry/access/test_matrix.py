"""The permission matrix is total: every role × operation × relation has a decided answer.

The table below is written from the plan, apart from the code: per role, the
operations it holds on everything (E), its unit (U), its team (T), its own (O).
"""

import pytest

from models_registry.access import rights
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.roles import HUMAN_ONLY, ROLES
from models_registry.access.wording import DEEDS
from models_registry.catalog.models import RegisteredModel
from tests.models_registry.access.people import a_model, an_account

READ_ALL = "model.read cost.read risk.read rule.read formula.read approval.read alert.read"
BUILDER = "model.register webhook.manage rule.read formula.read source.read"
UNIT_READS = "model.read cost.read risk.read approval.read alert.read"

EXPECTED = {
    "governance_board": {
        "E": f"{READ_ALL} source.read budget.write history.manage approval.vote risk.release automation.pause audit.read people.read"
    },
    "compliance_officer": {
        "E": f"{READ_ALL} source.read cost.write budget.write quarantine.replay history.manage prediction.open subject.erase risk.assess risk.dispute risk.release rule.write"
        " formula.write route.manage webhook.manage approval.vote gate.ask runtime.ask automation.pause automation.resume"
        " alert.acknowledge audit.read audit.export people.read"
    },
    "model_owner": {
        "E": BUILDER,
        "U": UNIT_READS,
        "O": "model.edit budget.write version.register version.move prediction.open risk.acknowledge risk.mitigate risk.accept"
        " risk.dispute approval.vote gate.ask runtime.ask alert.acknowledge audit.read",
    },
    "ml_engineer": {
        "E": BUILDER,
        "U": UNIT_READS,
        "T": "model.edit version.register version.move risk.mitigate gate.ask runtime.ask alert.acknowledge",
    },
    "on_call": {"E": f"{READ_ALL} source.read alert.acknowledge automation.pause"},
    "auditor": {"E": f"{READ_ALL} source.read audit.read audit.export people.read"},
    "executive": {"E": READ_ALL},
    "administrator": {
        "E": f"{READ_ALL} source.read source.manage cost.write quarantine.replay automation.pause automation.resume"
        " audit.read people.read people.manage token.manage webhook.manage"
    },
    "automation_ingest": {"E": "telemetry.write cost.write"},
    "automation_scorer": {"E": "score.write model.read risk.read"},
    "automation_ci": {
        "E": "model.read model.register version.register version.move risk.read rule.read formula.read gate.ask runtime.ask"
    },
}
REACH = {"own": "OTUE", "deputised": "OTUE", "team": "TUE", "unit": "UE", "other": "E"}
ASKED_OF_A_LIST = {"approval.vote"} | {str(p) for p in Permission if str(p).endswith(".read")}


def expected(role: str, permission: str, relation: str) -> bool:
    held = "".join(letter for letter, words in EXPECTED[role].items() if permission in words.split())
    if relation == "absent":
        return "E" in held or (bool(held) and permission in ASKED_OF_A_LIST)
    return any(letter in REACH[relation] for letter in held)


@pytest.fixture
def models(db: None) -> dict[str, RegisteredModel]:
    """Models in each relation to Olive; Stella owns what Olive does not."""
    stella = an_account("stella", unit="retail", team="")
    olive = an_account("olive")
    deputised = a_model("deputised", stella, unit="retail")
    deputised.deputy = olive
    deputised.save()
    return {
        "own": a_model("own", olive, unit="retail"),
        "deputised": deputised,
        "team": a_model("team", stella, unit="credit", team="scoring-team"),
        "unit": a_model("unit", stella, unit="credit"),
        "other": a_model("other", stella, unit="retail"),
    }


def olive_as(*roles: str, limited_to: int | None = None) -> Account:
    account = Account.objects.get(username="olive")
    account._held = [rights.Held(ROLES[role], limited_to) for role in roles]  # type: ignore[attr-defined]
    return account


def test_the_table_names_every_role_and_only_known_operations() -> None:
    named = {word for row in EXPECTED.values() for words in row.values() for word in words.split()}

    assert set(EXPECTED) == set(ROLES)
    assert named <= {str(p) for p in Permission}
    assert set(DEEDS) == set(Permission)


@pytest.mark.parametrize("role", ROLES)
def test_every_cell_has_the_expected_answer(role: str, models: dict[str, RegisteredModel]) -> None:
    actor = olive_as(role)
    on = {**models, "absent": None}

    wrong = [
        (permission.value, relation)
        for permission in Permission
        for relation, model in on.items()
        if bool(rights.can(actor, permission, on=model)) != expected(role, permission.value, relation)
    ]

    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_lists_show_exactly_what_can_allows(role: str, models: dict[str, RegisteredModel]) -> None:
    actor = olive_as(role)

    for permission in Permission:
        seen = set(rights.visible(actor, permission, RegisteredModel.objects.all()).values_list("slug", flat=True))
        assert seen == {slug for slug, m in models.items() if rights.can(actor, permission, on=m)}, permission


@pytest.mark.parametrize("role", ROLES)
def test_a_grant_for_one_unit_reaches_no_other(role: str, models: dict[str, RegisteredModel]) -> None:
    actor = olive_as(role, limited_to=models["team"].unit_id)

    for permission in Permission:
        assert not any(rights.can(actor, permission, on=models[r]) for r in ("own", "deputised", "other"))
        assert bool(rights.can(actor, permission, on=models["team"])) == expected(role, permission, "team")
        seen = rights.visible(actor, permission, RegisteredModel.objects.all())
        assert set(seen.values_list("unit__slug", flat=True)) <= {"credit"}


def test_every_refusal_says_why(models: dict[str, RegisteredModel]) -> None:
    actor = olive_as("model_owner")

    nothing = rights.can(actor, Permission.RULE_WRITE)
    not_mine = rights.can(actor, Permission.RISK_ACCEPT, on=models["other"])

    assert nothing.reason == "None of your roles may write rules. Roles that may: Compliance officer."
    assert not_mine.reason == "You may accept a risk only for models that you own; other is not one of them."


@pytest.mark.parametrize("role", [name for name, role in ROLES.items() if role.for_automation])
def test_automation_never_holds_what_only_people_may_do(role: str) -> None:
    held = frozenset().union(*ROLES[role].holds.values())

    assert held & HUMAN_ONLY == frozenset()
    assert {
        p
        for p in Permission
        if p.endswith((".vote", ".accept", ".manage")) or p in (Permission.RULE_WRITE, Permission.FORMULA_WRITE)
    } - {Permission.SOURCE_MANAGE} <= HUMAN_ONLY


def test_the_administrator_cannot_approve_accept_or_write_policy() -> None:
    held = frozenset().union(*ROLES["administrator"].holds.values())

    assert not held & {
        Permission.APPROVAL_VOTE,
        Permission.RISK_ACCEPT,
        Permission.RISK_RELEASE,
        Permission.RULE_WRITE,
        Permission.FORMULA_WRITE,
        Permission.ROUTE_MANAGE,
    }
