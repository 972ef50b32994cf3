"""The live loop on a batch: its cost, a storm, decisions about rules, and what it leaves alone."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.risks.models import Risk, RiskChange
from governance.rules import actions as rules
from governance.rules.models import Episode, Evaluation, RuleVersion, SeriesState
from governance.scoring import breaker, pipeline, storm
from governance.scoring.models import Posture, RuleTrip
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from tests.journeys.builders import (
    ACCURACY_RULE,
    NOON,
    a_model,
    a_model_past_its_line,
    an_enforced_formula,
    an_enforced_rule,
    hourly,
    people,
    send,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def bad(number: int) -> list[dict[str, object]]:
    return hourly([0.95, 0.7], model=f"model-{number}")


def test_a_batch_of_many_models_takes_no_more_statements_than_a_small_one():
    an_enforced_rule()
    an_enforced_formula()
    for number in range(9):
        a_model(f"model-{number}")
    send([reading for number in range(9) for reading in hourly([0.9], model=f"model-{number}", until=NOON - 3 * HOUR)])

    with CaptureQueriesContext(connection) as small:
        send([reading for number in range(2) for reading in bad(number)])
    with CaptureQueriesContext(connection) as large:
        send([reading for number in range(2, 4) for reading in bad(number)] + hourly([0.9], model="model-5"))
    with CaptureQueriesContext(connection) as larger:
        send([reading for number in range(5, 9) for reading in hourly([0.9, 0.91], model=f"model-{number}")])

    assert Risk.objects.filter(level="HIGH").count() == 4
    assert len(large) <= len(small)
    assert len(larger) <= len(small)


def test_a_series_that_nothing_reads_moves_nothing():
    model = a_model()
    an_enforced_rule()
    an_enforced_formula()
    send(hourly([0.9]))
    before = Posture.objects.get(model=model)

    with CaptureQueriesContext(connection) as queries:
        send(hourly([7, 8], metric="temperature_of_the_room"))

    after = Posture.objects.get(model=model)
    assert after.digest == before.digest
    assert (after.updated_at, after.last_observed_at) == (before.updated_at, NOON - HOUR / 2)
    written = [query["sql"] for query in queries if query["sql"].lower().startswith(("insert", "update"))]
    assert not [sql for sql in written if "rules_" in sql or "risks_" in sql or "health_" in sql or "audit_" in sql]


def test_the_same_reading_again_writes_no_second_history():
    a_model_past_its_line()
    changes, evaluations = RiskChange.objects.count(), Evaluation.objects.count()

    send(hourly([0.6], until=NOON - HOUR / 60))
    pipeline.sweep(at=NOON + 6 * MINUTE)

    assert (RiskChange.objects.count(), Evaluation.objects.count()) == (changes, evaluations)


def test_a_rule_that_would_move_too_many_models_is_held_and_its_owners_told():
    version = an_enforced_rule()
    for number in range(20):
        a_model(f"model-{number}")

    for number in range(20):
        send(bad(number))

    allowed = storm.limit_of(20)
    trip = RuleTrip.objects.get()
    entry = AuditEntry.objects.get(action="rule.tripped")
    assert Risk.objects.filter(level="HIGH").count() == allowed == 4
    assert AuditEntry.objects.filter(action="risk.level_raised").count() == allowed
    assert (trip.rule_version, trip.model_count) == (version, allowed + 1)
    assert (entry.object_type, entry.object_id) == ("rule", "accuracy-low")
    assert '"models":5' in entry.canon
    assert RuleVersion.objects.get().error.startswith("Rule accuracy-low changed 5 of 20 models")
    assert SeriesState.objects.filter(firing=True).count() == 20, "a held rule goes on being judged"


def test_ten_thousand_bad_readings_at_once_raise_nothing_and_say_so_once():
    an_enforced_rule()
    for number in range(40):
        a_model(f"model-{number}")
    rows = [reading for number in range(40) for reading in bad(number)]

    for part in range(10):
        send([{**row, "segment": "" if part == 0 else f"s{part}-{copy}"} for row in rows for copy in range(12)])

    assert AuditEntry.objects.filter(action="rule.tripped").count() == 1
    assert not Risk.objects.exists()
    assert AuditEntry.objects.filter(action__startswith="risk.").count() == 0


def test_what_was_raised_before_the_trip_stands_and_ends_as_any_other():
    an_enforced_rule()
    for number in range(8):
        a_model(f"model-{number}")
        send(bad(number))
    raised = Risk.objects.get(model__slug="model-0")

    pipeline.sweep(at=NOON + 6 * MINUTE)
    raised.refresh_from_db()
    assert raised.level == "HIGH"

    send(hourly([0.95, 0.96], model="model-0", until=NOON + 2 * HOUR), at=NOON + 2 * HOUR)
    assert Episode.objects.get(model__slug="model-0").cleared_at is not None


def test_compliance_reinstates_a_held_rule_and_everything_it_found_counts_at_the_next_tick():
    version = an_enforced_rule()
    for number in range(8):
        a_model(f"model-{number}")
        send(bad(number))
    with pytest.raises(AccessDenied):
        breaker.reinstate(by=people().olive, at=NOON + 30 * MINUTE, version=version)

    pipeline.sweep(at=NOON + 29 * MINUTE)
    breaker.reinstate(by=people().cora, at=NOON + 30 * MINUTE, version=version)
    pipeline.sweep(at=NOON + 30 * MINUTE)

    assert Risk.objects.filter(level="HIGH").count() == 8
    assert RuleVersion.objects.get().error == ""
    with pytest.raises(breaker.NotTripped):
        breaker.reinstate(by=people().cora, at=NOON + 31 * MINUTE, version=version)


def test_slow_trouble_is_no_storm():
    an_enforced_rule()
    for number in range(8):
        a_model(f"model-{number}")
        send(hourly([0.7], model=f"model-{number}"), at=NOON + number * 11 * MINUTE)

    assert not RuleTrip.objects.exists()
    assert Risk.objects.filter(level="HIGH").count() == 8


def test_retiring_a_rule_reaches_its_risks_at_the_next_tick():
    model = a_model_past_its_line()
    pipeline.sweep(at=NOON + MINUTE)
    version = RuleVersion.objects.get()
    rules.retire(by=people().cora, at=NOON + 2 * MINUTE, version=version)

    looked_at = pipeline.sweep(at=NOON + 2 * MINUTE + timedelta(seconds=1))

    assert looked_at == 1
    assert Posture.objects.get(model=model).swept_at == NOON + 2 * MINUTE + timedelta(seconds=1)


def test_enforcing_a_rule_raises_at_the_next_tick_what_it_found_in_shadow():
    model = a_model()
    version = an_enforced_rule()
    RuleVersion.objects.update(state="SHADOW", enforced_at=None)
    send(hourly([0.7, 0.6]))
    pipeline.sweep(at=NOON + MINUTE)
    assert not Risk.objects.filter(level="HIGH").exists()

    version.refresh_from_db()
    rules.enforce(by=people().cora, at=NOON + 2 * MINUTE, version=version)
    pipeline.sweep(at=NOON + 2 * MINUTE + timedelta(seconds=1))

    assert Risk.objects.get(model=model).level == "HIGH"


def test_the_sweep_looks_beyond_production():
    rule = ACCURACY_RULE.replace("for: 1\nthen:\n  risk", "for: 2\n  gaps: breach\nthen:\n  risk")
    model = a_model()
    an_enforced_rule(rule)
    send([{**one, "environment": "staging"} for one in hourly([0.9, 0.7])])

    pipeline.sweep(at=NOON + 2 * HOUR)

    assert SeriesState.objects.get(model=model, environment="staging").holds is True


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.95, 0.95], ""),
        ([0.85, 0.9], "Health is 78.6, 3.6 from its redline of 75: accuracy took 14.3 of the 21.4 points lost."),
        ([0.7, 0.95], "Health is 64.3, 10.7 past its redline of 75: accuracy took all of the 35.7 points lost."),
    ],
)
def test_a_model_past_its_line_or_close_to_it_says_what_took_most_of_its_health(values: list[float], expected: str):
    an_enforced_formula()
    model = a_model()

    send([*hourly(values[:1]), *hourly(values[1:], metric="auc")])

    posture = Posture.objects.get(model=model)
    assert posture.why == expected
