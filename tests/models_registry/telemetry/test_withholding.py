"""What people wrote never lies in the database in the clear: not in the inbox, not held, not in a measurement."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from models_registry.lineage import prediction_actions
from models_registry.lineage.prediction_models import Prediction
from models_registry.telemetry import actions, refusals, source_actions, withholding
from models_registry.telemetry.adapters import otlp_texts
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from models_registry.telemetry.refusal_models import DoorRefusal
from models_registry.vault import keys
from tests.journeys.builders import a_person
from tests.models_registry.telemetry import otlp, world
from tests.models_registry.telemetry.otlp import PROTOBUF, evaluation, span
from tests.models_registry.telemetry.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

ASKED, ANSWERED, PERSON = "Frieda asks for her claim", "Dear Frieda Lindqvist, no", "policyholder-2041"
LONG = "Frieda wrote a whole letter. " * 20
CALL = {"gen_ai__operation__name": "chat", "gen_ai__request__model": "gpt", "redline__model": "claims-triage"}
SAID = {"gen_ai__input__messages": ASKED, "gen_ai__output__messages": ANSWERED, "enduser__id": PERSON}
EVERYWHERE: dict[str, Any] = {
    "gen_ai__prompt__0__content": ASKED,
    "llm__input_messages__0__message__content": ASKED,
    "retrieval__documents__0__document__content": ANSWERED,
    "exception__message": f"cannot answer {ASKED}",
    "user__email": PERSON,
    "custom__note": LONG,
}
SECRETS = (ASKED, ANSWERED, PERSON, "Frieda")


@pytest.fixture
def made() -> tuple[Source, str]:
    world.claims_model()
    return source_actions.create_source(by=OPERATOR, at=AT, name="Tracing", kind="opentelemetry")


def send(made: tuple[Source, str], body: bytes, signal: str = "traces", content_type: str = PROTOBUF) -> int:
    source, secret = made
    answer = Client().generic(
        "POST", f"/otlp/{source.path_token}/v1/{signal}", body, content_type=content_type,
        headers={"Authorization": f"Bearer {secret}", "Withheld": "forged", "Named-By": "forged"},
    )  # fmt: skip
    return answer.status_code


def everything_on_record() -> str:
    """Every row of every table as the database would print it."""
    with connection.cursor() as cursor:
        cursor.execute("select table_name from information_schema.tables where table_schema = 'public'"
                       " and table_type = 'BASE TABLE'")  # fmt: skip
        names = [name for (name,) in cursor.fetchall()]
        found = []
        for name in names:
            cursor.execute(f'select t::text from "{name}" t')
            found += [text for (text,) in cursor.fetchall()]
    printed = "\n".join(found)
    packed = (bytes.fromhex(part).decode("utf-8", "replace") for part in re.findall(r"\\x((?:[0-9a-f]{2})+)", printed))
    return "\n".join([printed, *packed])


def a_trace(**facts: Any) -> bytes:
    call = span(failed=True, **CALL, **SAID, **facts)
    call["status"]["message"] = f"refused to tell {PERSON}"
    call["events"] = [{"name": "gen_ai.choice", "attributes": otlp.pairs(content=ANSWERED)}]
    return otlp.traces(call, service__name="claims-triage", user__name=PERSON)


def in_json() -> bytes:
    def told(key: str, value: Any) -> dict[str, Any]:
        return {"key": key, "value": value}

    attributes = [
        told("gen_ai.operation.name", {"stringValue": "chat"}),
        told("redline.model", {"stringValue": "claims-triage"}),
        told("gen_ai.input.messages", {"stringValue": ASKED}),
        told("gen_ai.output.messages", {"arrayValue": {"values": [{"string_value": ANSWERED}]}}),
        told("user.id", {"stringValue": PERSON}),
        told("nested", {"kvlistValue": {"values": [told("content", {"stringValue": ASKED})]}}),
    ]
    one = {
        "traceId": "0" * 31 + "1", "spanId": "0" * 15 + "1", "name": "chat", "attributes": attributes,
        "startTimeUnixNano": str(otlp.NOW - 10**8), "endTimeUnixNano": str(otlp.NOW),
        "status": {"code": 2, "message": ASKED}, "somethingNew": LONG,
    }  # fmt: skip
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [one]}]}]}).encode()


def nothing_is_told() -> None:
    printed = everything_on_record()
    assert "claims-triage" in printed
    assert [each for each in SECRETS if each in printed] == []


@pytest.mark.parametrize(("body", "kind"), [(a_trace(**EVERYWHERE), PROTOBUF), (in_json(), "application/json")])
@pytest.mark.parametrize("end", ["", "/"])
def test_an_export_at_the_sources_own_address_is_refused_because_nothing_would_be_cut_out_there(
    made: tuple[Source, str], body: bytes, kind: str, end: str
) -> None:
    source, secret = made
    given = {"Authorization": f"Bearer {secret}", "OTLP-Signal": "traces"}

    answer = Client().generic(
        "POST", f"/api/v1/telemetry/{source.path_token}{end}", body, content_type=kind, headers=given
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "E_NO_SOURCE")
    assert "/v1/traces" in answer.json()["detail"]
    assert not TelemetryEvent.objects.exists()
    assert DoorRefusal.objects.get(source=source).code == refusals.ELSEWHERE
    nothing_is_told()


@pytest.mark.parametrize(("body", "kind"), [(a_trace(**EVERYWHERE), PROTOBUF), (in_json(), "application/json")])
def test_a_trace_with_texts_is_measured_and_its_texts_are_nowhere(
    made: tuple[Source, str], run_line: Callable[[], None], body: bytes, kind: str
) -> None:
    assert send(made, body, content_type=kind) == 200
    nothing_is_told()

    run_line()

    nothing_is_told()
    assert TelemetryEvent.objects.get().state == EventState.DONE
    assert Measurement.objects.filter(metric="error_rate", value=1.0).exists()
    kept = Prediction.objects.get()
    assert (kept.input_sealed, kept.output_sealed) == (None, None)
    assert kept.input_hash
    assert kept.output_hash
    assert kept.subject


def test_the_line_hashes_what_was_really_said(made: tuple[Source, str], run_line: Callable[[], None]) -> None:
    other = dict(SAID, gen_ai__output__messages="Another answer")
    send(
        made,
        otlp.traces(span(number=1, **CALL, **SAID), span(number=2, **CALL, **SAID), span(number=3, **CALL, **other)),
    )

    run_line()

    first, second, third = Prediction.objects.order_by("pk")
    assert bytes(first.input_hash) == bytes(second.input_hash) == bytes(third.input_hash)
    assert bytes(first.output_hash) == bytes(second.output_hash) != bytes(third.output_hash)
    assert first.subject_id == second.subject_id == third.subject_id


def test_where_the_terms_say_so_texts_are_kept_sealed_and_only_there(
    made: tuple[Source, str], run_line: Callable[[], None]
) -> None:
    nadia, clara = a_person("nadia", "Nadia", "administrator"), a_person("clara", "Clara", "compliance_officer")
    prediction_actions.decide_terms(by=nadia, at=AT, source=made[0], keeps_text=True)
    send(made, a_trace())

    run_line()

    nothing_is_told()
    texts = prediction_actions.open_texts(by=clara, at=AT, prediction=Prediction.objects.get())
    assert texts == {"input": ASKED, "output": ANSWERED}


def test_the_seal_goes_when_the_event_is_measured_and_stays_while_it_is_held(
    made: tuple[Source, str], run_line: Callable[[], None]
) -> None:
    send(made, otlp.traces(span(number=7, **{**CALL, "redline__model": "nobody"}, **SAID)))
    send(made, a_trace())
    run_line()

    held, done = TelemetryEvent.objects.order_by("pk")
    assert (held.state, withholding.HEADER in held.headers) == (EventState.QUARANTINED, True)
    assert (done.state, done.headers) == (EventState.DONE, {"content-type": PROTOBUF, "otlp-signal": "traces"})
    assert withholding.opened(body=bytes(held.raw), headers=held.headers) == [ASKED, ANSWERED, PERSON]

    world.claims_model("nobody")
    actions.replay(by=OPERATOR, at=AT, events=[held.pk])
    run_line()

    held.refresh_from_db()
    assert (held.state, withholding.HEADER in held.headers) == (EventState.DONE, False)
    assert Prediction.objects.filter(model_name="nobody", input_hash__isnull=False).count() == 1


def test_texts_open_beside_no_other_event_and_not_without_their_key(
    made: tuple[Source, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(made, a_trace())
    event = TelemetryEvent.objects.get()

    assert withholding.opened(body=bytes(event.raw) + b" ", headers=event.headers) == ()
    other = keys.parse("other:" + "A" * 43 + "=")
    monkeypatch.setattr(withholding, "ring", lambda: other)
    assert withholding.opened(body=bytes(event.raw), headers=event.headers) == ()


def test_the_same_export_again_counts_once_and_another_text_is_another_event(made: tuple[Source, str]) -> None:
    for words in (SAID, SAID, dict(SAID, gen_ai__input__messages="Something else")):
        send(made, otlp.traces(span(**CALL, **words)))

    assert sorted(TelemetryEvent.objects.values_list("duplicate_count", "conflict")) == [(0, False), (1, False)]


def test_log_lines_and_explanations_are_not_kept_and_their_scores_are(
    made: tuple[Source, str], run_line: Callable[[], None]
) -> None:
    judged = evaluation("faithfulness", 0.7, gen_ai__evaluation__explanation=ASKED, redline__model="claims-triage")
    line = {"body": otlp.pairs(x=f"asked: {ASKED}")[0].value, "attributes": otlp.pairs(log__file="a.log")}

    assert send(made, otlp.logs(judged, line), "logs") == 200
    run_line()

    nothing_is_told()
    assert Measurement.objects.get().value == 0.7
    assert b"a.log" in bytes(TelemetryEvent.objects.get().raw)


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (f'{{"resourceSpans": "{ASKED}'.encode(), "application/json", "E_SYNTAX"),
        (b"\xff\xff" + ASKED.encode(), PROTOBUF, "E_PROTOBUF"),
    ],
)
def test_of_what_cannot_be_read_nothing_is_kept_but_that_it_came(
    made: tuple[Source, str], run_line: Callable[[], None], body: bytes, kind: str, reason: str
) -> None:
    assert send(made, body, content_type=kind) == 400
    run_line()

    event = TelemetryEvent.objects.get()
    assert (bytes(event.raw), event.state, event.reason) == (b"[withheld]", EventState.QUARANTINED, reason)
    assert ASKED not in everything_on_record()


def test_an_export_without_texts_is_kept_byte_for_byte(made: tuple[Source, str]) -> None:
    body = otlp.traces(span(**CALL, gen_ai__prompt__name="triage", gen_ai__response__id="r-1"))
    send(made, body)

    assert bytes(TelemetryEvent.objects.get().raw) == body


@pytest.mark.parametrize("key", ["gen_ai.prompt.name", "gen_ai.request.model", "redline.prompt.version", "session.id"])
def test_names_are_no_texts(key: str) -> None:
    assert not otlp_texts.holds_text(key)
