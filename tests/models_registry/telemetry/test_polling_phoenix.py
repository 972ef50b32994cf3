"""A Phoenix that is asked: judgements and calls, each once, and no word of what people or models wrote."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from models_registry.telemetry import poll_actions, sweeping
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from models_registry.telemetry.notice_models import SourceNotice
from models_registry.telemetry.poll_models import PollSweep, SweepOutcome
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.platform_stub import Asked, Reply, platform

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
BEGAN = world.AT - dt.timedelta(hours=1)
PERSONAL = "What did Ms Okafor write about her claim?"


@dataclass
class Phoenix:
    """The project `support` in memory, as its REST API lists it (INTEGRATIONS A3.1)."""

    page: int = 50
    spans: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)

    def call(self, number: int, at: dt.datetime, kind: str = "LLM", **facts: Any) -> None:
        self.spans.append(
            {
                "id": f"U3Bhbjo{number}",
                "name": "chat",
                "context": {"trace_id": f"{number:032x}", "span_id": f"{number:016x}"},
                "span_kind": kind,
                "parent_id": None,
                "start_time": at.isoformat(),
                "end_time": (at + dt.timedelta(milliseconds=250)).isoformat(),
                "status_code": "OK",
                "status_message": "",
                "attributes": {
                    "llm.model_name": "claims-triage",
                    "llm.token_count.prompt": 100,
                    "llm.token_count.completion": 50,
                    "input.value": PERSONAL,
                }
                | facts,
                "events": [],
            }
        )

    def judge(self, number: int, at: dt.datetime, score: float | None = 1.0) -> None:
        """Write the judgement of a span, or write it again."""
        key = f"U3BhbkFubm90YXRpb246{number}"
        self.annotations = [each for each in self.annotations if each["id"] != key]
        self.annotations.append(
            {
                "id": key,
                "created_at": BEGAN.isoformat(),
                "updated_at": at.isoformat(),
                "source": "API",
                "user_id": None,
                "name": "hallucination",
                "annotator_kind": "LLM",
                "result": {"label": "hallucinated", "score": score, "explanation": PERSONAL},
                "metadata": {"model_version": "7", "question": PERSONAL},
                "identifier": "gov-judge-v2",
                "span_id": f"{number:016x}",
            }
        )

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/v1/projects/support/spans":
            since, until = (dt.datetime.fromisoformat(asked.query[name][0]) for name in ("start_time", "end_time"))
            found = [
                span
                for span in self.spans
                if since <= dt.datetime.fromisoformat(span["start_time"]) < until
                and span["span_kind"] in asked.query.get("span_kind", [span["span_kind"]])
            ]
            return self._paged(asked, found)
        if asked.path == "/v1/projects/support/span_annotations":
            return self._paged(asked, [a for a in self.annotations if a["span_id"] in asked.query["span_ids"]])
        return Reply(raw=b"Project not found", status=404)

    def _paged(self, asked: Asked, listed: list[dict[str, Any]]) -> Reply:
        first, size = int(asked.query.get("cursor", ["0"])[0]), min(int(asked.query["limit"][0]), self.page)
        following = str(first + size) if first + size < len(listed) else None
        return Reply({"data": listed[first : first + size], "next_cursor": following})


@dataclass
class Polled:
    """The project, the source that is polled for it, and the clock."""

    server: Phoenix
    source: Source
    now: dt.datetime = world.AT

    def sweep(self) -> PollSweep:
        poll_actions.ask_now(by=world.OPERATOR, at=self.now, source=self.source)
        taken = sweeping.claim(at=self.now)
        assert taken is not None
        return sweeping.sweep(taken=taken, now=lambda: self.now)


@pytest.fixture
def polled(settings: Any) -> Iterator[Callable[..., Polled]]:
    server = Phoenix()
    with platform(settings, server.answer) as served:

        def make(**config: str) -> Polled:
            source = world.source("phoenix")
            given = {"address": served.address, "project": "support", "model": "", "look_back": "2"} | config
            poll_actions.set_polling(
                by=world.OPERATOR, at=BEGAN, source=source, config=given, scheme="bearer", credential="key",
                interval_s=60,
            )  # fmt: skip
            return Polled(server, source)

        yield make


def test_judgements_and_calls_are_measured_and_nothing_that_was_written_is_kept(
    polled: Callable[..., Polled], run_line: Callable[[], None]
) -> None:
    world.claims_model()
    made = polled(model="claims-triage")
    made.server.call(1, BEGAN + MINUTE)
    made.server.call(2, BEGAN + MINUTE, kind="CHAIN")
    made.server.judge(1, BEGAN + 2 * MINUTE)

    line = made.sweep()
    run_line()

    assert (line.outcome, line.fresh) == (SweepOutcome.DONE, 2)
    measured = dict(Measurement.objects.values_list("metric", "value"))
    assert measured["hallucination_rate"] == 1.0
    assert measured["p95_latency_ms"] == 250.0
    assert measured["traced_input_token_count"] == 100.0
    assert not TelemetryEvent.objects.exclude(state=EventState.DONE).exists()
    assert all(PERSONAL.encode() not in bytes(raw) for raw in TelemetryEvent.objects.values_list("raw", flat=True))


def test_a_judgement_that_comes_later_is_found_and_one_written_again_counts_again(
    polled: Callable[..., Polled],
) -> None:
    made = polled()
    made.server.call(1, BEGAN + MINUTE)
    first = made.sweep()
    made.now += 10 * MINUTE
    made.server.judge(1, made.now - MINUTE)
    second = made.sweep()
    made.now += 10 * MINUTE
    made.server.judge(1, made.now - MINUTE, score=0.0)
    third = made.sweep()
    fourth = made.sweep()

    assert [line.fresh for line in (first, second, third, fourth)] == [1, 1, 1, 0]


def test_many_pages_bring_every_call_and_judgement_once(polled: Callable[..., Polled]) -> None:
    made = polled()
    made.server.page = 3
    for number in range(10):
        made.server.call(number, BEGAN + MINUTE)  # all at one moment
        made.server.judge(number, BEGAN + 2 * MINUTE)

    made.sweep()
    again = made.sweep()

    judged = TelemetryEvent.objects.filter(event_id__startswith="poll:annotation:").count()
    calls = TelemetryEvent.objects.filter(event_id__startswith="poll:spans:")
    assert (judged, again.fresh) == (10, 0)
    assert sum(bytes(raw).count(b'"span_id"') for raw in calls.values_list("raw", flat=True)) == 10


def test_what_was_judged_before_the_polling_began_is_no_news(polled: Callable[..., Polled]) -> None:
    made = polled()
    made.server.call(1, BEGAN - MINUTE)
    made.server.judge(1, BEGAN - MINUTE)

    assert made.sweep().found == 0


def test_calls_of_a_model_that_is_not_registered_are_counted_and_left_alone(
    polled: Callable[..., Polled], run_line: Callable[[], None]
) -> None:
    made = polled()
    made.server.call(1, BEGAN + MINUTE)

    made.sweep()
    run_line()

    assert SourceNotice.objects.filter(code="N_UNKNOWN_MODEL").exists()
    assert not Measurement.objects.exists()


def test_a_project_that_is_not_there_is_said_in_our_words(polled: Callable[..., Polled]) -> None:
    made = polled(project="nobody")

    line = made.sweep()

    assert (line.outcome, line.told) == (SweepOutcome.FAILED, "There is nothing at this address (404).")


@pytest.mark.parametrize(("name", "value"), [("project", "a/b"), ("look_back", "0"), ("look_back", "soon")])
def test_settings_that_cannot_be_are_refused(polled: Callable[..., Polled], name: str, value: str) -> None:
    with pytest.raises(poll_actions.PollingUnfit) as unfit:
        polled(**{name: value})

    assert name in unfit.value.faults
