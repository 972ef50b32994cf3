"""What columns mean is guessed from their names; what a row says is judged cell by cell; moments in every form."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models_registry.backfills import columns
from models_registry.backfills.columns import Plan, PlanUnfit, check, from_document, guess
from models_registry.backfills.rows import Judge, LeftOut, Rejected, Sound
from models_registry.backfills.times import Clock, guess_clock, teller, zone_named
from models_registry.telemetry.readings import Unreadable
from tests.models_registry.telemetry.world import AT

LONG = Plan(columns={name: name for name in ("model", "metric", "value", "observed_at")})


@pytest.mark.parametrize(
    ("header", "row", "layout", "found"),
    [
        (
            ["Timestamp", "model_name", "metric", "value", "env"],
            ["2026-03-01T12:00:00Z", "chat", "psi", "0.1", "prod"],
            columns.LONG,
            {
                "observed_at": "Timestamp",
                "model": "model_name",
                "metric": "metric",
                "value": "value",
                "environment": "env",
            },
        ),
        (
            ["date", "Model ID", "accuracy", "psi", "comment"],
            ["2026-03-01", "chat", "0.9", "0.1", "fine"],
            columns.WIDE,
            {"observed_at": "date", "model": "Model ID"},
        ),
        (
            ["run", "step_time", "ts", "key", "value", "slice"],
            ["r1", "4", "1772366400000", "loss", "0.2", "eu"],
            columns.LONG,
            {"observed_at": "ts", "metric": "key", "value": "value", "segment": "slice"},
        ),
    ],
    ids=["long", "wide", "mlflow export"],
)
def test_columns_are_guessed(header: list[str], row: list[str], layout: str, found: dict[str, str]) -> None:
    plan, _ = guess(header, [row])

    assert (plan.layout, plan.columns) == (layout, found)
    assert list(plan.metrics) == (["accuracy", "psi"] if layout == columns.WIDE else [])


def test_numbers_with_a_comma_and_moments_without_a_zone_are_noticed() -> None:
    plan, needs_zone = guess(["model", "time", "accuracy"], [["chat", "2026-03-01 12:00:00", "0,91"]])

    assert (plan.decimal, plan.clock, needs_zone) == (",", Clock.ISO, True)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"columns": {"metric": "metric", "value": "value", "observed_at": "observed_at"}}, "Nothing says model"),
        ({"columns": {**LONG.columns, "unit": "unit"}}, "no column unit"),
        ({"fixed": {"model": "chat"}}, "model is both"),
        ({"zone": "Mars/Olympus"}, "no time zone"),
        ({"layout": columns.WIDE}, "no column of metrics"),
        ({"clock": "weeks"}, "clock"),
        ({"fixed": {"value": "1"}}, "come from columns"),
        ({"columns": {**LONG.columns, "mood": "value"}}, "mood"),
        ({"since": "last week"}, "since"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused_with_its_reason(changes: dict[str, Any], why: str) -> None:
    document = {**LONG.document(), **changes}

    with pytest.raises(PlanUnfit, match=why):
        check(from_document(document), list(LONG.columns))


def test_a_plan_is_the_same_when_it_comes_back_and_stopping_changes_no_row() -> None:
    again = from_document(LONG.document())

    assert (again, again.digest) == (LONG, LONG.digest)
    assert from_document({**LONG.document(), "stops": True}).digest == LONG.digest
    assert from_document({**LONG.document(), "zone": "UTC"}).digest != LONG.digest


NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("cell", "clock", "zone", "found"),
    [
        ("2026-03-01T12:00:00Z", "iso", "", NOON),
        ("2026-03-01T13:00:00+01:00", "iso", "", NOON),
        ("2026-03-01 12:00:00 UTC", "iso", "", NOON),
        ("2026-03-01 12:00:00+00", "iso", "", NOON),
        ("2026-03-01 13:00", "iso", "Europe/Berlin", NOON),
        ("2026-03-01", "iso", "UTC", NOON.replace(hour=0)),
        ("2026-03-01T12:00:00,250Z", "iso", "", NOON.replace(microsecond=250_000)),
        (1772366400, "s", "", NOON),
        ("1772366400.5", "s", "", NOON.replace(microsecond=500_000)),
        ("1772366400123", "ms", "", NOON.replace(microsecond=123_000)),
        (1772366400123456, "us", "", NOON.replace(microsecond=123_456)),
        ("1772366400123456789", "ns", "", NOON.replace(microsecond=123_456)),
        (NOON, "iso", "", NOON),
        (NOON.replace(tzinfo=None), "iso", "UTC", NOON),
        (NOON.date(), "iso", "UTC", NOON.replace(hour=0)),
        ("2025-10-26 02:30", "iso", "Europe/Berlin", dt.datetime(2025, 10, 26, 0, 30, tzinfo=dt.UTC)),
    ],
)
def test_moments_are_read_in_every_form(cell: Any, clock: str, zone: str, found: dt.datetime) -> None:
    assert teller(clock=Clock(clock), zone=zone_named(zone), now=AT)(cell) == found


@pytest.mark.parametrize(
    ("cell", "clock", "code"),
    [
        ("2026-03-01 12:00", "iso", "E_NAIVE_TIME"),
        ("01.03.2026", "iso", "E_TIME"),
        ("2026-02-30T00:00:00Z", "iso", "E_TIME"),
        ("", "iso", "E_MISSING"),
        (None, "s", "E_MISSING"),
        ("soon", "s", "E_TIME"),
        (True, "s", "E_TIME"),
        (float("nan"), "s", "E_TIME"),
        (float("inf"), "s", "E_TIME"),
        ("9" * 20, "s", "E_TIME"),
        ("2027-03-01T12:00:00Z", "iso", "E_FUTURE"),
        ("1999-12-31T23:59:59Z", "iso", "E_PAST"),
        (0, "s", "E_PAST"),
        ("0001-01-01T00:00:00+14:00", "iso", "E_TIME"),
    ],
)
def test_what_is_no_moment_is_told(cell: Any, clock: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        teller(clock=Clock(clock), zone=None, now=AT)(cell)

    assert refused.value.reason == code


@given(some.datetimes(dt.datetime(2001, 1, 1), dt.datetime(2026, 1, 1)), some.sampled_from(["s", "ms", "us", "ns"]))
def test_a_number_of_any_unit_is_recognised_and_exact(moment: dt.datetime, unit: str) -> None:
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    aware = moment.replace(tzinfo=dt.UTC, microsecond=0)
    number = int(aware.timestamp()) * per_second

    clock, _ = guess_clock([str(number)])

    assert clock == unit
    assert teller(clock=clock, zone=None, now=AT)(str(number)) == aware


def judged(cells: list[Any], *, plan: Plan = LONG, header: list[str] | None = None) -> list[Any]:
    """Return the verdicts on one row."""
    judge = Judge(plan, header or list(LONG.columns), environment="production", now=AT)
    return list(judge.judge(2, cells))


@pytest.mark.parametrize(
    ("cell", "found"),
    [("0.5", 0.5), (" 1e3 ", 1000.0), ("-2", -2.0), (".5", 0.5), (7, 7.0), ("1,5", "E_NOT_NUMERIC"), ("nan", "E_NOT_NUMERIC"),
     ("", "E_MISSING"), (None, "E_MISSING"), (True, "E_TYPE"), (float("inf"), "E_NOT_FINITE"), ("1e999", "E_NOT_FINITE"),
     (10**400, "E_NOT_FINITE"), ("1_000", "E_NOT_NUMERIC"), ("٣", "E_NOT_NUMERIC")],
)  # fmt: skip
def test_values_are_plain_finite_numbers(cell: Any, found: float | str) -> None:
    [verdict] = judged(["chat", "psi", cell, "2026-03-01T12:00:00Z"])

    assert (verdict.value if isinstance(verdict, Sound) else verdict.code) == found


def test_what_a_file_does_not_say_may_be_said_for_all_rows() -> None:
    plan = Plan(
        layout=columns.WIDE,
        columns={"observed_at": "day"},
        fixed={"model": "chat", "segment": "eu"},
        metrics={"acc": "accuracy"},
    )

    [verdict] = judged(["2026-03-01T12:00:00Z", "0.9"], plan=plan, header=["day", "acc"])

    assert verdict.names == ("chat", "", "accuracy", "", "production", "eu")


def test_one_bad_cell_of_a_wide_row_spoils_no_other() -> None:
    plan = Plan(
        layout=columns.WIDE, columns={"observed_at": "day", "model": "model"}, metrics={"a": "a", "b": "", "c": "c"}
    )

    found = judged(
        ["2026-03-01T12:00:00Z", "chat", "0.9", "x", "NaN"], plan=plan, header=["day", "model", "a", "b", "c"]
    )

    assert [type(each) for each in found] == [Sound, Rejected, LeftOut]
    assert (found[1].column, found[1].text) == ("b", "x")


@given(
    some.lists(
        some.one_of(some.none(), some.text(max_size=40), some.integers(), some.floats(), some.booleans()), max_size=6
    )
)
def test_no_row_makes_the_judge_stumble(cells: list[Any]) -> None:
    for verdict in judged(cells):
        assert isinstance(verdict, Sound | Rejected | LeftOut)
