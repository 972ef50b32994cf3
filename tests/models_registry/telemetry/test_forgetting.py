"""What sweeps and deliveries remember ends where no look reaches back to it, and not before."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from models_registry.telemetry import actions, forgetting, poll_actions, tasks
from models_registry.telemetry.models import TelemetryEvent
from models_registry.telemetry.poll_models import Polling, Remembered, Sighting, SweepOutcome
from tests.models_registry.telemetry import sweeps, world
from tests.models_registry.telemetry.mlflow_stub import Mlflow, named
from tests.models_registry.telemetry.platform_stub import platform

pytestmark = pytest.mark.django_db
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@dataclass
class Watched(sweeps.Watched[Mlflow]):
    """An MLflow server, and what is remembered of it."""

    def deliver(self, number: int) -> actions.Receipt:
        webhook = self.server.sent[number]
        return self.admit(webhook.body, webhook.headers)

    def things(self) -> set[str]:
        return {thing.replace("\x1f", " ") for thing in Remembered.objects.values_list("thing", flat=True)}

    def told(self) -> Counter[tuple[str, ...]]:
        return Counter(named(bytes(raw)) for raw in TelemetryEvent.objects.values_list("raw", flat=True))


@pytest.fixture
def watched(settings: Any) -> Iterator[Watched]:
    server = Mlflow(world.AT)
    with platform(settings, server.answer) as served:
        source = world.source("mlflow")
        poll_actions.set_polling(
            by=world.OPERATOR, at=server.now, source=source, config={"address": served.address}, scheme="none",
            interval_s=300,
        )  # fmt: skip
        made = Watched(server, source)
        made.sweep()
        made.wait(2 * MINUTE)
        server.create_model("claims-triage")
        server.create_version("claims-triage")
        server.set_alias("claims-triage", "champion", "1")
        made.wait(2 * MINUTE)
        made.sweep()
        yield made


def test_what_still_is_there_is_remembered_for_ever_and_never_told_again(watched: Watched) -> None:
    for _ in range(12):
        watched.wait(31 * DAY)
        watched.sweep()
        forgetting.let_go()

    assert watched.things() == {"model claims-triage", "version claims-triage 1"}
    assert watched.told() == Counter(watched.server.changes)


def test_sightings_end_ninety_days_before_the_platform_was_last_read(watched: Watched) -> None:
    watched.wait(89 * DAY)
    watched.sweep()
    kept = forgetting.let_go()
    watched.wait(2 * DAY)
    watched.sweep()
    ended = forgetting.let_go()

    assert (kept, ended, Sighting.objects.count()) == (0, 3, 0)


def test_the_memory_of_what_is_gone_there_ends_and_what_comes_anew_is_told(watched: Watched) -> None:
    watched.server.models.clear()
    watched.server.versions.clear()
    watched.wait(91 * DAY)
    watched.sweep()
    assert forgetting.let_go() == 3 + 2
    watched.server.create_model("claims-triage")
    watched.wait(MINUTE)

    assert watched.sweep().fresh == 1
    assert watched.things() == {"model claims-triage"}


def test_a_source_that_was_paused_has_forgotten_nothing(watched: Watched) -> None:
    poll_actions.pause_polling(by=world.OPERATOR, at=watched.server.now, source=watched.source)
    watched.wait(400 * DAY)
    while_paused = forgetting.let_go()
    poll_actions.resume_polling(by=world.OPERATOR, at=watched.server.now, source=watched.source)

    assert while_paused == 0
    assert watched.sweep().fresh == 0
    assert watched.deliver(2).duplicate


def test_what_is_not_read_to_the_end_is_not_let_go_of(watched: Watched) -> None:
    Polling.objects.update(sweep_budget=1)
    for _ in range(2):
        watched.wait(91 * DAY)
        watched.sweep(SweepOutcome.PART)

    assert forgetting.let_go() == 0


def test_a_round_over_versions_that_takes_many_sweeps_holds_back_what_it_has_not_reached(watched: Watched) -> None:
    polling = Polling.objects.get()
    early = int((watched.server.now - 200 * DAY).timestamp() * 1000)
    polling.cursor = {**polling.cursor, "round_looked": early}

    assert forgetting.reach_of(polling) == dt.datetime.fromtimestamp(early / 1000, dt.UTC) - forgetting.REACH
    polling.cursor = {name: value for name, value in polling.cursor.items() if name != "round_looked"}
    assert forgetting.reach_of(polling) is None


def test_a_delivery_that_comes_again_and_again_is_known_as_long_as_it_does(watched: Watched) -> None:
    for _ in range(5):
        assert watched.deliver(2).duplicate
        watched.wait(60 * DAY)
        watched.sweep()
        forgetting.let_go()

    assert watched.told() == Counter(watched.server.changes)


def test_many_rows_end_in_small_transactions_and_a_round_has_an_end(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    old = watched.server.now - 200 * DAY
    Sighting.objects.bulk_create(
        Sighting(source=watched.source, key="k", what="w", event_pk=1, delivery=f"d{number}", told_at=old, heard_at=old)
        for number in range(25)
    )
    monkeypatch.setattr(forgetting, "AT_ONCE", 4)
    monkeypatch.setattr(forgetting, "MOST", 12)

    with django_assert_max_num_queries(1 + 4 * 4):
        first = forgetting.let_go()
    rest = [forgetting.let_go() for _ in range(3)]

    assert (first, rest) == (12, [12, 1, 0])
    assert Sighting.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_the_clock_lets_go_in_the_hour_in_which_history_is_dropped(watched: Watched) -> None:
    watched.wait(91 * DAY)
    watched.sweep()

    tasks.drop_beside(watched.server.now).join(30)

    assert Sighting.objects.count() == 0
