"""Judging windows: a table of gaps, an independent oracle, order and monotonicity."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.rules.conditions import Outcome, evaluate, firing, fold_history, needs
from governance.rules.definition import (
    Aggregate,
    AllOf,
    AnyOf,
    Clear,
    Condition,
    Consequence,
    Definition,
    Floor,
    Gaps,
    Per,
    Side,
    Test,
    Threshold,
    Width,
)
from governance.rules.windows import SeriesKey, Window, window_of
from governance.vocabulary import Materiality, RiskCategory, RiskLevel
from tests.governance.rules.strategies import window

DAY = Width.DAY.seconds
TODAY = 20_000
NOON = datetime.fromtimestamp(TODAY * DAY + DAY // 2, UTC)


def rule(when: Condition, clear: Clear | None = None) -> Definition:
    then = Consequence(RiskCategory.DATA_INTEGRITY, Floor(RiskLevel.MEDIUM))
    return Definition("r", "R", "Because.", when, then, clear or Clear())


def above(limit: float, **kwargs: object) -> Test:
    given_keys: dict[str, object] = {"metric": "psi", "over": Width.DAY, **kwargs}
    return Test(side=Side.ABOVE, threshold=Threshold.uniform(limit), **given_keys)  # type: ignore[arg-type]


def key(segment: str = "", metric: str = "psi", width: Width = Width.DAY) -> SeriesKey:
    return SeriesKey(metric, segment, width)


def judge(definition: Definition, windows: Sequence[Window], now: datetime = NOON) -> Outcome:
    series = {key(): windows}
    [outcome] = evaluate(definition, series=series, now=now, materiality=Materiality.HIGH)
    return outcome


def days(pattern: str) -> list[Window]:
    """Return windows up to yesterday: `X` bad, `o` good, `m` between, `.` none.

    A `|` before the last sign makes it today's, still filling window.
    """
    values = {"X": 9.0, "m": 4.0, "o": 1.0}
    completed, _, filling = pattern.partition("|")
    first = TODAY - len(completed)
    signs = [(first + place, sign) for place, sign in enumerate(completed + filling)]
    return [window(index, values[sign]) for index, sign in signs if sign in values]


GAP_TABLE = [
    # windows, gaps, holds, clears          three days above 5 in a row, clears after two at or below 3
    ("XXX", Gaps.BREAK, True, False),
    ("oXXX", Gaps.BREAK, True, False),
    ("oXX", Gaps.BREAK, False, False),
    ("XX", Gaps.BREAK, False, False),
    ("XXX|o", Gaps.BREAK, True, False),
    ("XX|X", Gaps.BREAK, False, False),
    ("X.XX", Gaps.BREAK, False, False),
    ("XXX.", Gaps.BREAK, None, False),
    ("XXXoo", Gaps.BREAK, False, True),
    ("XXXo.o", Gaps.BREAK, False, False),
    ("XXXoo.", Gaps.BREAK, None, False),
    ("XXXmm", Gaps.BREAK, False, False),
    ("", Gaps.BREAK, None, False),
    ("X.XX", Gaps.HOLD, True, False),
    ("X..X..X...", Gaps.HOLD, True, False),
    ("XX..", Gaps.HOLD, False, False),
    ("XXXo.o.", Gaps.HOLD, False, True),
    ("XXX.o.", Gaps.HOLD, False, False),
    ("", Gaps.HOLD, None, False),
    ("X.X", Gaps.BREACH, True, False),
    ("o...", Gaps.BREACH, True, False),
    ("o..", Gaps.BREACH, False, False),
    ("oo", Gaps.BREACH, False, True),
    ("oo.", Gaps.BREACH, False, False),
    ("", Gaps.BREACH, None, False),
]


@pytest.mark.parametrize(("pattern", "gaps", "holds", "clears"), GAP_TABLE)
def test_gaps(pattern: str, gaps: Gaps, holds: bool | None, clears: bool) -> None:
    definition = rule(above(5, windows=3, gaps=gaps), Clear(Threshold.uniform(3), 2))

    outcome = judge(definition, days(pattern))

    assert (outcome.holds, outcome.clears) == (holds, clears), outcome.explanation


IMMEDIATE = [
    (Side.ABOVE, Aggregate.LAST, "o|X", True),
    (Side.ABOVE, Aggregate.AVG, "o|X", True),
    (Side.ABOVE, Aggregate.SUM, "o|X", True),
    (Side.ABOVE, Aggregate.MAX, "X|o", False),
    (Side.ABOVE, Aggregate.MIN, "o|X", False),
    (Side.BELOW, Aggregate.SUM, "X|o", False),
    (Side.BELOW, Aggregate.MAX, "X|o", False),
    (Side.BELOW, Aggregate.COUNT, "X|", True),
    (Side.BELOW, Aggregate.MIN, "X|o", True),
]


@pytest.mark.parametrize(("side", "aggregate", "pattern", "holds"), IMMEDIATE)
def test_a_filling_window_raises_at_once_unless_filling_up_can_only_heal_it(
    side: Side, aggregate: Aggregate, pattern: str, holds: bool
) -> None:
    test = Test("psi", side, Threshold.uniform(5), Width.DAY, aggregate)

    assert judge(rule(test), days(pattern)).holds is holds


def test_a_filling_window_never_clears() -> None:
    assert judge(rule(above(5)), days("X|o")).clears is False
    tomorrow = NOON + timedelta(days=1)
    assert judge(rule(above(5)), days("X|o"), tomorrow).clears is True


def test_a_window_is_completed_at_its_end_and_not_before() -> None:
    end = datetime.fromtimestamp(TODAY * DAY, UTC)
    definition = rule(above(5, windows=2))

    assert judge(definition, days("XX"), end).holds is True
    assert judge(definition, days("XX"), end - timedelta(microseconds=1)).holds is False


def test_the_threshold_itself_is_good() -> None:
    assert judge(rule(above(9)), days("X")).holds is False
    below = Test("psi", Side.BELOW, Threshold.uniform(9), Width.DAY)
    assert judge(rule(below), days("X")).holds is False


def test_materiality_chooses_the_threshold() -> None:
    test = Test("psi", Side.ABOVE, Threshold(30, 20, 5), Width.DAY)
    outcomes = {
        grade: evaluate(rule(test), series={key(): days("X")}, now=NOON, materiality=grade)[0] for grade in Materiality
    }

    assert {grade: o.holds for grade, o in outcomes.items()} == {
        Materiality.LOW: False,
        Materiality.MEDIUM: False,
        Materiality.HIGH: True,
    }
    assert outcomes[Materiality.LOW].threshold == 30


AGGREGATES = {
    Aggregate.LAST: 2.0,
    Aggregate.AVG: 4.0,
    Aggregate.MIN: 1.0,
    Aggregate.MAX: 10.0,
    Aggregate.SUM: 16.0,
    Aggregate.COUNT: 4.0,
    Aggregate.P50: 2.0,
    Aggregate.P90: 10.0,
    Aggregate.P95: 10.0,
    Aggregate.P99: 10.0,
    Aggregate.CHANGE: -1.0,
}


@pytest.mark.parametrize("aggregate", Aggregate)
def test_aggregates(aggregate: Aggregate) -> None:
    outcome = judge(rule(above(0, aggregate=aggregate)), [window(TODAY - 1, 3, 10, 1, 2)])

    assert outcome.value == AGGREGATES[aggregate]


def test_one_reading_alone_has_not_changed() -> None:
    assert judge(rule(above(0, aggregate=Aggregate.CHANGE)), days("X")).holds is None


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_an_unreadable_reading_is_doubt_and_says_so(value: float) -> None:
    outcome = judge(rule(above(5, gaps=Gaps.HOLD)), [window(TODAY - 1, value)])

    assert outcome.holds is None
    assert "not a finite number" in outcome.explanation


def test_a_percentile_without_its_values_is_doubt() -> None:
    bare = Window(TODAY - 1, NOON, 1, 9.0, 9.0, 9.0, 9.0, 9.0)

    assert judge(rule(above(5, aggregate=Aggregate.P95)), [bare]).holds is None
    [need] = needs(rule(above(5, aggregate=Aggregate.P95, windows=3)))
    assert need.raw_values
    assert need.windows >= 3


def test_every_segment_is_judged_alone() -> None:
    series = {key("eu"): days("X"), key("us"): days("o"), key("", "other"): days("X")}

    outcomes = evaluate(rule(above(5, per=Per.SEGMENT)), series=series, now=NOON, materiality=Materiality.LOW)

    assert [(o.segment, o.holds) for o in outcomes] == [("eu", True), ("us", False)]
    assert "in segment eu" in outcomes[0].explanation


def test_a_model_wide_rule_reads_the_overall_series_only() -> None:
    series = {key("eu"): days("X"), key(): days("o")}

    [outcome] = evaluate(rule(above(5)), series=series, now=NOON, materiality=Materiality.LOW)

    assert (outcome.segment, outcome.holds) == ("", False)


KLEENE = [("X", "X", True, True), ("X", "o", False, True), ("X", "", None, True)]
KLEENE += [("o", "o", False, False), ("o", "", False, None), ("", "", None, None)]


@pytest.mark.parametrize(("left", "right", "all_of", "any_of"), KLEENE)
def test_groups_are_three_valued(left: str, right: str, all_of: bool | None, any_of: bool | None) -> None:
    parts = (above(5), above(5, metric="null_rate"))
    series = {key(): days(left), key("", "null_rate"): days(right)}

    def holds(condition: Condition) -> bool | None:
        [outcome] = evaluate(rule(condition), series=series, now=NOON, materiality=Materiality.LOW)
        return outcome.holds

    assert holds(AllOf(parts)) is all_of
    assert holds(AllOf(parts[::-1])) is all_of
    assert holds(AnyOf(parts)) is any_of
    assert holds(AnyOf(parts[::-1])) is any_of


def test_a_value_dancing_on_the_threshold_fires_once() -> None:
    definition = rule(above(5), Clear(Threshold.uniform(3)))
    fired = [
        fold_history(definition, series={key(): days("oXmXmmo")}, now=at, materiality=Materiality.LOW)[""]
        for at in (NOON - timedelta(days=back) for back in range(7, -1, -1))
    ]

    assert fired == [False, True, True, True, True, True, True, False]


def test_windows_are_aligned_to_utc() -> None:
    moment = datetime(2026, 11, 21, 14, 43, 7, tzinfo=UTC)

    assert window_of(moment, Width.FIVE_MINUTES)[1] == datetime(2026, 11, 21, 14, 40, tzinfo=UTC)
    assert window_of(moment, Width.DAY)[1] == datetime(2026, 11, 21, tzinfo=UTC)


# ---- properties -----------------------------------------------------------------

patterns = st.text("XXmo.", max_size=12).flatmap(
    lambda past: st.sampled_from(["", "|X", "|o", "|m"]).map(lambda today: past + today)
)
rules = st.builds(
    lambda windows, gaps, clear: rule(above(5, windows=windows, gaps=gaps), Clear(Threshold.uniform(3), clear)),
    st.integers(1, 4),
    st.sampled_from(Gaps),
    st.integers(1, 3),
)


def naive(definition: Definition, pattern: str) -> tuple[bool | None, bool]:
    """Judge a pattern by words about letters: shares nothing with the real thing."""
    test = definition.when
    assert isinstance(test, Test)
    completed, _, filling = pattern.partition("|")
    known = completed.lstrip(".")
    read = known + (filling if test.windows == 1 else "")
    good = known
    match test.gaps:
        case Gaps.HOLD:
            read, good = read.replace(".", ""), good.replace(".", "")
        case Gaps.BREACH:
            read = read.replace(".", "X")
    clears = len(good) >= definition.clear.windows and set(good[len(good) - definition.clear.windows :]) == {"o"}
    if not read or (test.gaps is Gaps.BREAK and read.endswith(".")):
        return None, clears
    holds = read[-test.windows :] == "X" * test.windows
    return holds, clears and not holds


@given(rules, patterns)
@settings(max_examples=500, deadline=None)
def test_the_judgement_agrees_with_a_naive_oracle(definition: Definition, pattern: str) -> None:
    outcome = judge(definition, days(pattern))

    assert (outcome.holds, outcome.clears) == naive(definition, pattern), outcome.explanation


@given(rules, patterns, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_order_and_duplication_do_not_matter(definition: Definition, pattern: str, random: Random) -> None:
    windows = days(pattern)
    shuffled = windows + random.choices(windows, k=3) if windows else []
    random.shuffle(shuffled)
    stale = [window(w.index, 0.0) for w in windows[:1]]
    fuller = [window(w.index, w.sum, w.sum) for w in windows[:1]]

    assert judge(definition, shuffled) == judge(definition, windows)
    assert judge(definition, stale + fuller) == judge(definition, fuller + stale)


@given(rules, patterns, st.lists(st.integers(TODAY + 1, TODAY + 9), max_size=3))
@settings(max_examples=100, deadline=None)
def test_the_future_is_not_read(definition: Definition, pattern: str, future: list[int]) -> None:
    windows = days(pattern)
    later = [window(index, 9.0) for index in future]

    before, after = judge(definition, windows), judge(definition, windows + later)

    assert (before.holds, before.clears, before.windows) == (
        after.holds,
        after.clears,
        after.windows,
    )


@given(
    rules,
    st.dictionaries(st.integers(TODAY - 8, TODAY), st.floats(0, 10), max_size=9),
    st.floats(0, 10),
)
@settings(max_examples=300, deadline=None)
def test_a_worse_value_never_stops_a_rule_from_holding_nor_clears_it(
    definition: Definition, values: dict[int, float], worse: float
) -> None:
    calm = judge(definition, [window(index, value) for index, value in values.items()])
    bad = judge(definition, [window(index, value + worse) for index, value in values.items()])

    assert not calm.holds or bad.holds
    assert calm.clears or not bad.clears


@given(rules, patterns)
@settings(max_examples=300, deadline=None)
def test_the_derived_state_equals_folding_every_completed_window(definition: Definition, pattern: str) -> None:
    windows = days(pattern)
    state = False
    for back in range(14, -1, -1):
        end = datetime.fromtimestamp((TODAY - back) * DAY, UTC)
        completed = [w for w in windows if w.index < TODAY - back]
        state = firing(state, judge(definition, completed, end))
    state = firing(state, judge(definition, windows))

    derived = fold_history(definition, series={key(): windows}, now=NOON, materiality=Materiality.LOW)

    assert derived == {"": state}


@given(st.text("XXmo.", max_size=10), st.text("XXmo.", max_size=10), st.booleans(), rules, rules)
@settings(max_examples=300, deadline=None)
def test_the_derived_state_of_a_group_equals_folding_it(
    left: str, right: str, every: bool, one: Definition, two: Definition
) -> None:
    assert isinstance(one.when, Test)
    assert isinstance(two.when, Test)
    other = above(5, metric="null_rate", windows=two.when.windows, gaps=two.when.gaps)
    parts = (one.when, other)
    definition = rule(AllOf(parts) if every else AnyOf(parts), Clear(None, one.clear.windows))
    series = {key(): days(left), key("", "null_rate"): days(right)}
    state = False
    for back in range(14, -1, -1):
        at = datetime.fromtimestamp((TODAY - back) * DAY, UTC)
        known = {name: [w for w in windows if w.index < TODAY - back] for name, windows in series.items()}
        [outcome] = evaluate(definition, series=known, now=at, materiality=Materiality.LOW)
        state = firing(state, outcome)

    derived = fold_history(definition, series=series, now=NOON, materiality=Materiality.LOW)

    assert derived == {"": state}
