"""The sources pages: books, mappings, what is held, and trying it again."""

from collections.abc import Callable

import pytest
from django.test import Client

from models_registry.access.models import RoleGrant
from models_registry.telemetry import actions
from models_registry.telemetry.models import EventState, TelemetryEvent
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT

pytestmark = [pytest.mark.django_db]


def signed_in(role: str) -> Client:
    account = world.olive()
    if role:
        RoleGrant.objects.create(account=account, role=role, granted_at=AT)
    client = Client()
    client.force_login(account)
    return client


def test_a_held_event_is_shown_escaped_and_replayed_by_who_may(run_line: Callable[[], None]) -> None:
    client = signed_in("compliance_officer")
    source = world.source()
    receipt = actions.receive(source=source, body=b'{"<script>": "\x00"}', headers={}, at=AT)
    run_line()

    pages = [
        client.get(path)
        for path in ("/sources/", f"/sources/{source.slug}/", "/sources/held/", f"/sources/events/{receipt.event_pk}/")
    ]
    replayed = client.post(f"/sources/events/{receipt.event_pk}/replay/")
    told = client.get(replayed.headers["Location"])
    again = client.post(f"/sources/events/{receipt.event_pk}/replay/")

    assert [page.status_code for page in pages] == [200] * 4
    assert b"&lt;script&gt;" in pages[3].content
    assert b'{"<script>' not in pages[3].content
    assert (replayed.status_code, again.status_code) == (302, 409)
    assert b"1 event goes through the line again." in told.content
    assert TelemetryEvent.objects.get().state == EventState.NEW


def test_held_events_come_a_page_at_a_time(run_line: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models_registry.telemetry.views.PAGE", 2)
    client, source = signed_in("compliance_officer"), world.source()
    for number in range(3):
        actions.receive(source=source, body=b'{"%d": 1' % number, headers={}, at=AT)
    run_line()
    oldest, middle, newest = TelemetryEvent.objects.order_by("pk").values_list("pk", flat=True)

    first = client.get(f"/sources/held/?source={source.slug}").content.decode()
    rest = client.get(f"/sources/held/?source={source.slug}&before={middle}").content.decode()

    assert f'id="event-{newest}"' in first
    assert f"?source={source.slug}&amp;before={middle}" in first
    assert f'id="event-{oldest}"' not in first
    assert f'id="event-{oldest}"' in rest
    assert f'id="event-{middle}"' not in rest


def test_a_stranger_sees_no_source() -> None:
    assert signed_in("").get("/sources/").status_code == 403
