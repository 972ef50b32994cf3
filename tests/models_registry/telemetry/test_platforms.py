"""What is to be pasted into a platform is whole: it parses, it names the address, and what it renders is read."""

import ast
import io
import json
import re
import sys
from typing import Any

import pytest
import yaml

from models_registry.telemetry import connecting
from models_registry.telemetry.adapters import read
from models_registry.telemetry.gallery import PLATFORMS
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


@pytest.mark.parametrize("kind", PLATFORMS)
def test_every_platform_is_told_where_to_send_and_how_to_prove_itself(kind: str) -> None:
    told = "\n".join(texts(kind))

    assert "T0ken_-x" in told
    assert SECRET in told or "credentials_file" in told or SECRET.replace("+", "%2B").replace("/", "%2F") in told


def test_every_platform_of_the_gallery_has_something_to_paste_beside_the_try() -> None:
    assert [kind for kind in PLATFORMS if len(texts(kind)) < 2] == []


def test_every_kind_of_source_is_in_the_gallery_but_the_one_that_people_load_files_into() -> None:
    assert set(SourceKind.values) - set(PLATFORMS) <= {"backfill"}


def test_a_model_that_is_chosen_stands_in_every_text_and_is_explained_no_more() -> None:
    for kind in PLATFORMS:
        for each in connecting.setups(kind=kind, address=ADDRESS, secret=SECRET, model="credit-scorer"):
            assert not re.search(r"\bMODEL\b", each.text + each.note), (kind, each.title)


def test_the_files_of_prometheus_and_grafana_are_yaml() -> None:
    alerts, samples, rules = map(yaml.safe_load, texts("prometheus")[:3])
    contact = yaml.safe_load(texts("grafana")[0])

    [manager] = alerts["alerting"]["alertmanagers"]
    assert (manager["scheme"], manager["path_prefix"]) == ("https", "/api/v1/telemetry/T0ken_-x/")
    assert manager["static_configs"] == [{"targets": ["redline.example.com"]}]
    assert samples["remote_write"][0]["url"] == ADDRESS + "api/v1/write"
    assert rules["groups"][0]["rules"][0]["labels"] == {"model_id": "MODEL", "metric": "psi"}
    assert contact["contactPoints"][0]["receivers"][0]["settings"]["hmacConfig"]["secret"] == SECRET


def test_python_is_python() -> None:
    python = [text for kind in SourceKind.values for text in texts(kind) if "import " in text.partition("\n")[0]]

    assert len(python) >= 9
    assert all(ast.parse(text) for text in python)


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


def test_the_function_for_sagemaker_puts_an_event_that_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    put: list[dict[str, Any]] = []
    written = {"violations": [{"feature_name": "income", "constraint_check_type": "data_type_check"}]}

    class Cloud:
        """Stands for boto3: a bucket with one file, and a bus."""

        def __init__(self, service: str) -> None:
            self.service = service

        def get_object(self, **place: str) -> dict[str, Any]:
            assert (self.service, place) == ("s3", {"Bucket": "results", "Key": "constraint_violations.json"})
            return {"Body": io.BytesIO(json.dumps(written).encode())}

        def put_events(self, *, Entries: list[dict[str, Any]]) -> None:
            put.extend(Entries)

    monkeypatch.setitem(sys.modules, "boto3", type("boto3", (), {"client": Cloud}))
    made: dict[str, Any] = {}
    exec(compile(texts("sagemaker")[1], "pasted", "exec"), made)
    made["handler"]({"detail": {"bucket": {"name": "results"}, "object": {"key": "constraint_violations.json"}}}, None)

    [entry] = put
    event = {"id": "1", "source": entry["Source"], "time": NOON.isoformat(), "detail": json.loads(entry["Detail"])}
    found = read("sagemaker", json.dumps(event).encode(), headers={}, mapping=None, received_at=NOON)
    assert entry["Source"] in texts("sagemaker")[0]
    assert {each.model for each in found} == {"MODEL"}
    assert (found[0].metric, found[0].value) == ("constraint_violation_count", 1.0)


def test_the_template_for_wandb_is_read_as_it_renders() -> None:
    values = {"event_type": "LINK_ARTIFACT", "artifact_collection_name": "chat", "artifact_metadata.accuracy": "0.9"}
    body = rendered(texts("wandb")[1], **values)

    found = read("wandb", json.dumps(body).encode(), headers={}, mapping=None, received_at=NOON)

    assert [(each.metric, each.value) for each in found] == [("registry_change_count", 1.0), ("accuracy", 0.9)]
