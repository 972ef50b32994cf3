"""A stock Prometheus and a stock Alertmanager send to a running Redline; what they tell is measured or counted."""

import textwrap
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.utils import timezone

from models_registry.telemetry import actions
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from models_registry.telemetry.notice_models import SourceNotice
from tests.journeys.stock_servers import ALERTMANAGER, PROMETHEUS, exporter, running, until_measured
from tests.models_registry.telemetry import world
from tests.streaming import free_port
from tests.wire import web_process

RULES = """
groups:
  - name: drift
    interval: 1s
    rules:
      - alert: Drift
        expr: psi{model_id="claims-triage"} > 0.15
        labels: {metric: psi}
        annotations: {value: "{{ $value }}"}
      - alert: SomethingElse
        expr: something_else > 5
        labels: {model_id: claims-triage}
      - alert: ScrapeIsUp
        expr: up == 1
"""

pytestmark = [
    pytest.mark.skipif(PROMETHEUS is None, reason="no prometheus here: apt-get install prometheus"),
    pytest.mark.skipif(ALERTMANAGER is None, reason="no alertmanager here: apt-get install prometheus-alertmanager"),
]


def alertmanager_config(source: Source, secret: Path, port: int) -> str:
    return f"""
        route:
          receiver: nobody
          routes:
            - receiver: redline
              matchers: ['model_id=~".+"']
              group_wait: 3s
              group_interval: 2s
              repeat_interval: 1h
        receivers:
          - name: nobody
          - name: redline
            webhook_configs:
              - url: http://127.0.0.1:{port}/api/v1/telemetry/{source.path_token}/
                send_resolved: true
                max_alerts: 1
                http_config:
                  authorization:
                    credentials_file: {secret}
        """


def prometheus_config(source: Source, secret: Path, port: int, *, scraped: int, alertmanager: int) -> str:
    prefix = f"/api/v1/telemetry/{source.path_token}/"
    return f"""
        global: {{scrape_interval: 1s, evaluation_interval: 1s}}
        rule_files: [rules.yml]
        scrape_configs:
          - job_name: model
            static_configs: [{{targets: ['127.0.0.1:{scraped}']}}]
        alerting:
          alertmanagers:
            - path_prefix: {prefix}
              authorization: {{credentials_file: {secret}}}
              static_configs: [{{targets: ['127.0.0.1:{port}']}}]
            - static_configs: [{{targets: ['127.0.0.1:{alertmanager}']}}]
        remote_write:
          - url: http://127.0.0.1:{port}{prefix}api/v1/write
            authorization: {{credentials_file: {secret}}}
            write_relabel_configs:
              - source_labels: [model_id]
                regex: .+
                action: keep
        """


def test_a_stock_prometheus_and_alertmanager_are_understood(transactional_db: None, tmp_path: Path) -> None:
    world.claims_model()
    at, made = timezone.now(), {}
    for kind in ("prometheus", "alertmanager"):
        made[kind], secret = actions.create_source(by=world.OPERATOR, at=at, name=f"Real {kind}", kind=kind)
        (tmp_path / f"{kind}.secret").write_text(secret)
    (tmp_path / "rules.yml").write_text(RULES)
    with ExitStack() as stack:
        port = stack.enter_context(web_process(place=tmp_path))
        manager, own = free_port(), free_port()
        config = alertmanager_config(made["alertmanager"], tmp_path / "alertmanager.secret", port)
        (tmp_path / "alertmanager.yml").write_text(textwrap.dedent(config))
        scraped = stack.enter_context(exporter())
        config = prometheus_config(
            made["prometheus"], tmp_path / "prometheus.secret", port, scraped=scraped, alertmanager=manager
        )
        (tmp_path / "prometheus.yml").write_text(textwrap.dedent(config))
        stack.enter_context(
            running(
                tmp_path,
                "alertmanager",
                str(ALERTMANAGER),
                "--config.file=alertmanager.yml",
                f"--storage.path={tmp_path / 'am'}",
                f"--web.listen-address=127.0.0.1:{manager}",
                "--cluster.listen-address=",
            )
        )
        stack.enter_context(
            running(
                tmp_path,
                "prometheus",
                str(PROMETHEUS),
                "--config.file=prometheus.yml",
                f"--storage.tsdb.path={tmp_path / 'tsdb'}",
                f"--web.listen-address=127.0.0.1:{own}",
            )
        )
        until_measured(lambda: _samples() >= 3 and _alerts("prometheus") >= 1 and _cut_off(), tmp_path)

    assert set(Measurement.objects.values_list("metric", flat=True)) == {"psi", "alert_firing"}
    assert set(Measurement.objects.filter(metric="psi").values_list("value", "environment")) == {(0.31, "production")}
    told = set(SourceNotice.objects.values_list("source__kind", "code", "subject"))
    assert {
        ("prometheus", "N_UNMAPPED", "something_else"),
        ("prometheus", "N_UNKNOWN_MODEL", "nobody-knows-me"),
        ("prometheus", "N_NO_MODEL", "ScrapeIsUp"),
        ("alertmanager", "N_TRUNCATED", "redline"),
    } <= told
    held = TelemetryEvent.objects.filter(source=made["prometheus"], state=EventState.QUARANTINED)
    assert list(held.values_list("reason", "detail")) == []


def _samples() -> int:
    return Measurement.objects.filter(metric="psi", event__source__kind="prometheus", segment="").count()


def _alerts(kind: str) -> int:
    return Measurement.objects.filter(metric="alert_firing", event__source__kind=kind).count()


def _cut_off() -> bool:
    return SourceNotice.objects.filter(code="N_TRUNCATED").exists()
