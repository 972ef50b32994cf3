"""A W&B team that is asked beside its automations: aliases, links, runs and searches, each told once."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from models_registry.catalog.run_models import Run, Sweep
from models_registry.outside.models import Ending, Placement, Violation
from models_registry.telemetry import asking_again, poll_actions
from models_registry.telemetry.actions import Receipt
from models_registry.telemetry.models import EventState, Measurement, TelemetryEvent
from models_registry.telemetry.poll_models import Polling, SweepOutcome
from models_registry.telemetry.pollers import POLLERS
from tests.models_registry.telemetry import sweeps, world
from tests.models_registry.telemetry.platform_stub import Platform, Reply, platform
from tests.models_registry.telemetry.wandb_stub import Wandb

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@dataclass
class Watched(sweeps.Watched[Wandb]):
    """A W&B whose platform answers as a test says."""

    platform: Platform

    def deliver(self, body: dict[str, str]) -> Receipt:
        return self.admit(json.dumps(body).encode(), {})

    def events(self) -> Counter[tuple[str, ...]]:
        told = (json.loads(body) for body in self.bodies())
        return Counter(
            (one["event_type"], one["artifact_version_string"].rpartition(":")[2], one["alias"])
            for one in told
            if one["event_type"] in ("LINK_ARTIFACT", "ADD_ARTIFACT_ALIAS")
        )


@pytest.fixture
def watched(settings: Any) -> Iterator[Watched]:
    """A polled W&B whose registry holds one version, and whose first sweep is done."""
    world.claims_model()
    server = Wandb(world.AT)
    server.link("claims-triage", 1)
    server.sent.clear()
    with platform(settings, server.answer) as served:
        source = world.source("wandb")
        config = {"address": served.address, "organization": "acme-org", "registry": "model"}
        config |= {"projects": "acme/claims-triage", "metrics": "val/acc=accuracy"}
        poll_actions.set_polling(
            by=world.OPERATOR, at=server.now, source=source, config=config, scheme="basic_api",
            credential="the-key", interval_s=300,
        )  # fmt: skip
        made = Watched(server, source, served)
        made.sweep()
        made.wait()
        yield made


def test_a_missed_automation_is_found_by_the_sweep(watched: Watched) -> None:
    watched.server.link("claims-triage", 2)
    watched.server.alias("claims-triage", 2, "production")
    watched.wait()

    line = watched.sweep()

    assert watched.events() == {("LINK_ARTIFACT", "v2", ""): 1, ("ADD_ARTIFACT_ALIAS", "v2", "production"): 1}
    assert line.missed == 2


@pytest.mark.parametrize("first", ["automation", "sweep"])
def test_the_automation_and_the_sweep_are_one_event_whoever_comes_first(watched: Watched, first: str) -> None:
    watched.server.alias("claims-triage", 1, "production")
    watched.wait(MINUTE)

    if first == "automation":
        watched.deliver(watched.server.sent[-1])
        watched.sweep()
    else:
        watched.sweep()
        watched.wait(MINUTE)
        assert watched.deliver(watched.server.sent[-1]).duplicate

    assert watched.events() == {("ADD_ARTIFACT_ALIAS", "v1", "production"): 1}


def test_put_on_moved_and_put_on_again_are_three(watched: Watched) -> None:
    watched.server.link("claims-triage", 2)
    watched.deliver(watched.server.sent[-1])
    for number in (1, 2, 1):
        watched.server.alias("claims-triage", number, "production")
        watched.deliver(watched.server.sent[-1])
        watched.wait()
        watched.sweep()

    told = watched.events()
    assert told[("ADD_ARTIFACT_ALIAS", "v1", "production")] == 2
    assert told[("ADD_ARTIFACT_ALIAS", "v2", "production")] == 1


def test_taking_an_alias_off_is_found_by_the_sweep_alone(watched: Watched) -> None:
    watched.server.alias("claims-triage", 1, "production")
    watched.wait()
    watched.sweep()
    watched.measure()
    assert Violation.objects.get().ended_at is None

    watched.wait()
    watched.server.take_off("claims-triage", "production")
    watched.sweep()
    watched.measure()

    held = Violation.objects.get()
    assert (held.ending, held.ended_at) == (Ending.TAKEN_OFF, watched.server.now)


def test_a_version_that_is_unlinked_brings_the_next_sweep_forward_and_no_other_change_does(watched: Watched) -> None:
    watched.server.alias("claims-triage", 1, "production")
    watched.deliver(watched.server.sent[-1])
    watched.sweep()
    watched.measure()
    watched.wait(MINUTE)
    watched.deliver({**watched.server.sent[-1], "alias": "shadow"})
    unmoved = asking_again.ask_again(at=watched.server.now)

    del watched.server.collections["claims-triage"][1]
    watched.deliver({**watched.server.sent[-1], "event_type": "UNLINK_ARTIFACT", "alias": ""})
    brought = asking_again.ask_again(at=watched.server.now)
    watched.sweep()
    watched.measure()

    assert (unmoved, brought) == (0, 1)
    assert Violation.objects.get().ending == Ending.TAKEN_OFF


def test_what_stands_there_at_the_first_look_is_told_too(settings: Any) -> None:
    world.claims_model()
    server = Wandb(world.AT)
    for number in range(5):
        server.link("claims-triage", number)
    server.alias("claims-triage", 0, "production")
    with platform(settings, server.answer) as served:
        source = world.source("wandb")
        poll_actions.set_polling(
            by=world.OPERATOR, at=server.now, source=source, scheme="basic_api", credential="the-key",
            config={"address": served.address, "organization": "acme-org"}, interval_s=300,
        )  # fmt: skip
        made = Watched(server, source, served)
        line = made.sweep()
        made.measure()

    assert (line.fresh, made.events()) == (1, Counter())
    assert Placement.objects.get().version_name == "v0"
    assert Violation.objects.get().placement.name == "production"


def test_where_a_guarded_alias_stands_is_confirmed_once_an_hour(watched: Watched) -> None:
    watched.server.alias("claims-triage", 1, "production")
    watched.deliver(watched.server.sent[-1])
    fresh = []
    for _ in range(4):
        watched.wait(31 * MINUTE)
        fresh.append(watched.sweep().fresh)

    watched.measure()
    assert (sum(fresh), Violation.objects.count()) == (2, 1)


def test_a_digest_in_the_metadata_comes_along(watched: Watched) -> None:
    watched.server.link("claims-triage", 2, sha256="d" * 64)
    watched.server.alias("claims-triage", 2, "production")
    watched.wait()
    watched.sweep()
    watched.measure()

    assert set(Placement.objects.values_list("digest", flat=True)) == {"sha256:" + "d" * 64}


def test_ended_runs_go_on_record_once_with_their_search_and_their_metrics(watched: Watched) -> None:
    watched.server.sweeps["s1"] = "method: bayes\nmetric: {name: val/acc, goal: maximize}\nparameters: {rate: {min: 0}}"
    for number in range(4):
        watched.server.run(f"r{number}", sweep="s1", ago=1, **{"val/acc": round(0.8 + number / 100, 2)})
    watched.server.run("open", state="running", ago=1)
    watched.wait(MINUTE)

    first = watched.sweep()
    watched.measure()
    watched.server.run("open", state="failed", ago=2)
    watched.wait()
    second = watched.sweep()
    watched.measure()
    watched.wait()
    third = watched.sweep()

    assert (first.fresh, second.fresh, third.fresh) == (4, 1, 0)
    statuses = Counter(Run.objects.values_list("source", "status"))
    assert statuses == {("WANDB", "FINISHED"): 4, ("WANDB", "FAILED"): 1}
    run = Run.objects.get(external_id="r3")
    assert (run.parameters, run.metrics["val/acc"]["last"], run.author) == ({"rate": 0.1}, 0.83, "dana")
    sweep = Sweep.objects.get()
    assert (sweep.external_id, sweep.method, sweep.objective, sweep.goal) == ("s1", "bayes", "val/acc", "MAXIMIZE")
    measured = Measurement.objects.filter(metric="accuracy", environment="experiment")
    assert sorted(measured.values_list("value", flat=True)) == [0.8, 0.81, 0.82, 0.83]


def test_a_run_of_no_registered_model_is_counted_and_left_alone(watched: Watched) -> None:
    config = {**Polling.objects.get().config, "projects": "acme/playground"}
    poll_actions.set_polling(
        by=world.OPERATOR, at=watched.server.now, source=watched.source, config=config, scheme="basic_api",
        interval_s=300,
    )  # fmt: skip
    watched.server.run("r1", ago=0)
    watched.wait()
    watched.sweep()
    watched.measure()

    assert not Run.objects.exists()
    assert watched.source.notices.get().code == "N_UNKNOWN_MODEL"


def test_too_many_requests_wait_as_long_as_the_platform_asks(watched: Watched) -> None:
    watched.server.refuse = Reply({"error": "Rate limit exceeded"}, status=429, headers={"RateLimit-Reset": "90"})

    line = watched.sweep(outcome=SweepOutcome.FAILED)

    polling = Polling.objects.get()
    assert line.told == "The platform asks to wait for 90 s."
    assert polling.next_at >= watched.server.now + dt.timedelta(seconds=90)


def test_little_of_the_rate_left_ends_the_sweep_before_it_is_refused(watched: Watched) -> None:
    for number in range(2, 6):
        watched.server.link("claims-triage", number)
    watched.server.headers = {"RateLimit-Remaining": "7", "RateLimit-Reset": "40"}
    asked = len(watched.platform.asked)
    watched.sweep(outcome=SweepOutcome.FAILED)
    assert len(watched.platform.asked) == asked + 1
    assert Polling.objects.get().cursor["members_after"] == "3"

    watched.server.headers = {}
    watched.wait()
    watched.sweep()

    assert {version for _, version, _ in watched.events()} == {"v2", "v3", "v4", "v5"}


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("permission denied for acme", "W&B does not let this key read what was asked."),
        ("project not found", "W&B knows no organization or project of that name."),
        ('Cannot query field "x"', "W&B refuses the question as it stands."),
    ],
)
def test_errors_in_an_answer_of_200_end_the_sweep_in_words(watched: Watched, message: str, told: str) -> None:
    watched.server.errors = [{"message": message}]

    assert watched.sweep(outcome=SweepOutcome.FAILED).told == told


def test_an_organization_that_is_not_there_ends_the_sweep(watched: Watched) -> None:
    config = {**Polling.objects.get().config, "organization": "nobody"}
    poll_actions.set_polling(
        by=world.OPERATOR, at=watched.server.now, source=watched.source, config=config, scheme="basic_api",
        interval_s=300,
    )  # fmt: skip

    assert "organization" in watched.sweep(outcome=SweepOutcome.FAILED).told


def test_a_mapping_leaves_alone_what_only_sweeps_write(watched: Watched) -> None:
    document = {
        "mapping": 1,
        "fields": {"model": "/artifact_collection_name"},
        "values": [{"metric": {"const": "accuracy"}, "value": "/accuracy"}],
    }
    world.teach(watched.source, document)
    watched.server.alias("claims-triage", 1, "production")
    watched.deliver({**watched.server.sent[-1], "accuracy": 0.9})  # type: ignore[dict-item]
    watched.server.run("r1", ago=0)
    watched.wait(61 * MINUTE)
    watched.sweep()
    watched.measure()

    assert not TelemetryEvent.objects.exclude(state=EventState.DONE).exists()
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        ({}, "organization"),
        ({"projects": "credit"}, "projects"),
        ({"organization": "acme", "metrics": "val/acc="}, "metrics"),
    ],
)
def test_what_is_filled_in_is_checked(config: dict[str, str], wrong: str) -> None:
    assert set(POLLERS["wandb"].check(config)) == {wrong}
