"""The counted books equal the recounted ones after anything that can happen to an event, folded or not."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models_registry.telemetry import actions, queries, tallies, tasks
from models_registry.telemetry.models import EventState, Source, SourceBooks, Tally, TelemetryEvent
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT

STEPS = st.lists(
    st.sampled_from(["good", "bad", "again", "conflict", "line", "fold", "replay", "die", "next day"]), max_size=14
)


class Company:
    """One source and whatever happens to what it sends."""

    def __init__(self, run_line: Callable[[], None]) -> None:
        self.source, self.run_line, self.sent, self.at = world.source(), run_line, 0, AT

    def do(self, step: str) -> None:
        getattr(self, step.replace(" ", "_"))()

    def good(self) -> None:
        self.sent += 1
        self._send(world.measurements(0.5, minute=self.sent))

    def bad(self) -> None:
        self.sent += 1
        self._send(b"not json %d" % self.sent)

    def again(self) -> None:
        self._send(b"sent twice", webhook_id="same")

    def conflict(self) -> None:
        self.sent += 1
        self._send(b"other %d" % self.sent, webhook_id="same")

    def line(self) -> None:
        self.run_line()

    def fold(self) -> None:
        tallies.fold()

    def replay(self) -> None:
        held = [event.pk for event in queries.held_events(source=self.source)]
        if held:
            actions.replay(by=world.OPERATOR, at=self.at, events=held)

    def die(self) -> None:
        self.good()
        for hour in range(6):
            actions.claim(limit=1, at=self.at + dt.timedelta(hours=hour + 1))

    def next_day(self) -> None:
        self.at += dt.timedelta(days=1)

    def _send(self, body: bytes, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        actions.receive(source=self.source, body=body, headers=named, at=self.at)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_any_sequence_the_counted_books_are_the_recounted_ones(
    steps: list[str], run_line: Callable[[], None]
) -> None:
    if not Source.objects.exists():
        world.claims_model()
    company = Company(run_line)

    for step in steps:
        company.do(step)

    assert queries.miscounted() == {}
    tallies.fold()
    assert queries.miscounted() == {}
    assert not Tally.objects.exists()


@pytest.mark.django_db
def test_a_fold_moves_every_tally_once_and_today_begins_anew_each_day(run_line: Callable[[], None]) -> None:
    world.claims_model()
    company = Company(run_line)
    company.good()
    company.line()
    company.fold()
    assert queries.books(at=AT)[company.source.pk].today == 1

    company.next_day()
    company.good()
    company.bad()
    tomorrow = queries.books(at=company.at)[company.source.pk]

    assert (tomorrow.today, tomorrow.received, tomorrow.waiting) == (2, 3, 2)
    assert tasks.tick(company.at.replace(second=1)) == 0
    assert SourceBooks.objects.get().done == 1


@pytest.mark.django_db
def test_check_finds_a_count_that_is_wrong(run_line: Callable[[], None]) -> None:
    world.claims_model()
    company = Company(run_line)
    company.bad()
    company.line()

    TelemetryEvent.objects.update(state=EventState.DONE)

    counted, proven = queries.miscounted()[company.source.pk]
    assert (counted.quarantined, proven.quarantined, proven.done) == (1, 0, 1)


@pytest.mark.django_db
def test_the_cost_of_the_books_does_not_depend_on_what_has_ended(
    run_line: Callable[[], None], django_assert_num_queries: Any
) -> None:
    world.claims_model()
    company = Company(run_line)
    for _ in range(5):
        company.good()
    company.line()
    company.fold()

    with django_assert_num_queries(3):
        rows = queries.source_rows(at=AT)

    assert [row.books.done for row in rows] == [5]
