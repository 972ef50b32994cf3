"""An Arize space that is asked beside its webhooks: each evaluation of a monitor is told once."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from models_registry.telemetry import asking_again, poll_actions
from models_registry.telemetry.actions import Receipt
from models_registry.telemetry.models import EventState, Measurement, TelemetryEvent
from models_registry.telemetry.poll_models import Polling, SweepOutcome
from tests.models_registry.telemetry import sweeps, world
from tests.models_registry.telemetry.platform_stub import Asked, Reply, platform

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
A_PAGE = 2


@dataclass
class Arize:
    """A space with projects and monitors; it pages by two and knows one key."""

    now: dt.datetime
    projects: dict[str, str] = field(default_factory=lambda: {"TW9kZWw6OQ==": "claims-triage"})
    monitors: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuse: Reply | None = None

    def evaluate(self, key: str, value: float | None = 0.19, *, status: str = "TRIGGERED", **more: Any) -> None:
        """Let a monitor compute a value now; without one it has no data."""
        told = {
            "id": key,
            "name": f"monitor {key}",
            "type": "DRIFT",
            "project_id": "TW9kZWw6OQ==",
            "uri": f"https://app.example.com/monitors/{key}",
            "status": status if value is not None else "NO_DATA",
            "metric": "PSI",
            "updated_at": "2026-02-20T09:00:00Z",
            "model_versions": [],
        }
        if value is not None:
            told |= {"latest_computed_value": value, "evaluated_at": self.now.isoformat()}
        self.monitors[key] = told | more

    def answer(self, asked: Asked) -> Reply:
        """Answer one question."""
        if self.refuse is not None:
            return self.refuse
        if asked.headers.get("authorization") != "Bearer the-key" or asked.query["space_id"] != ["space-1"]:
            return Reply({"title": "Unauthorized", "status": 401, "type": "about:blank"}, status=401)
        if asked.path == "/v2/projects":
            rows: list[Any] = [{"id": key, "name": name} for key, name in self.projects.items()]
            return Reply(self._page("projects", rows, asked))
        return Reply(self._page("monitors", list(self.monitors.values()), asked))

    def _page(self, name: str, rows: list[Any], asked: Asked) -> dict[str, Any]:
        begin = int(asked.query.get("cursor", ["0"])[0])
        more = begin + A_PAGE < len(rows)
        info = {"has_more": more, **({"next_cursor": str(begin + A_PAGE)} if more else {})}
        return {name: rows[begin : begin + A_PAGE], "pagination": info}


@dataclass
class Watched(sweeps.Watched[Arize]):
    """An Arize whose webhooks carry what a test says."""

    def deliver(self, body: dict[str, Any], **headers: str) -> Receipt:
        return self.admit(json.dumps(body).encode(), headers)


@pytest.fixture
def watched(settings: Any) -> Iterator[Watched]:
    """A polled Arize without monitors."""
    world.claims_model()
    server = Arize(world.AT)
    with platform(settings, server.answer) as served:
        source = world.source("arize")
        poll_actions.set_polling(
            by=world.OPERATOR, at=server.now, source=source, config={"address": served.address, "space": "space-1"},
            scheme="bearer", credential="the-key", interval_s=300,
        )  # fmt: skip
        made = Watched(server, source)
        made.sweep()
        server.now += 5 * MINUTE
        yield made


def test_each_evaluation_is_a_measurement_of_the_projects_model(watched: Watched) -> None:
    for key in ("a", "b", "c"):
        watched.server.evaluate(key, 0.2)
    first = watched.sweep()
    watched.server.now += 5 * MINUTE
    watched.server.evaluate("b", 0.3)
    second = watched.sweep()
    watched.server.now += 5 * MINUTE
    third = watched.sweep()
    watched.measure()

    assert (first.fresh, second.fresh, third.fresh) == (3, 1, 0)
    assert sorted(Measurement.objects.values_list("model__slug", "metric", "value")) == [
        *[("claims-triage", "psi", 0.2)] * 3,
        ("claims-triage", "psi", 0.3),
    ]


@pytest.mark.parametrize("first", ["webhook", "sweep"])
def test_a_webhook_that_names_the_evaluation_is_the_same_event(watched: Watched, first: str) -> None:
    watched.server.evaluate("a", 0.2)
    body = {**watched.server.monitors["a"], "model_name": "claims-triage"}
    headers = {"x-arize-webhook-id": "delivery-1"}

    if first == "webhook":
        watched.deliver(body, **headers)
        assert watched.sweep().fresh == 0
    else:
        watched.sweep()
        assert watched.deliver(body, **headers).duplicate

    assert TelemetryEvent.objects.filter(source=watched.source).count() == 1


def test_another_evaluation_is_another_event_than_the_webhooks(watched: Watched) -> None:
    watched.server.evaluate("a", 0.2)
    watched.deliver({**watched.server.monitors["a"], "model_name": "claims-triage"})
    watched.server.now += 5 * MINUTE
    watched.server.evaluate("a", 0.4)

    assert watched.sweep().fresh == 1


def test_a_monitor_without_data_is_counted_once(watched: Watched) -> None:
    watched.server.evaluate("a", None)
    watched.sweep()
    watched.server.now += 5 * MINUTE
    watched.sweep()
    watched.measure()

    assert not Measurement.objects.exists()
    events = TelemetryEvent.objects.filter(source=watched.source)
    assert list(events.values_list("state", flat=True)) in ([], [EventState.DONE])


def test_projects_that_are_not_registered_are_counted_and_hold_nothing(watched: Watched) -> None:
    watched.server.projects["other"] = "playground"
    watched.server.evaluate("a", 0.2, project_id="other")
    watched.sweep()
    watched.measure()

    assert not TelemetryEvent.objects.exclude(state=EventState.DONE).exists()
    assert watched.source.notices.get().code == "N_UNKNOWN_MODEL"


def test_only_the_projects_that_are_named_are_read(watched: Watched) -> None:
    config = {**Polling.objects.get().config, "projects": "other"}
    poll_actions.set_polling(
        by=world.OPERATOR, at=watched.server.now, source=watched.source, config=config, scheme="bearer", interval_s=300
    )
    watched.server.evaluate("a", 0.2)

    assert watched.sweep().found == 0


def test_old_evaluations_are_no_news_at_the_first_look(watched: Watched) -> None:
    watched.server.evaluate("old", 0.2, evaluated_at="2026-01-01T00:00:00Z")
    watched.server.evaluate("new", 0.2)

    assert watched.sweep().fresh == 1


def test_too_many_requests_wait_as_long_as_the_platform_asks(watched: Watched) -> None:
    watched.server.refuse = Reply({"title": "Too many requests"}, status=429, headers={"Retry-After": "700"})

    line = watched.sweep(SweepOutcome.FAILED)

    assert line.told == "The platform asks to wait for 700 s."
    assert Polling.objects.get().next_at >= watched.server.now + dt.timedelta(seconds=700)


def test_an_answer_of_another_shape_ends_the_sweep_in_words(watched: Watched) -> None:
    watched.server.evaluate("a", 0.2, status="ODD")

    assert watched.sweep(SweepOutcome.FAILED).told == "The answer's monitors are not as its interface describes them."


def test_a_mapping_leaves_alone_what_only_sweeps_write(watched: Watched) -> None:
    world.teach(watched.source, {**world.MAPPING, "event_id": "/event"})
    watched.server.evaluate("a", 0.2)
    watched.sweep()
    watched.measure()

    assert Measurement.objects.get().metric == "psi"


def test_a_delivery_brings_the_next_look_forward_whatever_its_shape(watched: Watched) -> None:
    watched.sweep()
    watched.server.now += MINUTE
    assert asking_again.ask_again(at=watched.server.now) == 0

    watched.deliver({"what": "nobody knows"})
    brought = asking_again.ask_again(at=watched.server.now)

    assert (brought, Polling.objects.get().next_at) == (1, watched.server.now)
    assert asking_again.ask_again(at=watched.server.now) == 0


def test_deliveries_in_a_row_do_not_make_sweeps_in_a_row(watched: Watched) -> None:
    watched.sweep()
    swept = watched.server.now
    watched.server.now += dt.timedelta(seconds=2)
    watched.deliver({"what": "nobody knows"})

    asking_again.ask_again(at=watched.server.now)

    assert Polling.objects.get().next_at == swept + dt.timedelta(seconds=30)


def test_what_was_told_to_wait_waits(watched: Watched) -> None:
    watched.sweep()
    watched.server.refuse = Reply({}, status=429, headers={"Retry-After": "700"})
    watched.server.now += MINUTE
    watched.sweep(SweepOutcome.FAILED)
    watched.deliver({"what": "nobody knows"})

    assert asking_again.ask_again(at=watched.server.now + MINUTE) == 0
