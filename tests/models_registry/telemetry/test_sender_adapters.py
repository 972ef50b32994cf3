"""Adapters of the platforms that companies already run: recorded bodies give readings, drifted ones give reasons."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models_registry.telemetry.adapters import event_id, read
from models_registry.telemetry.notices import Findings, Notice
from models_registry.telemetry.readings import Reading, Unreadable

PAYLOADS = Path(__file__).parents[2] / "payloads"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 21, 2, 5, tzinfo=UTC)


def payload(path: str) -> Any:
    return json.loads((PAYLOADS / path).read_text())


def found(kind: str, body: Any, at: datetime = NOON, mapping: Any = None) -> list[Reading]:
    return read(kind, json.dumps(body).encode(), headers={}, mapping=mapping, received_at=at)


def told(kind: str, body: Any, at: datetime = NOON) -> list[tuple[str, str, float, str]]:
    return [(each.model, each.metric, each.value, each.segment) for each in found(kind, body, at)]


def notices(kind: str, body: Any, at: datetime = NOON) -> tuple[Notice, ...]:
    findings = found(kind, body, at)
    assert isinstance(findings, Findings)
    return findings.notices


def reasons(kind: str, body: Any) -> list[str]:
    with pytest.raises(Unreadable) as refusal:
        found(kind, body)
    return [each.reason for each in refusal.value.problems]


def named(kind: str, body: Any, at: datetime = NOON) -> str:
    return event_id(kind, {}, json.dumps(body).encode(), None, at)


# Alerts that were cut off


@pytest.mark.parametrize("kind", ["alertmanager", "grafana"])
def test_alerts_that_the_sender_cut_off_are_said_and_never_silent(kind: str) -> None:
    body = payload("grafana/firing.json") | {"truncatedAlerts": 7, "version": "4" if kind == "alertmanager" else "1"}

    assert notices(kind, body) == (Notice("N_TRUNCATED", "gov", 7),)
    assert reasons(kind, body | {"truncatedAlerts": "7"}) == ["E_TYPE:/truncatedAlerts"]


# A Prometheus that takes us for its Alertmanager


def alert(**changes: Any) -> dict[str, Any]:
    sound = {
        "labels": {"alertname": "Drift", "model_id": "chat", "metric": "psi", "env": "prod"},
        "annotations": {"value": "0.31"},
        "startsAt": "2026-03-01T11:00:00.000Z",
        "endsAt": "2026-03-01T12:04:00.000Z",
        "generatorURL": "https://prom.example.com/graph",
    }
    return {name: value for name, value in (sound | changes).items() if value is not ...}


def test_an_alert_with_its_end_ahead_fires_and_tells_its_number() -> None:
    assert told("prometheus", [alert()]) == [
        ("chat", "alert_firing", 1.0, "alertname=Drift"),
        ("chat", "psi", 0.31, ""),
    ]


def test_an_alert_whose_end_is_past_is_resolved() -> None:
    [reading] = found("prometheus", [alert(endsAt="2026-03-01T11:30:00Z")])

    assert (reading.metric, reading.value, reading.observed_at.minute) == ("alert_firing", 0.0, 30)


def test_an_alert_without_times_fires_now() -> None:
    reading = found("prometheus", [alert(startsAt=..., endsAt=..., annotations=...)])[0]

    assert (reading.value, reading.observed_at) == (1.0, NOON)


def test_the_same_news_every_minute_is_one_event_until_it_changes() -> None:
    first = named("prometheus", [alert()])
    again = named("prometheus", [alert(endsAt="2026-03-01T12:05:00.000Z")], NOON + timedelta(minutes=1))
    over = named("prometheus", [alert(endsAt="2026-03-01T12:00:30.000Z")], NOON + timedelta(minutes=2))
    changed = named("prometheus", [alert(annotations={"value": "0.4"})])

    assert first == again
    assert len({first, over, changed}) == 3


def test_alerts_of_other_things_are_counted_by_name_and_hold_nothing() -> None:
    body = [alert(), alert(labels={"alertname": "InstanceDown", "job": "node"})]

    assert len(told("prometheus", body)) == 2
    assert notices("prometheus", body) == (Notice("N_NO_MODEL", "InstanceDown"),)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"alerts": []}, "E_SHAPE"),
        ([alert(labels={"model_id": "chat"})], "E_MISSING:/0/labels/alertname"),
        ([alert(startsAt="yesterday")], "E_TIME:/0/startsAt"),
        ([alert(endsAt="tomorrow")], "E_TIME:/0/endsAt"),
        ([alert(annotations={"value": "NaN"})], "E_NOT_NUMERIC:/0/annotations/value"),
        ([alert(labels="none")], "E_TYPE:/0/labels"),
        (["alert"], "E_TYPE:/0"),
    ],
)
def test_a_drifted_alert_is_held(body: Any, reason: str) -> None:
    assert reasons("prometheus", body)[0] == reason


# Grafana


def test_grafana_tells_the_number_of_its_first_expression() -> None:
    assert told("grafana", payload("grafana/firing.json")) == [
        ("credit-scorer", "alert_firing", 1.0, "alertname=drift"),
        ("credit-scorer", "psi", 0.31, ""),
    ]


def grafana(**changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = payload("grafana/firing.json")
    body["alerts"][0] |= changes
    return body


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"labels": {"alertname": "d", "model_id": "m", "metric": "psi", "value_ref": "B"}}, 1.0),
        ({"annotations": {"value": "0.5"}}, 0.5),
    ],
)
def test_which_number_of_grafana_is_meant_can_be_said(changes: dict[str, Any], value: float) -> None:
    assert found("grafana", grafana(**changes))[1].value == value


def test_grafana_without_values_says_only_that_it_fires() -> None:
    assert [each.metric for each in found("grafana", grafana(values=None))] == ["alert_firing"]


def test_grafana_drifts_are_held() -> None:
    missing = {"alertname": "d", "model_id": "m", "metric": "psi", "value_ref": "Z"}
    assert reasons("grafana", grafana(values={"A": "0.31"})) == ["E_TYPE:/alerts/0/values/A"]
    assert reasons("grafana", grafana(labels=missing)) == ["E_MISSING:/alerts/0/values/Z"]
    assert reasons("grafana", payload("grafana/firing.json") | {"version": "2"}) == ["E_SHAPE:/version"]


# MLflow


@pytest.mark.parametrize("path", sorted((PAYLOADS / "mlflow" / "webhooks").iterdir()), ids=lambda path: path.stem)
def test_every_recorded_delivery_of_mlflow_is_read(path: Path) -> None:
    recorded = json.loads(path.read_text())
    findings = found("mlflow", recorded["body"], at=LATER)

    assert isinstance(findings, Findings)
    if path.stem.startswith("prompt"):
        assert findings.notices == (Notice("N_NO_MODEL", path.stem),) and not findings
    else:
        assert [(each.metric, each.segment) for each in findings] == [("registry_change_count", f"change={path.stem}")]
        assert findings.lenient


def test_a_tag_with_the_weights_digest_is_to_be_compared() -> None:
    body = payload("mlflow/webhooks/model_version_tag.set.json")["body"]
    body["data"] |= {"key": "weights_digest", "value": "sha256:" + "a" * 64}

    assert found("mlflow", body, at=LATER)[1].attributes["observed_digest"] == "sha256:" + "a" * 64


def test_a_budget_of_a_served_model_is_its_cost_and_others_are_counted() -> None:
    data = {
        "budget_policy_id": "b1",
        "budget_unit": "USD",
        "budget_amount": 100.0,
        "current_spend": 120.5,
        "target_scope": "ENDPOINT",
        "target_value": "chat",
        "window_start": 1,
    }
    body = {"entity": "budget_policy", "action": "exceeded", "timestamp": "2026-03-01T11:00:00+00:00", "data": data}

    assert told("mlflow", body) == [("chat", "cost_usd", 120.5, "budget=b1")]
    whole = body | {"data": data | {"target_scope": "GLOBAL", "target_value": None}}
    assert notices("mlflow", whole) == (Notice("N_NO_MODEL", "budget_policy.exceeded GLOBAL"),)


def test_mlflow_drifts_are_held() -> None:
    body = payload("mlflow/webhooks/model_version.created.json")["body"]

    body = body | {"timestamp": "2026-03-01T11:00:00+00:00"}
    assert reasons("mlflow", body | {"entity": "experiment"}) == ["E_CHOICE:/entity"]
    assert reasons("mlflow", body | {"action": "renamed"}) == ["E_CHOICE:/action"]
    assert reasons("mlflow", {key: body[key] for key in ("entity", "action")}) == ["E_MISSING:/data"]


# W&B


def test_a_wandb_automation_is_a_change_and_its_template_may_carry_numbers() -> None:
    body = payload("wandb/alias_added.json")

    [change] = found("wandb", body)
    assert (change.model, change.version, change.segment) == ("credit-scorer", "7", "change=ADD_ARTIFACT_ALIAS")
    with_numbers = found("wandb", body | {"metrics": {"accuracy": "0.91", "psi": 0.2}})
    assert [(each.metric, each.value, each.segment) for each in with_numbers[1:]] == [
        ("accuracy", 0.91, ""),
        ("psi", 0.2, ""),
    ]


def test_both_spellings_of_a_link_are_one_change() -> None:
    body = payload("wandb/alias_added.json")

    assert {found("wandb", body | {"event_type": name})[0].segment for name in ("LINK_MODEL", "LINK_ARTIFACT")} == {
        "change=LINK_ARTIFACT"
    }


def test_equal_news_of_wandb_are_one_event_in_the_same_minute_and_another_in_the_next() -> None:
    body = payload("wandb/alias_added.json")
    same_minute, next_minute = NOON + timedelta(seconds=59), NOON + timedelta(minutes=1)

    assert named("wandb", body, NOON) == named("wandb", body, same_minute) != named("wandb", body, next_minute)


def test_a_run_without_a_model_is_counted_and_drifts_are_held() -> None:
    body = payload("wandb/alias_added.json")

    assert notices("wandb", {"event_type": "RUN_METRIC", "artifact_collection_name": ""}) == (
        Notice("N_NO_MODEL", "RUN_METRIC"),
    )
    assert reasons("wandb", body | {"event_type": "SOMETHING"}) == ["E_CHOICE:/event_type"]
    assert reasons("wandb", body | {"metrics": {"accuracy": ""}}) == ["E_NOT_NUMERIC:/metrics/accuracy"]


# Datadog


def test_datadog_tells_of_a_transition_by_its_tags() -> None:
    [reading] = found("datadog", payload("datadog/triggered.json"))

    assert (reading.model, reading.version, reading.value, reading.segment) == ("chat", "7", 1.0, "monitor=112233")
    assert (reading.environment, reading.observed_at) == ("production", NOON - timedelta(hours=1))
    recovered = found("datadog", payload("datadog/triggered.json") | {"transition": "Recovered"})[0]
    assert (recovered.value, recovered.segment) == (0.0, "monitor=112233")


def test_a_value_in_the_template_of_datadog_is_measured() -> None:
    body = payload("datadog/triggered.json") | {"value": "812.5", "metric": "latency_p95_ms"}

    assert told("datadog", body)[1] == ("chat", "p95_latency_ms", 812.5, "")


def test_datadogs_own_id_makes_retries_one_event() -> None:
    body = payload("datadog/triggered.json")

    assert named("datadog", body) == named("datadog", body | {"priority": "low"}) == "body:7700112233"


def test_datadog_drifts_are_held_and_monitors_of_other_things_are_counted() -> None:
    body = payload("datadog/triggered.json")

    assert reasons("datadog", body | {"transition": "Exploded"}) == ["E_CHOICE:/transition"]
    assert reasons("datadog", body | {"at": "yesterday"}) == ["E_TIME:/at"]
    assert reasons("datadog", {"title": "x"}) == ["E_SHAPE:/transition"]
    assert notices("datadog", body | {"tags": "env:prod", "scope": ""}) == (Notice("N_NO_MODEL", "monitor 112233"),)


# Evidently


def test_a_report_gives_its_metrics_and_tests_and_p_values_are_no_distances() -> None:
    assert told("evidently", payload("evidently/report.json")) == [
        ("credit-scorer", "feature_drift_p_value", 0.0003, "column=income"),
        ("credit-scorer", "psi", 0.31, "column=region"),
        ("credit-scorer", "drifted_feature_share", 0.5, ""),
        ("credit-scorer", "auc", 0.87, ""),
        ("credit-scorer", "alert_firing", 1.0, "test=Value Drift for column income"),
        ("credit-scorer", "alert_firing", 0.0, "test=ROC AUC"),
    ]


def test_what_is_no_number_in_a_report_is_counted_and_drifts_are_held() -> None:
    body = payload("evidently/report.json")
    body["evidently"]["metrics"][3] = {"config": {"type": "evidently:metric_v2:UniqueValueCount"}, "value": {"a": 1}}
    body["evidently"]["tests"][1]["status"] = "SKIPPED"

    assert notices("evidently", body) == (Notice("N_NO_NUMBER", "UniqueValueCount"), Notice("N_SKIPPED", "ROC AUC"))
    body["evidently"]["tests"][0]["status"] = "PASSED"
    assert reasons("evidently", body) == ["E_CHOICE:/evidently/tests/0/status"]
    assert reasons("evidently", body["evidently"]) == ["E_SHAPE:/evidently"]


# Phoenix


def test_phoenix_annotations_are_readings_of_their_project_and_labels_alone_are_counted() -> None:
    body = payload("phoenix/annotations.json")

    [reading] = found("phoenix", body)
    assert (reading.model, reading.version, reading.metric, reading.value) == (
        "support-bot",
        "7",
        "hallucination_rate",
        1.0,
    )
    assert notices("phoenix", body) == (Notice("N_NO_NUMBER", "tone"),)
    assert reasons("phoenix", {"data": [{"name": "x", "result": {"score": "high"}, "metadata": {"model": "m"}}]}) == [
        "E_TYPE:/data/0/result/score"
    ]


# Clouds


def test_violations_of_sagemaker_are_counted_by_check_and_none_is_a_reading_too() -> None:
    body = payload("sagemaker/violations.json")

    assert told("sagemaker", body) == [
        ("credit-scorer", "constraint_violation_count", 2.0, ""),
        ("credit-scorer", "constraint_violation_count", 1.0, "check=baseline_drift_check"),
        ("credit-scorer", "constraint_violation_count", 1.0, "check=data_type_check"),
        ("credit-scorer", "alert_firing", 1.0, "alertname=baseline_drift_check,feature=income"),
        ("credit-scorer", "alert_firing", 1.0, "alertname=data_type_check,feature=age"),
    ]
    assert told("sagemaker", {"model": "m", "violations": []}) == [("m", "constraint_violation_count", 0.0, "")]
    assert named("sagemaker", body) == "body:6a7e8feb-b491-4cf7-a9f1-bf3703467718"


def test_sagemaker_drifts_are_held() -> None:
    violation = {"feature_name": "a", "constraint_check_type": "vibe_check"}

    assert reasons("sagemaker", {"model": "m", "violations": [violation]}) == [
        "E_CHOICE:/violations/0/constraint_check_type"
    ]
    assert reasons("sagemaker", {"model": "m", "violations": "none"}) == ["E_TYPE:/violations"]
    assert reasons("sagemaker", {"model": "m"}) == ["E_SHAPE"]


def test_azure_drift_and_models_are_read_and_its_ids_make_retries_one_event() -> None:
    drift = payload("azure_ml/drift.json")
    deployed = [
        drift[0]
        | {
            "eventType": "Microsoft.MachineLearningServices.ModelDeployed",
            "data": {"ServiceName": "s", "ModelIds": "credit-scorer:7,other:1"},
        }
    ]

    assert told("azure_ml", drift) == [("credit-scorer-drift", "data_drift", 0.31, "")]
    assert told("azure_ml", deployed) == [
        ("credit-scorer", "registry_change_count", 1.0, "change=ModelDeployed"),
        ("other", "registry_change_count", 1.0, "change=ModelDeployed"),
    ]
    assert named("azure_ml", drift) == named("azure_ml", [drift[0] | {"metadataVersion": "2"}])
    assert found("azure_ml", payload("azure_ml/validation.json")) == []
    assert reasons("azure_ml", [drift[0] | {"eventType": "Microsoft.Storage.BlobCreated"}]) == ["E_CHOICE:/0/eventType"]


def pushed(entry: Any) -> dict[str, Any]:
    data = base64.b64encode(json.dumps(entry).encode()).decode()
    return {"message": {"data": data, "messageId": "136969346945"}, "subscription": "projects/p/subscriptions/s"}


def test_vertex_entries_are_read_inside_their_envelope_by_default_or_by_a_mapping() -> None:
    entry = {"timestamp": "2026-03-01T11:00:00Z", "jsonPayload": {"model": "m", "metric": "psi", "value": 0.4}}
    mapping = {
        "mapping": 1,
        "fields": {"model": "/jsonPayload/endpoint", "observed_at": "/timestamp"},
        "values": [{"metric": {"const": "psi"}, "value": "/jsonPayload/distance"}],
    }
    other = {"timestamp": "2026-03-01T11:00:00Z", "jsonPayload": {"endpoint": "m", "distance": 0.5}}

    assert told("vertex", pushed(entry)) == [("m", "psi", 0.4, "")]
    assert reasons("vertex", pushed(other)) == ["E_SHAPE:/jsonPayload"]
    assert found("vertex", pushed(other), mapping=mapping)[0].value == 0.5
    assert reasons("vertex", {"message": {"data": "%%%"}}) == ["E_TYPE:/message/data"]
    assert named("vertex", pushed(entry)) == "body:136969346945"


# Security


def test_security_events_of_three_senders_are_counted_under_what_they_are() -> None:
    assert told("security", payload("security/splunk.json")) == [
        ("claims-triage", "unauthorised_access_count", 1.0, "")
    ]
    assert told("security", payload("security/ecs.json")) == [("claims-triage", "security_event_count", 1.0, "")]
    ours = {"events": [{"type": "jailbreak", "model": "chat", "count": 12, "at": "2026-03-01T11:00:00Z"}]}
    assert told("security", ours) == [("chat", "security_event_count", 12.0, "")]


def test_a_digest_that_was_reported_as_changed_is_one_change() -> None:
    event = {
        "type": "weight_digest.changed",
        "model": "chat",
        "expected_digest": "A" * 64,
        "observed_digest": "sha256:" + "b" * 64,
    }

    assert told("security", event) == [("chat", "weight_digest_change_count", 1.0, "")]
    assert told("security", event | {"observed_digest": "a" * 64}) == [("chat", "weight_digest_change_count", 0.0, "")]
    assert reasons("security", event | {"observed_digest": "md5:1"}) == ["E_TYPE:/observed_digest"]
    assert reasons("security", event | {"expected_digest": None}) == ["E_MISSING:/expected_digest"]


def test_security_drifts_are_held() -> None:
    assert reasons("security", {"model": "m"}) == ["E_MISSING:/type"]
    assert reasons("security", {"type": "x", "model": "m", "count": -1}) == ["E_TYPE:/count"]
    assert reasons("security", {"type": "x"}) == ["E_MISSING:/model"]


# Arize AX as it sends today


def test_a_monitor_of_arize_without_a_number_tells_that_it_fires_or_no_longer_does() -> None:
    body = {"monitor": {"name": "embedding drift", "status": "TRIGGERED", "project_name": "support-bot"}}

    assert told("arize", body) == [("support-bot", "alert_firing", 1.0, "monitor=embedding drift")]
    body["monitor"]["status"] = "CLEARED"
    assert told("arize", body) == [("support-bot", "alert_firing", 0.0, "monitor=embedding drift")]
    body["monitor"]["status"] = "NO_DATA"
    assert notices("arize", body) == (Notice("N_NO_NUMBER", "embedding drift"),)
    body["monitor"]["status"] = "PAUSED"
    assert reasons("arize", body) == ["E_SHAPE:/monitor"]
    assert reasons("arize", {"status": "TRIGGERED", "model_id": "m"}) == ["E_MISSING:/name"]


def test_the_header_names_an_event_of_arize_that_carries_no_number() -> None:
    headers = {"x-arize-webhook-event": "evaluator.version.created"}

    assert read("arize", b'{"id": "x"}', headers=headers, mapping=None, received_at=NOON) == []
    headers = {"x-arize-webhook-event": "monitor.triggered"}
    with pytest.raises(Unreadable):
        read("arize", b'{"id": "x"}', headers=headers, mapping=None, received_at=NOON)


# Any value in any place


SOUND = (
    ("alertmanager", {"version": "4", "alerts": [alert() | {"status": "firing"}], "truncatedAlerts": 1}),
    ("arize", {"monitor": {"name": "m", "status": "TRIGGERED", "model_id": "x"}}),
    ("grafana", payload("grafana/firing.json")),
    ("prometheus", [alert()]),
    ("mlflow", payload("mlflow/webhooks/model_version_tag.set.json")["body"]),
    ("mlflow", {"entity": "budget_policy", "action": "exceeded", "data": {"target_scope": "ENDPOINT"}}),
    ("wandb", payload("wandb/alias_added.json") | {"metrics": {"auc": "0.9"}}),
    ("phoenix", payload("phoenix/annotations.json")),
    ("datadog", payload("datadog/triggered.json") | {"value": "1"}),
    ("evidently", payload("evidently/report.json")),
    ("sagemaker", payload("sagemaker/violations.json")),
    ("sagemaker", {"model": "m", "MonitoringExecutionStatus": "Completed"}),
    ("azure_ml", payload("azure_ml/drift.json")),
    ("vertex", pushed({"jsonPayload": {"model": "m", "metric": "psi", "value": 0.4}})),
    ("security", payload("security/splunk.json")),
    ("security", payload("security/ecs.json")),
)
STRANGE = (None, True, -1, 1e300, "", "x" * 300, "\u202e", [], [None], {}, {"a": [1]}, "9" * 30)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in pairs for place in places(each, (*path, key)))]


def put(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    """The document with another value at a place."""
    if not path:
        return other
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = put(value[path[0]], path[1:], other)
    return changed


@pytest.mark.parametrize(("kind", "body"), SOUND, ids=[kind for kind, _ in SOUND])
def test_any_value_in_any_place_is_read_or_held_and_never_an_error_of_ours(kind: str, body: Any) -> None:
    for place in places(body):
        for strange in STRANGE:
            other = put(body, place, strange)
            try:
                readings = found(kind, other, at=LATER)
            except Unreadable as refusal:
                assert refusal.reason.startswith("E_")
            else:
                assert all(type(each.value) is float for each in readings)
            assert 1 <= len(named(kind, other)) <= 255
