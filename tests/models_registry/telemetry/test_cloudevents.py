"""CloudEvents and Standard Webhooks read: three modes, one document for a mapping, and reasons for the rest."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.utils import timezone

from models_registry.telemetry import source_actions, splitting
from models_registry.telemetry.adapters import event_id, read
from models_registry.telemetry.models import TelemetryEvent
from models_registry.telemetry.readings import Reading, Unreadable
from models_registry.telemetry.signatures import SignatureRefused, verify
from tests.models_registry.telemetry import world

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "id": "01J0A",
    "source": "/monitors/42",
    "type": "com.example.drift.detected",
    "specversion": "1.0",
    "time": "2026-03-01T11:59:00Z",
    "subject": "credit-scorer",
    "datacontenttype": "application/json",
    "severitytext": "WARN",
    "data": {"metric": "psi", "value": 0.31},
}
STRUCTURED = {"content-type": "application/cloudevents+json; charset=UTF-8"}
BINARY = {
    "content-type": "application/json",
    "ce-specversion": "1.0",
    "ce-id": "01J0A",
    "ce-source": "/monitors/42",
    "ce-type": "com.example.drift.detected",
    "ce-subject": '"credit-scorer"',
    "ce-time": "2026-03-01T11:59:00Z",
    "ce-severitytext": "WARN",
}
MAPPING = {
    "mapping": 1,
    "fields": {"model": "/subject", "observed_at": "/time", "segment": "/data/zone"},
    "values": [{"metric": "/type", "value": "/data/n"}],
}


def readings(event: Any, headers: dict[str, str] = STRUCTURED, mapping: Any = None) -> list[Reading]:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return read("cloudevents", body, headers=headers, mapping=mapping, received_at=NOON)


def reasons(event: Any, headers: dict[str, str] = STRUCTURED) -> list[str]:
    with pytest.raises(Unreadable) as refusal:
        readings(event, headers)
    return [problem.reason for problem in refusal.value.problems]


def test_binary_and_structured_and_packed_data_are_one_event() -> None:
    packed = {key: value for key, value in EVENT.items() if key != "data"}
    packed["data_base64"] = base64.b64encode(json.dumps(EVENT["data"]).encode()).decode()

    structured, binary, unpacked = (
        readings(EVENT),
        readings(EVENT["data"], BINARY),
        readings(packed),
    )

    assert structured == binary == unpacked
    [reading] = structured
    assert (reading.model, reading.metric, reading.value) == ("credit-scorer", "psi", 0.31)
    assert reading.observed_at == datetime(2026, 3, 1, 11, 59, tzinfo=UTC)
    assert reading.attributes["severitytext"] == "WARN"


def test_a_payload_of_several_measurements_names_its_own_models() -> None:
    several = [{"model": "a", "metric": "psi", "value": 1}, {"metric": "auc", "value": 2, "model_version": 7}]

    first, second = readings(EVENT | {"data": {"measurements": several}})

    assert (first.model, second.model, second.version) == ("a", "credit-scorer", "7")


def test_one_mapping_reads_either_mode() -> None:
    data = {"n": 5, "zone": "eu"}

    assert readings(EVENT | {"data": data}, mapping=MAPPING) == readings(data, BINARY, mapping=MAPPING)
    assert readings(data, BINARY, mapping=MAPPING)[0].segment == "eu"


@pytest.mark.parametrize(
    ("event", "headers", "reason"),
    [
        ({}, STRUCTURED, ["E_MISSING:/id", "E_MISSING:/source", "E_MISSING:/specversion", "E_MISSING:/type"]),
        (EVENT | {"specversion": "0.3"}, STRUCTURED, ["E_CHOICE:/specversion"]),
        (EVENT | {"id": 5}, STRUCTURED, ["E_MISSING:/id"]),
        (EVENT | {"data": {"happened": True}}, STRUCTURED, ["E_SHAPE:/data"]),
        (EVENT | {"data": [1]}, STRUCTURED, ["E_TYPE:/data"]),
        (EVENT | {"data": {"metric": "psi", "value": "0.3"}}, STRUCTURED, ["E_TYPE:/data/value"]),
        ({**EVENT, "data_base64": "?"}, STRUCTURED, ["E_TYPE:/data_base64"]),
        ({**EVENT, "data_base64": "AAAA", "datacontenttype": "image/png"}, STRUCTURED, ["E_SHAPE:/data"]),
        (b"\xff", BINARY, ["E_UTF8"]),
        (b"<a/>", BINARY | {"content-type": "text/xml"}, ["E_SHAPE:/data"]),
        (EVENT["data"], BINARY | {"ce-source": "%FF"}, ["E_UTF8:/ce-source"]),
    ],
)
def test_what_is_no_event_or_says_no_number_is_held_with_the_reason(
    event: Any, headers: dict[str, str], reason: list[str]
) -> None:
    assert reasons(event, headers) == reason


def test_a_batch_that_was_kept_whole_is_read_whole() -> None:
    headers = {"content-type": "application/cloudevents-batch+json"}

    assert len(readings([EVENT, EVENT | {"id": "2"}], headers)) == 2
    assert readings([], headers) == []
    with pytest.raises(Unreadable) as refusal:
        readings([EVENT, {}], headers)
    assert refusal.value.reason == "E_MISSING:/1/id"


def test_source_and_id_name_the_event_in_either_mode_and_nothing_else_does() -> None:
    body = json.dumps(EVENT).encode()
    told = [
        event_id("cloudevents", STRUCTURED, body, None, NOON),
        event_id("generic_json", BINARY, b"anything", None, NOON),
        event_id("cloudevents", {**BINARY, "webhook-id": "m1"}, b"{}", None, NOON),
    ]

    assert told == ["ce:/monitors/42 01J0A"] * 3
    assert event_id("cloudevents", {**BINARY, "ce-id": "a%20b"}, b"{}", None, NOON) == "ce:/monitors/42 a b"
    assert event_id("cloudevents", {**BINARY, "ce-id": "x" * 400}, b"{}", None, NOON).startswith("ce:sha256:")
    assert event_id("cloudevents", STRUCTURED, b"{", None, NOON).startswith("sha256:")
    assert event_id("cloudevents", {**BINARY, "ce-source": "%FF"}, b"{}", None, NOON).startswith("sha256:")


def test_a_batch_is_cut_into_its_own_bytes_or_not_at_all() -> None:
    headers = {"content-type": "application/cloudevents-batch+json", "webhook-id": "m1", "user-agent": "x"}

    parts = splitting.events(b'[ {"id":"1" } , {"id": "2"}]', headers)

    assert [part.body for part in parts] == [b'{"id":"1" }', b'{"id": "2"}']
    assert parts[0].headers == {"content-type": "application/cloudevents+json", "user-agent": "x"}
    for whole in (b"[]", b"{}", b"[1", b"[{}]x", b"[" + b"{}," * 600 + b"{}]"):
        assert splitting.events(whole, headers) == [(whole, headers)]


def test_an_event_format_that_is_not_json_is_415(db: None) -> None:
    source, secret = source_actions.create_source(
        by=world.OPERATOR, at=timezone.now(), name="Events", kind="cloudevents"
    )

    answer = Client().generic(
        "POST",
        f"/api/v1/telemetry/{source.path_token}/",
        b"x",
        content_type="application/cloudevents+avro",
        headers={"Authorization": f"Bearer {secret}"},
    )

    assert (answer.status_code, answer.json()["code"]) == (415, "E_FORMAT")
    assert not TelemetryEvent.objects.exists()


# ---- Standard Webhooks ----


def hook(document: Any, mapping: Any = None) -> list[Reading]:
    return read("standard_webhooks", json.dumps(document).encode(), headers={}, mapping=mapping, received_at=NOON)


def test_a_webhook_gives_what_its_data_says_at_its_moment() -> None:
    [reading] = hook(
        {"type": "drift.measured", "timestamp": "2026-03-01T11:00:00Z",
         "data": {"model": "credit-scorer", "metric": "psi", "value": 0.3}}
    )  # fmt: skip

    assert (reading.model, reading.metric, reading.observed_at.hour) == ("credit-scorer", "psi", 11)
    assert reading.attributes == {"type": "drift.measured"}


def test_a_webhook_without_type_or_number_is_held_until_a_mapping_reads_it() -> None:
    for document, reason in (({"data": {}}, "E_MISSING:/type"), ({"type": "a", "data": {"n": 1}}, "E_SHAPE:/data")):
        with pytest.raises(Unreadable) as refusal:
            hook(document)
        assert refusal.value.reason == reason
    mapping = {"mapping": 1, "fields": {"model": {"const": "m"}}, "values": [{"metric": "/type", "value": "/data/n"}]}

    assert hook({"type": "a", "data": {"n": 1}}, mapping)[0].value == 1


def test_a_key_pair_proves_a_sender_and_its_public_half_is_no_token() -> None:
    private = Ed25519PrivateKey.generate()
    public = "whpk_" + base64.b64encode(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    body, stamp = b'{"type":"a"}', str(int(NOON.timestamp()))
    signature = base64.b64encode(private.sign(f"m1.{stamp}.".encode() + body)).decode()
    headers = {"webhook-id": "m1", "webhook-timestamp": stamp, "webhook-signature": f"v1,AAAA v1a,{signature}"}

    verify("standard_webhooks", headers=headers, body=body, secrets=[public], at=NOON)

    for wrong_headers, wrong_body in ((headers, b"{}"), ({"authorization": f"Bearer {public}"}, body)):
        for kind in ("generic_json", "standard_webhooks"):
            with pytest.raises(SignatureRefused):
                verify(kind, headers=wrong_headers, body=wrong_body, secrets=[public], at=NOON)


@pytest.mark.parametrize("secret", ["whpk_short", "whpk_" + "?" * 44])
def test_a_public_key_that_is_none_is_refused(db: None, secret: str) -> None:
    with pytest.raises(source_actions.SecretUnfit):
        source_actions.create_source(
            by=world.OPERATOR, at=timezone.now(), name="Hooks", kind="standard_webhooks", secret=secret
        )
