"""Calls recorded between an unmodified MLflow client and its own server are answered the same way here."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.governance.mlflow.world import Registry, mia

pytestmark = pytest.mark.django_db

CALLS = json.loads((Path(__file__).parents[2] / "payloads" / "mlflow" / "registry_rest_calls.json").read_text())
PREFIX = "/api/2.0/mlflow/"
RUN = "32bbbdad78454bb18c93807f836f37bc"
SOURCE = "models:/m-ac5de2e46c8a4a91b4d37087d8a31439"
NAME = "heldout-cfb562-echo"
TIMES = {"creation_timestamp", "last_updated_timestamp"}


def body_of(call: str) -> dict[str, Any]:
    recorded = CALLS[call]
    return dict(parse_qsl(recorded["query"])) if recorded.get("query") else dict(recorded.get("request_body") or {})


def sent(registry: Registry, call: str, **changed: Any) -> tuple[int, dict[str, Any]]:
    method, path, _ = call.split()
    answer: Any = registry.send(method, path.removeprefix(PREFIX), body_of(call) | changed)
    return answer.status_code, answer.json()


def timeless(shown: Any) -> Any:
    """Return an answer without its times, after a look that they are whole milliseconds."""
    if isinstance(shown, list):
        return [timeless(one) for one in shown]
    if not isinstance(shown, dict):
        return shown
    assert all(isinstance(shown[name], int) and shown[name] > 10**12 for name in TIMES & set(shown))
    return {name: timeless(value) for name, value in shown.items() if name not in TIMES}


@pytest.fixture
def registry() -> Registry:
    return Registry(mia())


def a_version(registry: Registry, name: str = NAME, **facts: Any) -> dict[str, Any]:
    return registry.version(name, SOURCE, run_id=RUN, **facts)


def test_a_story_of_recorded_calls_has_the_recorded_answers(registry: Registry) -> None:
    def same(call: str, **changed: Any) -> None:
        status, answer = sent(registry, call, **changed)
        assert status == int(call.rsplit(" ", 1)[1]), answer
        assert timeless(answer) == timeless(CALLS[call]["response_body"]), call

    mlflow = "/api/2.0/mlflow/"
    same(f"POST {mlflow}registered-models/create 200")
    same(f"POST {mlflow}registered-models/create 400")
    a_version(registry)
    same(f"GET {mlflow}model-versions/get 200")
    a_version(registry)
    a_version(registry, tags=[{"key": "owner", "value": "olivia"}])
    same(f"GET {mlflow}registered-models/get 200")
    same(f"POST {mlflow}registered-models/alias 200")
    same(f"GET {mlflow}registered-models/alias 200")
    same(f"DELETE {mlflow}registered-models/alias 200")
    same(f"GET {mlflow}registered-models/alias 400")
    same(f"POST {mlflow}registered-models/set-tag 200")
    registry.call("POST", "registered-models/set-tag", name=NAME, key="risk_tier", value="limited")
    registry.call("POST", "registered-models/alias", name=NAME, alias="shadow", version="1")
    same(f"GET {mlflow}registered-models/search 200")
    same(f"POST {mlflow}model-versions/set-tag 200")
    registry.call("DELETE", "registered-models/alias", name=NAME, alias="shadow")
    same(f"GET {mlflow}model-versions/search 200")
    same(f"DELETE {mlflow}model-versions/delete-tag 200")
    registry.call("POST", "registered-models/alias", name=NAME, alias="shadow", version="1")
    same(f"PATCH {mlflow}registered-models/update 200")
    same(f"PATCH {mlflow}model-versions/update 200")
    same(f"POST {mlflow}registered-models/rename 200")
    same(f"POST {mlflow}model-versions/transition-stage 200")
    same(f"POST {mlflow}model-versions/transition-stage 400")
    same(f"GET {mlflow}registered-models/get 404")
    same(f"GET {mlflow}model-versions/get 404")
    same(f"GET {mlflow}registered-models/search 400")
    same(f"GET {mlflow}model-versions/search 400")


@pytest.mark.parametrize(
    "call",
    [
        call
        for call in CALLS
        if call.endswith((" 400", " 404"))
        and not any(other in call for other in ("webhooks", "registered-models/rename", "model-versions/create"))
    ],
)
def test_refusals_have_the_recorded_code_and_text(call: str, registry: Registry) -> None:
    given = body_of(call)
    name = str(given.get("name", ""))
    missing_model = "Registered Model with name=" in str(CALLS[call]["response_body"]["message"])
    if not missing_model and "/search" not in call and "name=" not in name:
        registry.model(name)
        a_version(registry, name) if "not found" not in CALLS[call]["response_body"]["message"] else None
    changed = {"value": "a" * 100_001} if CALLS[call].get("cut") else {}

    status, answer = sent(registry, call, **changed)

    wanted = CALLS[call]["response_body"]
    assert (status, answer["error_code"], answer["message"]) == (
        int(call.rsplit(" ", 1)[1]),
        wanted["error_code"],
        wanted["message"],
    )


def test_a_wrong_token_is_told_so() -> None:
    from django.test import Client

    answer = Client().get("/api/2.0/mlflow/registered-models/search", headers={"Authorization": "Bearer wrong"})

    assert (answer.status_code, answer.json()["error_code"]) == (401, "UNAUTHENTICATED")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_archiving_others_while_leaving_the_stages_is_refused_where_the_stock_server_fails(registry: Registry) -> None:
    call = "POST /api/2.0/mlflow/model-versions/transition-stage 500"
    registry.model("model")
    a_version(registry, "model")

    status, answer = sent(registry, call)

    assert (status, answer["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert answer["message"] == CALLS[call]["response_body"]["message"]
