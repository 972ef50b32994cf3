"""An MLflow server that is asked beside its webhooks: every change is one event, whoever brings it first."""

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from models_registry.catalog.run_models import Run
from models_registry.telemetry import poll_actions, queries
from models_registry.telemetry.actions import Receipt
from models_registry.telemetry.models import EventState, Measurement, TelemetryEvent
from models_registry.telemetry.poll_models import Polling, SweepOutcome
from tests.models_registry.telemetry import sweeps, world
from tests.models_registry.telemetry.mlflow_stub import Mlflow, Webhook, named
from tests.models_registry.telemetry.platform_stub import Platform, platform

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@dataclass
class Watched(sweeps.Watched[Mlflow]):
    """An MLflow server whose platform answers as a test says."""

    PAUSE = 2 * MINUTE
    platform: Platform

    def deliver(self, webhook: Webhook) -> Receipt:
        return self.admit(webhook.body, webhook.headers)

    def events(self) -> Counter[tuple[str, ...]]:
        return Counter(named(body) for body in self.bodies())


@pytest.fixture
def watch(settings: Any) -> Iterator[Callable[[], Watched]]:
    """Make polled MLflow servers, whose first sweep has seen nothing yet."""
    clock = itertools.count()
    with platform(settings, lambda _: Mlflow(world.AT).answer(_)) as served:

        def make() -> Watched:
            server = Mlflow(world.AT + next(clock) * dt.timedelta(days=30))
            Polling.objects.update(paused_at=server.now)  # those of other examples are not due
            served.answering = server.answer
            source = world.source("mlflow")
            poll_actions.set_polling(
                by=world.OPERATOR,
                at=server.now,
                source=source,
                config={"address": served.address},
                scheme="none",
                interval_s=300,
            )
            made = Watched(server, source, served)
            made.sweep()
            made.wait()
            return made

        yield make


def test_a_missed_webhook_is_found_by_the_sweep_and_counted_as_missed(
    watch: Callable[[], Watched], run_line: Callable[[], None]
) -> None:
    world.claims_model()
    watched = watch()
    watched.server.create_model("claims-triage")
    watched.server.create_version("claims-triage")
    watched.server.set_alias("claims-triage", "champion", "1")
    watched.wait()

    line = watched.sweep()
    run_line()

    assert watched.events() == Counter(watched.server.changes)
    assert (line.outcome, line.found, line.fresh, line.missed) == (SweepOutcome.DONE, 3, 3, 3)
    counted = Measurement.objects.filter(metric="registry_change_count")
    assert Counter(counted.values_list("segment", flat=True)) == {
        "change=registered_model.created": 1,
        "change=model_version.created": 1,
        "change=model_version_alias.created": 1,
    }
    assert not TelemetryEvent.objects.exclude(state=EventState.DONE).exists()


def test_a_webhook_after_the_sweep_is_the_same_event_however_often_it_comes(watch: Callable[[], Watched]) -> None:
    watched = watch()
    watched.server.create_model("claims-triage")
    watched.server.create_version("claims-triage")
    watched.server.set_alias("claims-triage", "champion", "1")
    watched.wait()
    watched.sweep()

    receipts = [watched.deliver(webhook) for webhook in watched.server.sent * 2]

    assert all(receipt.duplicate for receipt in receipts)
    assert watched.events() == Counter(watched.server.changes)
    books = queries.books()[watched.source.pk]
    assert (books.received, books.duplicate, books.waiting) == (9, 6, 3)
    assert queries.miscounted() == {}


def test_a_sweep_after_the_webhooks_brings_nothing(watch: Callable[[], Watched]) -> None:
    watched = watch()
    watched.server.create_model("claims-triage")
    watched.server.create_version("claims-triage")
    watched.server.set_tag("claims-triage", "1", "team", "risk")
    watched.server.set_alias("claims-triage", "champion", "1")
    for webhook in watched.server.sent:
        watched.deliver(webhook)
    watched.wait()

    line = watched.sweep()

    assert (line.fresh, line.missed) == (0, 0)
    assert watched.events() == Counter(watched.server.changes)


def test_an_alias_put_on_taken_off_and_put_on_again_makes_three_events(watch: Callable[[], Watched]) -> None:
    watched = watch()
    watched.server.create_model("claims-triage")
    watched.server.create_version("claims-triage")
    for act in (watched.server.set_alias, watched.server.delete_alias, watched.server.set_alias):
        act("claims-triage", "champion", *(["1"] if act == watched.server.set_alias else []))
        watched.wait()
        watched.sweep()

    for webhook in reversed(watched.server.sent):
        watched.deliver(webhook)

    assert watched.events() == Counter(watched.server.changes)
    assert watched.events()["model_version_alias.created", "claims-triage", "1", "champion", "", "", ""] == 2


def test_a_stage_has_no_webhook_and_is_told_by_the_sweep_once(watch: Callable[[], Watched]) -> None:
    watched = watch()
    watched.server.create_model("claims-triage")
    watched.server.create_version("claims-triage")
    watched.sweep()
    watched.wait()
    watched.server.move("claims-triage", "1", "Production")
    watched.wait()

    lines = [watched.sweep(), watched.sweep()]

    stage = ("model_version_stage.set", "claims-triage", "1", "", "", "", "Production")
    assert watched.events()[stage] == 1
    assert [(line.fresh, line.missed) for line in lines] == [(1, 0), (0, 0)]


def test_what_was_there_before_is_remembered_and_told_only_when_it_changes(settings: Any) -> None:
    server = Mlflow(world.AT - dt.timedelta(days=5))
    server.create_model("old")
    server.create_version("old")
    server.set_alias("old", "champion", "1")
    server.now = world.AT
    with platform(settings, server.answer) as served:
        source = world.source("mlflow")
        poll_actions.set_polling(
            by=world.OPERATOR,
            at=server.now,
            source=source,
            config={"address": served.address},
            scheme="none",
            interval_s=300,
        )
        watched = Watched(server, source, served)
        first = watched.sweep()
        watched.wait()
        server.delete_alias("old", "champion")
        watched.wait()
        second = watched.sweep()

    assert first.found == 0
    assert second.fresh == 1
    assert watched.events() == Counter(server.changes[-1:])


def test_finished_runs_go_on_record_with_the_model_of_their_version_or_experiment(
    watch: Callable[[], Watched], run_line: Callable[[], None]
) -> None:
    model = world.claims_model()
    watched = watch()
    watched.server.end_run("run-of-experiment", auc=0.91)
    watched.server.end_run("run-elsewhere", experiment="8", auc=0.5)
    watched.server.create_model("claims-triage")
    watched.server.create_version("claims-triage", run_id="run-of-experiment")
    watched.wait()

    watched.sweep()
    watched.sweep()
    run_line()

    (run,) = Run.objects.all()
    assert (run.model, run.external_id, run.source, run.parameters) == (
        model,
        "run-of-experiment",
        "MLFLOW",
        {"depth": "6"},
    )
    assert run.metrics["auc"]["last"] == 0.91


def test_several_pages_are_read_to_the_end(watch: Callable[[], Watched]) -> None:
    watched = watch()
    watched.server.page = 2
    for number in range(7):
        watched.server.create_model(f"model-{number}")
        watched.server.create_version(f"model-{number}")
    watched.wait()

    watched.sweep()

    assert watched.events() == Counter(watched.server.changes)


def test_many_changes_in_one_millisecond_are_all_told_once(watch: Callable[[], Watched]) -> None:
    watched = watch()
    watched.server.create_model("claims-triage")
    for _ in range(3):
        watched.server.create_version("claims-triage")
    watched.sweep()
    watched.server.create_version("claims-triage")  # the same moment again, after the sweep
    watched.wait()
    watched.sweep()

    assert watched.events() == Counter(watched.server.changes)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("alias"), st.sampled_from(["champion", "shadow"]), st.sampled_from(["1", "2"])),
        st.tuples(st.just("unalias"), st.sampled_from(["champion", "shadow"]), st.just("")),
        st.tuples(st.just("tag"), st.sampled_from(["team", "owner"]), st.sampled_from(["a", "b"])),
        st.tuples(st.just("model"), st.just(""), st.just("")),
        st.tuples(st.just("version"), st.just(""), st.just("")),
        st.tuples(st.just("sweep"), st.just(""), st.just("")),
        st.tuples(st.just("deliver"), st.just(""), st.just("")),
    ),
    max_size=14,
)


@hypothesis_settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS, draw=st.data())
def test_any_interleaving_of_webhooks_and_sweeps_gives_each_change_once(
    watch: Callable[[], Watched], steps: list[tuple[str, str, str]], draw: st.DataObject
) -> None:
    watched = watch()
    server = watched.server
    server.create_model("claims-triage")
    server.create_version("claims-triage")
    server.create_version("claims-triage")
    watched.wait()
    for act, first, second in steps:
        match act:
            case "alias" if server.models["claims-triage"]["aliases"].get(first) != second:
                server.set_alias("claims-triage", first, second)
            case "unalias" if first in server.models["claims-triage"]["aliases"]:
                server.delete_alias("claims-triage", first)
            case "tag" if server.versions["claims-triage", "1"]["tags"].get(first) != second:
                server.set_tag("claims-triage", "1", first, second)
            case "model":
                server.create_model(f"model-{len(server.models)}")
            case "version":
                server.create_version("claims-triage")
            case "sweep":
                watched.sweep()
            case "deliver":
                watched.deliver(draw.draw(st.sampled_from(server.sent)))
        watched.wait()
    if draw.draw(st.booleans()):
        watched.sweep()
    for webhook in draw.draw(st.permutations(server.sent)):
        watched.deliver(webhook)
    watched.wait()
    watched.sweep()

    assert watched.events() == Counter(server.changes)
    assert queries.miscounted() == {}


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(moves=st.lists(st.sampled_from(["1", "2", ""]), max_size=8), draw=st.data())
def test_whatever_webhooks_are_lost_a_sweep_after_each_change_finds_it_once(
    watch: Callable[[], Watched], moves: list[str], draw: st.DataObject
) -> None:
    watched = watch()
    server = watched.server
    server.create_model("claims-triage")
    server.create_version("claims-triage")
    server.create_version("claims-triage")
    watched.wait()
    for version in moves:
        held = server.models["claims-triage"]["aliases"].get("champion", "")
        if version == held:
            continue
        if version:
            server.set_alias("claims-triage", "champion", version)
        else:
            server.delete_alias("claims-triage", "champion")
        if draw.draw(st.booleans()):
            watched.deliver(server.sent[-1])
        watched.wait()
        watched.sweep()
    for webhook in draw.draw(st.lists(st.sampled_from(server.sent))):
        watched.deliver(webhook)
    watched.sweep()

    assert watched.events() == Counter(server.changes)
