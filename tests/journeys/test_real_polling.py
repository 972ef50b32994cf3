"""A stock MLflow server and a stock Prometheus are asked: what they would not tell, or did not, is found.

MLflow needs an environment of its own: `make mlflow-client` makes it, or REDLINE_MLFLOW_PYTHON names one.
"""

import datetime as dt
import json
import textwrap
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from models_registry.catalog.run_models import Run
from models_registry.telemetry import actions, poll_actions, poll_queries, queries, sweeping
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from models_registry.telemetry.poll_models import Polling, PollSweep, Sighting, SweepOutcome
from tests.journeys import test_real_mlflow as stock
from tests.journeys.stock_servers import PROMETHEUS, exporter, running, until
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.mlflow_stub import named
from tests.streaming import free_port
from tests.wire import web_process

PATIENCE_S = 45.0
EVENTS = [*stock.EVENTS, ("MODEL_VERSION_ALIAS", "DELETED")]


def allow(settings: Any, address: str) -> None:
    """Let sweeps call this address inside."""
    settings.OUTBOUND_HTTP = True
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    settings.OUTBOUND_PORTS = [urlsplit(address).port]


def sweep(source: Source, ahead: dt.timedelta = dt.timedelta()) -> PollSweep:
    """Sweep the source to the end."""
    at = timezone.now() + ahead
    poll_actions.ask_now(by=world.OPERATOR, at=at, source=source)
    taken = sweeping.claim(at=at)
    assert taken is not None
    line = sweeping.sweep(taken=taken, now=lambda: timezone.now() + ahead)
    assert line.outcome == SweepOutcome.DONE, line.told
    return line


def told(source: Source) -> Counter[tuple[str, ...]]:
    """What the source told, whoever brought it."""
    raws = [json.loads(bytes(raw)) for raw in source.events.values_list("raw", flat=True)]
    return Counter(named(json.dumps(raw).encode()) for raw in raws if raw["entity"] != "run")


def delete(base: str, name: str, /, **body: str) -> None:
    """Call a DELETE of the server's REST API."""
    data = json.dumps(body).encode()
    request = urllib.request.Request(
        base + name, data=data, method="DELETE", headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200


def log_run(base: str, name: str, *, days_ago: int = 0) -> str:
    """Track a run with a parameter and a metric, that finished some days ago."""
    run_id: str = stock.call(base, "runs/create", experiment_id="0", run_name=name)["run"]["info"]["run_id"]
    now = int(time.time() * 1000) - days_ago * 86_400_000
    stock.call(base, "runs/log-parameter", run_id=run_id, key="depth", value="6")
    stock.call(base, "runs/log-metric", run_id=run_id, key="auc", value=0.91, timestamp=now, step=0)
    stock.call(base, "runs/update", run_id=run_id, status="FINISHED", end_time=now)
    return run_id


@pytest.mark.skipif(not stock.PYTHON.exists(), reason="no mlflow here: `make mlflow-client` installs one")
def test_a_stock_mlflow_server_is_asked_beside_its_webhooks(
    transactional_db: None, tmp_path: Path, settings: Any
) -> None:
    model = world.claims_model()
    source, secret = actions.create_source(by=world.OPERATOR, at=world.AT, name="Real MLflow", kind="mlflow")
    with web_process(place=tmp_path) as port, stock.mlflow_server(tmp_path) as base:
        address = base.removesuffix("/api/2.0/mlflow/")
        allow(settings, address)
        stock.call(base, "registered-models/create", name="was-there-before")
        began = timezone.now()
        poll_actions.set_polling(
            by=world.OPERATOR, at=began, source=source, config={"address": address}, scheme="none", interval_s=300
        )
        first = sweep(source)
        url = f"http://127.0.0.1:{port}/api/v1/telemetry/{source.path_token}/"
        events = [{"entity": entity, "action": action} for entity, action in EVENTS]
        hook = stock.call(base, "webhooks", name="redline", url=url, secret=secret, events=events)["webhook"]
        time.sleep(1.5)  # the server remembers for a second that there were no webhooks

        stock.call(base, "registered-models/create", name="claims-triage")
        run_id = log_run(base, "the-winner")
        stock.call(base, "model-versions/create", name="claims-triage", source="s3://models/claims/1", run_id=run_id)
        stock.call(base, "registered-models/alias", name="claims-triage", alias="champion", version="1")
        stock.call(base, "model-versions/set-tag", name="claims-triage", version="1", key="team", value="risk")
        end = time.monotonic() + PATIENCE_S
        while sum(told(source).values()) < 4 and time.monotonic() < end:
            time.sleep(0.2)
        heard = told(source)
        stage = {"stage": "Production", "archive_existing_versions": False}
        stock.call(base, "model-versions/transition-stage", name="claims-triage", version="1", **stage)
        both = sweep(source)
        after_both = told(source)

        delete(base, f"webhooks/{hook['webhook_id']}")
        time.sleep(1.5)  # the server remembers its webhooks for a second
        delete(base, "registered-models/alias", name="claims-triage", alias="champion")
        stock.call(base, "model-versions/create", name="claims-triage", source="s3://models/claims/2")
        unheard = sweep(source)
        nothing = sweep(source)

    assert first.found == 0
    assert sum(heard.values()) == 4
    moved = ("model_version_stage.set", "claims-triage", "1", "", "", "", "Production")
    assert after_both == heard + Counter([moved])
    by_both = Sighting.objects.filter(heard_at__isnull=False, found_at__isnull=False)
    assert (both.missed, by_both.count()) == (0, 3), "a new version comes with its tags"
    assert told(source) - after_both == Counter(
        [
            ("model_version_alias.deleted", "claims-triage", "", "champion", "", "", ""),
            ("model_version.created", "claims-triage", "2", "", "", "", ""),
        ]
    )
    assert (unheard.missed, nothing.fresh) == (2, 0)

    world.work(timezone.now())
    assert not TelemetryEvent.objects.exclude(state=EventState.DONE).exists()
    (run,) = Run.objects.all()
    assert (run.model, run.external_id, run.parameters, run.metrics["auc"]["last"]) == (
        model, run_id, {"depth": "6"}, 0.91,
    )  # fmt: skip
    changes = Measurement.objects.filter(metric="registry_change_count").values_list("segment", flat=True)
    assert "change=model_version_stage.set" in changes
    assert queries.miscounted() == {}


@pytest.mark.skipif(not stock.PYTHON.exists(), reason="no mlflow here: `make mlflow-client` installs one")
def test_runs_from_before_the_sweeps_began_are_asked_of_a_stock_mlflow_server(
    transactional_db: None, tmp_path: Path, settings: Any
) -> None:
    model = world.claims_model()
    source = world.source("mlflow")
    with stock.mlflow_server(tmp_path) as base:
        address = base.removesuffix("/api/2.0/mlflow/")
        allow(settings, address)
        stock.call(base, "registered-models/create", name="claims-triage")
        made = {days: log_run(base, f"{days} days ago", days_ago=days) for days in (120, 60, 30)}
        nobodys = log_run(base, "of no model", days_ago=10)
        for run_id in made.values():
            told_of = {"source": f"s3://models/{run_id}", "run_id": run_id}
            stock.call(base, "model-versions/create", name="claims-triage", **told_of)
        poll_actions.set_polling(
            by=world.OPERATOR, at=timezone.now(), source=source, config={"address": address}, scheme="none",
            interval_s=300,
        )  # fmt: skip
        usual = [sweep(source).fresh, sweep(source).fresh]
        config = {"address": address, "before_days": "200"}
        poll_actions.set_polling(
            by=world.OPERATOR, at=timezone.now(), source=source, config=config, scheme="none", interval_s=300
        )
        further = sweep(source).fresh

    world.work(timezone.now())
    assert (usual, further) == ([3, 0], 1)
    assert set(Run.objects.filter(model=model).values_list("external_id", flat=True)) == set(made.values())
    assert not Run.objects.filter(external_id=nobodys).exists()
    progress = poll_queries.earlier(Polling.objects.select_related("source").get())
    assert progress is not None and progress.is_over and progress.count == 4


@pytest.mark.skipif(PROMETHEUS is None, reason="no prometheus here: apt-get install prometheus")
def test_a_stock_prometheus_is_asked_for_the_queries_that_are_named(
    transactional_db: None, tmp_path: Path, settings: Any
) -> None:
    world.claims_model()
    own = free_port()
    address = f"http://127.0.0.1:{own}"
    allow(settings, address)
    source = world.source("prometheus")
    lines = [
        'psi = psi{env="prod"}',
        'accuracy{model_id="claims-triage", segment="eu"} = 1 - max(psi{model_id="claims-triage"})',
        "p95_latency_ms = nobody_exposes_this",
    ]
    with exporter() as scraped:
        config = f"""
            global: {{scrape_interval: 1s}}
            scrape_configs:
              - job_name: model
                static_configs: [{{targets: ['127.0.0.1:{scraped}']}}]
            """
        (tmp_path / "prometheus.yml").write_text(textwrap.dedent(config))
        storage = f"--storage.tsdb.path={tmp_path / 'tsdb'}"
        listens = f"--web.listen-address=127.0.0.1:{own}"
        with running(tmp_path, "prometheus", str(PROMETHEUS), "--config.file=prometheus.yml", storage, listens):
            until(lambda: _has_samples(address), tmp_path)
            poll_actions.set_polling(
                by=world.OPERATOR,
                at=timezone.now(),
                source=source,
                config={"address": address, "queries": "\n".join(lines), "step": "15"},
                scheme="none",
                interval_s=60,
            )
            minute = dt.timedelta(minutes=1)
            counts = [sweep(source, ahead=minute).fresh, sweep(source, ahead=minute).fresh]
            wrong = {"address": address, "queries": "psi = sum(\naccuracy = vector(1)", "step": "15"}
            settings_of = {"scheme": "none", "interval_s": 60}
            poll_actions.set_polling(by=world.OPERATOR, at=timezone.now(), source=source, config=wrong, **settings_of)
            at = timezone.now() + 2 * minute
            taken = sweeping.claim(at=at)
            assert taken is not None
            refused = sweeping.sweep(taken=taken, now=lambda: at)

    world.work(timezone.now() + 3 * minute)
    measured = set(Measurement.objects.values_list("metric", "value", "environment", "segment"))
    assert {("psi", 0.31, "production", ""), ("accuracy", 0.69, "production", "eu")} == {
        (metric, round(value, 6), environment, segment) for metric, value, environment, segment in measured
    }
    seen = Measurement.objects.values_list("metric", "observed_at")
    assert len(seen) == len(set(seen)), "a moment was measured twice"
    assert counts[0] == 2 and counts[1] == 0
    assert (refused.outcome, refused.told) == (SweepOutcome.FAILED, "The query psi is refused (400).")
    assert not TelemetryEvent.objects.exclude(state=EventState.DONE).exists()


def _has_samples(address: str) -> bool:
    with urllib.request.urlopen(f"{address}/api/v1/query?query=psi", timeout=5) as answer:
        return bool(json.load(answer)["data"]["result"])
