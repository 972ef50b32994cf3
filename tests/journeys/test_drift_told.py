"""A sender changes its payload: held with the reason, told once for each kind of reason, shown where people look."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.inbox.models import Alert
from alerts.routing.actions import route
from models_registry.telemetry import actions
from models_registry.telemetry.models import EventState, Source, TelemetryEvent
from tests.journeys.builders import a_model, a_person, people
from tests.models_registry.telemetry import world

pytestmark = pytest.mark.django_db(transaction=True)
Run = Callable[[], None]


def send(source: Source, number: int, **changed: Any) -> None:
    at = timezone.now()
    body = {
        "id": f"e{number}",
        "model": "claims-triage",
        "at": (at - dt.timedelta(minutes=number)).isoformat(),
        "accuracy": 0.9,
    } | changed
    sent = {name: value for name, value in body.items() if value is not None}
    actions.receive(source=source, body=json.dumps(sent).encode(), headers={}, at=at)


def work() -> None:
    """Do what the scheduler does until nothing is left."""
    at = timezone.now()
    while claimed := actions.claim(limit=50, at=at):
        events = TelemetryEvent.objects.select_related("source").filter(pk__in=claimed).order_by("pk")
        actions.measure_all(events=list(events), at=at)
    while route(limit=100, at=timezone.now()):
        pass


def test_the_first_of_each_kind_of_drift_is_told_in_tier_2_and_shown_on_the_page_and_the_board() -> None:
    a_model()
    source = world.mapped_source()
    send(source, 1)
    work()
    assert not Alert.objects.exists()

    for number in (2, 3, 4):
        send(source, number, accuracy=None)
        work()
    missing = list(Alert.objects.all())
    for number in (5, 6):
        send(source, number, accuracy="0.9")
        work()

    assert [(alert.tier, source.name in alert.title) for alert in missing] == [(2, True)]
    assert {alert.title.partition(": ")[2] for alert in Alert.objects.filter(tier=2)} == {
        "something required is missing",
        "a value of another type",
    }
    assert Alert.objects.count() == 2
    held = TelemetryEvent.objects.filter(state=EventState.QUARANTINED)
    assert {reason.partition(":")[0] for reason in held.values_list("reason", flat=True)} == {
        "E_MISSING",
        "E_TYPE",
    }
    client = Client()
    client.force_login(
        a_person("adam", "Adam Ames", "administrator"), backend="django.contrib.auth.backends.ModelBackend"
    )
    page = client.get(f"/sources/{source.slug}/").text
    assert "5 events of this source cannot be read." in page
    assert "Map the field" in page
    client.force_login(people().cora, backend="django.contrib.auth.backends.ModelBackend")
    assert "cannot be read" in client.get("/").text
