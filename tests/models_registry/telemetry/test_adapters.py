"""Adapters: recorded bodies give the expected readings, hostile ones give reasons, nothing else is ever raised."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_registry.telemetry.adapters import ADAPTERS, UnknownSourceKind, event_id, read
from models_registry.telemetry.adapters.generic_json import MappingInvalid, parse_mapping
from models_registry.telemetry.models import SourceKind
from models_registry.telemetry.readings import Reading, Unreadable
from tests.models_registry.telemetry.test_strict_json import HOSTILE

PAYLOADS = Path(__file__).parents[2] / "payloads"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAPPING: dict[str, Any] = {
    "mapping": 1,
    "items": "/results",
    "event_id": "/delivery/id",
    "timezone": "Europe/Berlin",
    "fields": {
        "model": {"pointer": "/model", "from": "body"},
        "version": "/version",
        "environment": {"const": "prod"},
        "segment": {"pointer": "/region", "default": "all"},
        "observed_at": "/at",
    },
    "values": [
        {"metric": {"const": "latency_p95_ms"}, "value": {"pointer": "/latency_s", "factor": 1000}},
        {"metric": "/name", "value": "/score"},
    ],
    "attributes": {"run": "/run/id"},
}
BODY: dict[str, Any] = {
    "model": "credit-scorer",
    "delivery": {"id": 77},
    "results": [
        {
            "at": "2026-03-01T12:30:00",
            "latency_s": 0.25,
            "name": "roc_auc",
            "score": 1,
            "run": {"id": "r1"},
            "version": 7,
        }
    ],
}


def readings(kind: str, body: Any, mapping: Any = None, at: datetime = NOON) -> list[Reading]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read(kind, raw, headers={}, mapping=mapping, received_at=at)


def reasons(kind: str, body: Any, mapping: Any = None) -> list[str]:
    with pytest.raises(Unreadable) as refusal:
        readings(kind, body, mapping)
    return [problem.reason for problem in refusal.value.problems]


def payload(path: str) -> Any:
    return json.loads((PAYLOADS / path).read_text())


def measurement(**changes: Any) -> dict[str, Any]:
    sound = {"model": "credit-scorer", "metric": "psi", "value": 0.3, "observed_at": "2026-03-01T11:00:00Z"}
    return {name: value for name, value in (sound | changes).items() if value is not ...}


def test_every_kind_of_source_has_an_adapter_and_every_adapter_a_kind() -> None:
    assert set(ADAPTERS) == set(SourceKind.values)


@pytest.mark.parametrize("kind", ADAPTERS)
@pytest.mark.parametrize(("body", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_every_adapter_names_the_reason_of_a_hostile_body(kind: str, body: bytes, reason: str) -> None:
    assert reasons(kind, body, MAPPING if kind == "generic_json" else None)[0] == reason


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2026-03-01T12:00:00Z"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "model metric value observed_at measurements alerts version labels annotations status startsAt "
                "endsAt drift_score metric_value model_id metric_name segment timestamp evidence modelId results".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@pytest.mark.parametrize("kind", ADAPTERS)
@given(body=st.binary(max_size=80) | anything.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_read_or_unreadable(kind: str, body: bytes) -> None:
    try:
        found = read(kind, body, headers={}, mapping=MAPPING if kind == "generic_json" else None, received_at=NOON)
    except Unreadable as refusal:
        assert refusal.problems and refusal.reason.startswith("E_")
    else:
        assert all(type(reading.value) is float and reading.observed_at.tzinfo for reading in found)
    assert 1 <= len(event_id(kind, {}, body, MAPPING, NOON)) <= 255


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownSourceKind):
        readings("nagios", {})


# Arize


def test_an_arize_drift_alert_is_drift_whatever_its_metric_is_called() -> None:
    [reading] = readings("arize", payload("arize/drift_alert.json"))

    assert reading == Reading(
        "credit-scorer",
        None,
        "embedding_cosine_drift",
        0.19,
        "distance",
        "production",
        "cohort=premium,region=eu",
        NOON,
    )


def test_an_arize_monitor_alert_without_metric_or_time_takes_its_name_and_the_receipt() -> None:
    [reading] = readings("arize", payload("arize/monitor_alert.json"))

    assert (reading.model, reading.metric, reading.value) == ("support-bot", "relevance drop (prod)", 0.41)
    assert (reading.segment, reading.observed_at, reading.attributes["severity"]) == ("region=eu", NOON, "critical")


@pytest.mark.parametrize("wrap", [lambda body: body, lambda body: {"event": "monitor.triggered", "monitor": body}])
def test_an_arize_monitor_object_is_read_bare_or_wrapped(wrap: Any) -> None:
    [reading] = readings("arize", wrap(payload("arize/monitor.json")))

    assert (reading.model, reading.metric, reading.value) == ("TW9kZWw6OQ==", "embedding_cosine_drift", 0.19)
    assert (reading.segment, reading.observed_at) == ("category=SPAN_ATTRIBUTE,name=query", NOON)


def test_an_arize_subscription_event_carries_no_number() -> None:
    assert readings("arize", {"event": "prompt.version.created", "data": {"id": "x"}}) == []


def test_an_unpublished_arize_body_is_a_shape_error_until_a_mapping_reads_it() -> None:
    assert reasons("arize", {"event": "monitor.triggered"}) == ["E_SHAPE"]
    assert len(readings("arize", BODY, MAPPING)) == 2


def test_arize_collects_every_problem() -> None:
    body = {"drift_score": True, "metric_name": "psi", "timestamp": "2026-03-01 12:00"}

    assert reasons("arize", body) == ["E_MISSING:/model_id", "E_TYPE:/drift_score", "E_NAIVE_TIME:/timestamp"]


# Alertmanager


def test_a_recorded_delivery_reads_the_sound_alerts_and_names_the_one_that_is_not_a_number() -> None:
    delivery = payload("alertmanager/webhook_deliveries.json")[0]["json"]

    with pytest.raises(Unreadable) as refusal:
        readings("alertmanager", delivery, at=datetime(2026, 11, 21, 2, tzinfo=UTC))

    assert refusal.value.reason == "E_NOT_NUMERIC:/alerts/1/annotations/value"
    assert [(each.metric, each.value) for each in refusal.value.readings] == [
        ("alert_firing", 1.0),
        ("latency_p99_seconds", 11.2),
        ("alert_firing", 1.0),
        ("alert_firing", 1.0),
        ("embedding_cosine_drift", 0.31),
    ]
    assert refusal.value.readings[-1].segment == "eu"


def alert(status: str = "firing", **labels: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": "Drift", "model_id": "chat", "metric": "psi", "env": "prod", **labels},
        "annotations": {"value": "0.31"},
        "startsAt": "2026-03-01T11:00:00.000000000Z",
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2026-03-01T11:30:00Z",
        "fingerprint": "6811cbee9a49e17c",
    }


def delivery(*alerts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"version": "4", "receiver": "gov", "groupKey": "{}", "alerts": list(alerts), **more}


def test_a_resolved_alert_ends_firing_and_does_not_repeat_its_last_value() -> None:
    [reading] = readings("alertmanager", delivery(alert("resolved")))

    assert (reading.metric, reading.value, reading.observed_at.minute) == ("alert_firing", 0.0, 30)
    assert reading.segment == "alertname=Drift"


def test_alertmanager_refuses_other_versions_states_and_empty_lists() -> None:
    assert reasons("alertmanager", delivery() | {"version": "3"}) == ["E_SHAPE:/version"]
    assert reasons("alertmanager", delivery()) == ["E_EMPTY_LIST:/alerts"]
    assert reasons("alertmanager", delivery(alert("pending")))[0] == "E_CHOICE:/alerts/0/status"


def test_a_custom_alertmanager_template_is_read_by_the_mapping() -> None:
    assert len(readings("alertmanager", BODY, MAPPING)) == 2


# Measurements


def test_ten_thousand_measurements_are_read_and_one_more_is_too_many() -> None:
    many = [measurement(value=number) for number in range(10_000)]

    assert len(readings("measurements", {"measurements": many})) == 10_000
    assert reasons("measurements", {"measurements": [*many, measurement()]}) == ["E_TOO_MANY:/measurements"]


def test_a_measurement_is_canonical_and_an_unknown_metric_is_kept_as_itself() -> None:
    body = {"measurements": [measurement(metric="F1-Score"), measurement(metric="our own KPI", environment="stg")]}

    known, unknown = readings("measurements", body)

    assert (known.metric, known.unit, known.environment) == ("f1", "ratio", "production")
    assert (unknown.metric, unknown.unit, unknown.environment) == ("our own KPI", "", "staging")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"value": "0.3"}, "E_TYPE:/measurements/0/value"),
        ({"value": True}, "E_TYPE:/measurements/0/value"),
        ({"value": ...}, "E_MISSING:/measurements/0/value"),
        ({"value": None}, "E_MISSING:/measurements/0/value"),
        ({"model": ""}, "E_EMPTY_TEXT:/measurements/0/model"),
        ({"model": 7}, "E_TYPE:/measurements/0/model"),
        ({"model": "x" * 201}, "E_TOO_LONG:/measurements/0/model"),
        ({"metric": "p\u202esi"}, "E_CONTROL:/measurements/0/metric"),
        ({"attributes": {"a": [1]}}, "E_TYPE:/measurements/0/attributes/a"),
        ({"segment": {"a": {}}}, "E_TYPE:/measurements/0/segment/a"),
        ({"observed_at": ...}, "E_MISSING:/measurements/0/observed_at"),
        ({"observed_at": "2026-03-01T12:05:01Z"}, "E_FUTURE:/measurements/0/observed_at"),
        ({"observed_at": "2026-03-01T11:00:00"}, "E_NAIVE_TIME:/measurements/0/observed_at"),
        ({"observed_at": "yesterday"}, "E_TIME:/measurements/0/observed_at"),
        ({"observed_at": "2026-02-30T11:00:00Z"}, "E_TIME:/measurements/0/observed_at"),
        ({"observed_at": "0001-01-01T00:00:00+14:00"}, "E_TIME:/measurements/0/observed_at"),
        ({"observed_at": "1772366400"}, "E_TIME:/measurements/0/observed_at"),
        ({"observed_at": True}, "E_TIME:/measurements/0/observed_at"),
        ({"observed_at": -1}, "E_PAST:/measurements/0/observed_at"),
        ({"observed_at": 10**18}, "E_TIME:/measurements/0/observed_at"),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], reason: str) -> None:
    assert reasons("measurements", {"measurements": [measurement(**changes)]}) == [reason]


@pytest.mark.parametrize(
    "at", [1772366400, 1772366400.0, 1772366400000, "2026-03-01T13:00:00+01:00", "2026-03-01t12:00:00.000000000z"]
)
def test_times_of_every_accepted_form_are_the_same_moment(at: object) -> None:
    assert readings("measurements", {"measurements": [measurement(observed_at=at)]})[0].observed_at == NOON


def test_segments_that_differ_never_share_a_name() -> None:
    bodies = [{"a": "1", "b": "2"}, {"a": "1,b=2"}, {"a=1,b": "2"}]

    found = {readings("measurements", {"measurements": [measurement(segment=body)]})[0].segment for body in bodies}

    assert len(found) == 3


# Generic JSON


def test_a_mapping_reads_constants_factors_defaults_and_local_time() -> None:
    latency, auc = readings("generic_json", BODY, MAPPING)

    assert (latency.metric, latency.value, latency.unit) == ("p95_latency_ms", 250.0, "ms")
    assert (auc.metric, auc.value, auc.version, auc.segment) == ("auc", 1.0, "7", "all")
    assert latency.observed_at == NOON - timedelta(minutes=30)
    assert latency.attributes == {"run": "r1"}


def test_a_renamed_field_is_missing_at_its_pointer() -> None:
    body = BODY | {"results": [{"at": 1772366400, "latency": 1, "name": "auc", "score": "high"}]}

    assert reasons("generic_json", body, MAPPING) == ["E_MISSING:/results/0/latency_s", "E_TYPE:/results/0/score"]


def test_an_overflowing_factor_is_not_finite() -> None:
    mapping = MAPPING | {"values": [{"metric": {"const": "psi"}, "value": {"pointer": "/score", "factor": 1e308}}]}
    body = BODY | {"results": [BODY["results"][0] | {"score": 1e10}]}

    assert reasons("generic_json", body, mapping) == ["E_NOT_FINITE:/results/0/score"]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"mapping": 2}, "/mapping"),
        ({"mapping": True}, "/mapping"),
        ({"surprise": 1}, "/surprise"),
        ({"items": "results"}, "/items"),
        ({"timezone": "Mars/Olympus"}, "/timezone"),
        ({"timezone": "../etc/passwd"}, "/timezone"),
        ({"fields": {}}, "/fields/model"),
        ({"fields": {"model": {"pointer": "/m", "const": "x"}}}, "/fields/model"),
        ({"values": []}, "/values"),
        ({"values": [{"metric": "/m"}]}, "/values/0/value"),
        ({"values": [{"metric": "/m", "value": {"pointer": "/v", "factor": "2"}}]}, "/values/0/value/factor"),
        ({"values": [{"metric": "/m", "value": {"pointer": "/v", "factor": True}}]}, "/values/0/value/factor"),
    ],
)
def test_a_mapping_with_errors_is_refused_at_the_place(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(MappingInvalid) as refusal:
        parse_mapping(MAPPING | changes)

    assert where in [place for place, _ in refusal.value.errors]
    assert reasons("generic_json", BODY, MAPPING | changes)[0].startswith("E_MAPPING")


# Event ids


def test_the_senders_delivery_id_comes_first() -> None:
    headers = {"Webhook-Id": "msg_1", "X-Arize-Webhook-Id": "a"}

    assert event_id("generic_json", headers, b"{}", MAPPING, NOON) == "id:msg_1"
    assert event_id("arize", {"x-arize-webhook-id": "a"}, b"{}", None, NOON) == "id:a"


def test_the_mapping_comes_second_and_the_day_of_the_body_last() -> None:
    body = json.dumps(BODY).encode()

    assert event_id("generic_json", {}, body, MAPPING, NOON) == "body:77"
    assert event_id("generic_json", {}, body, None, NOON) == event_id("generic_json", {}, body, None, NOON)
    assert event_id("generic_json", {}, body, None, NOON) != event_id(
        "generic_json", {}, body, None, NOON + timedelta(days=1)
    )


def test_a_hostile_delivery_id_becomes_its_digest() -> None:
    for text in ("x" * 300, "a\x00b", "é\ud800"):
        assert event_id("arize", {"webhook-id": text}, b"", None, NOON).startswith("id:sha256:")


def test_both_members_of_an_alertmanager_pair_give_one_id_and_a_new_value_another() -> None:
    first, second = alert(), alert(segment="eu")
    ids = [
        event_id("alertmanager", {}, json.dumps(body).encode(), None, NOON)
        for body in (
            delivery(first, second, externalURL="http://one"),
            delivery(second, first, externalURL="http://two"),
            delivery(first, second | {"annotations": {"value": "0.5"}}),
        )
    ]

    assert ids[0] == ids[1] != ids[2]
