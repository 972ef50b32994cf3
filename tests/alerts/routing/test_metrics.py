"""The numbers for a monitoring system, and who may read them."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from alerts.routing.metrics import tick
from governance.config import health
from models_registry.lineage.prediction_writing import ensure_months_ahead
from models_registry.telemetry import poll_actions
from models_registry.telemetry.models import TelemetryEvent
from models_registry.telemetry.partitions import ensure_partitions
from models_registry.telemetry.poll_models import Polling
from tests.journeys.builders import a_model, hourly, send
from tests.models_registry.telemetry import world

pytestmark = pytest.mark.django_db(transaction=True)


def numbers(client: Client) -> dict[tuple[str, ...], float]:
    text = client.get("/metrics").content.decode()
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_books_are_there_by_source(client):
    a_model()
    send(hourly([0.9]))
    send(hourly([0.8]), score=False)

    found = numbers(client)

    assert found["redline_telemetry_events", "monitoring", "received"] == 2
    assert found["redline_telemetry_events", "done", "monitoring"] == 1
    assert found["redline_telemetry_events", "monitoring", "waiting"] == 1
    assert found["redline_books_balanced",] == 1
    assert found["redline_notifications", "total"] == 0


def test_the_age_of_what_waits_and_the_pulse_of_the_line_are_there(client):
    a_model()
    send(hourly([0.8]), score=False)
    TelemetryEvent.objects.update(received_at=timezone.now() - timedelta(minutes=2))
    tick(datetime(2026, 11, 21, 12, tzinfo=UTC))

    found = numbers(client)

    assert 119 < found["redline_backlog_oldest_seconds", "measure"] < 150
    assert found["redline_backlog_oldest_seconds", "route"] == 0
    assert found["redline_line_last_tick_timestamp_seconds",] == 1795262400
    cache.clear()


def test_a_scrape_costs_the_same_whatever_there_is(client, django_assert_max_num_queries):
    a_model()
    for _ in range(3):
        send(hourly([0.9]))

    with django_assert_max_num_queries(16):
        client.get("/metrics")


def test_the_sweeps_of_platforms_are_there_by_source(client, settings):
    settings.OUTBOUND_HOSTS = ["mlflow.inside"]
    source = world.source("mlflow")
    now = timezone.now()
    poll_actions.set_polling(
        by=world.OPERATOR,
        at=now,
        source=source,
        config={"address": "https://mlflow.inside"},
        scheme="none",
        interval_s=300,
    )
    Polling.objects.update(
        failure_count=3, requests_today=7, day=now.date(), done_at=datetime(2026, 11, 21, tzinfo=UTC)
    )

    found = numbers(client)

    assert found["redline_sweep_failures", source.slug] == 3
    assert found["redline_sweep_requests_today", source.slug] == 7
    assert found["redline_sweep_done_timestamp_seconds", source.slug] == 1795219200
    assert found["redline_sweep_unheard", source.slug] == 0


def test_months_ahead_and_the_largest_tables_are_there(client):
    setup_months()

    found = numbers(client)

    assert found["redline_partition_months_ahead", "telemetry_measurement"] == 2
    assert found["redline_partition_months_ahead", "lineage_prediction"] == 2
    assert found["redline_partition_default_rows", "telemetry_measurement"] == 0
    assert found["redline_table_bytes", "audit_entry"] > 0


def test_ready_says_which_month_is_missing(client, monkeypatch):
    setup_months()
    made = client.get("/readyz").json()
    monkeypatch.setattr(health, "timezone", SimpleNamespace(now=lambda: datetime(2041, 7, 9, tzinfo=UTC)))

    missing = client.get("/readyz")

    assert made == {"status": "ok"}
    assert missing.status_code == 200
    assert "telemetry_measurement has no partition for 2041-07" in missing.json()["warnings"]


def setup_months() -> None:
    ensure_partitions(timezone.now())
    ensure_months_ahead(timezone.now())


def test_without_a_token_only_this_machine_is_answered(client):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 403


def test_with_a_token_whoever_has_it_is_answered(client, settings):
    settings.METRICS_TOKEN = "only-for-tests"

    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    good = {"Authorization": "Bearer only-for-tests"}
    assert client.get("/metrics", headers=good, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_no_database_is_an_answer_too(client, monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")

    assert client.get("/metrics").status_code == 503
