"""What a stock mlflow client does with webhooks, run by the client's own Python: see test_client.py."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import mlflow  # type: ignore[import-not-found]
from mlflow import MlflowClient
from mlflow.entities.webhook import WebhookEvent  # type: ignore[import-not-found]
from mlflow.exceptions import RestException  # type: ignore[import-not-found]
from mlflow.webhooks.delivery import _generate_hmac_signature  # type: ignore[import-not-found]
from mlflow.webhooks.types import get_payload_class_for_event  # type: ignore[import-not-found]

EVENTS = (
    "registered_model.created",
    "model_version.created",
    "model_version_tag.set",
    "model_version_tag.deleted",
    "model_version_alias.created",
    "model_version_alias.deleted",
    "prompt.created",
    "prompt_version.created",
    "prompt_tag.set",
    "prompt_tag.deleted",
    "prompt_version_tag.set",
    "prompt_version_tag.deleted",
    "prompt_alias.created",
    "prompt_alias.deleted",
)
SECRET = "not that secret"


def refused(code: str, call: Any, *given: Any, **named: Any) -> str:
    """Return the words of a refusal with this code."""
    try:
        call(*given, **named)
    except RestException as error:
        assert error.error_code == code, error
        return str(error)
    raise AssertionError(f"{call} was not refused")


def looked_after() -> None:
    """Make, list, read, change, try and delete webhooks."""
    client: Any = MlflowClient()
    url = os.environ["RECEIVER"]
    kept = client.create_webhook("all", url, list(EVENTS), description="Builds images", secret=SECRET)
    assert (kept.name, kept.url, str(kept.status), kept.secret) == ("all", url, "ACTIVE", None)
    assert [str(event) for event in kept.events] == list(EVENTS)
    other = client.create_webhook("other", url, [WebhookEvent("prompt", "created")], status="DISABLED")
    assert [one.webhook_id for one in client.list_webhooks()] == [other.webhook_id, kept.webhook_id]
    page = client.list_webhooks(max_results=1)
    assert [one.webhook_id for one in client.list_webhooks(max_results=1, page_token=page.token)] == [kept.webhook_id]
    changed = client.update_webhook(other.webhook_id, name="changed", events=["prompt_tag.set"], status="ACTIVE")
    assert (changed.name, str(changed.status), [str(one) for one in changed.events]) == (
        "changed", "ACTIVE", ["prompt_tag.set"],
    )  # fmt: skip
    assert client.get_webhook(kept.webhook_id).description == "Builds images"
    tried = client.test_webhook(kept.webhook_id)
    assert (tried.success, tried.response_status, tried.response_body) == (True, 200, None), tried
    assert client.test_webhook(kept.webhook_id, "prompt.created").success
    client.delete_webhook(other.webhook_id)
    refused("RESOURCE_DOES_NOT_EXIST", client.get_webhook, other.webhook_id)
    refused("INVALID_PARAMETER_VALUE", client.create_webhook, "x", "https://127.1/", ["prompt.created"])
    refused("INVALID_PARAMETER_VALUE", client.create_webhook, "x", url, ["budget_policy.exceeded"])


def changed() -> None:
    """Let every event happen."""
    client: Any = MlflowClient()
    client.create_registered_model("fraud", tags={"team": "risk"}, description="Scores claims")
    client.create_model_version("fraud", "s3://models/fraud", tags={"a": "b"}, await_creation_for=0)
    client.set_model_version_tag("fraud", "1", "checked", "yes")
    client.delete_model_version_tag("fraud", "1", "checked")
    client.set_registered_model_alias("fraud", "best", "1")
    client.delete_registered_model_alias("fraud", "best")
    mlflow.genai.register_prompt(name="greeting", template="Hi {{name}}", tags={"tone": "warm"})
    client.set_prompt_tag("greeting", "tone", "cold")
    client.delete_prompt_tag("greeting", "tone")
    client.set_prompt_version_tag("greeting", "1", "seen", "yes")
    client.delete_prompt_version_tag("greeting", "1", "seen")
    mlflow.genai.set_prompt_alias("greeting", alias="production", version=1)
    mlflow.genai.delete_prompt_alias("greeting", alias="production")


def verified(path: str) -> None:
    """Judge recorded deliveries with the server's own code: signature, event, and the members of each payload."""
    told = []
    for headers, text in json.loads(Path(path).read_text()):
        signed = (headers["X-MLflow-Delivery-Id"], headers["X-MLflow-Timestamp"], text)
        assert headers["X-MLflow-Signature"] == _generate_hmac_signature(SECRET, *signed)
        body = json.loads(text)
        assert json.dumps(body) == text, text
        assert list(body) == ["entity", "action", "timestamp", "data"]
        event = WebhookEvent(body["entity"], body["action"])
        assert list(body["data"]) == list(get_payload_class_for_event(event).__annotations__), text
        told.append(str(event))
    assert set(told) == set(EVENTS), sorted(set(EVENTS) - set(told))


if len(sys.argv) > 1:
    verified(sys.argv[1])
else:
    looked_after()
    changed()
sys.stdout.write("all is well\n")
