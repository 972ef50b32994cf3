"""What a page shows to be copied is run as it stands: commands, programs and configuration files."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from django.utils import timezone

from models_registry.telemetry import connecting, source_actions
from models_registry.telemetry.gallery import PLATFORMS
from models_registry.telemetry.models import EventState, Measurement, Source, SourceKind, TelemetryEvent
from tests.models_registry.telemetry import world
from tests.wire import web_process

RUNNABLE: dict[str, tuple[str, ...]] = {
    SourceKind.ARIZE: ("Signed, from a shell",),
    SourceKind.OPENTELEMETRY: ("In Python",),
    SourceKind.CLOUDEVENTS: ("One event from a shell", "In Python"),
    SourceKind.STANDARD_WEBHOOKS: ("A sender in Python",),
    SourceKind.MEASUREMENTS: ("In Python",),
    SourceKind.GENERIC_JSON: ("In Python",),
    SourceKind.SECURITY: ("A job that watches weights",),
}
"""What runs without the platform it is for, beside the try that every kind has."""


@pytest.fixture
def port(transactional_db: None, tmp_path: Path) -> Iterator[int]:
    world.claims_model()
    with web_process(place=tmp_path) as port:
        yield port


def setups(kind: str, *, base: str = "https://redline.example.com") -> tuple[Source, dict[str, str], str]:
    """Connect a source; return it, its texts by title with the model filled in, and its secret."""
    made, secret = source_actions.create_source(by=world.OPERATOR, at=timezone.now(), name=f"Pasted {kind}", kind=kind)
    path = f"/otlp/{made.path_token}" if kind == "opentelemetry" else f"/api/v1/telemetry/{made.path_token}/"
    found = connecting.setups(kind=kind, address=base + path, secret=secret, model="claims-triage")
    return made, {each.title: each.text for each in found}, secret


def run(text: str, place: Path) -> str:
    """Run a text as Python or in a shell and return what went wrong."""
    is_python = text.startswith(("import ", "from "))
    command = [sys.executable, "-c", text] if is_python else ["bash", "-euc", text]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=60, check=False)
    refused = re.search(r'"code"\s*:\s*"E_', done.stdout)
    return done.stderr + done.stdout if done.returncode or refused else ""


def test_every_command_and_program_that_a_page_shows_reaches_its_source(
    port: int, tmp_path: Path, run_line: Callable[[], None]
) -> None:
    (tmp_path / "weights.bin").write_bytes(b"weights")
    failed, sent = {}, {}
    for kind in PLATFORMS:
        made, texts, _ = setups(kind, base=f"http://127.0.0.1:{port}")
        titles = (*RUNNABLE.get(kind, ()), connecting.TRY)
        failed |= {(kind, title): said for title in titles if (said := run(texts[title], tmp_path))}
        sent[made.pk] = (kind, len(titles))
    run_line()

    assert failed == {}
    arrived = {kind: TelemetryEvent.objects.filter(source_id=pk).count() for pk, (kind, _) in sent.items()}
    assert {kind: count for kind, count in sent.values() if arrived[kind] < count} == {}
    held = TelemetryEvent.objects.exclude(state=EventState.DONE).select_related("source")
    assert {(each.source.kind, each.reason) for each in held} == {("generic_json", "E_MAPPING:/mapping")}
    assert {each.model.slug for each in Measurement.objects.select_related("model")} == {"claims-triage"}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool here: apt-get install prometheus")
@pytest.mark.django_db
def test_prometheus_takes_its_files(tmp_path: Path) -> None:
    _, texts, secret = setups("prometheus")
    (tmp_path / "redline-secret").write_text(secret)
    (tmp_path / "rules.yml").write_text(texts["A rule that names its model"])
    parts = [yaml.safe_load(texts[title]) for title in ("Alerts, in prometheus.yml", "Samples, in prometheus.yml")]
    whole = yaml.safe_dump({**parts[0], **parts[1], "rule_files": ["rules.yml"]})
    (tmp_path / "prometheus.yml").write_text(whole.replace("/etc/prometheus/", ""))

    done = subprocess.run(
        ["promtool", "check", "config", "prometheus.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, "1 rules found" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("amtool") is None, reason="no amtool here: apt-get install prometheus-alertmanager")
@pytest.mark.django_db
def test_alertmanager_takes_its_file(tmp_path: Path) -> None:
    _, texts, _ = setups("alertmanager")
    (tmp_path / "alertmanager.yml").write_text(texts["In alertmanager.yml"])

    done = subprocess.run(
        ["amtool", "check-config", "alertmanager.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    route = subprocess.run(
        ["amtool", "config", "routes", "test", "--config.file=alertmanager.yml", "model_id=claims-triage"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, route.stdout.split()) == (0, ["redline"]), done.stderr


@pytest.mark.django_db
def test_the_service_to_scrape_exposes_the_model_of_its_metric(tmp_path: Path) -> None:
    _, texts, _ = setups("prometheus")
    text = texts["A service to scrape, in Python"].replace("start_http_server(8000)", "")
    shown = "\nfrom prometheus_client import generate_latest\nprint(generate_latest().decode())"

    done = subprocess.run([sys.executable, "-c", text + shown], capture_output=True, text=True, timeout=60, check=False)

    assert 'psi{model_id="claims-triage"} 0.31' in done.stdout
