"""The mapping editor without a script: pick, point, try, save, compare, put in force."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from models_registry.access.models import RoleGrant
from models_registry.audit.models import AuditEntry
from models_registry.telemetry import actions, source_actions
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT

pytestmark = [pytest.mark.django_db]

BODY: dict[str, Any] = {
    "id": "run-7",
    "model": "claims-triage",
    "at": (AT - dt.timedelta(hours=1)).isoformat(),
    "results": {"accuracy": 0.91},
}


def signed_in(role: str) -> Client:
    account = world.olive()
    RoleGrant.objects.create(account=account, role=role, granted_at=AT)
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def held(run_line: Callable[[], None]) -> Source:
    """A source whose one payload nobody can read yet."""
    world.claims_model()
    source = world.source("generic_json")
    actions.receive(source=source, body=json.dumps(BODY).encode(), headers={}, at=AT)
    run_line()
    return source


def document_of(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.context["form"]["document"].value())
    return found


def test_the_editor_opens_with_the_held_payload_and_a_guess_of_it(held: Source) -> None:
    answer = signed_in("administrator").get(f"/sources/{held.slug}/mapping/")

    assert 'value="/results/accuracy"' in answer.text
    assert document_of(answer)["fields"]["model"] == "/model"
    assert [reading.value for reading in answer.context["gives"].readings] == [0.91]


def test_one_click_changes_the_text_and_what_it_would_give(held: Source) -> None:
    client, address = signed_in("administrator"), f"/sources/{held.slug}/mapping/"
    text = json.dumps({"mapping": 1, "fields": {"model": "/model"}, "values": []})

    pointed = client.post(address, {"document": text, "field": "/results/accuracy", "use": "value"})

    assert document_of(pointed)["values"] == [{"metric": {"const": "accuracy"}, "value": "/results/accuracy"}]
    assert len(pointed.context["gives"].rows) == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"document": '{"mapping": 1}', "use": "model"}, "Choose a field of the payload first"),
        ({"document": "[1]", "use": "model", "field": "/model"}, "The text is no mapping"),
        ({"document": '{"values": [1]}', "use": "model", "field": "/model"}, "The text is no mapping"),
        ({"document": '{"mapping": 1}', "use": "conductor", "field": "/model"}, "The text is no mapping"),
        ({"document": '{"mapping": 2}', "save": "1"}, "the format must be 1"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_saved(held: Source, sent: dict[str, str], said: str) -> None:
    answer = signed_in("administrator").post(f"/sources/{held.slug}/mapping/", sent)

    assert answer.status_code == 422
    assert said in answer.text
    assert held.mappings.count() == 0


def test_a_pasted_payload_is_looked_at_before_any_was_sent() -> None:
    world.claims_model()
    source = world.source("generic_json")
    client, address = signed_in("administrator"), f"/sources/{source.slug}/mapping/"

    empty = client.get(address)
    pasted = client.post(address, {"document": "{}", "sample": json.dumps(BODY), "start": "1"})
    broken = client.post(address, {"document": "{}", "sample": "{no", "show": "1"})

    assert "Paste a payload, or wait" in empty.text
    assert [reading.value for reading in pasted.context["gives"].readings] == [0.91]
    assert "Only JSON can be mapped" in broken.text
    assert TelemetryEvent.objects.count() == 0


def test_a_saved_version_reads_nothing_until_it_is_put_in_force_with_what_is_held(
    held: Source, run_line: Callable[[], None]
) -> None:
    client, address = signed_in("administrator"), f"/sources/{held.slug}/mapping/"
    text = json.dumps(document_of(client.get(address)))

    tried = client.post(address, {"document": text, "try": "1"})
    saved = client.post(address, {"document": text, "note": "First one", "save": "1"})
    draft = client.get(saved.headers["Location"])
    before = source_actions.in_force(held)
    done = client.post(f"{address}1/activate/", {"replay": "1"})
    again = client.post(f"{address}1/activate/", follow=True)
    run_line()

    assert "1 of 1 held event would be read" in tried.text
    assert saved.headers["Location"] == f"{address}1/"
    assert "A draft: it reads nothing yet" in draft.text
    assert "First one" in draft.text
    assert before is None
    assert done.status_code == 302
    assert "is in force already" in again.text
    active = source_actions.in_force(held)
    assert active is not None
    assert (active.number, active.activated_by) == (1, world.olive())
    assert Measurement.objects.get().value == 0.91
    told = AuditEntry.objects.filter(action__contains="mapping_").order_by("id").values_list("action", flat=True)
    assert list(told) == ["source.mapping_saved", "source.mapping_activated"]


def test_a_version_that_would_break_what_is_read_today_says_so(run_line: Callable[[], None]) -> None:
    world.claims_model()
    source = world.mapped_source()
    actions.receive(source=source, body=world.mapped_body(number=1), headers={}, at=AT)
    run_line()
    other = {**world.MAPPING, "values": [{"metric": {"const": "recall"}, "value": "/recall"}]}
    source_actions.save_mapping(by=world.OPERATOR, at=AT, source=source, document=other)
    client = signed_in("auditor")

    page = client.get(f"/sources/{source.slug}/mapping/2/")
    changed = client.get(f"/sources/{source.slug}/mapping/1/2/")
    refused = client.post(f"/sources/{source.slug}/mapping/2/activate/")

    assert "1 of the newest 1 events that are read today would give something else" in page.text
    assert "E_MISSING:/recall" in page.text
    assert "recall" in changed.text
    assert refused.status_code == 403
    assert TelemetryEvent.objects.get().state == EventState.DONE


def test_an_earlier_version_is_put_in_force_again() -> None:
    source = world.mapped_source()
    second = {**world.MAPPING, "values": [{"metric": {"const": "recall"}, "value": "/recall"}]}
    world.teach(source, second, at=AT + dt.timedelta(hours=1))
    first = source.mappings.get(number=1)

    source_actions.activate_mapping(by=world.OPERATOR, at=AT + dt.timedelta(hours=2), mapping=first)

    assert source_actions.in_force(source) == first
