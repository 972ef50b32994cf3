"""The statistics beside the answers of SciPy 1.18.1 and of the papers that the methods come from."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_registry.catalog import significance as s

SUCCULENTS = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4]
OTHERS = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.6]
"""Two samples whose Welch test is printed in many textbooks: t = −2.86, 27.9 degrees of freedom."""
close = pytest.approx
shares = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
numbers = st.floats(-1e3, 1e3).map(lambda value: round(value, 3))
many = st.lists(numbers, min_size=s.FEWEST_RANKED, max_size=30)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (8, 10, 0.4901624715366418, 0.9433178485456248),
        (0, 20, 0.0, 0.16112515805281935),
        (56, 70, 0.6918335550374693, 0.8769526075163704),
    ],
)
def test_wilson_is_scipys_binomtest_proportion_ci(successes, trials, low, high):
    found = s.wilson(successes=successes, trials=trials)

    assert (found.low, found.high) == (close(low, abs=1e-12), close(high, abs=1e-12))


def test_the_t_interval_is_scipys():
    found = s.mean_interval(count=25, mean=10, variance=4)

    assert (found.low, found.high) == (close(9.17444057534879), close(10.82555942465121))


def test_two_proportions_are_the_chi_square_of_scipy_and_newcombes_printed_interval():
    found = s.two_proportions(new=(56, 70), old=(48, 80))

    assert found.statistic == close(2.6501719512585336)
    assert found.statistic**2 == close(7.023411371237456)  # chi2_contingency(correction=False)
    assert found.p_value == close(0.008045081368196585)
    # Newcombe 1998, Stat. Med. 17, table II, contrast (a), method 10: 0.0524 to 0.3339
    assert (found.interval.low, found.interval.high) == (close(0.0524, abs=5e-5), close(0.3339, abs=5e-5))


def test_welch_is_scipys_ttest_ind_without_equal_variances():
    found = s.welch(new=s.mean_and_variance(SUCCULENTS), old=s.mean_and_variance(OTHERS))

    assert found.statistic == close(-2.8640583900340864)
    assert found.freedom == close(27.89330579040263)
    assert found.p_value == close(0.007856440783445797)
    assert (found.interval.low, found.interval.high) == (close(-4.882985958462102), close(-0.8103473748712395))


def test_welch_from_statistics_is_scipys_ttest_ind_from_stats():
    found = s.welch(new=(40, 0.912, 0.05), old=(35, 0.85, 0.09))

    assert (found.statistic, found.p_value) == (close(1.002948922954742), close(0.31976748654246323))


def test_mann_whitney_is_scipys_asymptotic_with_continuity_and_ties():
    plain = s.mann_whitney(new=SUCCULENTS, old=OTHERS)
    tied = s.mann_whitney(new=[1, 2, 2, 3, 4, 5, 5, 6, 7, 8], old=[3, 4, 4, 5, 6, 7, 7, 8, 9, 9, 10])

    assert (plain.statistic, plain.p_value) == (45.5, close(0.005788641486744119))
    assert (tied.statistic, tied.p_value) == (27.5, close(0.05589357397421432))
    # NumPy: median and the 65th smallest and largest of numpy.subtract.outer(a, b)
    assert (plain.difference, plain.interval.low, plain.interval.high) == (close(-2.9), close(-4.8), close(-0.8))


def test_the_tails_of_students_distribution_are_scipys():
    assert s._t_two_sided(3.1, 7.3) == close(0.016430118131617166)
    assert s._t_two_sided(25, 2.2) == close(0.0009609737370988897)
    assert s._t_two_sided(0.001, 900) == close(0.9992023371760637)
    quantiles = [s._t_quantile(0.975, freedom) for freedom in (1, 5, 30, 412.5)]
    assert quantiles == [close(12.70620474), close(2.57058184), close(2.04227246), close(1.96573157)]


def test_holm_keeps_the_order_and_never_goes_down():
    # statsmodels.stats.multitest.multipletests([.01, .04, .03, .005], method="holm")
    assert s.holm([0.01, 0.04, 0.03, 0.005]) == [close(0.03), close(0.06), close(0.06), close(0.02)]
    assert s.holm([]) == []


@given(new=shares, old=shares)
def test_proportions_are_compared_alike_both_ways(new, old):
    there, back = s.two_proportions(new=new, old=old), s.two_proportions(new=old, old=new)

    assert 0 <= there.p_value <= 1
    assert there.p_value == close(back.p_value)
    assert there.interval.low - 1e-9 <= there.difference <= there.interval.high + 1e-9
    assert there.interval.low == close(-back.interval.high, abs=1e-9)


@given(new=many, old=many)
def test_the_shift_is_the_median_of_all_differences_and_inside_its_interval(new, old):
    found = s.mann_whitney(new=new, old=old)

    assert found.difference == close(statistics.median(x - y for x in new for y in old), abs=1e-6)
    assert found.interval.low <= found.difference <= found.interval.high
    assert 0 <= found.p_value <= 1
    assert found.p_value == close(s.mann_whitney(new=old, old=new).p_value)


@given(st.lists(st.floats(0, 1), max_size=30))
def test_holm_only_makes_probabilities_larger_and_keeps_their_ranking(found):
    adjusted = s.holm(found)

    assert all(was <= now <= 1 for was, now in zip(found, adjusted, strict=True))
    assert all(max(adjusted) <= min(1, len(found) * max(found)) for _ in found[:1])
    ranked = sorted(range(len(found)), key=found.__getitem__)
    assert [adjusted[place] for place in ranked] == sorted(adjusted)


@given(shares)
def test_an_interval_of_a_share_holds_it_and_shrinks_with_more_trials(share):
    successes, trials = share
    few, more = s.wilson(successes=successes, trials=trials), s.wilson(successes=successes * 10, trials=trials * 10)

    assert 0 <= few.low <= successes / trials <= few.high <= 1
    assert more.high - more.low < few.high - few.low


def test_equal_samples_without_spread_differ_by_nothing():
    same = [0.5] * 10

    assert s.mann_whitney(new=same, old=same).p_value == 1.0
    assert s.welch(new=(10, 0.5, 0.0), old=(10, 0.5, 0.0)).p_value == 1.0
    assert s.welch(new=(10, 0.6, 0.0), old=(10, 0.5, 0.0)).p_value == 0.0
    assert not math.isnan(s.two_proportions(new=(5, 5), old=(7, 7)).p_value)
