"""History is judged once it rests, pages nobody, trips no breaker, and ends where live telemetry would have."""

from datetime import timedelta
from typing import Any

import pytest

from alerts.routing.actions import route
from alerts.routing.models import Outcome, RoutingDecision
from governance.risks.models import Risk
from governance.rules.models import Episode, Evaluation
from governance.scoring import pipeline, tasks
from governance.scoring.models import Posture, RuleTrip
from models_registry.audit.models import AuditEntry
from models_registry.backfills import late, working
from models_registry.backfills.models import BackfillState, LateEvidence
from models_registry.telemetry.models import EventState, Measurement, TelemetryEvent
from tests.journeys.builders import NOON, a_model, an_enforced_rule, hourly, send
from tests.models_registry.backfills import world

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def file_of(readings: list[dict[str, Any]]) -> bytes:
    return world.csv_file(
        [each["model"], each["metric"], each["value"], each["observed_at"].isoformat()] for each in readings
    )


def brought_in(readings: list[dict[str, Any]], *, rests: timedelta = late.RESTED) -> None:
    """Bring a file in through the line, and let it rest."""
    running = world.started(file_of(readings))
    while working.advance(backfill_id=running.pk, at=NOON) or pipeline.process_history(limit=5, at=NOON):
        pass
    running.refresh_from_db()
    assert running.state == BackfillState.DONE
    while pipeline.catch_up(at=NOON + rests, limit=50):
        pass


def told() -> set[str]:
    """What the trail says happened to risks and models, by whom."""
    rows = AuditEntry.objects.filter(action__in=["risk.level_raised", "model.went_red", "rule.tripped"])
    return {f"{action} {name}" for action, name in rows.values_list("action", "actor_name")}


def test_a_breach_beyond_the_reach_of_rules_is_on_record_and_raises_nothing() -> None:
    a_model(at=NOON - 200 * DAY)
    an_enforced_rule(at=NOON - 190 * DAY)

    brought_in(hourly([0.95] * 10 + [0.7] * 5 + [0.95] * 10, until=NOON - 130 * DAY))

    assert Measurement.objects.count() == 25
    assert not Episode.objects.exists()
    assert told() == set()
    assert Posture.objects.get().last_observed_at == NOON - 130 * DAY - timedelta(minutes=30)


def test_a_grave_breach_that_nobody_released_stands_as_if_it_had_been_seen_then_and_wakes_nobody() -> None:
    a_model(at=NOON - 100 * DAY)
    an_enforced_rule(at=NOON - 90 * DAY)

    brought_in(hourly([0.95] * 10 + [0.7] * 5 + [0.95] * 10, until=NOON - 40 * DAY))
    route(limit=100, at=NOON)

    [episode] = Episode.objects.all()
    assert episode.found_at == NOON + late.RESTED
    assert episode.began_at < episode.cleared_at < NOON - 40 * DAY
    assert Risk.objects.get().level == "HIGH"
    assert {one.partition(" ")[2] for one in told()} == {"history"}
    assert not RoutingDecision.objects.filter(outcome__in=[Outcome.PAGE, Outcome.POST]).exists()


def test_what_a_breach_of_the_days_before_still_weighs_waits_for_the_digest() -> None:
    a_model()
    an_enforced_rule()

    brought_in(hourly([0.95, 0.7, 0.7, 0.95], until=NOON - 2 * DAY))
    route(limit=100, at=NOON)

    assert Risk.objects.get().level == "HIGH"
    assert "risk.level_raised history" in told()
    decisions = RoutingDecision.objects.filter(
        entry__actor_name="history", entry__action__in=["risk.level_raised", "model.went_red"]
    )
    assert decisions.exists()
    assert {one.tier for one in decisions} == {3}
    assert Outcome.PAGE not in {one.outcome for one in decisions}
    assert all(one.reason.startswith("It comes from history") for one in decisions)


def test_a_breach_that_goes_on_now_is_told_as_any_other() -> None:
    a_model()
    an_enforced_rule()

    brought_in(hourly([0.95, 0.7, 0.7], until=NOON))

    assert "risk.level_raised scoring" in told()


def test_history_comes_to_the_same_before_and_after_live_telemetry() -> None:
    found = []
    for first in ("live", "history"):
        slug = f"claims-{first}"
        a_model(slug)
        an_enforced_rule()
        now = hourly([0.95, 0.7, 0.95], model=slug, until=NOON)
        past = hourly([0.95, 0.7, 0.7, 0.95], model=slug, until=NOON - DAY)
        for what in (first, "history" if first == "live" else "live"):
            if what == "live":
                send(now)
            else:
                brought_in(past)
        pipeline.sweep(at=NOON + late.RESTED)
        rows = Episode.objects.filter(model__slug=slug, rule_version__state="ENFORCED").order_by("began_at")
        risk = Risk.objects.get(model__slug=slug)
        found.append(([(one.began_at, one.cleared_at, one.points) for one in rows], risk.level, risk.score))

    assert found[0] == found[1]
    assert len(found[0][0]) == 2


def test_nothing_is_judged_while_a_file_comes_in_and_once_it_rests_all_of_it_is() -> None:
    a_model()
    an_enforced_rule()
    brought_in(hourly([0.95, 0.7, 0.95], until=NOON - 3 * DAY), rests=timedelta(seconds=1))
    assert (Measurement.objects.count(), Evaluation.objects.count()) == (3, 0)
    assert LateEvidence.objects.get().since == NOON - 3 * DAY - timedelta(hours=2, minutes=30)

    assert late.due(at=NOON + late.RESTED / 2, limit=5) == []
    assert pipeline.catch_up(at=NOON + late.RESTED, limit=5) == 1

    assert Evaluation.objects.exists()
    assert not LateEvidence.objects.exists()


def test_a_stream_of_history_that_never_rests_is_judged_all_the_same() -> None:
    model = a_model()
    LateEvidence.objects.create(
        model=model, since=NOON - DAY, newest=NOON - DAY, first_at=NOON - late.LONGEST, last_at=NOON
    )

    assert late.due(at=NOON, limit=5) == [model.pk]


def test_breaches_of_many_models_that_are_over_trip_no_breaker() -> None:
    an_enforced_rule()
    for number in range(20):
        a_model(f"model-{number}")
    brought_in(
        [
            row
            for number in range(20)
            for row in hourly([0.95, 0.7, 0.95], model=f"model-{number}", until=NOON - 10 * DAY)
        ]
    )

    send(hourly([0.95, 0.7], model="model-3"))

    assert Episode.objects.filter(cleared_at__isnull=False).count() == 20
    assert not RuleTrip.objects.exists()
    assert Risk.objects.filter(level="HIGH").count() == 20


def test_an_environment_that_only_the_file_knows_is_judged_too() -> None:
    a_model()
    an_enforced_rule()
    source = world.source(environment="staging")
    rows = hourly([0.95, 0.7, 0.95], until=NOON - 3 * DAY)
    running = world.started(file_of(rows), to=source)
    while working.advance(backfill_id=running.pk, at=NOON) or pipeline.process_history(limit=5, at=NOON):
        pass

    pipeline.catch_up(at=NOON + late.RESTED)

    assert Episode.objects.get().environment == "staging"


def test_live_events_are_taken_however_much_history_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    a_model()
    an_enforced_rule()
    monkeypatch.setattr(working, "MOST", 5)
    running = world.started(file_of(hourly([0.9] * 100, until=NOON - 5 * DAY)))
    while working.advance(backfill_id=running.pk, at=NOON):
        pass
    assert TelemetryEvent.objects.filter(state=EventState.NEW).count() == working.WAITING

    taken = send(hourly([0.7], until=NOON))

    assert taken == 1
    assert TelemetryEvent.objects.filter(state=EventState.NEW).count() == working.WAITING
    assert pipeline.process_history(limit=1, at=NOON) == 1


def test_a_round_works_on_history_only_while_no_worker_does() -> None:
    a_model()
    running = world.started(file_of(hourly([0.9] * 10, until=NOON - 5 * DAY)))
    late.beat(at=NOON)
    assert tasks.tick_history(NOON + timedelta(seconds=2)) == 0
    running.refresh_from_db()
    assert running.row == 1

    assert tasks.tick_history(NOON + timedelta(seconds=10)) > 0

    running.refresh_from_db()
    assert running.row == 11


def test_the_worker_works_a_file_off_and_then_rests() -> None:
    a_model()
    running = world.started(file_of(hourly([0.9] * 10, until=NOON - 5 * DAY)))
    LateEvidence.objects.all().delete()

    done = tasks._work_off(seconds=0.0, is_worker=True)

    running.refresh_from_db()
    assert done and running.row == 11
    assert late.is_worked_on(at=NOON)
