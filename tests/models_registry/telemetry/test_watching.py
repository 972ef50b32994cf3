"""Fields that nothing reads: counted once per event, new ones told, values never kept."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from models_registry.access.models import RoleGrant
from models_registry.telemetry import actions, source_actions, tasks, watching
from models_registry.telemetry.catalogue_models import FieldWatch, SeenField
from models_registry.telemetry.models import Source, TelemetryEvent
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT

pytestmark = pytest.mark.django_db(transaction=True)

Run = Callable[[], None]


def send(source: Source, *, number: int, at: dt.datetime = AT, **more: Any) -> None:
    body = json.loads(world.mapped_body(number=number)) | more
    actions.receive(source=source, body=json.dumps(body).encode(), headers={}, at=at)


def unread(source: Source) -> list[tuple[str, str, int, bool]]:
    found = watching.unread(source=source, active=source_actions.in_force(source))
    return [(each.path, each.kind, each.count, each.is_new) for each in found.fields]


def test_a_field_that_comes_after_the_mapping_is_new_and_counted_in_events(run_line: Run) -> None:
    world.claims_model()
    source = world.mapped_source()
    later = AT + dt.timedelta(hours=1)
    send(source, number=1, note="x")
    send(source, number=2, at=later, note="secret-value", extra={"cohorts": [{"size": 3}, {"size": 4}]})
    run_line()

    watching.look(at=later)

    assert unread(source) == [("/extra/cohorts/*/size", "number", 1, True), ("/note", "text", 2, False)]
    assert "secret-value" not in str(list(SeenField.objects.values()))


def test_an_event_is_looked_at_once_whatever_is_replayed(run_line: Run) -> None:
    source = world.mapped_source()  # no model is registered, so everything is held
    send(source, number=1, note="x")
    run_line()
    first = watching.look(at=AT)
    actions.replay(by=world.OPERATOR, at=AT, events=TelemetryEvent.objects.values_list("pk", flat=True))
    run_line()
    second = watching.look(at=AT)

    assert (first, second) == (1, 0)
    assert unread(source) == [("/note", "text", 1, False)]


def test_a_field_that_changed_its_kind_is_told_though_the_mapping_reads_it(run_line: Run) -> None:
    world.claims_model()
    source = world.mapped_source()
    send(source, number=1)
    send(source, number=2, at=AT + dt.timedelta(minutes=5), accuracy="0.93")
    run_line()

    watching.look(at=AT)
    found = watching.unread(source=source, active=source_actions.in_force(source))

    assert [(each.path, each.kind, each.before) for each in found.fields] == [("/accuracy", "text", "number")]
    assert TelemetryEvent.objects.order_by("pk").last().reason == "E_TYPE:/accuracy"  # type: ignore[union-attr]


def test_before_any_mapping_every_field_is_unread_and_none_is_new() -> None:
    source = world.source("generic_json")
    send(source, number=1)

    watching.look(at=AT)

    assert [path for path, _, _, is_new in unread(source) if not is_new] == ["/accuracy", "/at", "/id", "/model"]


def test_a_sender_that_writes_ids_into_its_keys_is_cut_off_and_that_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "FIELDS_KEPT", 6)
    source = world.mapped_source()
    for number in range(5):
        send(source, number=number, **{f"customer-{number}": 1})

    watching.look(at=AT)

    assert SeenField.objects.filter(source=source).count() == 6
    assert FieldWatch.objects.get(source=source).over_count == 3


def test_bodies_that_are_no_json_are_passed_over() -> None:
    source = world.mapped_source()
    actions.receive(source=source, body=b"{no", headers={}, at=AT)

    assert watching.look(at=AT) == 1
    assert unread(source) == []


def test_the_clock_looks_and_the_page_tells(run_line: Run) -> None:
    world.claims_model()
    source = world.mapped_source()
    send(source, number=3)
    send(source, number=1, at=AT + dt.timedelta(hours=1), region="eu")
    send(source, number=2, at=AT + dt.timedelta(hours=1), accuracy=None)
    run_line()
    tasks.tick(AT.replace(second=5))
    account = world.olive()
    RoleGrant.objects.create(account=account, role="auditor", granted_at=AT)
    client = Client()
    client.force_login(account)

    page = client.get(f"/sources/{source.slug}/")

    assert "1 field came after the mapping in force" in page.text
    assert "/region" in page.text
    assert "1 event of this source cannot be read" in page.text
    assert "Something required is missing, at /accuracy" in page.text
