"""What is guarded opens to a client by the gate alone, and a refusal says why, in words that the client shows."""

from typing import Any

import pytest
from django.utils import timezone

from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest
from governance.gates import actions as gates
from governance.gates.models import GateDecision
from governance.scoring.models import Posture
from models_registry.audit.models import AuditEntry
from models_registry.catalog import registry_actions
from models_registry.catalog.models import Alias, AliasMove, Clearance, ModelVersion, RegisteredModel, Stage, StageMove
from tests.governance.gates.world import ARTIFACT, a_clean_version, a_person, otto
from tests.governance.mlflow.world import Registry

pytestmark = pytest.mark.django_db

PRODUCTION = {"name": "claims-triage", "version": "1", "stage": "Production", "archive_existing_versions": False}
CHAMPION: dict[str, Any] = {"name": "claims-triage", "version": "1", "alias": "champion"}


@pytest.fixture
def version() -> ModelVersion:
    return a_clean_version(at=timezone.now())


@pytest.fixture
def robot(version: ModelVersion) -> Registry:
    return Registry(otto())


def move(robot: Registry, expected: int = 200, **changed: Any) -> dict[str, Any]:
    return robot.call("POST", "model-versions/transition-stage", expected, **{**PRODUCTION, **changed})


def test_a_clean_version_enters_production_at_once(robot: Registry, version: ModelVersion) -> None:
    shown = move(robot)["model_version"]

    assert shown["current_stage"] == "Production"
    assert shown["last_updated_timestamp"] > shown["creation_timestamp"]
    assert GateDecision.objects.get().used_at is not None
    assert StageMove.objects.latest("pk").clearance == Clearance.objects.get()


def test_a_version_that_was_never_staged_is_judged_again_from_staging(robot: Registry, version: ModelVersion) -> None:
    ModelVersion.objects.update(stage=Stage.DEVELOPMENT)

    assert move(robot)["model_version"]["current_stage"] == "Production"
    assert list(StageMove.objects.order_by("-pk").values_list("to_stage", flat=True)[:2]) == ["PRODUCTION", "STAGING"]


def test_a_blocked_promotion_says_why_and_where_the_decision_is(robot: Registry, version: ModelVersion) -> None:
    Posture.objects.update(risk_score=90, level="CRITICAL")

    answer = move(robot, 403)

    decision = GateDecision.objects.get()
    assert (answer["error_code"], answer["decision"], answer["decision_id"]) == (
        "PERMISSION_DENIED", "BLOCK", str(decision.pk)
    )  # fmt: skip
    assert answer["message"].startswith("Promotion of claims-triage v1 to Production is BLOCKED: ")
    assert "Risk is Critical" in answer["message"]
    assert answer["message"].endswith(f"See http://localhost:8000/gates/{decision.pk}/")
    assert ModelVersion.objects.get().stage == Stage.STAGING
    assert AuditEntry.objects.filter(action="gate.blocked").count() == 1


def test_a_refused_promotion_leaves_a_version_where_it_was(robot: Registry, version: ModelVersion) -> None:
    ModelVersion.objects.update(stage=Stage.DEVELOPMENT)
    Posture.objects.update(risk_score=90, level="CRITICAL")

    move(robot, 403)

    assert ModelVersion.objects.get().stage == Stage.DEVELOPMENT


def test_what_only_lacks_approval_is_asked_for_and_moves_once_it_is_given(
    robot: Registry, version: ModelVersion
) -> None:
    RegisteredModel.objects.update(materiality="HIGH")

    first = move(robot, 403)
    again = move(robot, 403)
    asked = ApprovalRequest.objects.get()
    cora = a_person("Cora", "compliance_officer")
    approvals.vote(by=cora, at=timezone.now(), request_id=asked.pk, approves=True, judged_digest=asked.digest)

    assert (first["decision"], again["decision"]) == ("REVIEW_REQUIRED", "REVIEW_REQUIRED")
    assert "Approval was asked for: repeat the call once it is given." in first["message"]
    assert move(robot)["model_version"]["current_stage"] == "Production"


def test_a_version_without_a_digest_learns_how_to_state_it(robot: Registry, version: ModelVersion) -> None:
    robot.version("claims-triage")

    answer = move(robot, 403, version="2")
    robot.call(
        "POST", "model-versions/set-tag", name="claims-triage", version="2", key="redline.artifact_digest",
        value=ARTIFACT,
    )  # fmt: skip

    assert "Tag the version redline.artifact_digest=sha256:" in answer["message"]
    assert move(robot, version="2")["model_version"]["current_stage"] == "Production"


def test_a_gate_that_fails_keeps_the_place_closed(
    robot: Registry, version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: object) -> GateDecision:
        raise RuntimeError

    monkeypatch.setattr(gates, "ask", fails)

    answer = move(robot, 403)

    assert (answer["error_code"], answer["decision"]) == ("PERMISSION_DENIED", "BLOCK")
    assert ModelVersion.objects.get().stage == Stage.STAGING


def test_the_others_in_the_stage_are_archived_with_the_move(robot: Registry, version: ModelVersion) -> None:
    move(robot)
    robot.version("claims-triage", tags=[{"key": "redline.artifact_digest", "value": "sha256:" + "b" * 64}])

    move(robot, version="2", archive_existing_versions=True)

    stages = dict(ModelVersion.objects.values_list("number", "stage"))
    assert stages == {1: Stage.ARCHIVED, 2: Stage.PRODUCTION}
    found = robot.call("POST", "registered-models/get-latest-versions", name="claims-triage", stages=["production"])
    assert [one["version"] for one in found["model_versions"]] == ["2"]


@pytest.mark.parametrize("stage", ["none", "STAGING", "Archived", "None"])
def test_every_free_stage_is_reached_from_production(stage: str, robot: Registry, version: ModelVersion) -> None:
    move(robot)

    assert move(robot, stage=stage)["model_version"]["current_stage"].lower() == stage.lower()


def test_a_guarded_alias_goes_through_the_gate(robot: Registry, version: ModelVersion) -> None:
    assert robot.call("POST", "registered-models/alias", **CHAMPION) == {}
    assert robot.call("POST", "registered-models/alias", **CHAMPION) == {}

    assert Alias.objects.get().guarded
    assert AliasMove.objects.get().clearance is not None
    assert GateDecision.objects.count() == 1


def test_a_guarded_alias_that_the_gate_keeps_closed_is_refused(robot: Registry, version: ModelVersion) -> None:
    Posture.objects.update(risk_score=90, level="CRITICAL")

    answer = robot.call("POST", "registered-models/alias", 403, **CHAMPION)

    assert answer["message"].startswith("Promotion of claims-triage v1 to the alias champion is BLOCKED: ")
    assert not Alias.objects.exists()


def test_an_alias_guarded_by_the_house_is_guarded_under_any_name(robot: Registry, version: ModelVersion) -> None:
    Alias.objects.create(model=version.model, name="live", version=version, guarded=True)
    robot.version("claims-triage")

    answer = robot.call("POST", "registered-models/alias", 403, name="claims-triage", version="2", alias="live")

    assert "DIGEST_MISSING" in [reason["code"] for reason in answer["reasons"]]


def test_a_protected_alias_is_moved_by_those_it_names_alone(robot: Registry, version: ModelVersion) -> None:
    olive, now = a_person("Olive"), timezone.now()
    body: dict[str, Any] = {"name": "claims-triage", "version": "1", "alias": "shadow"}
    registry_actions.protect_alias(
        by=olive, at=now, model=version.model, name="shadow", pipeline_only=False, movers=[olive]
    )

    refused = robot.call("POST", "registered-models/alias", 403, **body)
    assert refused["message"] == "The alias shadow is protected: only the accounts it names may move it."
    assert Registry(olive).call("POST", "registered-models/alias", **body) == {}
    assert robot.call("DELETE", "registered-models/alias", 403, name="claims-triage", alias="shadow")

    registry_actions.protect_alias(by=olive, at=now, model=version.model, name="shadow", pipeline_only=True)
    assert Registry(olive).call("DELETE", "registered-models/alias", 403, name="claims-triage", alias="shadow")
    assert robot.call("DELETE", "registered-models/alias", name="claims-triage", alias="shadow") == {}

    registry_actions.unprotect_alias(by=olive, at=now, model=version.model, name="shadow")
    assert Registry(olive).call("POST", "registered-models/alias", **body) == {}


@pytest.mark.parametrize(
    ("alias", "said"),
    [
        ("v3", "Version alias name 'v3' is reserved."),
        ("Latest", "'latest' alias name (case insensitive) is reserved."),
        ("a b", "Invalid alias name: 'a b'. Names may only contain alphanumerics, underscores (_), and dashes (-)."),
        ("x" * 256, "'Registered model alias name' exceeds the maximum length of 255 characters"),
    ],
)
def test_an_unfit_alias_is_named(alias: str, said: str, robot: Registry) -> None:
    answer = robot.call("POST", "registered-models/alias", 400, **{**CHAMPION, "alias": alias})

    assert answer["message"] == said
