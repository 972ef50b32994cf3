"""What a value means beside its threshold, and one version beside another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_registry.catalog import verdicts, weighing
from models_registry.catalog.verdicts import Evidence, Outcome, Way
from models_registry.catalog.weighing import Change, Result

UP, DOWN = Way.HIGHER_IS_BETTER, Way.LOWER_IS_BETTER
RANK = {Outcome.FAIL: 0, Outcome.INCONCLUSIVE: 1, Outcome.PASS: 2}
finite = st.floats(-1e6, 1e6)
ways = st.sampled_from([UP, DOWN])


def judged(value, threshold=0.9, way=UP, **evidence):
    return verdicts.judge(value=value, way=way, threshold=threshold, evidence=Evidence(**evidence))


@pytest.mark.parametrize(
    ("value", "way", "evidence", "expected"),
    [
        (0.91, UP, {}, Outcome.PASS),
        (0.9, UP, {}, Outcome.PASS),
        (0.89, UP, {}, Outcome.FAIL),
        (0.91, DOWN, {}, Outcome.FAIL),
        (0.95, UP, {"successes": 19, "count": 20}, Outcome.INCONCLUSIVE),
        (0.95, UP, {"successes": 1900, "count": 2000}, Outcome.PASS),
        (0.85, UP, {"successes": 17, "count": 20}, Outcome.FAIL),
        (0.95, UP, {"count": 20}, Outcome.PASS),
        (0.95, UP, {"count": 400, "variance": 0.01}, Outcome.PASS),
        (0.95, UP, {"count": 4, "variance": 0.01}, Outcome.INCONCLUSIVE),
    ],
)
def test_a_value_passes_fails_or_needs_more_samples(value, way, evidence, expected):
    assert judged(value, way=way, **evidence).outcome == expected


def test_what_has_no_threshold_or_no_better_way_is_not_judged():
    assert judged(0.5, threshold=None).outcome == Outcome.NOT_JUDGED
    assert judged(0.5, way=Way.NEITHER).outcome == Outcome.NOT_JUDGED


def test_the_reason_says_the_numbers():
    assert judged(0.85).reason == "0.85 is below the threshold: at least 0.9 is asked."
    assert "0.7639 to 0.9911" in judged(0.95, successes=19, count=20).reason


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["PASS", "FAIL", "INCONCLUSIVE"], "FAIL"),
        (["PASS", "INCONCLUSIVE", ""], "INCONCLUSIVE"),
        (["PASS", ""], "PASS"),
        ([""], "INCONCLUSIVE"),
    ],
)
def test_a_suite_is_as_good_as_its_worst_result(outcomes, expected):
    assert verdicts.of_suite(outcomes) == expected


@given(worse=finite, better=finite, threshold=finite, way=ways, count=st.integers(2, 500), variance=st.floats(0, 1e4))
def test_a_better_value_never_has_a_worse_verdict(worse, better, threshold, way, count, variance):
    worse, better = sorted((worse, better), reverse=way == DOWN)
    for evidence in (Evidence(), Evidence(count=count, variance=variance)):
        low, high = (
            verdicts.judge(value=one, way=way, threshold=threshold, evidence=evidence).outcome
            for one in (worse, better)
        )
        assert RANK[low] <= RANK[high]


@given(value=finite, threshold=finite, way=ways, count=st.integers(2, 500), variance=st.floats(0, 1e4))
def test_samples_may_open_a_pass_and_never_excuse_a_failure(value, threshold, way, count, variance):
    bare = verdicts.judge(value=value, way=way, threshold=threshold).outcome
    sampled = verdicts.judge(
        value=value, way=way, threshold=threshold, evidence=Evidence(count=count, variance=variance)
    ).outcome

    assert (bare == Outcome.FAIL) == (sampled == Outcome.FAIL)


@pytest.mark.parametrize(
    ("value", "evidence", "words"),
    [
        (0.9, {"successes": 3, "count": 10}, "3 of 10 is not 0.9"),
        (0.9, {"successes": 11, "count": 10}, "between 0 and the count"),
        (0.9, {"samples": [1.0, 2.0]}, "mean 1.5"),
        (1.5, {"samples": [1.0, 2.0], "count": 3}, "2 samples, not 3"),
        (0.9, {"variance": -1.0, "count": 9}, "not negative"),
        (0.9, {"variance": 1.0}, "needs a count"),
    ],
)
def test_a_value_that_its_evidence_contradicts_is_told_so(value, evidence, words):
    assert words in verdicts.contradiction(value=value, evidence=Evidence(**evidence))


def result(value, metric="accuracy", way=UP, segment="", **evidence):
    return Result("held-out", metric, segment, value, way, Evidence(**evidence))


def test_versions_are_compared_where_both_have_a_result():
    new = [result(0.95, successes=1900, count=2000), result(0.4, "mape", DOWN), result(0.1, "only_new")]
    old = [result(0.90, successes=1800, count=2000), result(0.5, "mape", DOWN), result(0.1, "only_old")]

    better, untested = weighing.compare(new=new, old=old)

    assert (better.change, better.words) == (Change.BETTER, "better beyond chance (p < 0.001)")
    assert untested.change == Change.UNTESTED
    assert untested.words == "better by 0.1; no samples, so chance is not excluded"


def test_a_small_difference_of_few_samples_is_unclear_and_a_large_loss_is_worse():
    unclear, worse = weighing.compare(
        new=[result(0.92, successes=46, count=50), result(0.5, segment="b", successes=100, count=200)],
        old=[result(0.90, successes=45, count=50), result(0.8, segment="b", successes=160, count=200)],
    )

    assert (unclear.change, worse.change) == (Change.UNCLEAR, Change.WORSE)


def test_asking_often_is_corrected_for():
    """One difference at p = 0.03 counts alone; among ten it is within what chance does."""
    new, old = result(0.80, successes=160, count=200), result(0.71, successes=142, count=200)
    same = [result(0.5, f"m{n}", successes=100, count=200) for n in range(9)]

    (alone,) = weighing.compare(new=[new], old=[old])
    among = weighing.compare(new=[new, *same], old=[old, *same])[0]

    assert alone.tested.p_value == among.tested.p_value
    assert (alone.change, among.change) == (Change.BETTER, Change.UNCLEAR)


def test_the_test_follows_what_both_sides_give():
    ranked = {"samples": [float(n) for n in range(10)]}
    methods = [
        weighing.tested(0.5, Evidence(successes=5, count=10), 0.5, Evidence(successes=5, count=10)).method,
        weighing.tested(4.5, Evidence(**ranked), 4.5, Evidence(**ranked)).method,
        weighing.tested(4.5, Evidence(**ranked), 4.5, Evidence(count=10, variance=2.0)).method,
        weighing.tested(0.5, Evidence(successes=5, count=10), 0.5, Evidence(count=10, variance=0.2)).method,
    ]

    assert methods == ["two-proportion z test", "Mann–Whitney U test", "Welch's t test", "Welch's t test"]
    assert weighing.tested(0.5, Evidence(count=10), 0.5, Evidence(successes=5, count=10)) is None


def test_a_metric_without_a_better_way_is_never_called_worse():
    (line,) = weighing.compare(
        new=[result(0.9, way=Way.NEITHER, successes=1800, count=2000)],
        old=[result(0.5, way=Way.NEITHER, successes=1000, count=2000)],
    )

    assert line.change == Change.UNCLEAR
    assert "neither way is better" in line.words
