"""Stock senders are told to wait while too much of theirs waits, and lose nothing by it."""

import subprocess
import sys
import textwrap
from itertools import count
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from models_registry.telemetry import connecting, door, source_actions
from models_registry.telemetry.models import Measurement, Source, TelemetryEvent
from models_registry.telemetry.refusal_models import DoorRefusal
from tests.journeys.stock_servers import PROMETHEUS, Exporter, exporter, running, until, until_measured
from tests.models_registry.telemetry import world
from tests.streaming import free_port
from tests.wire import web_process

LATER = "2099-01-01 00:00+00"
FILL = f"""
INSERT INTO telemetry_event (source_id, event_id, received_at, raw, headers, state, attempts, reason, detail, conflict,
                             duplicate_count, not_before)
SELECT %s, 'filler-' || number, now(), '', '{{}}', 'NEW', 0, '', '', false, 0, '{LATER}'
FROM generate_series(1, %s) AS number
"""

EXPORTER = """
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

meters = MeterProvider(metric_readers=[PeriodicExportingMetricReader(OTLPMetricExporter(), 3_600_000)])
meters.get_meter("test").create_gauge("ai.drift.psi").set(0.31)
assert meters.force_flush()
"""


def fill(source: Source) -> None:
    """Let as many events of a source wait as may, none of them due."""
    with connection.cursor() as cursor:
        cursor.execute(FILL, [source.pk, door.BACKLOG_LIMIT])


def drain(source: Source) -> None:
    """Take some of them away, so that there is room again."""
    some = TelemetryEvent.objects.filter(source=source, event_id__startswith="filler-").values("pk")[:1_000]
    TelemetryEvent.objects.filter(pk__in=some)._raw_delete("default")


def refused(source: Source) -> bool:
    return DoorRefusal.objects.filter(source=source, code="E_BACKLOG", status=503).exists()


class Counter(Exporter):
    """Exposes how often it was scraped, so that a lost sample leaves a gap."""

    scrapes = count(1)

    def exposed(self) -> bytes:
        return b'# TYPE psi gauge\npsi{model_id="claims-triage"} %d\n' % next(self.scrapes)


@pytest.mark.skipif(PROMETHEUS is None, reason="no prometheus here: apt-get install prometheus")
def test_a_stock_prometheus_that_had_to_wait_has_lost_no_sample(transactional_db: None, tmp_path: Path) -> None:
    world.claims_model()
    source, secret = source_actions.create_source(
        by=world.OPERATOR, at=timezone.now(), name="Real prometheus", kind="prometheus"
    )
    fill(source)
    (tmp_path / "secret").write_text(secret)
    with web_process(place=tmp_path) as port, exporter(Counter) as counted:
        config = f"""
            global: {{scrape_interval: 1s}}
            scrape_configs:
              - job_name: model
                static_configs: [{{targets: ['127.0.0.1:{counted}']}}]
            remote_write:
              - url: http://127.0.0.1:{port}/api/v1/telemetry/{source.path_token}/api/v1/write
                authorization: {{credentials_file: {tmp_path / "secret"}}}
                write_relabel_configs: [{{source_labels: [model_id], regex: .+, action: keep}}]
            """
        (tmp_path / "prometheus.yml").write_text(textwrap.dedent(config))
        storage, listens = f"--storage.tsdb.path={tmp_path / 'tsdb'}", f"--web.listen-address=127.0.0.1:{free_port()}"
        with running(tmp_path, "prometheus", str(PROMETHEUS), "--config.file=prometheus.yml", storage, listens):
            until(lambda: refused(source), tmp_path)
            kept_before = TelemetryEvent.objects.exclude(event_id__startswith="filler-").count()
            drain(source)
            until_measured(lambda: len(scraped()) >= 5, tmp_path)

    found = scraped()
    assert kept_before == 0
    assert found == list(range(1, len(found) + 1))


def scraped() -> list[int]:
    return sorted(int(value) for value in Measurement.objects.filter(metric="psi").values_list("value", flat=True))


def test_a_stock_exporter_that_had_to_wait_delivers_within_its_own_timeout(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.claims_model()
    source, secret = source_actions.create_source(
        by=world.OPERATOR, at=timezone.now(), name="An exporter", kind="opentelemetry"
    )
    fill(source)
    with web_process(place=tmp_path) as port:
        address = f"http://127.0.0.1:{port}/otlp/{source.path_token}"
        lines = connecting.setups(kind="opentelemetry", address=address, secret=secret)[0].text.splitlines()
        for line in lines:
            name, _, value = line.replace("MODEL", "claims-triage").partition("=")
            monkeypatch.setenv(name, value)
        exporter = subprocess.Popen([sys.executable, "-c", EXPORTER], stderr=subprocess.PIPE, text=True)
        until(lambda: refused(source), tmp_path)
        drain(source)
        told = exporter.communicate(timeout=30)[1]
    until_measured(Measurement.objects.exists, tmp_path)

    assert (exporter.returncode, "Failed to export" in told) == (0, False)
    assert set(Measurement.objects.values_list("metric", "value")) == {("psi", 0.31)}
