"""What is told and not measured: counted once per event, bounded, explained, and shown."""

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from models_registry.telemetry import actions, noting
from models_registry.telemetry.models import EventState, Source, TelemetryEvent
from models_registry.telemetry.notice_models import SourceNotice
from models_registry.telemetry.notices import WORDS, Notice, merged
from tests.journeys.builders import a_person
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT

ROOT = Path(__file__).resolve().parents[3]
MINUTE = dt.timedelta(minutes=1)


def alerts(*names: str, **labels: str) -> bytes:
    start = (AT - MINUTE).isoformat()
    return json.dumps([{"labels": {"alertname": name, **labels}, "startsAt": start} for name in names]).encode()


def keep(source: Source, body: bytes, at: dt.datetime = AT) -> int:
    return actions.receive(source=source, body=body, headers={}, at=at).event_pk


def counted() -> list[tuple[str, str, int]]:
    return list(SourceNotice.objects.order_by("code", "subject").values_list("code", "subject", "count"))


def test_every_code_is_explained_and_none_that_is_gone() -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text()

    assert set(re.findall(r"^\| `(N_[A-Z_]+)`", page, re.MULTILINE)) == set(WORDS)


def test_equal_notices_add_up_and_subjects_are_safe_to_show() -> None:
    told = merged([Notice("N_STALE", "b"), Notice("N_STALE", "a", 2), Notice("N_STALE", "b", 3)])

    assert told == (Notice("N_STALE", "a", 2), Notice("N_STALE", "b", 4))
    assert Notice("N_STALE", "x\u202e\x00" + "y" * 500).subject.startswith("x\\u202e\\u0000y")
    assert len(Notice("N_STALE", "y" * 500).subject) <= 120


@pytest.mark.django_db
def test_counts_of_several_events_add_up_and_a_second_delivery_adds_nothing(run_line: Callable[[], None]) -> None:
    source = world.source("prometheus")
    keep(source, alerts("Down", "Full"))
    last = keep(source, alerts("Down"), AT - MINUTE)
    keep(source, alerts("Down"), AT - MINUTE)

    run_line()

    assert counted() == [("N_NO_MODEL", "Down", 2), ("N_NO_MODEL", "Full", 1)]
    notice = SourceNotice.objects.get(subject="Down")
    assert (notice.first_at, notice.last_at, notice.newest_event) == (AT - MINUTE, AT, last)


@pytest.mark.django_db
def test_a_held_event_tells_nothing_until_it_is_read(run_line: Callable[[], None]) -> None:
    source = world.source("prometheus")
    body = json.loads(alerts("Down")) + json.loads(alerts("Drift", model_id="claims-triage"))
    held = keep(source, json.dumps(body).encode())
    run_line()
    assert (TelemetryEvent.objects.get().state, counted()) == (EventState.QUARANTINED, [])

    world.claims_model()
    actions.replay(by=world.OPERATOR, at=AT, events=[held])
    run_line()

    assert counted() == [("N_NO_MODEL", "Down", 1)]


@pytest.mark.django_db
def test_a_source_tells_a_limited_number_of_subjects_apart(
    run_line: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noting, "SUBJECTS_KEPT", 2)
    source = world.source("prometheus")
    keep(source, alerts("A", "B", "C", "D"))
    run_line()
    keep(source, alerts("A", "E"))
    run_line()

    assert counted() == [("N_NO_MODEL", "(further ones)", 3), ("N_NO_MODEL", "A", 2), ("N_NO_MODEL", "B", 1)]


@pytest.mark.django_db
def test_the_pages_of_the_source_and_of_the_event_show_them(run_line: Callable[[], None]) -> None:
    source = world.source("alertmanager")
    world.claims_model()
    one = {"status": "firing", "startsAt": (AT - MINUTE).isoformat()}
    one["labels"] = {"alertname": "Drift", "model_id": "claims-triage"}
    pk = keep(source, json.dumps({"version": "4", "receiver": "gov", "alerts": [one], "truncatedAlerts": 5}).encode())
    run_line()
    client = Client()
    client.force_login(a_person("cora", "Cora Castellan", "compliance_officer"))

    page = client.get(f"/sources/{source.slug}/").content.decode()
    event = client.get(f"/sources/events/{pk}/").content.decode()

    assert "Told and not measured" in page
    assert f'href="/sources/events/{pk}/" aria-label="5, newest event"' in page
    for text in (page, event):
        assert "Alerts that the sender cut off before it sent them" in text
