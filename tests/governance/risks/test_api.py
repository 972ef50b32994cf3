"""The register for programs: read with evidence, answered by people alone, once per key."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from governance.approvals.models import ApprovalRequest
from governance.risks.judged import standing
from governance.risks.models import Contribution, Risk, RiskState
from models_registry.access.issuing import issue_token
from models_registry.access.models import Account, AccountKind
from tests.governance.risks.test_answers import HOUR, a_raised_risk, acknowledged, bo, cora, olive, planned
from tests.governance.risks.test_detail import ann
from tests.governance.risks.test_duties import raised_further
from tests.journeys.builders import NOON, a_model, a_model_past_its_line, a_person, people

pytestmark = pytest.mark.django_db

SOON = (timezone.now() + timedelta(days=9)).date().isoformat()


def caller(person: Account) -> APIClient:
    """Return a client with a fresh token of this person."""
    issued = issue_token(by=person, at=timezone.now(), account=person, name="test", lifetime=timedelta(hours=1))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.raw}")
    return client


def a_plan(risk: Risk, **other: Any) -> dict[str, Any]:
    steps = [{"text": "Pin the index", "owner": "olive", "due_on": SOON}]
    return {"judged_digest": risk.digest, "summary": "Fix.", "steps": steps, **other}


def an_acceptance(risk: Risk, **other: Any) -> dict[str, Any]:
    return {"judged_digest": risk.digest, "justification": "Small book.", "expires_on": SOON, **other}


def url(risk: Risk, path: str = "") -> str:
    return f"/api/v1/risks/{risk.pk}/{path}"


def test_the_register_is_listed_and_narrowed() -> None:
    risk = a_raised_risk()
    client = caller(cora())

    def found(**asked: str) -> list[int]:
        answer = client.get("/api/v1/risks/", asked)
        assert answer.status_code == 200, answer.content
        return [row["id"] for row in answer.json()["results"]]

    assert found() == [risk.pk]
    assert found(level="HIGH", model="claims-triage", owner="olive", category="PERFORMANCE") == [risk.pk]
    assert found(level="LOW") == []
    assert found(overdue="true") == ([risk.pk] if risk.due_at < timezone.now() else [])
    assert found(state="CLOSED") == []
    assert client.get("/api/v1/risks/", {"level": "TALL"}).status_code == 400
    assert client.get("/api/v1/risks/", {"colour": "red"}).status_code == 400


@pytest.mark.parametrize("count", [3, 9])
def test_the_list_costs_the_same_however_long(count: int, django_assert_max_num_queries: Any) -> None:
    for number in range(count):
        model = a_model(f"model-{number}")
        Risk.objects.create(model=model, category="PERFORMANCE", state="OPEN", level_since=NOON, created_at=NOON)
    client = caller(cora())

    with django_assert_max_num_queries(6):
        assert len(client.get("/api/v1/risks/").json()["results"]) == count


def test_a_risk_is_read_with_the_evidence_behind_its_points() -> None:
    model = a_model_past_its_line()
    risk = Risk.objects.get(model=model, category="PERFORMANCE")

    body = caller(olive()).get(url(risk)).json()

    first = body["contributions"][0]
    assert (first["rule"], first["rule_version"], first["kind"]) == ("accuracy-low", 1, "rule")
    assert first["reading"]["threshold"] == 0.8
    assert first["reading"]["source"] == "Monitoring"
    assert sum(one["added"] for one in body["contributions"]) == pytest.approx(body["score"])
    assert body["waits_for"] == "MODEL_OWNER"
    assert body["standing"] == standing(risk)
    assert body["ways_down"]


def test_a_mitigation_runs_from_door_to_door() -> None:
    risk = a_raised_risk()
    owner, officer = caller(olive()), caller(cora())
    read = owner.get(url(risk)).json()
    judged = {"judged_digest": read["digest"]}

    assert owner.post(url(risk, "acknowledgements/"), {**judged, "note": "Seen."}, format="json").status_code == 201
    plan = owner.post(url(risk, "plans/"), a_plan(risk), format="json")
    assert plan.status_code == 201
    [step] = plan.json()["steps"]
    early = owner.post(url(risk, "evidence/"), {**judged, "evidence": "Soon."}, format="json")
    assert (early.status_code, "still open" in early.json()["detail"]) == (409, True)
    steps = f"steps/{step['id']}"
    done = owner.post(url(risk, f"{steps}/completions/"), {"evidence": "PR 12"}, format="json")
    assert (done.status_code, done.json()["done_by"]) == (201, "olive")
    own = owner.post(url(risk, f"{steps}/verifications/"), {"verified": True}, format="json")
    assert (own.status_code, "Someone else" in own.json()["detail"]) == (403, True)
    bare = officer.post(url(risk, f"{steps}/verifications/"), {"verified": False}, format="json")
    assert bare.json()["errors"] == [{"pointer": "#/reason", "detail": "Say what is missing."}]
    verified = officer.post(url(risk, f"{steps}/verifications/"), {"verified": True}, format="json")
    assert verified.json()["verified_by"] == "cora"
    assert owner.post(url(risk, "evidence/"), {**judged, "evidence": "Calm."}, format="json").status_code == 201
    verdict = {**judged, "reason": "Read the dashboards."}
    assert officer.post(url(risk, "returns/"), verdict, format="json").status_code == 201
    assert owner.post(url(risk, "evidence/"), {**judged, "evidence": "All of it."}, format="json").status_code == 201
    held = officer.post(url(risk, "releases/"), verdict, format="json")
    assert (held.status_code, "still holds" in held.json()["detail"]) == (409, True)
    Contribution.objects.update(cleared_at=NOON + HOUR)
    closed = officer.post(url(risk, "releases/"), verdict, format="json")
    assert (closed.status_code, closed.json()["state"]) == (201, "CLOSED")


def test_an_acceptance_is_proposed_and_waits_for_others() -> None:
    risk = acknowledged(a_raised_risk())
    owner = caller(olive())

    made = owner.post(url(risk, "acceptances/"), an_acceptance(risk), format="json")
    again = owner.post(url(risk, "acceptances/"), an_acceptance(risk), format="json")
    long = owner.post(url(risk, "acceptances/"), an_acceptance(risk, expires_on="2099-01-01"), format="json")

    assert (made.status_code, made.json()["state"]) == (201, "PROPOSED")
    assert str(ApprovalRequest.objects.get().pk) == made.json()["approval"]
    assert again.status_code == 409
    assert (long.status_code, "90 days at most" in long.json()["detail"]) == (400, True)


def test_a_dispute_is_raised_and_settled_by_another() -> None:
    risk = a_raised_risk()
    owner, officer = caller(olive()), caller(cora())
    given = {"judged_digest": risk.digest, "disputed_input": "scorer:drift:a", "reason": "Test data."}

    unknown = owner.post(url(risk, "disputes/"), {**given, "disputed_input": "the moon"}, format="json")
    made = owner.post(url(risk, "disputes/"), given, format="json")
    ruling = url(risk, f"disputes/{made.json()['id']}/settlements/")

    assert unknown.status_code == 400
    assert made.status_code == 201
    assert owner.post(ruling, {"upheld": True, "settlement": "Mine."}, format="json").status_code == 403
    settled = officer.post(ruling, {"upheld": True, "settlement": "It was test data."}, format="json")
    assert (settled.status_code, settled.json()["upheld"]) == (201, True)
    assert officer.post(ruling, {"upheld": True, "settlement": "Again."}, format="json").status_code == 409


def test_an_answer_under_one_key_is_recorded_once() -> None:
    risk = a_raised_risk()
    client = caller(olive())
    given = {"judged_digest": risk.digest}

    first = client.post(url(risk, "acknowledgements/"), given, format="json", headers={"Idempotency-Key": "k1"})
    second = client.post(url(risk, "acknowledgements/"), given, format="json", headers={"Idempotency-Key": "k1"})
    other = client.post(
        url(risk, "acknowledgements/"), {**given, "note": "x"}, format="json", headers={"Idempotency-Key": "k1"}
    )

    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == second.json()
    assert risk.acknowledgements.count() == 1


def test_a_moved_state_and_an_overtaken_answer_are_conflicts() -> None:
    risk = acknowledged(a_raised_risk())
    client = caller(olive())
    read = standing(risk)
    planned(risk)

    unseen = client.post(url(risk, "plans/"), a_plan(risk, standing=read), format="json")
    old = a_plan(risk)
    raised_further(risk)
    stale = client.post(url(risk, "plans/"), old, format="json")

    assert (unseen.status_code, "Somebody answered" in unseen.json()["detail"]) == (409, True)
    assert (stale.status_code, "moved while you were reading" in stale.json()["detail"]) == (409, True)


WRITES = ("acknowledgements/", "plans/", "evidence/", "releases/", "returns/", "acceptances/", "disputes/")


@pytest.mark.parametrize("path", WRITES)
def test_nobody_answers_what_they_may_not(path: str) -> None:
    risk = acknowledged(a_raised_risk())
    given = {
        "acknowledgements/": {"judged_digest": risk.digest},
        "plans/": a_plan(risk),
        "acceptances/": an_acceptance(risk),
        "disputes/": {"judged_digest": risk.digest, "disputed_input": "scorer:drift:a", "reason": "x"},
        "evidence/": {"judged_digest": risk.digest, "evidence": "x"},
    }.get(path, {"judged_digest": risk.digest, "reason": "x"})
    robot = a_robot()
    luca = a_person("luca", "Luca", "model_owner")

    assert caller(ann()).post(url(risk, path), given, format="json").status_code == 403
    assert robot.post(url(risk, path), given, format="json").status_code == 403
    assert robot.get(url(risk)).status_code == 200
    assert caller(luca).post(url(risk, path), given, format="json").status_code in (403, 404)
    assert APIClient().post(url(risk, path), given, format="json").status_code == 401
    if path not in ("releases/", "returns/"):
        assert caller(bo()).post(url(risk, path), given, format="json").status_code == 403
    risk.refresh_from_db()
    assert risk.state == RiskState.ACKNOWLEDGED


def a_robot() -> APIClient:
    """Return a client with the token of a pipeline's account."""
    from models_registry.access.actions import create_account, grant_role
    from tests.journeys.builders import OPERATOR

    robot = create_account(
        by=OPERATOR, at=NOON, username="pipeline", display_name="Pipeline", kind=AccountKind.AUTOMATION
    )
    grant_role(by=OPERATOR, at=NOON, account=robot, role="automation_ci")
    adam = a_person("adam", "Adam Ames", "administrator")
    issued = issue_token(by=adam, at=timezone.now(), account=robot, name="ci", lifetime=timedelta(hours=1))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.raw}")
    return client


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"colour": "red"}, "#/colour"),
        ({"summary": ""}, "#/summary"),
        ({"summary": "x" * 5000}, "#/summary"),
        ({"summary": "\x00"}, "#/summary"),
        ({"steps": []}, "#/steps"),
        ({"steps": "all of them"}, "#/steps"),
        ({"steps": [{"text": "x", "owner": "pipeline", "due_on": SOON}]}, "#/steps/0/owner"),
        ({"steps": [{"text": "x", "owner": "olive", "due_on": "soon"}]}, "#/steps/0/due_on"),
        ({"steps": [{"text": "x", "owner": "olive", "due_on": SOON, "colour": 1}]}, "#/steps/0/colour"),
        ({"steps": [{"text": "x" * 301, "owner": "olive", "due_on": SOON}]}, "#/steps/0/text"),
    ],
)
def test_a_wrong_field_is_named(given: dict[str, Any], pointer: str) -> None:
    risk = acknowledged(a_raised_risk())
    a_robot()

    answer = caller(olive()).post(url(risk, "plans/"), a_plan(risk, **given), format="json")

    assert answer.status_code == 400
    assert any(one["pointer"].startswith(pointer) for one in answer.json()["errors"]), answer.json()


@pytest.mark.parametrize("day", ["2020-01-01", "9999-12-31"])
def test_a_step_on_a_day_that_cannot_be_is_refused(day: str) -> None:
    risk = acknowledged(a_raised_risk())
    steps = [{"text": "x", "owner": "olive", "due_on": day}]

    answer = caller(olive()).post(url(risk, "plans/"), a_plan(risk, steps=steps), format="json")

    assert answer.status_code == 400
    assert "Step 1" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["999999999999/", "99999999999999999999999/"])
def test_a_risk_that_is_not_there_is_a_404(path: str) -> None:
    assert caller(olive()).get(f"/api/v1/risks/{path}").status_code == 404
    assert caller(people().stella).get("/api/v1/risks/").status_code == 403
