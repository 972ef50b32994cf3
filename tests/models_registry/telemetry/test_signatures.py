"""Signatures: the published vectors hold, the reference package agrees, and everything else is refused."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from models_registry.telemetry.signatures import SignatureRefused, sign, verify

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OTHER = "whsec_" + "A" * 32
ID = "msg_01J0EXAMPLE0000000000000000"
BODY = (
    b'{"type":"risk.level.changed","timestamp":"2026-03-01T12:00:00Z","data":{"modelId":"credit-scorer",'
    b'"riskIndicator":"DATA_INTEGRITY","from":"LOW","to":"MEDIUM"}}'
)
SIGNED = {
    "Webhook-Id": ID,
    "Webhook-Timestamp": "1772366400",
    "Webhook-Signature": "v1,GukvNFZ2zst8kZa/9yS81RqWNU79By8Z7JYtsP5MTwo=",
}
ARIZE = {
    "X-Arize-Webhook-Timestamp": "1772366400",
    "X-Arize-Webhook-Signature": "v1=aa7d2315beed11ffcbc371adfe561fdc2fd55d2fab968cf0118080947d3b7fbd",
}


def refusal(kind: str, headers: dict[str, str], body: bytes, secrets: list[str], at: datetime = NOON) -> str:
    with pytest.raises(SignatureRefused) as refused:
        verify(kind, headers=headers, body=body, secrets=secrets, at=at)
    return refused.value.code


def test_the_standard_webhooks_vector_holds_and_either_secret_verifies() -> None:
    verify("generic_json", headers=SIGNED, body=BODY, secrets=[SECRET], at=NOON)
    verify("generic_json", headers=SIGNED, body=BODY, secrets=[OTHER, SECRET], at=NOON)
    several = SIGNED | {"Webhook-Signature": "v1a,xyz v1,AAAA v1,??? " + SIGNED["Webhook-Signature"]}
    verify("generic_json", headers=several, body=BODY, secrets=[SECRET], at=NOON)


def test_signing_gives_the_vector_and_the_reference_package_verifies_it() -> None:
    headers = sign(event_id=ID, at=NOON, body=BODY, secret=SECRET)
    assert headers["webhook-signature"] == SIGNED["Webhook-Signature"]

    now = datetime.now(UTC)
    assert Webhook(SECRET).verify(BODY, sign(event_id=ID, at=now, body=BODY, secret=SECRET))


def test_the_reference_packages_signature_is_accepted() -> None:
    signature = Webhook(SECRET).sign(ID, NOON, BODY.decode())

    verify("generic_json", headers=SIGNED | {"Webhook-Signature": signature}, body=BODY, secrets=[SECRET], at=NOON)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_five_minutes_either_way_and_no_more(seconds: int) -> None:
    edge = NOON + timedelta(seconds=300 if seconds > 0 else -300)
    verify("generic_json", headers=SIGNED, body=BODY, secrets=[SECRET], at=edge)

    assert refusal("generic_json", SIGNED, BODY, [SECRET], NOON + timedelta(seconds=seconds)) == "E_AUTH_TIME"
    assert refusal(
        "arize", ARIZE, b'{"event":"monitor.triggered"}', ["whsec_example"], NOON + timedelta(seconds=seconds)
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Webhook-Signature": "v1,"}, "E_AUTH_WRONG"),
        ({"Webhook-Signature": ""}, "E_AUTH_WRONG"),
        ({"Webhook-Signature": "v1,\u00e9"}, "E_AUTH_WRONG"),
        ({"Webhook-Id": "msg_other"}, "E_AUTH_WRONG"),
        ({"Webhook-Id": "a.b"}, "E_AUTH_MISSING"),
        ({"Webhook-Timestamp": "1772366401"}, "E_AUTH_WRONG"),
        ({"Webhook-Timestamp": "noon"}, "E_AUTH_MISSING"),
        ({"Webhook-Timestamp": "\u0661"}, "E_AUTH_MISSING"),
    ],
)
def test_a_changed_header_is_refused_even_beside_a_right_token(changes: dict[str, str], code: str) -> None:
    headers = SIGNED | {"Authorization": f"Bearer {SECRET}"} | changes

    assert refusal("generic_json", headers, BODY, [SECRET]) == code


def test_a_changed_body_or_no_secret_is_refused() -> None:
    assert refusal("generic_json", SIGNED, BODY + b" ", [SECRET]) == "E_AUTH_WRONG"
    assert refusal("generic_json", SIGNED, BODY, []) == "E_AUTH_WRONG"


def test_the_arize_vector_holds_for_arize_only() -> None:
    body = b'{"event":"monitor.triggered"}'

    verify("arize", headers=ARIZE, body=body, secrets=["x", "whsec_example"], at=NOON)

    assert refusal("arize", ARIZE, body + b" ", ["whsec_example"]) == "E_AUTH_WRONG"
    assert refusal("alertmanager", ARIZE, body, ["whsec_example"]) == "E_AUTH_MISSING"


def test_a_bearer_token_verifies_and_arize_may_send_it_bare() -> None:
    verify("alertmanager", headers={"authorization": "bearer tok-1"}, body=b"", secrets=["tok-0", "tok-1"], at=NOON)
    verify("arize", headers={"Authorization": "tok-1"}, body=b"", secrets=["tok-1"], at=NOON)

    assert refusal("alertmanager", {"Authorization": "tok-1"}, b"", ["tok-1"]) == "E_AUTH_WRONG"
    assert refusal("alertmanager", {"Authorization": "Bearer "}, b"", ["tok-1"]) == "E_AUTH_WRONG"
    assert refusal("alertmanager", {}, b"", ["tok-1"]) == "E_AUTH_MISSING"


# Senders that sign in their own way (published and computed vectors)

MLFLOW_BODY = (
    b'{"entity": "model_version", "action": "created", "timestamp": "2026-03-01T12:00:00.000000+00:00", "data": '
    b'{"name": "credit-scorer", "version": "7", "source": "s3://models/credit-scorer/7", "run_id": null, '
    b'"tags": {}, "description": null}}'
)
MLFLOW = {
    "X-MLflow-Delivery-Id": "5b1c7e1e-0d8f-4c1a-9a53-0a4c9a5d0001",
    "X-MLflow-Timestamp": "1772366400",
    "X-MLflow-Signature": "v1,m0/PprN0A/fq5MSR5bto9unlAVWh0S+XTcQjd3ZyPZg=",
}
WANDB_BODY = (
    b'{"event_type":"ADD_ARTIFACT_ALIAS","entity_name":"acme","project_name":"wandb-registry-model",'
    b'"artifact_collection_name":"credit-scorer","artifact_version_string":'
    b'"acme/wandb-registry-model/credit-scorer:v7","alias":"production","event_author":"dana"}'
)
WANDB_BASE64 = "Nxr1DLhy65By7+CcKRr8DkfQcsid+JNDmMPD4GlP2L4="
WANDB_HEX = "371af50cb872eb9072efe09c291afc0e47d072c89df8934398c3c3e0694fd8be"


def test_the_vector_of_mlflow_holds_and_its_delivery_and_moment_are_signed() -> None:
    verify("mlflow", headers=MLFLOW, body=MLFLOW_BODY, secrets=["s3cr3t"], at=NOON)

    late = NOON + timedelta(seconds=301)
    assert refusal("mlflow", MLFLOW, MLFLOW_BODY, ["s3cr3t"], late) == "E_AUTH_TIME"
    assert refusal("mlflow", MLFLOW | {"X-MLflow-Delivery-Id": "other"}, MLFLOW_BODY, ["s3cr3t"]) == "E_AUTH_WRONG"
    assert refusal("mlflow", MLFLOW | {"X-MLflow-Delivery-Id": ""}, MLFLOW_BODY, ["s3cr3t"]) == "E_AUTH_MISSING"
    assert refusal("mlflow", MLFLOW | {"X-MLflow-Signature": "v2,x"}, MLFLOW_BODY, ["s3cr3t"]) == "E_AUTH_WRONG"
    assert refusal("mlflow", MLFLOW, MLFLOW_BODY + b" ", ["s3cr3t"]) == "E_AUTH_WRONG"


@pytest.mark.parametrize("signature", [WANDB_BASE64, WANDB_HEX, "sha256=" + WANDB_HEX])
def test_wandb_signs_in_base64_or_hex(signature: str) -> None:
    headers = {"X-Wandb-Signature": signature}

    verify("wandb", headers=headers, body=WANDB_BODY, secrets=["wandb-secret"], at=NOON)
    assert refusal("wandb", headers, WANDB_BODY, ["other"]) == "E_AUTH_WRONG"
    assert refusal("wandb", headers | {"Authorization": "Bearer other"}, WANDB_BODY, ["other"]) == "E_AUTH_WRONG"


def test_grafana_signs_the_body_or_its_moment_and_the_body() -> None:
    body, key = b'{"version":"1"}', b"secret-of-grafana"
    plain = hmac.new(key, body, hashlib.sha256).hexdigest()
    timed = hmac.new(key, b"1772366400:" + body, hashlib.sha256).hexdigest()
    headers = {"X-Grafana-Alerting-Signature": timed, "X-Grafana-Alerting-Timestamp": "1772366400"}

    verify("grafana", headers={"X-Grafana-Alerting-Signature": plain}, body=body, secrets=[key.decode()], at=NOON)
    verify("grafana", headers=headers, body=body, secrets=[key.decode()], at=NOON)
    assert refusal("grafana", headers, body, [key.decode()], NOON + timedelta(hours=1)) == "E_AUTH_TIME"
    assert refusal("grafana", headers | {"X-Grafana-Alerting-Signature": plain}, body, [key.decode()])
    assert refusal("grafana", {"X-Grafana-Alerting-Signature": timed}, body, [key.decode()]) == "E_AUTH_WRONG"
