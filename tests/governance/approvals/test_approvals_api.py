"""Approvals for programs."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.approvals.models import ApprovalState
from models_registry.access.issuing import issue_token
from models_registry.access.models import Account
from tests.governance.approvals.test_pages import a_request, an_acceptance
from tests.governance.risks.test_answers import bo, cora
from tests.journeys.builders import OPERATOR, a_person, people

pytestmark = [pytest.mark.django_db]


def caller(person: Account) -> dict[str, Any]:
    issued = issue_token(by=person, at=timezone.now(), account=person, name="test", lifetime=timedelta(hours=1))
    return {"headers": {"Authorization": f"Bearer {issued.raw}"}, "content_type": "application/json"}


def test_requests_are_listed_newest_first_and_narrowed() -> None:
    first, second = a_request(number=1), an_acceptance().approval
    second.refresh_from_db()
    client, as_cora = Client(), caller(cora())

    everything = client.get("/api/v1/approvals/", **as_cora).json()["results"]
    narrowed = client.get("/api/v1/approvals/?subject=ACCEPTANCE", **as_cora).json()["results"]
    wrong = client.get("/api/v1/approvals/?state=MAYBE", **as_cora)

    assert {one["id"] for one in everything} == {str(first.pk), str(second.pk)}
    assert [one["id"] for one in narrowed] == [str(second.pk)]
    assert narrowed[0]["required_roles"] == ["compliance_officer", "governance_board"]
    assert wrong.status_code == 400


def test_a_person_votes_with_a_token_on_the_digest_that_was_read() -> None:
    asked = a_request()
    client, as_cora = Client(), caller(cora())
    address = f"/api/v1/approvals/{asked.pk}/votes/"

    stale = client.post(address, {"approves": True, "digest": "sha256:old"}, **as_cora)
    mute = client.post(address, {"approves": False, "digest": asked.digest}, **as_cora)
    odd = client.post(address, {"approves": True, "digest": asked.digest, "force": True}, **as_cora)
    good = client.post(address, {"approves": True, "digest": asked.digest}, **as_cora)
    again = client.post(address, {"approves": True, "digest": asked.digest}, **as_cora)

    assert [one.status_code for one in (stale, mute, odd, good, again)] == [409, 400, 400, 201, 409]
    assert good.json()["state"] == ApprovalState.APPROVED
    assert good.json()["votes"][0]["voter"] == "cora"
    assert client.get(f"/api/v1/approvals/{asked.pk}/", **as_cora).json()["state"] == ApprovalState.APPROVED


def test_the_same_key_votes_once() -> None:
    asked = a_request()
    client, as_cora = Client(), caller(cora())
    as_cora["headers"]["Idempotency-Key"] = "vote-1"
    vote = {"approves": True, "digest": asked.digest}

    answers = [client.post(f"/api/v1/approvals/{asked.pk}/votes/", vote, **as_cora) for _ in range(2)]

    assert [one.status_code for one in answers] == [201, 201]
    assert asked.votes.count() == 1


def test_the_asker_does_not_vote() -> None:
    asked = a_request(by=cora())

    answer = Client().post(
        f"/api/v1/approvals/{asked.pk}/votes/", {"approves": True, "digest": asked.digest}, **caller(cora())
    )

    assert answer.status_code == 403
    assert "Someone else must approve it." in answer.json()["detail"]


@pytest.mark.parametrize("role", ["automation_ci", "automation_scorer", "automation_ingest"])
def test_automation_neither_reads_nor_votes(role: str) -> None:
    from models_registry.access.actions import create_account, grant_role
    from models_registry.access.models import AccountKind

    asked = a_request()
    robot = create_account(by=OPERATOR, at=timezone.now(), username="robot", kind=AccountKind.AUTOMATION)
    grant_role(by=OPERATOR, at=timezone.now(), account=robot, role=role)
    adam = a_person("adam", "Adam", "administrator")
    issued = issue_token(by=adam, at=timezone.now(), account=robot, name="ci", lifetime=timedelta(hours=1))
    as_robot: dict[str, Any] = {
        "headers": {"Authorization": f"Bearer {issued.raw}"},
        "content_type": "application/json",
    }
    client = Client()

    vote = client.post(f"/api/v1/approvals/{asked.pk}/votes/", {"approves": True, "digest": asked.digest}, **as_robot)

    assert vote.status_code == 403
    assert client.get("/api/v1/approvals/", **as_robot).status_code == 403
    assert not asked.votes.exists()


def test_what_one_may_not_see_does_not_exist() -> None:
    asked = an_acceptance().approval
    oscar = a_person("oscar", "Oscar", "model_owner")

    assert Client().get(f"/api/v1/approvals/{asked.pk}/", **caller(oscar)).status_code == 404
    assert Client().get(f"/api/v1/approvals/{asked.pk}/").status_code == 401
    assert Client().get("/api/v1/approvals/", **caller(people().stella)).status_code == 403


@pytest.mark.parametrize("how_many", [3, 9])
def test_the_list_costs_the_same_however_long(how_many: int, django_assert_max_num_queries: Any) -> None:
    for number in range(how_many):
        a_request(by=bo(), number=number)
    client, as_cora = Client(), caller(cora())
    client.get("/api/v1/approvals/", **as_cora)

    with django_assert_max_num_queries(6):
        assert len(client.get("/api/v1/approvals/", **as_cora).json()["results"]) == how_many
