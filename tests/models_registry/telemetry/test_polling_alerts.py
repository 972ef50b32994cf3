"""The alerts of a Prometheus that is asked beside what it posts: each beginning and each end is one event."""

import datetime as dt
import email.utils
import itertools
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from models_registry.telemetry import actions, door, poll_actions, queries, sightings
from models_registry.telemetry.models import Measurement, Source, TelemetryEvent
from models_registry.telemetry.poll_models import Polling, SweepOutcome
from models_registry.telemetry.pollers import POLLERS, prometheus_alerts
from tests.models_registry.telemetry import sweeps, world
from tests.models_registry.telemetry.platform_stub import Asked, Reply, platform

pytestmark = pytest.mark.django_db
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)
DRIFT = {"alertname": "Drift", "model_id": "claims-triage", "metric": "psi", "severity": "critical"}


@dataclass
class Prometheus:
    """A server with one group of rules, evaluated every 15 s; an alert fires when it was active for 30 s."""

    now: dt.datetime
    active: dict[str, tuple[dict[str, str], dt.datetime]] = field(default_factory=dict)
    config: str = ""
    health: str = "ok"
    hidden: tuple[str, ...] = ()
    gone: list[dict[str, Any]] = field(default_factory=list)

    def fire(self, **labels: str) -> None:
        """Let an alert fire now, for its expression has held for 30 seconds."""
        told = DRIFT | labels
        self.active[json.dumps(told, sort_keys=True)] = (told, self.now - 30 * SECOND)

    def end(self, **labels: str) -> None:
        """Let an alert end now."""
        told, since = self.active.pop(json.dumps(DRIFT | labels, sort_keys=True))
        self.gone.append(self._posted(told, since) | {"endsAt": self._text(self.now)})

    def batch(self, ends_in: dt.timedelta = 4 * MINUTE) -> list[dict[str, Any]]:
        """What it posts to an Alertmanager now: all that fires, and what ended."""
        firing = [self._posted(*each) | {"endsAt": self._text(self.now + ends_in)} for each in self.active.values()]
        return [*firing, *self.gone]

    def answer(self, asked: Asked) -> Reply:
        """Answer a question of the HTTP API."""
        date = {"Date": email.utils.format_datetime(self.now, usegmt=True)}
        if asked.path in self.hidden:
            return Reply({"status": "error"}, status=403)
        if asked.path == "/api/v1/status/config":
            return Reply({"status": "success", "data": {"yaml": self.config}}, headers=date)
        if asked.path == "/api/v1/query_range":
            return Reply({"status": "success", "data": {"resultType": "matrix", "result": []}}, headers=date)
        told = [
            {
                "labels": labels,
                "annotations": {"value": "0.31"},
                "state": "firing" if self.now >= since + 30 * SECOND else "pending",
                "activeAt": since.isoformat(),
                "value": "3.1e-01",
            }
            for labels, since in self.active.values()
        ]
        rule = {"name": "Drift", "type": "alerting", "duration": 30, "health": self.health, "alerts": told}
        group = {"name": "g", "interval": 15, "rules": [rule, {"name": "Other", "health": "ok", "alerts": []}]}
        return Reply({"status": "success", "data": {"groups": [group]}}, headers=date)

    def _posted(self, labels: dict[str, str], since: dt.datetime) -> dict[str, Any]:
        starts = self._text(since + 30 * SECOND)
        return {
            "labels": labels,
            "annotations": {"value": "0.31"},
            "startsAt": starts,
            "generatorURL": "http://p/graph",
        }

    def _text(self, moment: dt.datetime) -> str:
        return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass
class Watched(sweeps.Watched[Prometheus]):
    """A Prometheus that posts its alerts."""

    PAUSE = MINUTE

    def post(self, batch: list[dict[str, Any]] | None = None) -> list[bool]:
        """Let the server post what fires; return of each event whether it was known."""
        told = self.server.batch() if batch is None else batch
        if not told:
            return []
        body = json.dumps(told).encode()
        pieces = sightings.pieces(kind="prometheus", body=body)
        return [self.admit(one, {}).duplicate for one in pieces]

    def events(self) -> Counter[str]:
        alerts = [json.loads(body) for body in self.bodies()]
        assert all(len(each) == 1 for each in alerts)
        told = (each[0] for each in alerts)
        return Counter(
            f"{one['labels'].get('segment', '')} {'ended' if self._is_over(one) else 'began'}".strip() for one in told
        )

    def _is_over(self, one: dict[str, Any]) -> bool:
        return "endsAt" in one and dt.datetime.fromisoformat(one["endsAt"]) <= self.server.now


@pytest.fixture
def watch(settings: Any) -> Iterator[Callable[..., Watched]]:
    clock = itertools.count()
    with platform(settings, lambda asked: Reply({})) as served:

        def make(**config: str) -> Watched:
            server = Prometheus(world.AT + next(clock) * dt.timedelta(days=30))
            Polling.objects.update(paused_at=server.now)
            served.answering = server.answer
            source = world.source("prometheus")
            given = {"address": served.address, "queries": ""} | config
            poll_actions.set_polling(
                by=world.OPERATOR, at=server.now, source=source, config=given, scheme="none", interval_s=60
            )
            made = Watched(server, source)
            made.sweep()
            made.wait()
            return made

        yield make


def test_an_alert_that_was_never_posted_is_found_with_the_moment_at_which_it_began_to_fire(
    watch: Callable[..., Watched],
) -> None:
    world.claims_model()
    watched = watch()
    began = watched.server.now
    watched.server.fire()
    watched.wait()

    line = watched.sweep()
    watched.measure()

    assert (line.fresh, line.missed) == (1, 1)
    told = Measurement.objects.order_by("ordinal").values_list("metric", "value", "observed_at")
    assert list(told) == [("alert_firing", 1.0, began), ("psi", 0.31, began)]


def test_its_end_is_found_too_and_each_is_told_once(watch: Callable[..., Watched]) -> None:
    world.claims_model()
    watched = watch()
    watched.server.fire()
    fresh = [watched.sweep().fresh, watched.sweep().fresh]
    watched.wait()
    watched.server.end()
    watched.wait()
    fresh += [watched.sweep().fresh, watched.sweep().fresh]
    watched.measure()

    assert fresh == [1, 0, 1, 0]
    newest = Measurement.objects.filter(metric="alert_firing").order_by("observed_at").last()
    assert newest is not None and newest.value == 0.0


@pytest.mark.parametrize("first", ["post", "sweep"])
def test_a_post_and_a_sweep_are_one_event_whoever_comes_first(watch: Callable[..., Watched], first: str) -> None:
    watched = watch()
    watched.server.fire()
    watched.server.fire(segment="eu")
    for step in (first, "post", "sweep", "post"):
        watched.wait(20 * SECOND)
        known = watched.post() if step == "post" else []
    watched.server.end()
    for step in (first, "post", "sweep", "post"):
        watched.wait(20 * SECOND)
        known = watched.post() if step == "post" else [watched.sweep().fresh > 1]

    assert watched.events() == {"began": 1, "eu began": 1, "ended": 1}
    assert all(known)
    assert queries.miscounted() == {}


def test_one_that_ends_and_begins_again_between_two_looks_is_three(watch: Callable[..., Watched]) -> None:
    watched = watch()
    watched.server.fire()
    watched.sweep()
    watched.wait()
    watched.server.end()
    watched.wait()
    watched.server.fire()
    watched.wait()

    assert watched.sweep().fresh == 2
    assert watched.events() == {"began": 2, "ended": 1}


def test_the_labels_are_those_that_are_posted(watch: Callable[..., Watched]) -> None:
    watched = watch()
    watched.server.config = (
        "global:\n  scrape_interval: 15s\n  external_labels:\n    cluster: blue\n    replica: a\n"
        "alerting:\n  alert_relabel_configs:\n  - regex: replica|severity\n    action: labeldrop\n"
        "rule_files:\n- a.yml\nscrape_configs:\n- job_name: x\n"
    )
    watched.server.fire()
    watched.sweep()
    posted = watched.server.batch()
    del posted[0]["labels"]["severity"]
    posted[0]["labels"]["cluster"] = "blue"

    assert watched.post(posted) == [True]


def test_a_pattern_that_backtracks_without_end_holds_nothing_up(watch: Callable[..., Watched]) -> None:
    watched = watch()
    watched.server.config = (
        "alerting:\n  alert_relabel_configs:\n  - {regex: '(a|a)*b|(severit[xy]+)+', action: labeldrop}\n"
    )
    watched.server.fire(**{"a" * 60: "long"})
    began = time.process_time()
    watched.sweep()
    posted = watched.server.batch()
    del posted[0]["labels"]["severity"]

    assert watched.post(posted) == [True]
    assert time.process_time() - began < 5


def test_a_server_that_hides_its_configuration_is_taken_at_its_rules(watch: Callable[..., Watched]) -> None:
    watched = watch()
    watched.server.hidden = ("/api/v1/status/config",)
    watched.server.fire()
    watched.sweep()

    assert watched.post() == [True]


def test_a_server_that_just_started_has_ended_nothing(watch: Callable[..., Watched]) -> None:
    watched = watch()
    watched.server.fire()
    watched.sweep()
    firing = dict(watched.server.active)
    watched.server.active, watched.server.health = {}, "unknown"
    watched.wait()
    starting = watched.sweep().fresh
    watched.server.active, watched.server.health = firing, "ok"
    watched.wait()

    assert (starting, watched.sweep().fresh) == (0, 0)


def test_what_is_pending_or_names_no_model_is_left_alone(watch: Callable[..., Watched]) -> None:
    watched = watch()
    watched.server.active["pending"] = (DRIFT, watched.server.now)
    stranger = {"alertname": "InstanceDown", "job": "node"}
    watched.server.active["stranger"] = (stranger, watched.server.now - MINUTE)

    assert watched.sweep().found == 0


def test_what_fires_at_the_first_look_is_told(settings: Any) -> None:
    server = Prometheus(world.AT)
    server.fire()
    server.now += dt.timedelta(days=2)
    with platform(settings, server.answer) as served:
        source = world.source("prometheus")
        config = {"address": served.address}
        poll_actions.set_polling(
            by=world.OPERATOR, at=server.now, source=source, config=config, scheme="none", interval_s=60
        )

        assert Watched(server, source).sweep().fresh == 1


def test_a_source_that_was_polled_before_alerts_could_be_reads_none(watch: Callable[..., Watched]) -> None:
    watched = watch()
    config = Polling.objects.get(source=watched.source).config
    del config["alerts"]
    Polling.objects.update(config=config)
    watched.server.fire()

    assert watched.sweep().requests == 0


def test_rules_that_may_not_be_read_end_the_sweep_after_the_queries(watch: Callable[..., Watched]) -> None:
    watched = watch(queries="psi = psi")
    watched.server.hidden = ("/api/v1/rules",)
    watched.wait(5 * MINUTE)

    line = watched.sweep(SweepOutcome.FAILED)

    assert (line.told, line.requests) == ("The credential may not read this (403).", 2)


@pytest.mark.parametrize(
    ("config", "faults"),
    [
        ({"queries": "", "alerts": "-"}, {"queries"}),
        ({"queries": "psi = psi", "alerts": "some"}, {"alerts"}),
        ({"queries": "", "alerts": ""}, set()),
    ],
)
def test_what_is_filled_in_is_checked(config: dict[str, str], faults: set[str]) -> None:
    assert set(POLLERS["prometheus"].check(config)) == faults


@pytest.mark.parametrize(
    "rewriting",
    ["alerting: [1]", "global:\n  external_labels: 5", "global: {", "alerting:\n  alert_relabel_configs:\n  - {action: labeldrop, regex: '('}"],
)  # fmt: skip
def test_a_configuration_that_cannot_be_followed_ends_the_sweep(watch: Callable[..., Watched], rewriting: str) -> None:
    watched = watch()
    watched.server.config = rewriting
    watched.server.fire()

    assert watched.sweep(SweepOutcome.FAILED).told


@pytest.mark.parametrize("body", [b"{}", b"[]", b"no", b'["a"]', b"\x0a\x03", b'[{"labels": {"model_id": "a"}}]'])
def test_what_is_no_batch_stays_whole(body: bytes) -> None:
    assert prometheus_alerts.pieces(body) == [body]


@pytest.mark.parametrize(
    "document",
    [None, {}, [], [1], [{"labels": 1}], [{"labels": {"model_id": 3}}], [{"labels": {"model_id": "a"}, "startsAt": "x"}]],
)  # fmt: skip
def test_what_no_sweep_could_find_is_no_change(document: Any) -> None:
    assert prometheus_alerts.change(document, world.AT) is None


def test_a_batch_at_the_door_of_a_polled_source_is_one_event_for_each_alert_that_names_a_model(
    watch: Callable[..., Watched], client: Client
) -> None:
    watched = watch()
    source = watched.source
    _, secret = actions.create_source(by=world.OPERATOR, at=world.AT, name="Other", kind="prometheus")
    other = Source.objects.get(name="Other")
    strangers = [{"labels": {"alertname": name}} for name in ("a", "b")]
    batch = [{"labels": DRIFT}, strangers[0], {"labels": DRIFT | {"segment": "eu"}}, strangers[1]]
    body = json.dumps(batch).encode()

    parts = sightings.pieces(kind="prometheus", body=body)
    answer = client.post(
        f"/api/v1/telemetry/{other.path_token}/api/v2/alerts", body, content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )  # fmt: skip

    assert [json.loads(part) for part in parts] == [[batch[0]], [batch[2]], strangers]
    assert (answer.status_code, other.events.count()) == (200, 1), "who is not polled is kept as it came"
    assert source.events.count() == 0
    assert door.sightings is sightings


def test_a_firing_alert_that_is_posted_every_minute_is_one_event(client: Client) -> None:
    _, secret = actions.create_source(by=world.OPERATOR, at=world.AT, name="Posts", kind="prometheus")
    source, server = Source.objects.get(), Prometheus(world.AT)
    server.fire()
    for minute in range(4, 7):
        client.post(
            f"/api/v1/telemetry/{source.path_token}/api/v2/alerts",
            json.dumps(server.batch(ends_in=dt.timedelta(days=400 * minute))),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )

    event = TelemetryEvent.objects.get()
    assert (event.duplicate_count, event.conflict) == (2, False)


STEPS = st.lists(
    st.tuples(st.sampled_from(["fire", "end", "post", "sweep"]), st.sampled_from(["", "eu", "us"])), max_size=14
)


@hypothesis_settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_any_interleaving_of_posts_and_sweeps_gives_each_beginning_and_each_end_once(
    watch: Callable[..., Watched], steps: list[tuple[str, str]]
) -> None:
    watched = watch()
    server, expected = watched.server, Counter[str]()
    for act, segment in steps:
        named = {"segment": segment} if segment else {}
        key = json.dumps(DRIFT | named, sort_keys=True)
        match act:
            case "fire" if key not in server.active:
                server.fire(**named)
                expected[f"{segment} began".strip()] += 1
            case "end" if key in server.active:
                server.end(**named)
                expected[f"{segment} ended".strip()] += 1
            case "post":
                watched.post()
            case "sweep":
                watched.sweep()
        watched.wait(2 * MINUTE)
        if act in ("fire", "end"):
            watched.sweep()  # what begins and ends between two looks, and is never posted, nobody knows
    watched.post()
    watched.sweep()

    assert watched.events() == +expected
    assert queries.miscounted() == {}
