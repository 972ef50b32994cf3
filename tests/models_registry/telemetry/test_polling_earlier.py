"""Runs from before the sweeps began: as far back as somebody says, newest first, with what the day has to spare."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from models_registry.catalog.run_models import Run, Sweep
from models_registry.telemetry import poll_actions, poll_queries, sweeping
from models_registry.telemetry.poll_models import Polling, PollSweep, SweepOutcome
from models_registry.telemetry.pollers import mlflow_runs
from models_registry.telemetry.pollers.before import Progress
from tests.models_registry.access.people import an_account
from tests.models_registry.telemetry import sweeps, world
from tests.models_registry.telemetry.mlflow_stub import Mlflow
from tests.models_registry.telemetry.platform_stub import Platform, Reply, platform
from tests.models_registry.telemetry.wandb_stub import Wandb

pytestmark = pytest.mark.django_db
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@dataclass
class Watched(sweeps.Watched[Any]):
    """A platform whose runs are the model's."""

    platform: Platform

    def ask(self, **config: str) -> None:
        """Set the polling up, or in another way."""
        is_wandb = self.source.kind == "wandb"
        given = {"address": self.platform.address} | ({"projects": "acme/claims-triage"} if is_wandb else {}) | config
        poll_actions.set_polling(
            by=world.OPERATOR, at=self.server.now, source=self.source, config=given, interval_s=300,
            scheme="basic_api" if is_wandb else "none", credential="the-key" if is_wandb else None,
        )  # fmt: skip

    def sweep(self, outcome: SweepOutcome = SweepOutcome.DONE) -> PollSweep:
        """Wait, sweep the source to the end, and measure what came."""
        self.wait()
        line = super().sweep(outcome)
        self.measure()
        return line

    @property
    def runs(self) -> list[str]:
        return sorted(Run.objects.values_list("external_id", flat=True))

    @property
    def progress(self) -> Progress:
        found = poll_queries.earlier(Polling.objects.select_related("source").get())
        assert found is not None
        return found


@pytest.fixture
def mlflow(settings: Any) -> Iterator[Watched]:
    """An MLflow whose experiment is the model, with a run a day for ten days and one of a year ago."""
    world.claims_model()
    server = Mlflow(world.AT)
    for days in (365, *range(10, 0, -1)):
        server.now = world.AT - days * DAY
        server.end_run(f"run-{days}", auc=0.9)
    server.now = world.AT
    with platform(settings, server.answer) as served:
        yield Watched(server, world.source("mlflow"), served)


@pytest.fixture
def wandb(settings: Any) -> Iterator[Watched]:
    """A W&B project that is the model, with a run a day for ten days and one of a year ago; it pages by three."""
    world.claims_model()
    server = Wandb(world.AT)
    for days in (365, *range(10, 0, -1)):
        server.run(f"run-{days}", ago=days * 1440, loss=0.1)
    with platform(settings, server.answer) as served:
        yield Watched(server, world.source("wandb"), served)


@pytest.mark.parametrize("kind", ["mlflow", "wandb"])
def test_earlier_runs_are_read_as_far_back_as_was_said_and_told_once(kind: str, request: Any) -> None:
    watched: Watched = request.getfixturevalue(kind)
    watched.ask(before_days="8")

    lines = [watched.sweep(), watched.sweep(), watched.sweep()]

    assert watched.runs == [f"run-{days}" for days in range(1, 9)]
    assert [line.fresh for line in lines] == [8, 0, 0]
    assert (watched.progress.count, watched.progress.is_over, watched.progress.percent) == (8, True, 100)


@pytest.mark.parametrize("kind", ["mlflow", "wandb"])
@pytest.mark.parametrize(("said", "count"), [({}, 10), ({"before_days": "0"}, 0), ({"before_days": "400"}, 11)])
def test_ninety_days_are_usual_and_none_or_all_may_be_wanted(
    kind: str, said: dict[str, str], count: int, request: Any
) -> None:
    watched: Watched = request.getfixturevalue(kind)
    watched.ask(**said)
    watched.sweep()

    assert len(watched.runs) == count


@pytest.mark.parametrize("kind", ["mlflow", "wandb"])
def test_who_says_more_days_later_gets_the_rest(kind: str, request: Any) -> None:
    watched: Watched = request.getfixturevalue(kind)
    watched.ask(before_days="5")
    watched.sweep()
    first = watched.runs
    watched.ask(before_days="9")
    line = watched.sweep()

    assert (len(first), len(watched.runs), line.fresh) == (5, 9, 4)


@pytest.mark.parametrize("kind", ["mlflow", "wandb"])
def test_a_source_that_was_polled_before_one_could_say_reads_nothing_until_somebody_does(
    kind: str, request: Any
) -> None:
    watched: Watched = request.getfixturevalue(kind)
    watched.ask()
    config = Polling.objects.get().config
    del config["before_days"]
    Polling.objects.update(config=config)

    watched.sweep()

    assert watched.runs == []
    assert poll_queries.earlier(Polling.objects.select_related("source").get()) is None


@pytest.mark.parametrize("kind", ["mlflow", "wandb"])
def test_what_a_sweep_has_no_request_for_is_read_by_the_next_ones(
    kind: str, request: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched: Watched = request.getfixturevalue(kind)
    monkeypatch.setattr(mlflow_runs, "RUNS_A_PAGE", 3)
    watched.ask()
    monkeypatch.setattr(sweeping, "spare_of", lambda polling, *, asked, at: 2)

    first = watched.sweep()
    newest, part = watched.runs, watched.progress
    fresh = [watched.sweep().fresh for _ in range(3)]

    assert (first.outcome, first.told) == (SweepOutcome.DONE, "")
    assert newest == [f"run-{days}" for days in range(1, len(newest) + 1)]
    assert 0 < part.percent < 100
    assert (part.is_over, part.back_to) == (False, world.AT - len(newest) * DAY)
    assert (len(watched.runs), sum(fresh), watched.progress.is_over) == (10, 10 - len(newest), True)
    assert watched.progress.count == 10


def test_news_come_first_and_the_day_keeps_what_they_need(mlflow: Watched) -> None:
    mlflow.ask()
    Polling.objects.update(day_budget=300)

    waits = mlflow.sweep()
    Polling.objects.update(day_budget=5_000)
    goes_on = mlflow.sweep()

    assert (waits.outcome, waits.told) == (
        SweepOutcome.DONE, "Earlier runs wait: the requests of the day are needed for news.",
    )  # fmt: skip
    assert (waits.fresh, goes_on.fresh) == (0, 10)


def test_what_is_to_spare_is_what_the_sweeps_to_come_do_not_need() -> None:
    polling = Polling(day_budget=1000, requests_today=100, interval_s=3600, day=world.AT.date())

    assert sweeping.spare_of(polling, asked=5, at=world.AT.replace(hour=12, minute=0)) == 900 - 5 * 12
    assert sweeping.spare_of(polling, asked=5, at=world.AT.replace(hour=12) + DAY) == 1000 - 5 * 12


def test_an_earlier_run_belongs_to_the_model_whose_version_names_it(mlflow: Watched) -> None:
    mlflow.server.now = world.AT - 20 * DAY
    mlflow.server.end_run("winner", experiment="8")
    mlflow.server.create_model("claims-triage")
    mlflow.server.create_version("claims-triage", run_id="winner")
    mlflow.server.now = world.AT
    mlflow.ask()
    mlflow.sweep()

    assert "winner" in mlflow.runs


def test_runs_that_ended_in_one_millisecond_are_all_read(mlflow: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlflow_runs, "RUNS_A_PAGE", 2)
    mlflow.server.now = world.AT - 20 * DAY
    for number in range(5):
        mlflow.server.end_run(f"same-{number}")
    mlflow.server.now = world.AT
    mlflow.ask()
    monkeypatch.setattr(sweeping, "spare_of", lambda polling, *, asked, at: 4)
    for _ in range(4):
        mlflow.sweep()

    assert len(mlflow.runs) == 15
    assert mlflow.progress.is_over


def test_other_experiments_are_read_from_the_beginning(mlflow: Watched) -> None:
    mlflow.ask(experiments="nobody")
    mlflow.sweep()
    none = mlflow.runs
    mlflow.ask(experiments="claims-triage")
    mlflow.sweep()

    assert (none, len(mlflow.runs)) == ([], 10)


def test_a_run_that_went_on_when_the_sweeps_began_is_told_when_it_ends(wandb: Watched) -> None:
    wandb.server.run("long", state="running", ago=2 * 1440)
    wandb.ask()
    wandb.sweep()
    before = wandb.runs
    wandb.server.run("long", state="finished", ago=2 * 1440 + 5)
    wandb.sweep()

    assert "long" not in before
    assert "long" in wandb.runs


def test_earlier_runs_bring_the_search_that_they_belong_to(wandb: Watched) -> None:
    wandb.server.sweeps["s1"] = "method: bayes"
    for number in range(4):
        wandb.server.run(f"r{number}", sweep="s1", ago=1440)
    wandb.ask()
    wandb.sweep()

    assert Sweep.objects.get().runs.count() == 4


def test_a_place_that_wandb_no_longer_knows_is_looked_for_anew(wandb: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    wandb.ask()
    with monkeypatch.context() as patched:
        patched.setattr(sweeping, "spare_of", lambda polling, *, asked, at: 2)
        wandb.sweep()
    polling = Polling.objects.get()
    polling.cursor["before"]["acme/claims-triage"]["after"] = "stale"
    polling.save()
    answer = wandb.server.answer

    def forgetful(asked: Any) -> Reply:
        if asked.json["variables"].get("after") == "stale":
            return Reply({"data": None, "errors": [{"message": "invalid cursor"}]})
        return answer(asked)

    wandb.platform.answering = forgetful
    line = wandb.sweep()

    assert (len(wandb.runs), line.fresh) == (10, 4)


def test_the_page_and_the_api_say_how_far_it_has_come(mlflow: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlflow_runs, "RUNS_A_PAGE", 3)
    mlflow.ask(before_days="20")
    monkeypatch.setattr(sweeping, "spare_of", lambda polling, *, asked, at: 1)
    client = Client()
    client.force_login(an_account("nadia", "administrator"), backend="django.contrib.auth.backends.ModelBackend")
    mlflow.sweep()
    address, api = f"/sources/{mlflow.source.slug}/", f"/api/v1/sources/{mlflow.source.slug}/polling/"

    part, told = client.get(address).text, client.get(api).json()["earlier"]
    monkeypatch.undo()
    mlflow.sweep()
    whole = client.get(address).text

    assert "3 earlier runs read, back to 17 November 2026" in part
    assert "Those since 31 October 2026 follow" in part
    assert (told["count"], told["is_over"]) == (3, False)
    assert "10 earlier runs, of the time since 31 October 2026, were read." in whole


@pytest.mark.parametrize("said", ["-1", "many", "99999", "1.5"])
@pytest.mark.parametrize("kind", ["mlflow", "wandb"])
def test_days_that_are_none_are_refused(kind: str, said: str, request: Any) -> None:
    watched: Watched = request.getfixturevalue(kind)
    with pytest.raises(poll_actions.PollingUnfit) as unfit:
        watched.ask(before_days=said)

    assert set(unfit.value.faults) == {"before_days"}
