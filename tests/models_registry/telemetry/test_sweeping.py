"""Sweeps when things go wrong: platforms that refuse, ask to wait, fail, babble or never end; budgets, turns, kill -9."""

import datetime as dt
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models_registry.audit.models import AuditEntry
from models_registry.telemetry import poll_actions, queries, source_actions, sweeping
from models_registry.telemetry.models import Source, TelemetryEvent
from models_registry.telemetry.poll_models import Polling, PollSweep, SweepOutcome
from models_registry.telemetry.pollers.shapes import Page
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.mlflow_stub import Mlflow, named
from tests.models_registry.telemetry.platform_stub import Answering, Asked, Platform, Reply, platform
from tests.streaming import database_url

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]
NOW = world.AT
MINUTE = dt.timedelta(minutes=1)


@dataclass
class Polled:
    """A source, its platform, and the clock of its sweeps."""

    source: Source
    platform: Platform
    now: dt.datetime = NOW

    def sweep(self) -> PollSweep:
        taken = sweeping.claim(at=self.now)
        assert taken is not None
        return sweeping.sweep(taken=taken, now=lambda: self.now)

    @property
    def polling(self) -> Polling:
        return Polling.objects.get(source=self.source)


@pytest.fixture
def polled(settings: Any) -> Iterator[Callable[..., Polled]]:
    """Make a polled MLflow source whose platform answers as a test says."""
    with platform(settings, lambda asked: Reply({})) as served:

        def make(answering: Answering, **facts: Any) -> Polled:
            served.answering = answering
            source = world.source("mlflow")
            config = {"address": served.address + "/base/"}
            given = {"scheme": "bearer", "credential": "a-token", "interval_s": 300, "config": config} | facts
            poll_actions.set_polling(by=world.OPERATOR, at=NOW, source=source, **given)
            return Polled(source, served)

        yield make


def test_the_address_and_the_credential_go_with_every_question(polled: Callable[..., Polled]) -> None:
    made = polled(lambda asked: Reply({}))

    made.sweep()

    paths = {asked.path for asked in made.platform.asked}
    assert "/base/api/2.0/mlflow/registered-models/search" in paths
    assert {asked.headers["authorization"] for asked in made.platform.asked} == {"Bearer a-token"}


@pytest.mark.parametrize(("scheme", "credential", "sent"), [
    ("basic", "me:secret", "Basic bWU6c2VjcmV0"),
    ("none", None, None),
])  # fmt: skip
def test_other_ways_to_sign_in(
    polled: Callable[..., Polled], scheme: str, credential: str | None, sent: str | None
) -> None:
    made = polled(lambda asked: Reply({}), scheme=scheme, credential=credential)

    made.sweep()

    assert {asked.headers.get("authorization") for asked in made.platform.asked} == {sent}


def test_a_platform_that_asks_to_wait_is_left_alone_as_long_as_it_says(polled: Callable[..., Polled]) -> None:
    made = polled(lambda asked: Reply({}, status=429, headers={"Retry-After": "7200"}))

    line = made.sweep()

    assert (line.outcome, line.told) == (SweepOutcome.FAILED, "The platform asks to wait for 7200 s.")
    assert made.polling.next_at == made.polling.held_until == NOW + dt.timedelta(hours=2)
    with pytest.raises(poll_actions.PlatformAsksToWait):
        poll_actions.ask_now(by=world.OPERATOR, at=NOW + MINUTE, source=made.source)
    assert sweeping.claim(at=NOW + dt.timedelta(minutes=119)) is None
    assert sweeping.claim(at=NOW + dt.timedelta(hours=2)) is not None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"RateLimit-Reset": "90.5"}, 90.5),
        ({"Retry-After": "Fri, 20 Nov 2026 13:00:00 GMT"}, 3600.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "999999999"}, 86_400.0),
    ],
)
def test_how_long_to_wait_is_read_in_every_usual_form(
    polled: Callable[..., Polled], headers: dict[str, str], seconds: float | None
) -> None:
    made = polled(lambda asked: Reply({}, status=429, headers=headers))

    made.sweep()

    held = made.polling.held_until
    assert (None if held is None else (held - NOW).total_seconds()) == seconds


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply({}, status=500), "The platform fails (500)."),
        (Reply({}, status=401), "The platform does not know the credential (401)."),
        (Reply({}, status=302, headers={"Location": "http://169.254.169.254/"}), "points elsewhere"),
        (Reply(raw=b"<html>a proxy's page, with secrets</html>"), "no JSON that can be read (E_SYNTAX)"),
        (Reply(raw=b'{"a": 1, "a": 2}'), "E_DUPLICATE_KEY"),
        (Reply(raw=b""), "E_EMPTY"),
        (Reply({"registered_models": "none"}), "not as its interface describes"),
        (Reply({"registered_models": [{"name": 1.5}]}), "no text"),
        (Reply([1, 2]), "has no object"),
        (Reply({"registered_models": [{"name": "a", "creation_timestamp": "-5"}]}), "no time in milliseconds"),
    ],
)
def test_an_answer_that_is_none_ends_the_sweep_in_our_words(
    polled: Callable[..., Polled], reply: Reply, told: str
) -> None:
    made = polled(lambda asked: reply)

    line = made.sweep()

    assert line.outcome == SweepOutcome.FAILED
    assert told in line.told and "secrets" not in line.told
    assert made.polling.last_error == line.told
    assert not TelemetryEvent.objects.exists()


def test_failures_wait_longer_each_time_and_are_told_from_the_third_on(polled: Callable[..., Polled]) -> None:
    made = polled(lambda asked: Reply({}, status=503))
    waits = []
    for _ in range(4):
        made.sweep()
        waits.append((made.polling.next_at - made.now).total_seconds())
        made.now = made.polling.next_at
    made.platform.answering = lambda asked: Reply({})
    made.sweep()

    assert all(0.85 * plain <= wait <= 1.15 * plain for plain, wait in zip((600, 1200, 2400, 4800), waits, strict=True))
    actions = AuditEntry.objects.filter(action__in=("polling.failing", "polling.recovered")).order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["polling.failing", "polling.recovered"]
    assert (made.polling.failure_count, made.polling.last_error) == (0, "")
    assert made.polling.next_at == made.now + dt.timedelta(seconds=300)


def test_back_off_ends_at_six_hours() -> None:
    longest = sweeping.backoff(interval=dt.timedelta(minutes=5), failures=1000, key="1:1")

    assert dt.timedelta(hours=5) < longest < dt.timedelta(hours=7)


def test_pages_that_repeat_themselves_end_the_sweep(polled: Callable[..., Polled]) -> None:
    made = polled(lambda asked: Reply({"registered_models": [], "next_page_token": "again"}))

    line = made.sweep()

    assert (line.outcome, line.told) == (SweepOutcome.FAILED, "The platform gave the same page twice.")
    assert len(made.platform.asked) == 2


def test_pages_without_end_stop_at_the_budget_and_go_on_from_there(polled: Callable[..., Polled]) -> None:
    def endless(asked: Asked) -> Reply:
        page = int(asked.query.get("page_token", ["0"])[0])
        return Reply({"registered_models": [], "next_page_token": str(page + 1)})

    made = polled(endless, sweep_budget=5)
    first = made.sweep()
    made.now = made.polling.next_at
    made.sweep()

    assert (first.outcome, first.requests) == (SweepOutcome.PART, 5)
    assert [asked.query.get("page_token", ["-"])[0] for asked in made.platform.asked] == [
        "-", "1", "2", "3", "4", "5", "6", "7", "8", "9",
    ]  # fmt: skip
    assert made.polling.failure_count == 0


def test_the_budget_of_a_day_holds_until_midnight(polled: Callable[..., Polled]) -> None:
    made = polled(lambda asked: Reply({}), day_budget=2)

    line = made.sweep()

    assert (line.outcome, line.requests) == (SweepOutcome.PART, 2)
    assert made.polling.next_at == dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


def test_one_source_is_never_swept_twice_at_once(polled: Callable[..., Polled]) -> None:
    made = polled(lambda asked: Reply({}))

    taken = sweeping.claim(at=NOW)

    assert taken is not None
    assert sweeping.claim(at=NOW) is None
    with pytest.raises(poll_actions.SweepRuns):
        poll_actions.ask_now(by=world.OPERATOR, at=NOW, source=made.source)
    assert sweeping.claim(at=NOW + sweeping.LEASE) is not None


def test_whoever_was_overtaken_keeps_nothing(polled: Callable[..., Polled]) -> None:
    made = polled(lambda asked: Reply({}))
    slow = sweeping.claim(at=NOW)
    later = sweeping.claim(at=NOW + sweeping.LEASE)
    assert slow is not None and later is not None

    with pytest.raises(sweeping.TurnLost):
        sweeping.keep_page(taken=slow, page=Page([], {"stale": True}), requests=1, at=NOW)
    sweeping.sweep(taken=slow, now=lambda: NOW + sweeping.LEASE)

    assert "stale" not in made.polling.cursor
    assert made.polling.claimed_until is not None
    assert list(PollSweep.objects.order_by("turn").values_list("outcome", flat=True)) == ["DIED", "RUNNING"]


def test_a_sweep_that_is_paused_ends_at_its_next_request(polled: Callable[..., Polled]) -> None:
    made = polled(lambda asked: Reply({}))

    def pause(asked: Asked) -> Reply:
        Polling.objects.update(paused_at=NOW)
        return Reply({})

    taken = sweeping.claim(at=NOW)
    assert taken is not None
    Polling.objects.update(paused_at=NOW)
    made.platform.answering = pause
    line = sweeping.sweep(taken=taken, now=lambda: NOW)

    assert line.outcome == SweepOutcome.PART
    assert made.platform.asked == []


def test_a_source_that_is_switched_off_is_not_swept(polled: Callable[..., Polled]) -> None:
    made = polled(lambda asked: Reply({}))
    source_actions.disable_source(by=world.OPERATOR, at=NOW, source=made.source)

    assert sweeping.claim(at=NOW) is None


def test_an_address_inside_is_not_called_once_the_deployment_no_longer_allows_it(
    polled: Callable[..., Polled], settings: Any
) -> None:
    made = polled(lambda asked: Reply({}))
    settings.OUTBOUND_NETWORKS = []

    line = made.sweep()

    assert "not public" in line.told
    assert made.platform.asked == []


@pytest.mark.django_db(transaction=True)
def test_sweeps_run_beside_the_line_two_at_a_time(settings: Any) -> None:
    waiting, go_on = threading.Semaphore(0), threading.Event()

    def slow(asked: Asked) -> Reply:
        waiting.release()
        go_on.wait(30)
        return Reply({})

    with platform(settings, slow) as served:
        for _ in range(3):
            poll_actions.set_polling(
                by=world.OPERATOR,
                at=NOW,
                source=world.source("mlflow"),
                config={"address": served.address},
                scheme="none",
                interval_s=300,
            )
        begun = [sweeping.begin_due(at=NOW), sweeping.begin_due(at=NOW)]
        assert waiting.acquire(timeout=30) and waiting.acquire(timeout=30)
        go_on.set()
        for thread in [each for each in threading.enumerate() if each.name.startswith("sweep-")]:
            thread.join(30)
        begun.append(sweeping.begin_due(at=NOW))
        for thread in [each for each in threading.enumerate() if each.name.startswith("sweep-")]:
            thread.join(30)

    assert begun == [2, 0, 1]
    assert list(PollSweep.objects.values_list("outcome", flat=True)) == [SweepOutcome.DONE] * 3


CODE = """
import django; django.setup()
from django.utils import timezone
from models_registry.telemetry import sweeping
sweeping.sweep_due(at=timezone.now())
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dies_at", [2, 4, 6, 8])
def test_a_process_killed_between_two_pages_loses_nothing_and_doubles_nothing(settings: Any, dies_at: int) -> None:
    began = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    server = Mlflow(began + MINUTE, page=2)
    for number in range(5):
        server.create_model(f"model-{number}")
        server.create_version(f"model-{number}")
    server.now = dt.datetime.now(dt.UTC)
    reached, go_on, count = threading.Event(), threading.Event(), iter(range(1, 1000))

    def answering(asked: Asked) -> Reply:
        if next(count) == dies_at:
            reached.set()
            go_on.wait(30)
        return server.answer(asked)

    with platform(settings, answering) as served:
        source = world.source("mlflow")
        config = {"address": served.address}
        poll_actions.set_polling(
            by=world.OPERATOR, at=began, source=source, config=config, scheme="none", interval_s=300
        )
        env = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "REDLINE_OUTBOUND_HTTP": "on",
            "REDLINE_OUTBOUND_NETWORKS": "127.0.0.0/8",
            "REDLINE_OUTBOUND_PORTS": served.address.rsplit(":", 1)[1],
        }
        process = subprocess.Popen([sys.executable, "-c", CODE], cwd=ROOT, env=env)
        assert reached.wait(60)
        process.kill()
        process.wait()
        go_on.set()
        later = dt.datetime.now(dt.UTC) + sweeping.LEASE + MINUTE
        taken = sweeping.claim(at=later)
        assert taken is not None
        line = sweeping.sweep(taken=taken, now=lambda: later)

    raws = TelemetryEvent.objects.filter(source=source).values_list("raw", flat=True)
    assert Counter(named(bytes(raw)) for raw in raws) == Counter(server.changes)
    assert line.outcome == SweepOutcome.DONE
    assert PollSweep.objects.exclude(pk=line.pk).get().outcome == SweepOutcome.DIED
    assert queries.miscounted() == {}


def test_a_credential_is_never_shown_to_another_host(polled: Callable[..., Polled]) -> None:
    made = polled(lambda asked: Reply({}))
    set_again = {"by": world.OPERATOR, "at": NOW, "source": made.source, "scheme": "bearer", "interval_s": 300}

    with pytest.raises(poll_actions.PollingUnfit) as unfit:
        poll_actions.set_polling(**set_again, config={"address": "https://elsewhere.example.com"})
    assert list(unfit.value.faults) == ["credential"]

    poll_actions.set_polling(**set_again, config={"address": made.platform.address + "/moved/"})
    poll_actions.set_polling(
        **set_again, config={"address": "https://elsewhere.example.com"}, credential="another-token"
    )
