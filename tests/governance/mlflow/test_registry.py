"""Registering by a client gives records that governance can stand on; what is deleted is withdrawn, never erased."""

import base64
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from models_registry.access.models import Account, AccountKind, BusinessUnit, Token
from models_registry.audit.models import AuditEntry
from models_registry.catalog.models import AliasMove, Kind, ModelVersion, RegisteredModel, Stage, StageMove
from models_registry.catalog.run_actions import import_runs
from models_registry.catalog.run_models import Run
from models_registry.catalog.run_statement import StatedRun, StatedRuns
from tests.governance.gates.world import a_person, otto
from tests.governance.mlflow.world import ROOT, Registry, mia, stella

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry() -> Registry:
    return Registry(mia())


def actions_of(model: RegisteredModel) -> list[str]:
    return list(AuditEntry.objects.filter(model_id=model.pk).order_by("id").values_list("action", flat=True))


def test_a_model_that_a_person_registers_is_theirs_to_describe(registry: Registry) -> None:
    registry.model("Fraud detection ü", tags=[{"key": "team", "value": "risk"}], description="Scores claims")

    model = RegisteredModel.objects.get()
    assert (model.slug, model.name, model.registry_name) == ("fraud-detection-u",) + ("Fraud detection ü",) * 2
    assert (model.owner, model.unit.slug, model.kind) == (mia(), "claims", Kind.UNKNOWN)
    assert (model.purpose, model.registry_tags) == ("Scores claims", {"team": "risk"})
    assert actions_of(model) == ["model.registered"]


def test_what_a_pipeline_registers_belongs_to_the_person_who_gave_it_its_token() -> None:
    adam = a_person("Adam", "administrator")

    Registry(otto(), issuer=adam).model("fraud")

    model = RegisteredModel.objects.get()
    assert (model.owner, model.registered_by) == (adam, otto())


def test_what_belongs_to_no_unit_waits_to_be_assigned_by_an_administrator() -> None:
    adam = a_person("Adam", "administrator")
    robot = a_person("Robot", "automation_ci", kind=AccountKind.AUTOMATION)
    Account.objects.update(unit=None)

    Registry(robot).model("fraud")

    model = RegisteredModel.objects.get()
    assert (model.owner, model.unit.slug) == (adam, "not-assigned")


def test_two_names_that_look_alike_in_an_address_are_two_models(registry: Registry) -> None:
    registry.model("My model")
    registry.model("my-model")

    assert set(RegisteredModel.objects.values_list("slug", flat=True)) == {"my-model", "my-model-2"}
    assert registry.call("GET", "registered-models/get", name="My model")["registered_model"]["name"] == "My model"


def test_a_model_that_people_registered_answers_to_its_slug(registry: Registry) -> None:
    person = mia()
    RegisteredModel.objects.create(
        slug="churn", name="Churn", kind="CLASSIFIER", owner=person, unit=BusinessUnit.objects.get(),
        created_at=timezone.now(),
    )  # fmt: skip

    assert registry.version("churn")["version"] == "1"
    assert (
        registry.call("POST", "registered-models/create", 400, name="churn")["error_code"] == "RESOURCE_ALREADY_EXISTS"
    )


def test_a_version_keeps_its_origin_as_given(registry: Registry) -> None:
    registry.model("fraud")

    shown = registry.version(
        "fraud", "runs:/abc/model", run_id="abc", run_link="https://ci/1", description="first", model_id="m-1",
        tags=[{"key": "git_sha", "value": "9f"}, {"key": "git_sha", "value": "9f1c"}],
    )  # fmt: skip

    assert shown | {"creation_timestamp": 0, "last_updated_timestamp": 0} == {
        "name": "fraud", "version": "1", "creation_timestamp": 0, "last_updated_timestamp": 0,
        "current_stage": "None", "description": "first", "source": "runs:/abc/model", "run_id": "abc",
        "run_link": "https://ci/1", "status": "READY", "model_id": "m-1", "tags": [{"key": "git_sha", "value": "9f1c"}],
    }  # fmt: skip
    assert registry.call("GET", "model-versions/get", name="fraud", version="1")["model_version"] == shown
    uri = registry.call("GET", "model-versions/get-download-uri", name="fraud", version="1")
    assert uri == {"artifact_uri": "runs:/abc/model"}
    assert StageMove.objects.get().to_stage == Stage.DEVELOPMENT


def test_a_local_path_needs_the_run_that_made_it(registry: Registry) -> None:
    registry.model("fraud")

    answer = registry.call("POST", "model-versions/create", 400, name="fraud", source="/data/xx")

    assert answer["message"].startswith("Invalid model version source: '/data/xx'. To use a local path")
    assert registry.version("fraud", "/data/xx", run_id="abc")["source"] == "/data/xx"


def test_a_copy_names_the_version_it_was_made_of_and_loads_from_its_source(registry: Registry) -> None:
    registry.model("fraud")
    registry.version("fraud", "s3://a", run_id="abc")
    registry.call("POST", "registered-models/alias", name="fraud", alias="best", version="1")
    registry.model("copy")

    for source in ("models:/fraud/1", "models:/fraud@best", "models:/fraud/None", "models:/fraud/latest"):
        shown = registry.version("copy", source)
        assert (shown["source"], shown["run_id"]) == ("models:/fraud/1", "abc")
    uri = registry.call("GET", "model-versions/get-download-uri", name="copy", version="1")
    assert uri["artifact_uri"] == "s3://a"
    assert registry.call("POST", "model-versions/create", 400, name="copy", source="models:/fraud/1", run_id="other")
    assert registry.call("POST", "model-versions/create", 404, name="copy", source="models:/fraud/9")


def test_a_copy_is_of_the_artifact_that_it_copies(registry: Registry) -> None:
    digest, another = "sha256:" + "b" * 64, "sha256:" + "c" * 64
    registry.model("fraud")
    registry.version("fraud")
    ModelVersion.objects.update(artifact_digest=digest)
    registry.model("copy")
    tag = [{"key": "redline.artifact_digest", "value": another}]
    body: dict[str, Any] = {"name": "copy", "source": "models:/fraud/1"}

    registry.version("copy", "models:/fraud/1")
    refused = registry.call("POST", "model-versions/create", 409, **body, tags=tag)

    assert ModelVersion.objects.get(model__slug="copy").artifact_digest == digest
    assert f"{digest}, not {another}" in refused["message"]


def test_a_prompt_without_a_source_is_registered_as_every_client_does_it(registry: Registry) -> None:
    registry.model("greeting", tags=[{"key": "mlflow.prompt.is_prompt", "value": "true"}])

    assert [registry.version("greeting", source)["version"] for source in ("dummy-source", "prompt-template")] == [
        "1", "2"
    ]  # fmt: skip
    registry.model("fraud")
    assert registry.call("POST", "model-versions/create", 400, name="fraud", source="prompt-template")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/2.0/mlflow/runs/create", "MLFLOW_TRACKING_URI"),
        ("/api/3.0/mlflow/traces", "MLFLOW_TRACKING_URI"),
        ("/api/2.0/mlflow-artifacts/artifacts", "MLFLOW_TRACKING_URI"),
        ("/ajax-api/2.0/mlflow/registered-models/search", "MLFLOW_TRACKING_URI"),
        ("/api/2.0/mlflow/api/2.0/mlflow/registered-models/search", "ends before /api"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_served_is_refused_in_words_that_say_what_to_set(
    method: str, path: str, said: str, registry: Registry
) -> None:
    answer: Any = registry.client.generic(method, path, "{}", content_type="application/json")

    assert (answer.status_code, answer.json()["error_code"]) == (404, "ENDPOINT_NOT_FOUND")
    assert answer.json()["message"].startswith(f"{path} is not served here.")
    assert said in answer.json()["message"]


def test_a_post_that_a_redirect_made_a_get_is_told_of_the_redirect(registry: Registry) -> None:
    answer = registry.call("GET", "registered-models/create", 405)

    assert "give the registry's address with https://" in answer["message"]


def test_a_version_of_a_logged_model_is_linked_to_the_run_that_logged_it(registry: Registry) -> None:
    registry.model("fraud")
    model = RegisteredModel.objects.get()
    run = StatedRun("r1", "first", "FINISHED", artifacts=[{"name": "logged model", "uri": "models:/m-1"}])
    import_runs(by=model.owner, at=timezone.now(), model=model, told=StatedRuns("MLFLOW", [run]))

    registry.version("fraud", "models:/m-1", model_id="m-1")
    registry.version("fraud", "models:/fraud/1")

    assert Run.objects.get().version == ModelVersion.objects.get(number=1)


def test_numbers_are_never_given_twice(registry: Registry) -> None:
    registry.model("fraud")
    registry.version("fraud")
    registry.version("fraud")
    registry.call("DELETE", "model-versions/delete", name="fraud", version="2")

    assert registry.version("fraud")["version"] == "3"
    assert registry.call("GET", "model-versions/get", 404, name="fraud", version="2")
    assert ModelVersion.objects.filter(withdrawn_at__isnull=False).count() == 1


def test_a_deleted_version_takes_its_aliases_along_and_leaves_its_history(registry: Registry) -> None:
    registry.model("fraud")
    registry.version("fraud")
    registry.call("POST", "registered-models/alias", name="fraud", alias="best", version="1")

    registry.call("DELETE", "model-versions/delete", name="fraud", version="1")

    assert registry.call("GET", "registered-models/alias", 400, name="fraud", alias="best")
    assert list(AliasMove.objects.order_by("id").values_list("version__number", flat=True)) == [1, None]
    assert actions_of(RegisteredModel.objects.get())[-1] == "version.withdrawn"


def test_a_deleted_model_is_archived_and_its_name_is_free(registry: Registry) -> None:
    registry.model("fraud")
    registry.version("fraud")

    registry.call("DELETE", "registered-models/delete", name="fraud")

    assert registry.call("GET", "registered-models/get", 404, name="fraud")
    assert registry.call("GET", "model-versions/search") == {}
    registry.model("fraud")
    assert [model.slug for model in RegisteredModel.objects.active()] == ["fraud-2"]
    assert ModelVersion.objects.get().model.slug == "fraud"


def test_a_version_in_production_cannot_be_deleted_nor_its_model(registry: Registry) -> None:
    registry.model("fraud")
    registry.version("fraud")
    ModelVersion.objects.update(stage=Stage.PRODUCTION)

    for path, facts in (("model-versions/delete", {"version": "1"}), ("registered-models/delete", {})):
        answer = registry.call("DELETE", path, 409, name="fraud", **facts)
        assert answer["error_code"] == "RESOURCE_CONFLICT"
        assert "is in production" in answer["message"]
    assert RegisteredModel.objects.get().archived_at is None


def test_a_renamed_model_is_found_by_its_new_name_alone(registry: Registry) -> None:
    registry.model("fraud")
    registry.model("other")

    registry.call("POST", "registered-models/rename", name="fraud", new_name="fraud two")

    assert registry.call("GET", "registered-models/get", 404, name="fraud")
    assert RegisteredModel.objects.get(slug="fraud").name == "fraud two"
    refused = registry.call("POST", "registered-models/rename", 400, name="other", new_name="fraud two")
    assert refused["error_code"] == "RESOURCE_ALREADY_EXISTS"


def test_what_a_pipeline_registered_it_may_take_back_until_somebody_describes_it() -> None:
    robot = Registry(otto())
    robot.model("mine")
    robot.model("described")
    RegisteredModel.objects.filter(slug="described").update(kind=Kind.CLASSIFIER)

    assert robot.call("PATCH", "registered-models/update", name="mine", description="x")
    assert robot.call("DELETE", "registered-models/delete", name="mine") == {}
    refused = robot.call("DELETE", "registered-models/delete", 403, name="described")
    assert refused["error_code"] == "PERMISSION_DENIED"


def test_what_a_caller_may_not_see_is_not_there(registry: Registry) -> None:
    registry.model("fraud")
    registry.version("fraud")
    other = Registry(stella())

    assert other.call("GET", "registered-models/get", 404, name="fraud")
    assert other.call("GET", "model-versions/get", 404, name="fraud", version="1")
    assert other.call("GET", "registered-models/search") == {}
    assert other.call("GET", "model-versions/search") == {}
    assert other.call("POST", "model-versions/create", 404, name="fraud", source="s3://a")


def test_what_a_caller_may_see_and_not_change_is_refused_with_the_reason(registry: Registry) -> None:
    registry.model("fraud")
    registry.version("fraud")
    reader = Registry(a_person("Ada", "auditor"))

    for method, path, facts in (
        ("POST", "model-versions/create", {"source": "s3://a"}),
        ("DELETE", "registered-models/delete", {}),
        ("POST", "registered-models/set-tag", {"key": "a", "value": "b"}),
        ("POST", "registered-models/alias", {"alias": "best", "version": "1"}),
        ("POST", "model-versions/transition-stage", {"version": "1", "stage": "Staging"}),
    ):
        answer = reader.call(method, path, 403, name="fraud", **facts)
        assert answer["error_code"] == "PERMISSION_DENIED"
        assert "None of your roles may" in answer["message"]


def test_a_token_is_limited_to_its_scopes() -> None:
    robot = Registry(otto(), scopes=["model.read"])

    assert robot.call("GET", "registered-models/search") == {}
    assert "limited to model.read" in robot.call("POST", "registered-models/create", 403, name="fraud")["message"]


def test_a_name_and_a_token_open_as_well_and_only_together() -> None:
    assert Registry(otto(), basic=True).call("GET", "registered-models/search") == {}

    token = Registry(mia()).raw
    forged = base64.b64encode(f"otto:{token}".encode()).decode()
    answer = Client(headers={"Authorization": f"Basic {forged}"}).get(ROOT + "registered-models/search")
    assert (answer.status_code, answer.json()["message"]) == (
        401, "This token belongs to another account than MLFLOW_TRACKING_USERNAME names."
    )  # fmt: skip


@pytest.mark.parametrize("fault", ["revoked", "expired", "disabled", "unknown", "none"])
def test_a_token_that_is_not_good_opens_nothing(fault: str, registry: Registry) -> None:
    if fault == "revoked":
        Token.objects.update(revoked_at=timezone.now())
    if fault == "expired":
        Token.objects.update(issued_at="2020-01-01T00:00Z", expires_at="2020-01-02T00:00Z")
    if fault == "disabled":
        type(mia()).objects.update(is_active=False)
    if fault == "unknown":
        Token.objects.all().delete()
    if fault == "none":
        registry.client = Client()

    answer = registry.call("GET", "registered-models/search", 401)

    assert answer["error_code"] == "UNAUTHENTICATED"


def test_the_first_use_of_a_day_is_noted(registry: Registry) -> None:
    registry.call("GET", "registered-models/search")

    assert Token.objects.get().last_used_on == timezone.now().date()


def test_a_body_of_another_type_is_refused_and_one_that_is_no_json_is_empty(registry: Registry) -> None:
    text = registry.client.post(ROOT + "registered-models/create", {"name": "x"})
    broken: Any = registry.client.generic(
        "POST", ROOT + "registered-models/create", b"{", content_type="application/json"
    )

    assert (text.status_code, text.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert broken.json()["message"].startswith("Missing value for required parameter 'name'.")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"name": 5}, "Hint: Value was of type 'int'"),
        ({"name": "a/b:c"}, "Invalid model name 'a/b:c'. Names cannot contain '/' or ':'."),
        ({"name": "   "}, "Missing value for required parameter 'name'."),
        ({"name": ".."}, "must not resolve to other names"),
        ({"name": "x" * 257}, "'name' exceeds the maximum length of 256 characters"),
        ({"name": "a\x00b"}, "NUL"),
        ({"name": "ok", "tags": "x"}, "Hint: Value was of type 'str'"),
        ({"name": "ok", "tags": [{"value": "x"}]}, "Missing value for required parameter 'key'"),
    ],
)
def test_an_unfit_value_is_named(facts: dict[str, Any], said: str, registry: Registry) -> None:
    answer = registry.call("POST", "registered-models/create", 400, **facts)

    assert answer["error_code"] == "INVALID_PARAMETER_VALUE"
    assert said in answer["message"]
    assert not RegisteredModel.objects.exists()


def test_labels_come_and_go_and_each_leaves_an_entry(registry: Registry) -> None:
    registry.model("fraud")
    registry.version("fraud")

    places: list[tuple[str, dict[str, Any]]] = [("registered-models", {}), ("model-versions", {"version": "1"})]
    for path, facts in places:
        registry.call("POST", f"{path}/set-tag", name="fraud", key="a.b", value="1", **facts)
        registry.call("DELETE", f"{path}/delete-tag", name="fraud", key="absent", **facts)
        registry.call("DELETE", f"{path}/delete-tag", name="fraud", key="a.b", **facts)

    assert RegisteredModel.objects.get().registry_tags == ModelVersion.objects.get().registry_tags == {}
    assert actions_of(RegisteredModel.objects.get())[2:] == [
        "model.tagged", "model.untagged", "model.untagged", "version.tagged", "version.untagged", "version.untagged"
    ]  # fmt: skip


def test_an_artifact_is_stated_once(registry: Registry) -> None:
    registry.model("fraud")
    registry.version("fraud")
    digest = "sha256:" + "b" * 64
    state: dict[str, Any] = {"name": "fraud", "version": "1", "key": "redline.artifact_digest"}

    assert registry.call("POST", "model-versions/set-tag", 400, value="abc", **state)
    registry.call("POST", "model-versions/set-tag", value=digest, **state)
    registry.call("POST", "model-versions/set-tag", value=digest, **state)
    refused = registry.call("POST", "model-versions/set-tag", 409, value="sha256:" + "c" * 64, **state)

    assert refused["error_code"] == "RESOURCE_CONFLICT"
    assert ModelVersion.objects.get().artifact_digest == digest


def test_a_prompt_is_kept_beside_the_models_and_never_among_them(registry: Registry) -> None:
    prompt = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
    registry.model("greeting", tags=prompt)
    text = [*prompt, {"key": "mlflow.prompt.text", "value": "Hi {{x}}"}]
    shown = registry.version("greeting", "dummy-source", tags=text)
    registry.call("POST", "registered-models/alias", name="greeting", alias="production", version="1")
    registry.model("fraud")

    assert shown["source"] == "dummy-source"
    assert list(RegisteredModel.objects.values_list("slug", flat=True)) == ["fraud"]
    assert [one["name"] for one in registry.call("GET", "registered-models/search")["registered_models"]] == ["fraud"]
    asked = "tags.`mlflow.prompt.is_prompt` = 'true'"
    found = registry.call("GET", "registered-models/search", filter=asked)["registered_models"]
    assert [(one["name"], one["aliases"]) for one in found] == [("greeting", [{"alias": "production", "version": "1"}])]
    refused = registry.call("POST", "registered-models/create", 400, name="greeting")
    assert "already taken by a prompt" in refused["message"]
    settled = registry.call("POST", "registered-models/set-tag", 409, name="fraud", **prompt[0])
    assert settled["error_code"] == "RESOURCE_CONFLICT"


@pytest.mark.django_db(transaction=True)
def test_eight_clients_at_once_lose_no_number(registry: Registry) -> None:
    registry.model("fraud")
    raw = f"Bearer {registry.raw}"
    statuses: list[int] = []

    def register() -> None:
        client = Client(headers={"Authorization": raw}, raise_request_exception=False)
        for _ in range(10):
            body = {"name": "fraud", "source": "s3://a"}
            answer = client.post(ROOT + "model-versions/create", body, content_type="application/json")
            statuses.append(answer.status_code)
        connection.close()

    threads = [threading.Thread(target=register) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert statuses == [200] * 80
    assert list(ModelVersion.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 81))
    assert AuditEntry.objects.filter(action="version.registered").count() == 80


def test_the_page_of_what_nobody_has_described_asks_its_owner_to(registry: Registry) -> None:
    registry.model("fraud")
    browser = Client()
    browser.force_login(mia(), backend="django.contrib.auth.backends.ModelBackend")

    before = browser.get("/models/fraud/").text
    RegisteredModel.objects.update(kind=Kind.CLASSIFIER)

    assert "Nobody has said what this model is." in before
    assert 'href="/models/fraud/edit/"' in before
    assert "Nobody has said what this model is." not in browser.get("/models/fraud/").text


@pytest.mark.parametrize(
    ("path", "said"),
    [("/health", b"OK"), ("/version", b"3.17.2"), ("/api/3.0/mlflow/server-info", b'"workspaces_enabled": false')],
)
def test_a_client_asks_what_the_server_is_without_a_token(path: str, said: bytes) -> None:
    answer = Client().get(path)

    assert answer.status_code == 200
    assert said in answer.content


def test_latest_is_the_newest_version_and_may_be_copied(registry: Registry) -> None:
    registry.model("fraud")
    for number in (1, 2):
        registry.version("fraud", f"s3://bucket/{number}")
    registry.call("POST", "model-versions/transition-stage", name="fraud", version="2", stage="Archived",
                  archive_existing_versions=False)  # fmt: skip
    registry.model("copy")

    newest = registry.call("GET", "registered-models/alias", name="fraud", alias="LATEST")["model_version"]

    assert newest["version"] == "2"
    assert registry.version("copy", "models:/fraud@latest")["source"] == "models:/fraud/2"
    registry.model("bare")
    absent = registry.call("GET", "registered-models/alias", 404, name="bare", alias="latest")
    assert absent["message"] == "Latest version not found for model bare."


@pytest.mark.parametrize(
    ("source", "status", "said"),
    [
        ("models:/", 400, "Invalid model version source: 'models:/'."),
        ("models:/copy/Canary", 400, "Invalid Model Version stage: Canary. Value must be one of None, Staging"),
        ("models:/nope/1", 404, "Registered Model with name=nope not found"),
    ],
)
def test_what_cannot_be_copied_is_told_as_by_the_stock_server(
    source: str, status: int, said: str, registry: Registry
) -> None:
    registry.model("copy")

    answer = registry.call("POST", "model-versions/create", status, name="copy", source=source)

    assert said in answer["message"]


def test_a_model_may_be_renamed_to_its_own_name(registry: Registry) -> None:
    registry.model("fraud")

    renamed = registry.call("POST", "registered-models/rename", name="fraud", new_name="fraud")["registered_model"]

    assert renamed["name"] == "fraud"
    assert "model.renamed" not in actions_of(RegisteredModel.objects.get())
