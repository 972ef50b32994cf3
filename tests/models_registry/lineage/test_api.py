"""The API of the lineage: what a CI job sends in one call, and what comes back."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from models_registry.catalog.models import ModelVersion
from models_registry.lineage.models import ArtifactVersion, Edge
from models_registry.lineage.statement import Member
from tests.journeys.builders import a_model, a_person, people
from tests.models_registry.lineage.world import a_rag_version, a_version, dataset, digest, otto_ci, stated

pytestmark = pytest.mark.django_db

STATEMENT = {
    "artifacts": [
        {"key": "data", "kind": "DATASET", "name": "claims-history", "version": "2026-06", "digest": digest("data"),
         "licence": "CC-BY-4.0", "role": "TRAINED_ON"},
        {"key": "weights", "kind": "WEIGHTS", "name": "triage", "digest": digest("weights"), "role": "CONSISTS_OF",
         "made_from": [{"key": "data", "role": "TRAINED_ON"}]},
        {"kind": "PROMPT_TEMPLATE", "name": "triage/system", "content": "Answer briefly.\n", "role": "PROMPTS_WITH"},
    ],
    "parameters": {"learning_rate": 0.001, "shuffle": True, "optimiser": "adam"},
    "metrics": {"auc": 0.91},
}  # fmt: skip


@pytest.fixture
def ci() -> APIClient:
    client = APIClient()
    client.force_authenticate(otto_ci())
    return client


def as_(username_or_account) -> APIClient:
    client = APIClient()
    client.force_authenticate(username_or_account)
    return client


def as_page(account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_pipeline_states_the_whole_origin_in_one_call(ci):
    a_version()
    address = "/api/v1/lineage/models/claims-triage/versions/1/"

    first, again = ci.post(address, STATEMENT, format="json"), ci.post(address, STATEMENT, format="json")
    read = ci.get(address).json()

    assert (first.status_code, again.status_code) == (201, 200), first.json()
    assert set(first.json()["artifacts"]) == {"data", "weights", "triage/system"}
    assert (first.json()["new_edges"], again.json()["new_edges"]) == (4, 0)
    assert first.json()["new_facts"] == 4
    assert {(node["name"], node["depth"]) for node in read["nodes"]} == {
        ("Claims triage", 0), ("claims-history", 1), ("triage", 1), ("triage/system", 1),
    }  # fmt: skip
    assert not read["cut"]


def test_the_owner_states_the_origin_of_their_own_model_and_of_no_other():
    a_version()
    a_model("foreign", owner=a_person("rival", "", "model_owner"))
    olive = as_(people().olive)

    assert olive.post("/api/v1/lineage/models/claims-triage/versions/1/", STATEMENT, format="json").status_code == 201
    assert olive.post("/api/v1/lineage/models/foreign/versions/1/", STATEMENT, format="json").status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"colour": "red"}, 400, "Unknown field"),
        ({"artifacts": [{**STATEMENT["artifacts"][0], "role": "PROMPTS_WITH"}]}, 400, "Prompts with leads to prompt"),
        ({"artifacts": [{**STATEMENT["artifacts"][0], "digest": "sha256:1"}]}, 400, "is no digest"),
        ({"artifacts": [{"kind": "DATASET", "name": "x"}]}, 400, "needs a digest"),
        ({"metrics": {"auc": "high"}}, 400, "A metric is a number"),
        ({"metrics": {"auc": True}}, 400, "A metric is a number"),
        ({"parameters": {"x": [1]}}, 400, "A parameter is a text"),
    ],
)
def test_a_statement_that_cannot_be_kept_is_refused_whole_with_what_is_wrong(ci, change, status, words):
    a_version()

    answer = ci.post("/api/v1/lineage/models/claims-triage/versions/1/", {**STATEMENT, **change}, format="json")

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    assert not ArtifactVersion.objects.exists()


def test_another_digest_under_a_known_label_is_a_conflict(ci):
    body = {"kind": "DATASET", "name": "claims", "version": "v1", "digest": digest("one")}

    made = ci.post("/api/v1/lineage/artifacts/", body, format="json")
    again = ci.post("/api/v1/lineage/artifacts/", body, format="json")
    other = ci.post("/api/v1/lineage/artifacts/", {**body, "digest": digest("two")}, format="json")

    assert (made.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert made.json()["id"] == again.json()["id"]
    assert "another state is another version" in other.json()["detail"]


def test_edges_are_recorded_refused_in_a_circle_and_withdrawn(ci):
    _, made = a_rag_version()
    body = {"derived": made["docs"].pk, "used": made["index"].pk, "role": "DERIVED_FROM"}

    circle = ci.post("/api/v1/lineage/edges/", body, format="json")
    edge = Edge.objects.get(derived=made["index"], used=made["docs"])
    gone = ci.post(f"/api/v1/lineage/edges/{edge.pk}/withdrawals/", {"reason": "Wrong way."}, format="json")
    now = ci.post("/api/v1/lineage/edges/", body, format="json")

    assert circle.status_code == 409
    assert "documents-index v1 → policy-documents v1 → documents-index v1" in circle.json()["detail"].replace(
        "policy-documents v1 → documents-index v1 → policy-documents v1",
        "documents-index v1 → policy-documents v1 → documents-index v1",
    )
    assert (gone.status_code, gone.json()["reason"]) == (200, "Wrong way.")
    assert now.status_code == 201


@pytest.mark.parametrize("body", [{}, {"model": "x"}, {"model": "claims-triage", "version": 1, "derived": 1}])
def test_an_edge_begins_at_one_thing(ci, body):
    answer = ci.post("/api/v1/lineage/edges/", {"used": 1, "role": "TRAINED_ON", **body}, format="json")

    assert answer.status_code == 400
    assert "An edge begins at" in answer.content.decode()


def test_who_is_affected_is_told_with_stage_owner_and_way(ci):
    version, made = a_rag_version()
    ModelVersion.objects.filter(pk=version.pk).update(stage="PRODUCTION")

    found = ci.get(f"/api/v1/lineage/versions/{made['docs'].pk}/affected/").json()

    assert found["hidden"] == 0
    assert found["affected"] == [
        {
            "model": "claims-triage", "name": "Claims triage", "number": 1, "stage": "PRODUCTION", "aliases": [],
            "owner": "Olive Okafor", "depth": 2, "role": "RETRIEVES_FROM", "via": "documents-index v1",
        }
    ]  # fmt: skip


def test_models_that_the_caller_may_not_read_are_counted_and_not_named():
    _, made = a_rag_version("claims-triage")
    from models_registry.access.models import BusinessUnit

    away = BusinessUnit.objects.create(slug="away", name="Away")
    rival = a_person("rival", "", "model_owner", unit=away)
    a_model("secret-model", owner=rival, unit=away)
    a_rag_version("secret-model")

    answer = as_(people().olive).get(f"/api/v1/lineage/versions/{made['docs'].pk}/affected/")
    downstream = as_(people().olive).get(f"/api/v1/lineage/versions/{made['docs'].pk}/downstream/")

    assert answer.json()["hidden"] == 1
    assert [one["model"] for one in answer.json()["affected"]] == ["claims-triage"]
    assert b"ecret" not in answer.content + downstream.content


def test_what_leads_to_hidden_models_alone_is_left_out_of_what_was_made_from_an_artifact():
    _, made = a_rag_version("claims-triage")
    from models_registry.access.models import BusinessUnit

    away = BusinessUnit.objects.create(slug="away", name="Away")
    rival = a_person("rival", "", "model_owner", unit=away)
    a_model("secret-model", owner=rival, unit=away)
    stated(
        a_version("secret-model"),
        Member("docs", dataset("policy-documents", "v1")),
        Member("hidden", dataset("secret-train"), "TRAINED_ON", made_from=(("docs", "DERIVED_FROM"),)),
    )
    address = f"/api/v1/lineage/versions/{made['docs'].pk}/downstream/"

    seen, whole = as_(people().olive).get(address), as_(people().cora).get(address)

    assert {node["name"] for node in seen.json()["nodes"]} == {"policy-documents", "documents-index", "Claims triage"}
    assert {"secret-train", "Secret model"} < {node["name"] for node in whole.json()["nodes"]}
    page = as_page(people().olive).get(f"/lineage/artifacts/{made['docs'].artifact_id}/").content.decode()
    assert "secret" not in page.lower()


def test_an_artifact_is_there_for_those_whose_models_came_from_it():
    _, made = a_rag_version("claims-triage")
    from models_registry.access.models import BusinessUnit

    away = BusinessUnit.objects.create(slug="away", name="Away")
    rival = as_(a_person("rival", "", "model_owner", unit=away))
    olive, cora = as_(people().olive), as_(people().cora)
    address = f"/api/v1/lineage/versions/{made['prompt'].pk}/"

    assert olive.get(address).json()["content"] == "Answer briefly.\nRule 1.\nCite."
    assert cora.get(address).status_code == 200
    assert rival.get(address).status_code == 404
    assert rival.get("/api/v1/lineage/artifacts/").json()["results"] == []
    assert len(olive.get("/api/v1/lineage/artifacts/").json()["results"]) == 4
    assert [one["name"] for one in olive.get("/api/v1/lineage/artifacts/?kind=VECTOR_INDEX").json()["results"]] == [
        "documents-index"
    ]


@pytest.mark.parametrize("query", ["depth=0", "depth=51", "depth=x", "depth=²"])
def test_a_depth_that_is_none_is_refused(ci, query):
    a_rag_version()

    assert ci.get(f"/api/v1/lineage/models/claims-triage/versions/1/?{query}").status_code == 400


def test_the_bill_of_materials_comes_in_its_own_media_type(ci):
    a_rag_version()
    address = "/api/v1/lineage/models/claims-triage/versions/1/bom/"

    own, plain, newer = (
        ci.get(address),
        ci.get(address, headers={"accept": "application/json"}),
        ci.get(f"{address}?spec=1.7"),
    )

    assert own["Content-Type"].startswith("application/vnd.cyclonedx+json")
    assert plain["Content-Type"] == "application/json"
    assert (own.json()["specVersion"], newer.json()["specVersion"]) == ("1.6", "1.7")
    assert ci.get(f"{address}?spec=0.9").status_code == 400
