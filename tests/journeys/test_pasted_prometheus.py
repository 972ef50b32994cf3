"""A stock Prometheus, Alertmanager and exporter with the very files that the connect page shows."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from models_registry.telemetry.models import Measurement, TelemetryEvent
from tests.journeys.stock_servers import ALERTMANAGER, PROMETHEUS, running, until_measured
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.test_pasted import setups
from tests.streaming import free_port
from tests.wire import web_process

pytestmark = [
    pytest.mark.skipif(PROMETHEUS is None, reason="no prometheus here: apt-get install prometheus"),
    pytest.mark.skipif(ALERTMANAGER is None, reason="no alertmanager here: apt-get install prometheus-alertmanager"),
    pytest.mark.skipif(
        shutil.which("amtool") is None, reason="no amtool here: apt-get install prometheus-alertmanager"
    ),
]


def measured(kind: str, metric: str) -> Callable[[], bool]:
    return Measurement.objects.filter(event__source__kind=kind, metric=metric, model__slug="claims-triage").exists


def test_prometheus_sends_with_the_files_of_the_page(transactional_db: None, tmp_path: Path) -> None:
    world.claims_model()
    scraped, own = free_port(), free_port()
    with ExitStack() as stack:
        port = stack.enter_context(web_process(place=tmp_path))
        _, texts, secret = setups("prometheus", base=f"http://127.0.0.1:{port}")
        (tmp_path / "redline-secret").write_text(secret)
        (tmp_path / "rules.yml").write_text(texts["A rule that names its model"])
        parts = [yaml.safe_load(texts[title]) for title in ("Alerts, in prometheus.yml", "Samples, in prometheus.yml")]
        whole = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yml"],
            "scrape_configs": [{"job_name": "model", "static_configs": [{"targets": [f"127.0.0.1:{scraped}"]}]}],
            **parts[0],
            **parts[1],
        }
        (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(whole).replace("/etc/prometheus/", ""))
        service = (
            texts["A service to scrape, in Python"].replace("8000", str(scraped)) + "\nimport time; time.sleep(90)"
        )
        stack.enter_context(running(tmp_path, "service", sys.executable, "-c", service))
        stack.enter_context(
            running(
                tmp_path, "prometheus", str(PROMETHEUS), "--config.file=prometheus.yml",
                f"--storage.tsdb.path={tmp_path / 'tsdb'}", f"--web.listen-address=127.0.0.1:{own}",
            )
        )  # fmt: skip
        until_measured(lambda: measured("prometheus", "psi")() and measured("prometheus", "alert_firing")(), tmp_path)

    assert set(Measurement.objects.filter(metric="psi").values_list("value", flat=True)) == {0.31}


def test_alertmanager_sends_with_the_file_and_the_test_alert_of_the_page(
    transactional_db: None, tmp_path: Path
) -> None:
    world.claims_model()
    manager = free_port()
    with ExitStack() as stack:
        port = stack.enter_context(web_process(place=tmp_path))
        _, texts, secret = setups("alertmanager", base=f"http://127.0.0.1:{port}")
        (tmp_path / "redline-secret").write_text(secret)
        config = texts["In alertmanager.yml"].replace(
            "/etc/alertmanager/redline-secret", str(tmp_path / "redline-secret")
        )
        quick = config.replace("receiver: everybody-else\n", "receiver: everybody-else\n  group_wait: 0s\n", 1)
        (tmp_path / "alertmanager.yml").write_text(quick)
        stack.enter_context(
            running(
                tmp_path, "alertmanager", str(ALERTMANAGER), "--config.file=alertmanager.yml",
                f"--storage.path={tmp_path / 'am'}", f"--web.listen-address=127.0.0.1:{manager}",
                "--cluster.listen-address=",
            )
        )  # fmt: skip
        command = texts["An alert to test it"].replace("9093", str(manager))
        for _ in range(40):
            done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=20, check=False)
            if done.returncode == 0:
                break
            time.sleep(0.5)
        until_measured(measured("alertmanager", "alert_firing"), tmp_path)

    assert TelemetryEvent.objects.get().headers["user-agent"].startswith("Alertmanager/")
