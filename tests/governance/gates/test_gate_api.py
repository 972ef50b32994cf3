"""The gate as pipelines and people meet it: answers, problems, and BLOCK whenever anything fails."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.gates import actions
from governance.gates.models import GateDecision
from governance.rules.models import Episode
from governance.scoring.models import Posture
from governance.vocabulary import Verdict
from models_registry.audit.models import AuditEntry
from models_registry.catalog import actions as catalog
from models_registry.catalog.models import ModelVersion, RegisteredModel
from tests.governance.gates.world import ARTIFACT, AT, a_clean_version, a_person, a_rule, a_token, otto

pytestmark = pytest.mark.django_db

ASK = "/api/v1/gates/promotion/"


@pytest.fixture
def now() -> Any:
    return timezone.now()


@pytest.fixture
def version(now: Any) -> ModelVersion:
    return a_clean_version(at=now)


@pytest.fixture
def pipeline(now: Any) -> Client:
    return Client(headers={"Authorization": f"Bearer {a_token(otto(), at=now)}"})


def question(**changed: object) -> dict[str, object]:
    return {"model": "claims-triage", "version": 1, "target": "production", **changed}


def test_an_approval_is_asked_for_and_used_once(version: ModelVersion, pipeline: Client) -> None:
    answer = pipeline.post(ASK, question(digest=ARTIFACT), "application/json")

    found = answer.json()
    assert answer.status_code == 200, found
    assert (found["decision"], found["promotion_recommendation"], found["reasons"]) == ("APPROVE", "APPROVE", [])
    assert (found["digest"], found["epoch"], found["target"]) == (ARTIFACT, version.epoch, "stage:PRODUCTION")
    assert found["url"].endswith(f"/gates/{found['id']}/")
    used = pipeline.post(f"{ASK}{found['id']}/use/")
    again = pipeline.post(f"{ASK}{found['id']}/use/")
    assert (used.status_code, used.json()["stage"]) == (200, "PRODUCTION")
    assert (again.status_code, again["Content-Type"]) == (409, "application/problem+json")


def test_a_stale_decision_is_409_and_says_so(version: ModelVersion, pipeline: Client) -> None:
    found = pipeline.post(ASK, question(), "application/json").json()

    catalog.bump_epoch(model_ids=[version.model_id])
    refused = pipeline.post(f"{ASK}{found['id']}/use/")

    assert refused.status_code == 409
    assert "changed after the gate decided" in refused.json()["detail"]


def test_an_unknown_version_is_blocked(version: ModelVersion, pipeline: Client) -> None:
    found = pipeline.post(ASK, question(version=7), "application/json").json()

    assert (found["decision"], found["id"], found["reasons"][0]["code"]) == ("BLOCK", None, "VERSION_UNKNOWN")
    assert found["reasons"][0]["way_out"] == "Register the version first."


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (question(model="nobody-knows"), 404),
        (question(target="staging"), 400),
        (question(version="one"), 400),
        (question(force=True), 400),
        (question(digest="abc"), 400),
        ({}, 400),
    ],
)
def test_a_question_that_cannot_be_read_is_a_problem_and_still_block(
    body: dict[str, object], status: int, version: ModelVersion, pipeline: Client
) -> None:
    answer = pipeline.post(ASK, body, "application/json")

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["decision"] == "BLOCK"


def test_any_failure_inside_is_503_and_block(
    version: ModelVersion, pipeline: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(actions, "gather", broken)
    answer = pipeline.post(ASK, question(), "application/json")

    assert (answer.status_code, answer.json()["decision"], answer.json()["reason"]) == (503, "BLOCK", "UNAVAILABLE")
    assert "fire" not in answer.content.decode()
    assert GateDecision.objects.count() == 0


def test_without_a_token_or_a_role_the_gate_stays_closed(version: ModelVersion, now: Any) -> None:
    stella = Client(headers={"Authorization": f"Bearer {a_token(a_person('Stella'), at=now)}"})

    assert Client().post(ASK, question(), "application/json").status_code == 401
    assert stella.post(ASK, question(), "application/json").status_code == 403


def test_runtime_access_follows_what_fires_and_says_when_it_was_true(version: ModelVersion, pipeline: Client) -> None:
    before = pipeline.get("/api/v1/gates/runtime/claims-triage/").json()
    Episode.objects.create(
        rule_version=a_rule(),
        model=version.model,
        environment="production",
        category="PRIVACY",
        points=40,
        steps=[{"at": AT.isoformat(), "points": 40, "value": 0.01, "text": "Leaks at 1%."}],
        began_at=AT,
    )
    after = pipeline.get("/api/v1/gates/runtime/claims-triage/").json()

    assert (before["access"], before["reasons"]) == ("full", [])
    assert (after["access"], after["reasons"]) == ("sandbox", ["pii-leak: Leaks at 1%."])
    assert after["as_of"] < after["stale_after"]


def test_people_see_the_reasons_with_the_way_out(version: ModelVersion, client: Client) -> None:
    ModelVersion.objects.update(artifact_digest="")
    client.force_login(a_person("Olive"))

    asked = client.post(f"/gates/versions/{version.pk}/ask/")
    page = client.get(asked.url)
    panel = client.get("/gates/models/claims-triage/panel/")

    assert "Register a version with the SHA-256 of its artifact." in page.content.decode()
    assert "DIGEST_MISSING" in page.content.decode()
    assert f"/gates/{GateDecision.objects.get().pk}/" in panel.content.decode()
    assert client.post(f"/gates/{GateDecision.objects.get().pk}/use/").status_code == 409


def test_a_review_says_how_far_the_risk_is_and_what_people_can_do(version: ModelVersion, client: Client) -> None:
    Posture.objects.update(risk_score=45, level="MEDIUM", appetite=39)
    client.force_login(a_person("Olive"))

    page = client.get(client.post(f"/gates/versions/{version.pk}/ask/").url).content.decode()

    assert "Risk score 45.0 is 6.0 above the appetite 39." in page
    assert "its owner completes the steps of a mitigation plan and somebody else verifies them" in page


def test_an_accepted_risk_past_its_line_is_not_told_to_be_accepted(version: ModelVersion, client: Client) -> None:
    Posture.objects.update(risk_score=65, level="HIGH", tolerance=59, in_the_red=True, accepted=True)
    client.force_login(a_person("Olive"))

    page = client.get(client.post(f"/gates/versions/{version.pk}/ask/").url).content.decode()

    assert "6.0 past the tolerance 59; the risk is accepted." in page
    assert "An acceptance lets the version that runs stay, and none enter." in page
    assert "have its owner and compliance accept the risk" not in page


def test_the_panel_says_what_the_gate_would_answer_and_records_nothing(version: ModelVersion, client: Client) -> None:
    ModelVersion.objects.update(artifact_digest="")
    client.force_login(a_person("Olive"))
    entries = AuditEntry.objects.count()

    panel = client.get("/gates/models/claims-triage/panel/")

    shown = panel.context["preview"]
    assert (shown.version, shown.verdict) == (version, Verdict.BLOCK)
    assert "Register a version with the SHA-256 of its artifact." in panel.content.decode()
    assert (GateDecision.objects.count(), AuditEntry.objects.count()) == (0, entries)


def test_a_person_moves_a_version_by_an_approval(version: ModelVersion, client: Client) -> None:
    client.force_login(a_person("Olive"))

    asked = client.post(f"/gates/versions/{version.pk}/ask/")
    used = client.post(f"{asked.url}use/")

    assert used.status_code == 302
    assert ModelVersion.objects.get().stage == "PRODUCTION"


def test_a_person_asks_for_the_missing_approval(version: ModelVersion, client: Client) -> None:
    RegisteredModel.objects.update(materiality="HIGH")
    client.force_login(a_person("Olive"))

    asked = client.post(f"/gates/versions/{version.pk}/ask/")
    assert "Request approval" in client.get(asked.url).content.decode()

    assert client.post(f"{asked.url}approval/").status_code == 302
    assert client.post(f"{asked.url}approval/").status_code == 409


def test_a_decision_that_one_may_not_see_does_not_exist(version: ModelVersion, client: Client) -> None:
    client.force_login(a_person("Executive", "executive"))
    assert client.get(f"/gates/{uuid.uuid4()}/").status_code == 404

    decision = actions.ask(by=otto(), at=timezone.now(), version=version, target="production")
    client.force_login(a_person("Stella"))
    assert client.get(f"/gates/{decision.pk}/").status_code in {403, 404}


def test_the_api_describes_itself_without_scripts_from_elsewhere(client: Client) -> None:
    assert client.get("/api/docs/").status_code == 302
    client.force_login(a_person("Cora", "compliance_officer"))

    schema = client.get("/api/schema/", {"format": "json"})
    page = client.get("/api/docs/").content.decode().replace("<wbr>", "")

    assert schema.json()["openapi"].startswith("3.1")
    assert {"/api/v1/gates/promotion/", "/v1/risk/update"} <= set(schema.json()["paths"])
    assert "/api/v1/gates/promotion/" in page
    assert "promotion_recommendation" in page
    assert " style=" not in page
