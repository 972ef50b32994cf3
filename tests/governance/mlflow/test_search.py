"""Searches: MLflow's grammar, read strictly, over what the caller may read."""

from typing import Any

import pytest

from governance.mlflow import grammar
from governance.mlflow.errors import Refused
from tests.governance.mlflow.world import Registry, mia

NOT_PROMPT = "tag.`mlflow.prompt.is_prompt` != 'true'"


@pytest.fixture
def registry(db: None) -> Registry:
    found = Registry(mia())
    for name, team in (("fraud", "risk"), ("Fraud 2", "risk"), ("churn", "sales")):
        found.model(name, tags=[{"key": "team", "value": team}, {"key": "a.b", "value": "x"}])
    found.model("bare")
    for number in range(1, 4):
        found.version(
            "fraud", f"s3://bucket/{number}", run_id=f"run{number}", tags=[{"key": "n", "value": f"{number}"}]
        )
    return found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["Fraud 2", "bare", "churn", "fraud"]),
        (NOT_PROMPT, ["Fraud 2", "bare", "churn", "fraud"]),
        ("tags.`mlflow.prompt.is_prompt` = 'false'", ["Fraud 2", "bare", "churn", "fraud"]),
        ("tags.`mlflow.prompt.is_prompt` = 'true'", []),
        ("name = 'fraud'", ["fraud"]),
        ("name != 'fraud'", ["Fraud 2", "bare", "churn"]),
        ("name LIKE 'fr%'", ["fraud"]),
        ("name ILIKE 'fr%'", ["Fraud 2", "fraud"]),
        ("name IN ('fraud', \"churn\")", ["churn", "fraud"]),
        ("name NOT IN ('fraud')", ["Fraud 2", "bare", "churn"]),
        (f"name ILIKE 'fr%' and tags.team = 'risk' AND {NOT_PROMPT}", ["Fraud 2", "fraud"]),
        ("tag.team != 'risk'", ["churn"]),
        ("tags.`a.b` LIKE 'x'", ["Fraud 2", "churn", "fraud"]),
        ("tags.'team' = 'sales'", ["churn"]),
        ("tags.absent != 'x'", []),
        ("attribute.name = 'churn'", ["churn"]),
        ("name = '%'", []),
        ("name LIKE 'fr\\'", []),
        ("tags.team ILIKE 'RI%\\\\\\'", []),
        ("name = 'x'' OR 1=1'", None),
    ],
)
def test_models_are_found_by_filter(text: str, names: list[str] | None, registry: Registry) -> None:
    if names is None:
        assert registry.call("GET", "registered-models/search", 400, filter=text)
        return

    found = registry.call("GET", "registered-models/search", filter=text)

    assert [one["name"] for one in found.get("registered_models", [])] == names


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("name = 'fraud'", ["3", "2", "1"]),
        ("version_number >= 2", ["3", "2"]),
        ("version_number < 2 AND name='fraud'", ["1"]),
        ("run_id = 'run2'", ["2"]),
        ("run_id IN ('run1','run3')", ["3", "1"]),
        ("source_path LIKE 's3://bucket/%'", ["3", "2", "1"]),
        ("tags.n = '3'", ["3"]),
        ("tags.n != '3' AND source_path != 's3://bucket/1'", ["2"]),
    ],
)
def test_versions_are_found_by_filter(text: str, numbers: list[str], registry: Registry) -> None:
    found = registry.call("GET", "model-versions/search", filter=text)["model_versions"]

    assert [one["version"] for one in found] == numbers


def test_pages_follow_one_another_and_the_last_has_no_token(registry: Registry) -> None:
    seen: list[str] = []
    page: dict[str, Any] = {"next_page_token": ""}
    while "next_page_token" in page:
        page = registry.call("GET", "registered-models/search", max_results=3, page_token=page["next_page_token"])
        seen += [one["name"] for one in page["registered_models"]]

    assert seen == ["Fraud 2", "bare", "churn", "fraud"]


def test_orders_are_followed(registry: Registry) -> None:
    def names(*order: str) -> list[str]:
        found = registry.call("GET", "registered-models/search", order_by=list(order))
        return [one["name"] for one in found["registered_models"]]

    assert names("name DESC") == ["fraud", "churn", "bare", "Fraud 2"]
    assert names("last_updated_timestamp DESC", "name") == ["fraud", "bare", "churn", "Fraud 2"]
    assert names("timestamp ASC")[-1] == "fraud"
    versions = registry.call("GET", "model-versions/search", order_by="version_number ASC")["model_versions"]
    assert [one["version"] for one in versions] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("path", "facts", "said"),
    [
        ("registered-models/search", {"max_results": "1001"}, "Invalid value \"1001\" for parameter 'max_results'"),
        ("registered-models/search", {"max_results": "x"}, "Invalid value \"x\" for parameter 'max_results'"),
        ("model-versions/search", {"max_results": "0"}, "It must be a positive integer, but got 0"),
        ("registered-models/search", {"page_token": "!"}, "Invalid page token, could not base64-decode"),
        (
            "registered-models/search",
            {"order_by": "bogus"},
            "Invalid order by key 'bogus' specified. Valid keys are '{",
        ),
        (
            "model-versions/search",
            {"order_by": "run_id"},
            "Invalid attribute key 'run_id' specified. Valid keys are '{",
        ),
        ("registered-models/search", {"order_by": "name SIDEWAYS"}, "Invalid ordering key"),
        ("registered-models/search", {"order_by": ["name", "name DESC"]}, "duplicate fields"),
    ],
)
def test_an_unfit_parameter_is_named(path: str, facts: dict[str, Any], said: str, registry: Registry) -> None:
    answer = registry.call("GET", path, 400, **facts)

    assert answer["error_code"] == "INVALID_PARAMETER_VALUE"
    assert said in answer["message"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bogus = 'x'", "Invalid attribute key 'bogus' specified. Valid keys are '{'name'}'"),
        ("metrics.a = 'x'", "Invalid entity type 'metrics'. Valid entity types are ('attribute', 'tag', 'tags')"),
        ("name = x", "Parameter value is either not quoted"),
        ("name > 'x'", "Invalid comparator for attribute: >"),
        ("tags.a IN ('x')", "Invalid comparator for tag: IN"),
        ("tags.a = 5", "Expected a quoted string value for tag"),
        ("name = 'a' OR name = 'b'", "Invalid clause(s) in filter string: OR, name, =, 'b'"),
        ("name = 'a' AND", "Invalid clause(s) in filter string: AND"),
        ("AND name = 'a'", "Invalid clause(s) in filter string: AND"),
        ("name = 'a' name = 'b'", "Invalid clause(s) in filter string: name, =, 'b'"),
        ("name IN ()", "expected a non-empty list of string values, but got empty list"),
        ("name IN ('a' 'b')", "ill-formed list"),
        ("name IN ('a'", "Invalid clause(s)"),
        ("x" * 10_001, "at most 10000 characters"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(text: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        grammar.clauses(text, of=grammar.MODELS)

    assert said in refused.value.message


@pytest.mark.parametrize("text", ["version_number = 'x'", "version_number LIKE '1'", "version_number = 1.5"])
def test_a_number_is_compared_with_whole_numbers(text: str) -> None:
    with pytest.raises(Refused):
        grammar.clauses(text, of=grammar.VERSIONS)
