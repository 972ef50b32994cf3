"""What is to be pasted into a platform is whole: it parses, it names the address, and what it renders is read."""

import ast
import json
import re
from typing import Any

import pytest
import yaml

from models_registry.telemetry import connecting, platforms
from models_registry.telemetry.adapters import read
from models_registry.telemetry.models import SourceKind
from tests.models_registry.telemetry.test_sender_adapters import NOON

ADDRESS = "https://redline.example.com/api/v1/telemetry/T0ken_-x/"
SECRET = "whsec_c2VjcmV0K3NlY3JldC9zZWNyZXQrc2VjcmV0"


def texts(kind: str) -> list[str]:
    return [each.text for each in connecting.setups(kind=kind, address=ADDRESS, secret=SECRET)]


def rendered(text: str, **values: str) -> dict[str, Any]:
    """Return a template as its platform renders it."""
    found: dict[str, Any] = json.loads(re.sub(r"\$\{?([A-Za-z_.]+)\}?", lambda name: values.get(name[1], ""), text))
    return found


@pytest.mark.parametrize("kind", platforms.WRITERS)
def test_every_platform_is_told_where_to_send_and_how_to_prove_itself(kind: str) -> None:
    told = "\n".join(texts(kind))

    assert "T0ken_-x" in told
    assert SECRET in told or "credentials_file" in told or SECRET.replace("+", "%2B").replace("/", "%2F") in told


def test_every_kind_of_source_has_something_to_paste() -> None:
    assert [kind for kind in SourceKind.values if not texts(kind)] == []


def test_the_files_of_prometheus_and_grafana_are_yaml() -> None:
    alerts, samples = map(yaml.safe_load, texts("prometheus"))
    [contact] = map(yaml.safe_load, texts("grafana"))

    [manager] = alerts["alerting"]["alertmanagers"]
    assert (manager["scheme"], manager["path_prefix"]) == ("https", "/api/v1/telemetry/T0ken_-x/")
    assert manager["static_configs"] == [{"targets": ["redline.example.com"]}]
    assert samples["remote_write"][0]["url"] == ADDRESS + "api/v1/write"
    assert contact["contactPoints"][0]["receivers"][0]["settings"]["hmacConfig"]["secret"] == SECRET


@pytest.mark.parametrize("kind", ["mlflow", "evidently"])
def test_python_is_python(kind: str) -> None:
    assert all(ast.parse(text) for text in texts(kind))


def test_the_template_for_datadog_is_read_as_it_renders() -> None:
    body = rendered(
        texts("datadog")[1],
        ID="1",
        ALERT_ID="2",
        ALERT_TRANSITION="Triggered",
        TAGS="model_id:chat",
        DATE_POSIX="1772362800",
    )

    [reading] = read("datadog", json.dumps(body).encode(), headers={}, mapping=None, received_at=NOON)

    assert (reading.model, reading.value, reading.segment) == ("chat", 1.0, "monitor=2")


def test_the_template_for_wandb_is_read_as_it_renders() -> None:
    values = {"event_type": "LINK_ARTIFACT", "artifact_collection_name": "chat", "artifact_metadata.accuracy": "0.9"}
    body = rendered(texts("wandb")[1], **values)

    found = read("wandb", json.dumps(body).encode(), headers={}, mapping=None, received_at=NOON)

    assert [(each.metric, each.value) for each in found] == [("registry_change_count", 1.0), ("accuracy", 0.9)]


def test_the_security_event_from_a_shell_is_read() -> None:
    body = texts("security")[0].split("<<'EVENT'\n")[1].removesuffix("\nEVENT")

    [reading] = read("security", body.encode(), headers={}, mapping=None, received_at=NOON)

    assert (reading.model, reading.metric) == ("MODEL", "unauthorised_access_count")
