"""A stock MLflow server sends its signed webhooks to a running Redline; its changes are measured, its digests compared.

Needs MLflow in an environment of its own: `make mlflow-client` makes it, or REDLINE_MLFLOW_PYTHON names one.
"""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from models_registry.catalog.actions import register_version
from models_registry.telemetry import actions
from models_registry.telemetry.models import EventState, Measurement, TelemetryEvent
from models_registry.telemetry.notice_models import SourceNotice
from tests.journeys.builders import NOON, a_model, people
from tests.models_registry.telemetry import world
from tests.streaming import free_port
from tests.wire import web_process

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(os.environ.get("REDLINE_MLFLOW_PYTHON", ROOT / ".venv-mlflow" / "bin" / "python"))
STARTS_WITHIN_S = 150.0
ARRIVES_WITHIN_S = 60.0
EVENTS = (
    ("REGISTERED_MODEL", "CREATED"),
    ("MODEL_VERSION", "CREATED"),
    ("MODEL_VERSION_TAG", "SET"),
    ("MODEL_VERSION_ALIAS", "CREATED"),
)

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="no mlflow here: `make mlflow-client` installs one")


@contextmanager
def mlflow_server(place: Path) -> Iterator[str]:
    """Run `mlflow server` with a database store; give its address."""
    port = free_port()
    command = ["server", "--backend-store-uri", f"sqlite:///{place}/mlflow.db", "--host", "127.0.0.1"]
    env = {
        "PATH": f"{PYTHON.parent}:{os.environ['PATH']}",
        "HOME": str(place),
        "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http,https",
        "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
        "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "MLFLOW_WEBHOOK_CACHE_TTL": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    with (place / "mlflow.log").open("wb") as log:
        process = subprocess.Popen(
            [str(PYTHON), "-m", "mlflow", *command, "--port", str(port), "--workers", "1"],
            cwd=place,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait(f"http://127.0.0.1:{port}/health", process, place)
        yield f"http://127.0.0.1:{port}/api/2.0/mlflow/"
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()


def _wait(address: str, process: subprocess.Popen[bytes], place: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail((place / "mlflow.log").read_text()[-3000:])


def call(base: str, name: str, /, **body: Any) -> dict[str, Any]:
    """Call the server's REST API."""
    request = urllib.request.Request(
        base + name, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found
    except urllib.error.HTTPError as error:
        pytest.fail(f"{name}: {error.code} {error.read().decode()[:500]}")


def measured() -> set[tuple[str, float, str]]:
    """Measure what arrived and return it."""
    world.work(timezone.now())
    return set(Measurement.objects.values_list("metric", "value", "segment"))


def test_a_stock_mlflow_server_is_heard(transactional_db: None, tmp_path: Path) -> None:
    register_version(by=people().olive, at=NOON, model=a_model(), artifact_digest="sha256:" + "a" * 64)
    source, secret = actions.create_source(by=world.OPERATOR, at=world.AT, name="Real MLflow", kind="mlflow")
    wanted = {
        ("registry_change_count", 1.0, "change=registered_model.created"),
        ("registry_change_count", 1.0, "change=model_version.created"),
        ("registry_change_count", 1.0, "change=model_version_tag.set"),
        ("registry_change_count", 1.0, "change=model_version_alias.created"),
        ("weight_digest_change_count", 1.0, ""),
    }

    with web_process(place=tmp_path) as port, mlflow_server(tmp_path) as base:
        url = f"http://127.0.0.1:{port}/api/v1/telemetry/{source.path_token}/"
        events = [{"entity": entity, "action": action} for entity, action in EVENTS]
        made = call(base, "webhooks", name="redline", url=url, secret=secret, events=events)["webhook"]
        tried = call(base, f"webhooks/{made['webhook_id']}/test")["result"]
        for name in ("claims-triage", "nobody-knows-me"):
            call(base, "registered-models/create", name=name)
        call(base, "model-versions/create", name="claims-triage", source="s3://models/claims/1")
        tag = {"name": "claims-triage", "version": "1", "key": "weights_digest"}
        call(base, "model-versions/set-tag", **tag, value="sha256:" + "b" * 64)
        call(base, "registered-models/alias", name="claims-triage", alias="champion", version="1")
        end = time.monotonic() + ARRIVES_WITHIN_S
        while not wanted <= measured() and time.monotonic() < end:
            time.sleep(0.5)

    assert tried["success"] is True
    assert wanted <= measured()
    assert SourceNotice.objects.filter(code="N_UNKNOWN_MODEL", subject="nobody-knows-me").exists()
    assert not TelemetryEvent.objects.exclude(state=EventState.DONE).exists()
    assert all(name.startswith("id:") for name in TelemetryEvent.objects.values_list("event_id", flat=True))
