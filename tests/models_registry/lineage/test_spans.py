"""Calls that stock OpenTelemetry senders trace become predictions, once, and without their texts."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from models_registry.lineage import prediction_actions
from models_registry.lineage.prediction_models import Prediction
from models_registry.telemetry import actions, source_actions
from models_registry.telemetry.models import TelemetryEvent
from tests.models_registry.lineage.traces import CANARY
from tests.models_registry.telemetry import otlp, world
from tests.models_registry.telemetry.otlp import PROTOBUF, span
from tests.models_registry.telemetry.world import AT

pytestmark = pytest.mark.django_db

CALL = {"gen_ai__operation__name": "chat", "gen_ai__request__model": "gpt"}


def trace(*spans: dict[str, Any], again: int = 1) -> None:
    """Let a stock exporter send spans of the claims service, and the line work."""
    source, secret = source_actions.create_source(by=world.OPERATOR, at=AT, name="Tracing", kind="opentelemetry")
    body = otlp.traces(*spans, service__name="claims-triage")
    for number in range(again):
        answer = Client().generic(
            "POST", f"/otlp/{source.path_token}/v1/traces", body, content_type=PROTOBUF,
            headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": f"try-{number}"},
        )  # fmt: skip
        assert answer.status_code == 200
    while claimed := actions.claim(limit=50, at=AT):
        events = TelemetryEvent.objects.select_related("source").filter(pk__in=claimed).order_by("pk")
        actions.measure_all(events=list(events), at=AT)


def test_a_call_is_a_prediction_with_what_its_span_says():
    model = world.claims_model()
    call = span(
        milliseconds=740, gen_ai__usage__input_tokens=812, gen_ai__usage__output_tokens=90, llm__cost__total=0.00125,
        redline__prompt__name="claims-triage/system", redline__prompt__version="v3", enduser__id="ann",
        retrieval__documents__0__document__id="terms#4", retrieval__documents__1__document__id="terms#9",
        gen_ai__input__messages=CANARY, redline__model__version="v3", **CALL,
    )  # fmt: skip

    trace(call)

    kept = Prediction.objects.get()
    assert (kept.model_id, kept.model_name, kept.version_name, kept.version_id) == (
        model.pk,
        "claims-triage",
        "3",
        None,
    )
    assert (kept.input_tokens, kept.output_tokens, kept.latency_ms) == (812, 90, 740.0)
    assert (kept.cost, kept.documents) == ("0.00125 USD", ["terms#4", "terms#9"])
    assert (kept.prompt_name, kept.prompt_label) == ("claims-triage/system", "v3")
    assert (kept.input_sealed, len(bytes(kept.input_hash))) == (None, 32)
    assert kept.prediction_id.startswith(kept.trace_id)
    assert prediction_actions.key_of(kept)
    assert str(kept.subject).startswith("subj_")


def test_the_same_spans_again_count_once():
    world.claims_model()

    trace(span(number=1, **CALL), span(number=2, **CALL), again=2)

    assert Prediction.objects.count() == 2


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({}, ("OK", "")),
        ({"failed": True}, ("ERROR", "")),
        ({"error__type": "429 too many"}, ("ERROR", "429_too_many")),
        ({"error__type": "ReadTimeout"}, ("TIMEOUT", "ReadTimeout")),
    ],
)
def test_how_a_call_ended_is_told_by_its_type_and_never_by_its_message(facts, outcome):
    world.claims_model()

    trace(span(**CALL, **facts))

    kept = Prediction.objects.get()
    assert (kept.outcome, kept.outcome_code) == outcome


def test_spans_older_than_the_term_are_measured_and_not_kept(settings):
    world.claims_model()
    settings.REDLINE_PREDICTION_DAYS = 31
    old = span(**CALL)
    for name in ("start_time_unix_nano", "end_time_unix_nano"):
        old[name] -= int(dt.timedelta(days=90).total_seconds() * 1e9)

    trace(old, span(number=2, **CALL))

    assert Prediction.objects.count() == 1
