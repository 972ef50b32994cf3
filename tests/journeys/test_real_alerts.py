"""A stock Prometheus whose posts are lost: a sweep finds what it would have posted, and both are one event."""

import datetime as dt
import json
import textwrap
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from models_registry.telemetry import actions, poll_actions, queries
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from models_registry.telemetry.poll_models import Sighting
from tests.journeys.stock_servers import PROMETHEUS, Exporter, exporter, running, until
from tests.journeys.test_real_polling import allow, sweep
from tests.models_registry.telemetry import world
from tests.streaming import free_port
from tests.wire import web_process

RULES = """
groups:
  - name: drift
    interval: 1s
    rules:
      - alert: Drift
        expr: psi > 0.15
        for: 3s
        labels: {metric: psi, severity: critical}
        annotations: {value: "{{ $value }}"}
      - alert: ScrapeIsUp
        expr: up == 1
"""

pytestmark = pytest.mark.skipif(PROMETHEUS is None, reason="no prometheus here: apt-get install prometheus")


class Changing(Exporter):
    """What Prometheus scrapes: the drift of one model, as the test says."""

    psi = 0.31

    def exposed(self) -> bytes:
        return b'psi{model_id="claims-triage",env="prod"} %s\n' % str(self.psi).encode()


def told(source: Source) -> list[tuple[str, bool, int]]:
    """Each event of the source: the alert, whether it ended, and how often it was delivered again."""
    events = TelemetryEvent.objects.filter(source=source).order_by("pk")
    alerts = [(json.loads(bytes(event.raw)), event.duplicate_count) for event in events]
    own = [(one, count) for batch, count in alerts for one in batch if "model_id" in one["labels"]]
    return [(one["labels"]["alertname"], _is_over(one), count) for one, count in own]


def _is_over(alert: dict[str, Any]) -> bool:
    return alert.get("endsAt", "9") < timezone.now().strftime("%Y-%m-%dT%H:%M:%S")


def test_an_alert_whose_posts_are_lost_is_found_and_what_is_posted_later_is_the_same(
    transactional_db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.claims_model()
    source, secret = actions.create_source(
        by=world.OPERATOR, at=timezone.now(), name="Real Prometheus", kind="prometheus"
    )
    own = free_port()
    address, targets = f"http://127.0.0.1:{own}", tmp_path / "targets.json"
    allow(settings, address)
    (tmp_path / "secret").write_text(secret)
    (tmp_path / "rules.yml").write_text(RULES)
    targets.write_text("[]")

    def shown(name: str, part: str) -> list[Any]:
        with urllib.request.urlopen(f"{address}/api/v1/{name}", timeout=5) as answer:
            listed: list[Any] = json.load(answer)["data"][part]
        return listed

    def firing() -> list[Any]:
        listed = shown("alerts", "alerts")
        return [one for one in listed if one["state"] == "firing" and "model_id" in one["labels"]]

    with web_process(place=tmp_path) as port, exporter(Changing) as scraped:
        config = f"""
            global:
              scrape_interval: 1s
              evaluation_interval: 1s
              external_labels: {{cluster: blue, replica: a}}
            rule_files: [rules.yml]
            scrape_configs:
              - job_name: model
                static_configs: [{{targets: ['127.0.0.1:{scraped}']}}]
            alerting:
              alert_relabel_configs: [{{regex: replica, action: labeldrop}}]
              alertmanagers:
                - path_prefix: /api/v1/telemetry/{source.path_token}/
                  authorization: {{credentials_file: {tmp_path / "secret"}}}
                  file_sd_configs: [{{files: [targets.json], refresh_interval: 1s}}]
            """
        (tmp_path / "prometheus.yml").write_text(textwrap.dedent(config))
        command = [
            str(PROMETHEUS), "--config.file=prometheus.yml", f"--storage.tsdb.path={tmp_path / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{own}", "--rules.alert.resend-delay=1s",
        ]  # fmt: skip
        with running(tmp_path, "prometheus", *command):
            poll_actions.set_polling(
                by=world.OPERATOR, at=timezone.now(), source=source, config={"address": address}, scheme="none",
                interval_s=60,
            )  # fmt: skip
            until(firing, tmp_path)
            found = sweep(source)
            targets.write_text(json.dumps([{"targets": [f"127.0.0.1:{port}"]}]))
            until(lambda: told(source)[0][2] > 2, tmp_path)
            after_posts = sweep(source)
            targets.write_text("[]")
            until(lambda: not shown("alertmanagers", "activeAlertmanagers"), tmp_path)
            monkeypatch.setattr(Changing, "psi", 0.05)
            until(lambda: not firing(), tmp_path)
            ended = sweep(source)
            targets.write_text(json.dumps([{"targets": [f"127.0.0.1:{port}"]}]))
            until(lambda: told(source)[-1][2] > 2, tmp_path)
            nothing = sweep(source)

    assert (found.fresh, found.missed) == (1, 1)
    assert (after_posts.fresh, ended.fresh, nothing.fresh) == (0, 1, 0)
    assert [(name, over) for name, over, _ in told(source)] == [("Drift", False), ("Drift", True)]
    began = Sighting.objects.get(what__startswith="alert.firing:")
    body = json.loads(bytes(TelemetryEvent.objects.get(pk=began.event_pk).raw))[0]
    assert began.told_at is not None
    assert abs(dt.datetime.fromisoformat(body["startsAt"]) - began.told_at) < dt.timedelta(milliseconds=10)
    assert body["labels"]["cluster"] == "blue" and "replica" not in body["labels"]

    world.work(timezone.now())
    assert not TelemetryEvent.objects.exclude(state=EventState.DONE).exists()
    firing_told = Measurement.objects.filter(metric="alert_firing").order_by("observed_at")
    assert list(firing_told.values_list("value", flat=True)) == [1.0, 0.0]
    assert queries.miscounted() == {}
