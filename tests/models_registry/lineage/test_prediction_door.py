"""The door of predictions: each kept once, bad input named by place and field, texts never in the database."""

import datetime as dt
import gzip
import json
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from models_registry.lineage import prediction_actions, pseudonyms
from models_registry.lineage.prediction_models import Prediction, PredictionTally
from models_registry.telemetry import source_actions
from models_registry.telemetry.source_actions import secrets_of
from tests.models_registry.lineage.traces import AT, CANARY, a_body, a_sender, a_source, a_trace, post, receive
from tests.models_registry.lineage.world import a_rag_version, a_version
from tests.models_registry.telemetry.world import OPERATOR

pytestmark = pytest.mark.django_db


def now() -> str:
    return timezone.now().isoformat()


def test_a_prediction_is_kept_with_everything_its_sender_said_of_it():
    version, _ = a_rag_version("policy-helper")
    source = a_source()

    receipt = receive(source, a_trace(prediction_id="p-1"))

    kept = Prediction.objects.get()
    assert (receipt.received, receipt.kept, receipt.orphans) == (1, 1, 0)
    assert (kept.prediction_id, kept.model_id, kept.version_id) == ("p-1", version.model_id, version.pk)
    assert (kept.documents, kept.input_tokens, kept.latency_ms) == (["terms-2026#4", "terms-2026#9"], 812, 930.5)
    assert (kept.cost_micros, kept.currency, kept.cost) == (1250, "EUR", "0.00125 EUR")
    assert (kept.prompt_name, kept.prompt_label, kept.outcome, kept.segment) == (
        "policy-helper/system",
        "v1",
        "OK",
        "web",
    )


def test_no_text_and_no_reference_to_a_person_is_anywhere_in_the_database():
    a_version("policy-helper")
    source = a_source()

    receive(source, a_trace(subject=f"{CANARY} 17"), a_trace(subject=None))
    bad = a_body(a_trace(), a_trace(latency_ms=CANARY, outcome=CANARY, currency=CANARY, strange=CANARY, version={}))
    with pytest.raises(prediction_actions.Unreadable) as refused:
        prediction_actions.receive(source=source, body=bad, at=AT)
    prediction_actions.receive(source=source, body=bad, at=AT, keep_good=True)

    assert CANARY not in str(refused.value)
    assert _columns_with("Frieda") == []


def _columns_with(text: str) -> list[str]:
    """Return every column of every table in which the text stands, in any encoding a row shows itself in."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
        )
        for table, column, kind in cursor.fetchall():
            shown = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {shown} LIKE %s', [f"%{text}%"])
            if cursor.fetchone()[0]:
                found.append(f"{table}.{column}")
    return found


def test_the_search_for_a_text_would_find_it():
    a_version("policy-helper")
    source = a_source()

    receive(source, a_trace(segment="Frieda's cohort"))

    assert sorted(_columns_with("Frieda")) == ["lineage_prediction.segment", "lineage_prediction_2026_11.segment"]


def test_equal_texts_about_one_person_have_one_hash_and_about_two_have_two():
    a_version("policy-helper")
    source = a_source()

    receive(source, *(a_trace(subject=one, input="Hello") for one in ("ann", "ann", "ben", None)))

    hashes = [bytes(one) for one in Prediction.objects.order_by("pk").values_list("input_hash", flat=True)]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
    first = Prediction.objects.order_by("pk").first()
    assert first is not None
    assert pseudonyms.hashed("Hello", key=prediction_actions.key_of(first)) == hashes[0]


def test_a_person_has_another_pseudonym_in_the_next_month():
    a_version("policy-helper")
    source = a_source()

    receive(source, a_trace(subject="ann"))
    receive(source, a_trace(subject="ann"), at=AT + dt.timedelta(days=14))

    names = {str(one.subject) for one in Prediction.objects.select_related("subject")}
    assert len(names) == 2


def test_the_same_prediction_again_counts_once_even_with_another_time():
    a_version("policy-helper")
    source = a_source()
    receive(source, a_trace(prediction_id="p-1"), a_trace(prediction_id="p-1", latency_ms=1))

    again = receive(
        source, a_trace(prediction_id="p-1", observed_at="2026-09-03T10:00:00Z"), a_trace(prediction_id="p-2")
    )

    assert (again.received, again.kept, again.duplicates) == (2, 1, 1)
    assert Prediction.objects.filter(prediction_id="p-1").count() == 1
    tally = PredictionTally.objects.get()
    assert (tally.kept, tally.duplicate, tally.refused) == (2, 2, 0)


def test_two_sources_may_use_the_same_id():
    a_version("policy-helper")

    receipts = [receive(a_source(), a_trace(prediction_id="p-1")) for _ in range(2)]

    assert [one.kept for one in receipts] == [1, 1]


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"prediction_id": None}, "prediction_id", "E_MISSING"),
    ({"prediction_id": ""}, "prediction_id", "E_EMPTY_TEXT"),
    ({"prediction_id": "x" * 129}, "prediction_id", "E_TOO_LONG"),
    ({"prediction_id": 7}, "prediction_id", "E_TYPE"),
    ({"trace_id": "a\x01b"}, "trace_id", "E_CONTROL"),
    ({"model": None}, "model", "E_MISSING"),
    ({"version": None}, "version", "E_MISSING"),
    ({"version": 0}, "version", "E_RANGE"),
    ({"version": True}, "version", "E_TYPE"),
    ({"version": 1, "alias": "production"}, "alias", "E_AMBIGUOUS"),
    ({"observed_at": None}, "observed_at", "E_MISSING"),
    ({"observed_at": "yesterday"}, "observed_at", "E_TIME"),
    ({"observed_at": "2026-11-20T11:00:00"}, "observed_at", "E_NAIVE_TIME"),
    ({"observed_at": "2027-01-01T00:00:00Z"}, "observed_at", "E_FUTURE"),
    ({"observed_at": "2024-01-01T00:00:00Z"}, "observed_at", "E_PAST"),
    ({"prompt": "v1"}, "prompt", "E_TYPE"),
    ({"prompt": {"name": "only"}}, "prompt/digest", "E_MISSING"),
    ({"prompt": {"digest": "sha256:short"}}, "prompt/digest", "E_SHAPE"),
    ({"prompt": {"name": "a", "version": "1", "text": CANARY}}, "prompt/text", "E_UNKNOWN_FIELD"),
    ({"documents": "d"}, "documents", "E_TYPE"),
    ({"documents": ["ok", 3]}, "documents/1", "E_TYPE"),
    ({"documents": ["d"] * 201}, "documents", "E_TOO_MANY"),
    ({"input_tokens": -1}, "input_tokens", "E_RANGE"),
    ({"output_tokens": 1.5}, "output_tokens", "E_TYPE"),
    ({"output_tokens": 2**31}, "output_tokens", "E_RANGE"),
    ({"latency_ms": "fast"}, "latency_ms", "E_TYPE"),
    ({"latency_ms": -0.1}, "latency_ms", "E_RANGE"),
    ({"cost_micros": True}, "cost_micros", "E_TYPE"),
    ({"currency": "euro"}, "currency", "E_TOO_LONG"),
    ({"currency": "eur"}, "currency", "E_SHAPE"),
    ({"currency": None}, "currency", "E_PAIR"),
    ({"outcome": "great"}, "outcome", "E_CHOICE"),
    ({"outcome_code": "two words"}, "outcome_code", "E_SHAPE"),
    ({"subject": 17}, "subject", "E_TYPE"),
    ({"input": ["a"]}, "input", "E_TYPE"),
    ({"colour": "red"}, "colour", "E_UNKNOWN_FIELD"),
]


@pytest.mark.parametrize(("facts", "field", "code"), WRONG, ids=[f"{field}-{code}" for _, field, code in WRONG])
def test_what_is_wrong_is_named_by_row_and_field_and_nothing_is_kept(facts, field, code):
    wrong = a_trace(**{"observed_at": now(), **facts})

    answer = post(a_source(), a_body(a_trace(observed_at=now()), wrong))

    errors = answer.json()["errors"]
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert (f"#/predictions/1/{field}", code) in [(one["pointer"], one["code"]) for one in errors]
    assert not any(one["pointer"].startswith("#/predictions/0") for one in errors)
    assert CANARY not in answer.content.decode()
    assert Prediction.objects.count() == 0


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"predictions": []}', b'{"predictions": 3}', b'{"traces": []}', b"\xff\xfe", b"null"]
)
def test_a_body_that_is_no_list_of_predictions_is_refused_with_its_reason(body):
    answer = post(a_source(), body)

    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_more_than_ten_thousand_are_refused():
    body = json.dumps({"predictions": [{}] * 10_001}).encode()

    answer = post(a_source(), body)

    assert answer.json()["errors"][0]["code"] == "E_TOO_MANY"


def test_asked_for_the_good_ones_it_keeps_them_and_names_the_others():
    a_version("policy-helper")
    source = a_source()
    rows = [a_trace(observed_at=now()) for _ in range(5)]
    rows[3]["latency_ms"] = "slow"

    answer = post(source, a_body(*rows), query="?keep=good")

    told = answer.json()
    assert answer.status_code == 200
    assert (told["received"], told["kept"], told["refused"]) == (5, 4, 1)
    assert [one["pointer"] for one in told["errors"]] == ["#/predictions/3/latency_ms"]
    tally = PredictionTally.objects.get()
    assert (tally.kept, tally.duplicate, tally.refused) == (4, 0, 1)


def test_ten_thousand_come_in_one_packed_body():
    a_version("policy-helper")
    rows = [a_trace(observed_at=now(), subject=f"customer-{number % 500}") for number in range(10_000)]

    answer = post(a_source(), gzip.compress(a_body(*rows)), **{"Content-Encoding": "gzip"})

    assert answer.json()["kept"] == 10_000
    assert Prediction.objects.values("subject").distinct().count() == 500


def test_a_source_proves_itself_by_its_secret():
    a_version("policy-helper")
    source = a_source()
    secret = secrets_of(source)[0]
    address = f"/api/v1/predictions/from/{source.path_token}/"
    body = a_body(a_trace(observed_at=now()))

    good = Client().post(address, body, content_type="application/json", headers={"Authorization": f"Bearer {secret}"})
    bad = Client().post(address, body, content_type="application/json", headers={"Authorization": "Bearer wrong"})
    gone = Client().post("/api/v1/predictions/from/nowhere/", body, content_type="application/json")

    assert (good.status_code, good.json()["kept"]) == (200, 1)
    assert (bad.status_code, gone.status_code) == (401, 404)


def test_a_source_that_is_switched_off_sends_nothing():
    source = a_source()
    source_actions.disable_source(by=OPERATOR, at=AT, source=source)

    assert post(source, a_body(a_trace(observed_at=now()))).status_code == 404


def test_a_token_that_may_not_send_is_refused():
    answer = Client().post("/api/v1/predictions/", b"{}", content_type="application/json")

    assert answer.status_code == 401


@pytest.mark.django_db(transaction=True)
def test_what_is_answered_is_committed_and_two_senders_at_once_keep_one():
    a_version("policy-helper")
    source, token = a_source(), a_sender()
    body = a_body(*(a_trace(prediction_id=f"p-{n}", observed_at=now()) for n in range(50)))
    answers: list[Any] = []

    def send() -> None:
        answers.append(post(source, body, token=token).json())
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sum(one["kept"] for one in answers) == 50
    assert sum(one["duplicates"] for one in answers) == 150
    assert Prediction.objects.count() == 50
