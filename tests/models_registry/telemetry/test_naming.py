"""What the house says of names and units, on the way from the body to the measurement."""

import datetime as dt
import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from models_registry.access.models import Account
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.telemetry import actions, catalogue_actions, catalogue_queries
from models_registry.telemetry.catalogue_models import HouseAlias
from models_registry.telemetry.metrics import Direction
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

Run = Callable[[], None]


def send(source: Source, metric: str, value: float, unit: str = "", number: int = 1, segment: str = "") -> None:
    reading = {
        "model": "claims-triage",
        "metric": metric,
        "value": value,
        "segment": segment,
        "observed_at": (AT - dt.timedelta(minutes=number)).isoformat(),
    }
    body = {"measurements": [{**reading, "unit": unit} if unit else reading]}
    actions.receive(source=source, body=json.dumps(body).encode(), headers={}, at=AT)


def alias(name: str, metric: str, *, kind: str = "*", unit: str = "") -> HouseAlias:
    return catalogue_actions.add_alias(by=OPERATOR, at=AT, name=name, metric=metric, source_kind=kind, unit=unit)


def test_a_number_in_another_unit_is_kept_in_the_metrics_own_with_the_unit_it_came_in(run_line: Run) -> None:
    world.claims_model()
    send(world.source(), "p95_latency_ms", 0.8124, "s")
    run_line()

    found = Measurement.objects.get()

    assert (found.value, found.unit, found.sent_unit) == (812.4, "ms", "s")


def test_a_number_in_the_metrics_own_unit_says_nothing_of_another(run_line: Run) -> None:
    world.claims_model()
    send(world.source(), "p95_latency_ms", 812.4)
    run_line()

    assert (Measurement.objects.get().unit, Measurement.objects.get().sent_unit) == ("ms", "")


def test_a_unit_of_something_else_holds_the_event_with_the_reason(run_line: Run) -> None:
    world.claims_model()
    send(world.source(), "p95_latency_ms", 3.0, "USD")
    run_line()

    event = TelemetryEvent.objects.get()

    assert (event.state, event.reason) == (EventState.QUARANTINED, "E_UNIT:#0")
    assert "USD is an amount of US dollars, ms is a time" in event.detail


def test_a_name_of_the_house_is_read_as_its_metric_in_the_unit_it_is_sent_in(run_line: Run) -> None:
    world.claims_model()
    alias("Response Time (slow)", "p95_latency_ms", unit="s")
    send(world.source(), "response-time.(slow)", 2.0)
    run_line()

    found = Measurement.objects.get()

    assert (found.metric, found.value, found.unit, found.sent_unit) == ("p95_latency_ms", 2000.0, "ms", "s")


def test_the_own_alias_of_a_kind_comes_before_the_one_for_all(run_line: Run) -> None:
    world.claims_model()
    alias("goodness", "precision")
    alias("goodness", "recall", kind="measurements")
    send(world.source(), "goodness", 0.5)
    run_line()

    assert Measurement.objects.get().metric == "recall"


def test_an_ended_alias_reads_nothing_more_and_what_was_measured_stays(run_line: Run) -> None:
    world.claims_model()
    said = alias("goodness", "precision")
    source = world.source()
    send(source, "goodness", 0.5)
    run_line()
    catalogue_actions.end_alias(by=OPERATOR, at=AT, alias=said)
    send(source, "goodness", 0.6, number=2)
    run_line()

    assert sorted(Measurement.objects.values_list("metric", "value")) == [("goodness", 0.6), ("precision", 0.5)]
    with pytest.raises(catalogue_actions.AliasEnded):
        catalogue_actions.end_alias(by=OPERATOR, at=AT, alias=said)
    again = alias("goodness", "recall")
    assert again.pk != said.pk


def test_a_metric_of_the_house_has_its_unit_and_is_no_longer_unmapped(run_line: Run) -> None:
    world.claims_model()
    send(world.source(), "answer_length", 3.0, "thousand")
    run_line()
    before = [each.name for each in catalogue_queries.unmapped()]
    catalogue_actions.define_metric(
        by=OPERATOR, at=AT, name="answer_length", unit="count", direction=Direction.NEITHER, description="Words."
    )
    send(world.source(), "answer_length", 3.0, "thousand", number=2)
    run_line()

    assert before == ["answer_length"]
    assert catalogue_queries.unmapped() == []
    assert list(Measurement.objects.order_by("pk").values_list("value", "unit")) == [
        (3.0, "thousand"),
        (3000.0, "count"),
    ]


@pytest.mark.parametrize(
    ("name", "metric", "kind", "unit", "refused"),
    [
        ("accuracy", "recall", "*", "", catalogue_actions.MetricKnown),
        ("acc", "recall", "*", "", catalogue_actions.MetricKnown),
        ("goodness", "nothing", "*", "", catalogue_actions.MetricUnknown),
        ("goodness", "recall", "fax", "", catalogue_actions.MetricUnknown),
        ("  ", "recall", "*", "", catalogue_actions.MetricUnknown),
        ("goodness", "recall", "*", "s", catalogue_actions.UnitUnfit),
        ("taken", "recall", "*", "", catalogue_actions.MetricKnown),
    ],
)
def test_what_a_name_cannot_stand_for_is_refused(
    name: str, metric: str, kind: str, unit: str, refused: type[Exception]
) -> None:
    alias("taken", "precision")

    with pytest.raises(refused):
        alias(name, metric, kind=kind, unit=unit)
    assert HouseAlias.objects.count() == 1


@pytest.mark.parametrize("name", ["Accuracy 2", "2nd", "ä", "", "a" * 81])
def test_a_metric_of_the_house_has_a_plain_name(name: str) -> None:
    with pytest.raises(catalogue_actions.MetricNameUnfit):
        catalogue_actions.define_metric(
            by=OPERATOR, at=AT, name=name, unit="", direction=Direction.NEITHER, description="D."
        )


def test_only_who_connects_sources_says_what_names_mean() -> None:
    olive: Account = world.olive()

    with pytest.raises(AccessDenied):
        catalogue_actions.add_alias(by=olive, at=AT, name="goodness", metric="recall")
    with pytest.raises(AccessDenied):
        catalogue_actions.define_metric(
            by=olive, at=AT, name="goodness", unit="", direction=Direction.NEITHER, description="D."
        )


def test_what_the_house_says_is_in_the_trail() -> None:
    said = alias("goodness", "recall")
    catalogue_actions.end_alias(by=OPERATOR, at=AT, alias=said)

    told = AuditEntry.objects.filter(action__startswith="metric.").order_by("id").values_list("action", flat=True)

    assert list(told) == ["metric.alias_added", "metric.alias_ended"]


def test_names_that_the_catalogue_knows_ask_the_house_nothing(run_line: Run) -> None:
    world.claims_model()
    send(world.source(), "accuracy", 0.5)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        run_line()

    assert not [query for query in queries if "telemetry_house" in query["sql"]]
