"""History over the API: the same two people, the same refusals."""

from typing import Any

import pytest
from django.test import Client

from models_registry.access.issuing import issue_token
from models_registry.access.models import Account
from models_registry.telemetry import compacting, history_actions
from models_registry.telemetry.partitions import ensure_partitions
from tests.models_registry.access.people import an_account
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.test_history import AT, NEXT_DAY, TERMS, measured

pytestmark = pytest.mark.django_db


class Caller:
    """Somebody with a token."""

    def __init__(self, account: Account) -> None:
        self.headers = {"Authorization": f"Bearer {issue_token(by=account, at=AT, account=account, name='test').raw}"}

    def get(self, path: str) -> Any:
        return Client().get(f"/api/v1/history/{path}", headers=self.headers).json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return Client().post(f"/api/v1/history/{path}", body, headers=self.headers, content_type="application/json")


@pytest.fixture
def cora() -> Caller:
    return Caller(an_account("cora", "compliance_officer"))


@pytest.fixture
def bruno() -> Caller:
    return Caller(an_account("bruno", "governance_board"))


def test_terms_are_proposed_by_one_and_agreed_on_by_another(cora: Caller, bruno: Caller) -> None:
    proposed = cora.post("terms/", {**TERMS, "reason": "Enough."})
    second = bruno.post("terms/", {**TERMS, "reason": "Mine."})
    own = cora.post("terms/1/agreements/", {})
    agreed = bruno.post("terms/1/agreements/", {})
    late = bruno.post("terms/1/endings/", {"reason": "No."})

    assert (proposed.status_code, proposed.json()["state"]) == (201, "PROPOSED")
    assert (second.status_code, own.status_code, late.status_code) == (409, 403, 409)
    assert (agreed.status_code, agreed.json()["state"], agreed.json()["agreed_by"]) == (201, "IN_FORCE", "bruno")
    assert [one["number"] for one in cora.get("terms/")["results"]] == [1]


def test_terms_that_do_not_go_together_are_refused_by_field(cora: Caller) -> None:
    answer = cora.post("terms/", {**TERMS, "fine_days": 190, "bodies_days": 3, "reason": "No."})

    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == ["#/bodies_days"]


def test_a_preview_says_what_would_go_and_what_needs_the_rest(cora: Caller) -> None:
    model = world.claims_model()
    world.claims_model("pricing")
    measured(0.1, 0.2)
    measured(0.3, model="pricing")
    ensure_partitions(AT)
    cora.post("holds/", {"model": model.slug, "since": "2026-01", "reason": "Case 7."})

    found = cora.post("previews/", TERMS).json()

    assert found["sorts"][0]["count"] == 1
    assert found["sorts"][0]["held_back"] == 2
    assert [(one["model"], one["month"]) for one in found["held_back"]] == [(model.slug, "2026-01")]


def test_a_hold_names_a_model_on_record_and_is_lifted_by_somebody_else(cora: Caller, bruno: Caller) -> None:
    unknown = cora.post("holds/", {"model": "nobody", "since": "2026-01", "reason": "Case 7."})
    placed = cora.post("holds/", {"since": "2026-01", "until": "2026-02", "reason": "Case 7."}).json()
    own = cora.post(f"holds/{placed['id']}/liftings/", {"reason": "Closed."})
    lifted = bruno.post(f"holds/{placed['id']}/liftings/", {"reason": "Closed."})

    assert unknown.status_code == 400
    assert (placed["model"], placed["since"], placed["until"]) == (None, "2026-01", "2026-02")
    assert (own.status_code, lifted.status_code, lifted.json()["lifted_by"]) == (403, 201, "bruno")


def test_drops_are_listed_with_their_digests(cora: Caller, bruno: Caller) -> None:
    world.claims_model()
    measured(0.1)
    ensure_partitions(AT)
    cora.post("terms/", {**TERMS, "reason": "Enough."})
    history_actions.agree(by=Account.objects.get(username="bruno"), at=AT, number=1)
    compacting.drop_old(at=NEXT_DAY)

    found = cora.get("drops/")["results"]

    assert [(one["sort"], one["month"], one["count"]) for one in found] == [
        ("BODIES", "2026-01", 1),
        ("MEASUREMENTS", "2026-01", 1),
    ]
    assert all(one["digest"].startswith("sha256:") for one in found)
