"""What people and judges wrote about answers stays with Arize and Phoenix, whether a webhook or a sweep brings it."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from models_registry.lineage import prediction_actions
from models_registry.telemetry import poll_actions, source_actions, sweeping
from models_registry.telemetry.adapters.judged_texts import cut, names_in
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from tests.journeys.builders import a_person
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.platform_stub import Asked, Reply, platform
from tests.models_registry.telemetry.test_withholding import everything_on_record

pytestmark = pytest.mark.django_db
AT = world.AT
WORDS = "Frieda Lindqvist asks why her claim was refused"
LONG = f"{WORDS}. " * 8

ANNOTATION: dict[str, Any] = {
    "id": "U3Bhbjox",
    "name": "hallucination",
    "annotator_kind": "LLM",
    "span_id": "67f6740bbe1ddc3f",
    "identifier": "gov-judge-v2",
    "updated_at": "2026-11-20T11:00:00Z",
    "result": {"label": "hallucinated", "score": 1.0, "explanation": WORDS},
    "metadata": {"model_version": "7", "asked": WORDS, "turns": [WORDS]},
}
SPAN: dict[str, Any] = {
    "trace_id": "1" * 32,
    "span_id": "2" * 16,
    "span_kind": "LLM",
    "start_time": "2026-11-20T11:00:00Z",
    "end_time": "2026-11-20T11:00:01Z",
    "status_code": "OK",
    "attributes": {"llm.model_name": "claims-triage", "input.value": WORDS, "metadata": f'{{"q": "{WORDS}"}}'},
}
MONITOR: dict[str, Any] = {
    "id": "TW9uaXRvcjo0Mg==",
    "name": "embedding drift",
    "type": "DRIFT",
    "metric": "PSI",
    "status": "TRIGGERED",
    "project_id": "TW9kZWw6OQ==",
    "evaluated_at": "2026-11-20T11:00:00Z",
    "latest_computed_value": 0.19,
    "dimension": {"category": "SPAN_ATTRIBUTE", "name": "query"},
    "notes": WORDS,
}
DELIVERIES = [
    ("phoenix", {"project": "claims-triage", "data": [ANNOTATION]}, "hallucination_rate"),
    ("phoenix", {"project": "claims-triage", "spans": [SPAN]}, "p95_latency_ms"),
    ("arize", {"monitor": {**MONITOR, "model_name": "claims-triage"}, "message": WORDS, "custom": LONG}, "psi"),
    (
        "arize",
        {"model_id": "claims-triage", "metric_name": "psi", "drift_score": 0.31, "explanation": [WORDS]},
        "psi",
    ),
]


@pytest.fixture(autouse=True)
def registered() -> None:
    world.claims_model()


def connected(kind: str) -> tuple[Source, str]:
    return source_actions.create_source(
        by=world.OPERATOR, at=AT, name="Judges", kind=kind, secret="a-secret-of-some-length"
    )


def send(made: tuple[Source, str], body: bytes) -> Any:
    source, secret = made
    return Client().post(
        f"/api/v1/telemetry/{source.path_token}/", data=body, content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )  # fmt: skip


def nothing_is_told() -> None:
    printed = everything_on_record()
    assert "claims-triage" in printed
    assert "Frieda" not in printed


@pytest.mark.parametrize(("kind", "body", "metric"), DELIVERIES)
def test_a_webhook_is_measured_and_its_texts_are_nowhere(
    kind: str, body: Any, metric: str, run_line: Callable[[], None]
) -> None:
    assert send(connected(kind), json.dumps(body).encode()).status_code == 202
    nothing_is_told()

    run_line()

    nothing_is_told()
    assert TelemetryEvent.objects.get().state == EventState.DONE
    assert Measurement.objects.filter(metric=metric).exists()


def test_a_sweep_brings_a_monitor_without_its_notes(settings: Any, run_line: Callable[[], None]) -> None:
    def answer(asked: Asked) -> Reply:
        listed = {"projects": [{"id": MONITOR["project_id"], "name": "claims-triage"}]}
        return Reply((listed if asked.path.endswith("projects") else {"monitors": [MONITOR]}) | {"pagination": {}})

    with platform(settings, answer) as served:
        source = world.source("arize")
        config = {"address": served.address, "space": "space-1"}
        poll_actions.set_polling(
            by=world.OPERATOR, at=AT, source=source, config=config, scheme="bearer", credential="key", interval_s=300
        )
        taken = sweeping.claim(at=AT)
        assert taken is not None
        assert sweeping.sweep(taken=taken, now=lambda: AT).fresh == 1
    run_line()

    nothing_is_told()
    assert b'"notes":"[withheld]"' in bytes(TelemetryEvent.objects.get().raw).replace(b" ", b"")
    assert Measurement.objects.get().metric == "psi"


def test_terms_that_keep_texts_of_predictions_keep_no_judgements_in_the_clear(run_line: Callable[[], None]) -> None:
    made = connected("phoenix")
    nadia = a_person("nadia", "Nadia", "administrator")
    prediction_actions.decide_terms(by=nadia, at=AT, source=made[0], keeps_text=True)

    send(made, json.dumps(DELIVERIES[0][1]).encode())
    run_line()

    nothing_is_told()


def test_a_delivery_again_counts_once_and_another_text_is_another_event() -> None:
    made = connected("phoenix")
    other = {"project": "claims-triage", "data": [{**ANNOTATION, "result": {"score": 1.0, "explanation": "No."}}]}
    for body in (DELIVERIES[0][1], DELIVERIES[0][1], other):
        send(made, json.dumps(body).encode())

    told = TelemetryEvent.objects.order_by("pk").values_list("duplicate_count", "conflict")
    assert list(told) == [(1, False), (0, False)]


def test_nobody_can_try_out_a_text_against_the_name_of_its_event() -> None:
    made, body = connected("phoenix"), json.dumps(DELIVERIES[0][1]).encode()
    send(made, body)

    assert hashlib.sha256(body).hexdigest() not in TelemetryEvent.objects.get().event_id


def test_a_body_without_texts_is_kept_byte_for_byte() -> None:
    body = b'{ "model_id": "claims-triage",  "metric_name":"psi", "drift_score": 0.310, "explanation": "" }'
    send(connected("arize"), body)

    assert bytes(TelemetryEvent.objects.get().raw) == body


def test_what_a_mapping_reads_is_kept_and_names_the_event(run_line: Callable[[], None]) -> None:
    made = connected("arize")
    document = {
        "mapping": 1,
        "event_id": "/comment",
        "fields": {"model": "/text", "observed_at": "/at"},
        "values": [{"metric": {"const": "accuracy"}, "value": "/accuracy"}],
    }
    world.teach(made[0], document)
    at = (AT - dt.timedelta(minutes=5)).isoformat()
    body = {"text": "claims-triage", "at": at, "accuracy": 0.9, "comment": "e-1", "explanation": WORDS}
    for _ in range(2):
        send(made, json.dumps(body).encode())
    run_line()

    nothing_is_told()
    assert Measurement.objects.get().value == 0.9
    assert TelemetryEvent.objects.get().event_id == "body:e-1"


def test_of_what_is_no_json_nothing_is_kept_but_that_it_came(run_line: Callable[[], None]) -> None:
    send(connected("phoenix"), b'{"data": [{"result": {"explanation": "' + WORDS.encode())
    run_line()

    event = TelemetryEvent.objects.get()
    assert (bytes(event.raw), event.state, event.reason) == (b"[withheld]", EventState.QUARANTINED, "E_SYNTAX")


def test_the_page_of_an_event_says_that_texts_were_cut(client: Client) -> None:
    client.force_login(a_person("nadia", "Nadia", "administrator"), backend="django.contrib.auth.backends.ModelBackend")
    send(connected("phoenix"), json.dumps(DELIVERIES[0][1]).encode())

    shown = client.get(f"/sources/events/{TelemetryEvent.objects.get().pk}/").text

    assert "cut out of traces, logs and judgements" in shown
    assert WORDS not in shown


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('{"score": 0.3100, "explanation": "x", "score": NaN}', '{"score":0.3100,"explanation":"[withheld]","score":NaN}'),
        ('{"explanation": null, "notes": 5, "comment": ["a"]}', '{"explanation":null,"notes":5,"comment":"[withheld]"}'),
        ('{"explanation": {"why": "x"}, "n": 1e400, "notes": {}}', '{"explanation":"[withheld]","n":1e400,"notes":{}}'),
        ('{"segment": {"text": "eu"}, "a": {"note": "x"}}', '{"segment":{"text":"eu"},"a":{"note":"[withheld]"}}'),
        ('{"metadata": {"model": "m", "n": 3, "who": "x"}}', '{"metadata":{"model":"m","n":3,"who":"[withheld]"}}'),
        (f'["{LONG}", 1]', '["[withheld]",1]'),
    ],
)  # fmt: skip
def test_all_else_stays_as_it_was_written(body: str, kept: str) -> None:
    assert cut(body.encode()) == kept.encode()


def test_the_names_that_a_mapping_reads_are_those_of_its_pointers() -> None:
    assert names_in({"fields": {"model": "/a/b"}, "values": [{"value": "/c", "metric": {"const": "d"}}]}) == {
        "a",
        "b",
        "c",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12) | st.just("notes"), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
def test_what_is_left_is_json_of_the_same_shape_and_is_cut_no_further(document: Any) -> None:
    body = json.dumps(document).encode()
    once = cut(body)

    assert cut(once) == once
    assert isinstance(json.loads(once), type(document))
