"""The scoring method against its published vectors, worked examples and bounds."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from governance.risks.method import (
    LIMITS,
    Contribution,
    Factor,
    PointsOutOfRange,
    Status,
    combine,
    coverage,
    effective_score,
    explain,
    factor_score,
    is_partial,
    level_of,
    matrix_points,
    model_score,
    scaled_points,
    shares,
    status,
)
from governance.vocabulary import Materiality, RiskCategory, RiskLevel, rounded

VECTORS: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "payloads" / "scoring-vectors.yaml").read_text())
TIERS = {1: Materiality.HIGH, 2: Materiality.MEDIUM, 3: Materiality.LOW}
points = st.floats(min_value=0, max_value=100)
factor_lists = st.lists(st.builds(Factor, category=st.sampled_from(RiskCategory), effective=points), max_size=10)


def model(*values: float) -> float:
    categories = list(RiskCategory)
    return model_score(Factor(categories[i], value) for i, value in enumerate(values))


@pytest.mark.parametrize("vector", VECTORS["combine"], ids=str)
def test_combining_gives_the_published_value(vector: dict[str, Any]) -> None:
    assert rounded(combine(vector["values"], corroboration=vector["lambda"])) == vector["expect"]


@pytest.mark.parametrize("vector", VECTORS["factor"], ids=str)
def test_a_factor_gives_the_published_score_and_level(vector: dict[str, Any]) -> None:
    score = factor_score(Contribution(**one) for one in vector["contributions"])

    assert rounded(score) == vector["expect"]
    assert level_of(score) is RiskLevel.from_word(vector["level"])


@pytest.mark.parametrize("vector", VECTORS["level"], ids=str)
def test_a_score_falls_into_the_published_band(vector: dict[str, Any]) -> None:
    assert level_of(vector["score"]) is RiskLevel.from_word(vector["level"])


@pytest.mark.parametrize("vector", VECTORS["matrix"], ids=str)
def test_the_matrix_gives_the_published_points(vector: dict[str, Any]) -> None:
    score = matrix_points(impact=vector["impact"], likelihood=vector["likelihood"])

    assert score == vector["points"]
    assert level_of(score) is RiskLevel.from_word(vector["level"])


@pytest.mark.parametrize("vector", VECTORS["scaled_points"], ids=str)
def test_a_scaled_effect_gives_the_published_points(vector: dict[str, Any]) -> None:
    scale = [(vector["t_medium"], 20), (vector["t_high"], 40), (vector["t_critical"], 75)]

    assert rounded(scaled_points(vector["metric"], scale=scale)) == vector["expect"]


@pytest.mark.parametrize("vector", VECTORS["appetite_status"], ids=str)
def test_a_status_is_the_published_one(vector: dict[str, Any]) -> None:
    found = status(vector["score"], materiality=TIERS[vector["tier"]], coverage=vector["coverage"])

    assert found is Status(vector["expect"].upper())


def test_limits_and_bands_are_the_published_defaults() -> None:
    defaults = VECTORS["defaults"]

    assert {level.word: level.entry_points for level in RiskLevel} == defaults["bands"]
    for row in defaults["appetite"]:
        limits = LIMITS[TIERS[row["tier"]]]
        assert (limits.appetite, limits.tolerance) == (row["appetite"], row["tolerance"])


@pytest.mark.parametrize(
    ("values", "score", "level"),
    [
        ((64, *[8] * 6), 66.1, RiskLevel.HIGH),
        ([30] * 7, 39.3, RiskLevel.MEDIUM),
        ((80, 45, 20, *[8] * 4), 82.1, RiskLevel.CRITICAL),
        ([12] * 7, 19.1, RiskLevel.LOW),
        ((60, 55, *[8] * 5), 64.2, RiskLevel.HIGH),
    ],
)
def test_the_worked_examples(values: list[float], score: float, level: RiskLevel) -> None:
    assert rounded(model(*values)) == score
    assert level_of(model(*values)) is level


def test_the_sentence_of_the_seed_rule() -> None:
    found = explain(
        [
            Contribution("baseline", 16),
            Contribution("drift", 20, text="drift 0.17 > 0.15 for 3 days", rule="DI-1 v4"),
        ]
    )

    assert found == ("Medium (23.2): drift 0.17 > 0.15 for 3 days (+20, rule DI-1 v4), assessed baseline 16 adds 3.2.")


def test_the_sentence_says_what_fades_and_what_is_held() -> None:
    fading = Contribution("drift", 27.4, text="drift 0.33 > 0.15", rule="DI-1 v4", peak=43.5)

    found = explain([Contribution("baseline", 16), fading], held=RiskLevel.HIGH)

    assert found == (
        "Medium (30.3): drift 0.33 > 0.15 (+27.4, fading from 43.5, rule DI-1 v4), "
        "assessed baseline 16 adds 2.9. Held at High (40) until a person releases it."
    )


def test_the_sentence_of_a_factor_without_evidence() -> None:
    assert explain([]) == "Low (0.0): nothing contributes."
    assert explain([Contribution("baseline", 16)]) == "Low (16.0): assessed baseline 16."


def test_repeats_of_a_cause_do_not_stack() -> None:
    once = [Contribution("drift", 30), Contribution("baseline", 16)]

    assert factor_score(once * 50) == factor_score(once)


def test_a_critical_factor_makes_the_model_at_least_high() -> None:
    lightest = [Factor(RiskCategory.COST, 76, weight=0.5)]

    assert rounded(model_score(lightest)) == 40
    assert level_of(model_score(lightest)) is RiskLevel.HIGH


def test_the_effective_score_is_not_below_the_entry_of_the_held_level() -> None:
    assert effective_score(30.3, held=RiskLevel.HIGH) == 40
    assert effective_score(45.8, held=RiskLevel.HIGH) == 45.8


def test_falling_limits_mean_that_low_readings_are_bad() -> None:
    scale = [(0.9, 20), (0.8, 40), (0.6, 75)]

    assert scaled_points(0.95, scale=scale) == 0
    assert rounded(scaled_points(0.85, scale=scale)) == 30
    assert scaled_points(0.1, scale=scale) == 100


@pytest.mark.parametrize("scale", [[], [(0.1, 20)], [(0.1, 20), (0.3, 40), (0.2, 75)]])
def test_a_scale_that_does_not_rise_is_refused(scale: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="rise"):
        scaled_points(0.2, scale=scale)


@pytest.mark.parametrize("bad", [-0.1, 100.1, float("nan"), float("inf"), True])
def test_points_outside_the_scale_are_refused(bad: float) -> None:
    with pytest.raises(PointsOutOfRange):
        Contribution("drift", bad)


def test_coverage_is_the_fresh_share_of_what_is_required() -> None:
    assert coverage(fresh=0, required=0) == 1
    assert coverage(fresh=3, required=4) == 0.75
    assert is_partial(0.75) and not is_partial(0.8)
    with pytest.raises(ValueError, match="not a share"):
        coverage(fresh=2, required=1)


@given(factor_lists)
def test_the_model_lies_between_its_worst_factor_and_100(factors: list[Factor]) -> None:
    worst = max((one.effective for one in factors), default=0.0)

    assert worst <= model_score(factors) <= 100


@given(factor_lists, points)
def test_another_factor_never_lowers_the_model(factors: list[Factor], more: float) -> None:
    before = model_score(factors)

    assert model_score([*factors, Factor(RiskCategory.COST, more)]) >= before - 1e-9


@given(st.lists(points, min_size=1, max_size=7), st.data())
def test_a_worse_factor_never_lowers_the_model(values: list[float], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(values) - 1))
    worse = list(values)
    worse[index] = data.draw(st.floats(values[index], 100))

    assert model(*worse) >= model(*values) - 1e-9


@given(st.lists(points, max_size=4))
def test_order_and_zeros_do_not_matter(values: list[float]) -> None:
    expected = combine(values, corroboration=0.15)

    for order in permutations(values):
        assert combine([*order, 0.0], corroboration=0.15) == expected


@pytest.mark.parametrize(
    ("top", "corroboration", "bound"),
    [
        (20, 0.15, 32),
        (40, 0.15, 49),
        (75, 0.15, 78.75),
        (20, 0.25, 40),
        (40, 0.25, 55),
        (75, 0.25, 81.25),
    ],
)
def test_corroboration_stays_below_its_published_bound(top: float, corroboration: float, bound: float) -> None:
    just_below = top - 0.001

    assert combine([just_below] * 1000, corroboration=corroboration) < bound


@given(st.lists(st.floats(0, 99.9), max_size=30), st.sampled_from([0.15, 0.25]))
def test_corroboration_lifts_at_most_one_band(values: list[float], corroboration: float) -> None:
    worst = RiskLevel.of_points(max(values, default=0.0))

    lifted = RiskLevel.of_points(combine(values, corroboration=corroboration))

    assert lifted.order - worst.order in (0, 1)


@given(st.lists(st.builds(Contribution, cause=st.sampled_from("abcdef"), points=points)))
def test_the_shares_sum_to_the_shown_score(contributions: list[Contribution]) -> None:
    total = sum(share.added for share in shares(contributions))

    assert rounded(total) == rounded(factor_score(contributions))
