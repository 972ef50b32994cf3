"""Health: formula files, the composite score, and where the points went."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import governance.health
from governance.health.composite import Health, NoComponents, Reading, composite, segments
from governance.health.formula import Component, Formula, FormulaInvalid, Missing, parse
from governance.health.sentence import Earlier, summary
from governance.vocabulary import rounded

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SHIPPED = sorted((Path(governance.health.__file__).parent / "shipped").glob("*.yaml"))


def part(key: str, weight: float, zero: float, hundred: float, missing: Missing = Missing.QUIET) -> Component:
    return Component(key, key, weight, zero, hundred, missing, timedelta(days=1))


CLAIMS = Formula(
    "claims",
    "Claims triage",
    75,
    (
        part("retrieval_precision", 30, 0.50, 0.85),
        part("answer_relevance", 25, 0.50, 0.90),
        part("latency", 20, 6, 1),
        part("drift", 15, 0.35, 0.05),
        part("cost", 10, 0.10, 0.02),
    ),
)
VALUES = {
    "retrieval_precision": 0.605,
    "answer_relevance": 0.756,
    "latency": 3.0,
    "drift": 0.2,
    "cost": 0.04,
}


def read(values: dict[str, float], at: datetime = NOON) -> dict[str, Reading]:
    return {key: Reading(value, at) for key, value in values.items()}


def health(**changes: Reading) -> Health:
    return composite(CLAIMS, {**read(VALUES), **changes}, now=NOON)


def test_the_page_of_claims_triage() -> None:
    found = health()

    assert (found.score, found.coverage) == (52.0, 1.0)
    assert [(p.component.key, p.lost) for p in found.where_the_points_went] == [
        ("retrieval_precision", 21.0),
        ("answer_relevance", 9.0),
        ("latency", 8.0),
        ("drift", 7.5),
        ("cost", 2.5),
    ]


def test_the_sentence_of_claims_triage() -> None:
    found = summary(
        health(),
        redline=75,
        earlier=Earlier(84, timedelta(days=9)),
        event="the index was rebuilt on 12 November",
    )

    assert found == (
        "Health is 52, 23 past its redline. It fell 32 points in 9 days. Retrieval precision "
        "took 21 of the 48 points lost, and began to fall when the index was rebuilt on "
        "12 November."
    )


def test_a_stale_reading_lowers_coverage_and_leaves_the_score_to_the_others() -> None:
    stale = Reading(0.2, NOON - timedelta(days=2))

    found = health(drift=stale)

    assert found.coverage == 0.85
    assert found.score == rounded(100 - 100 * 40.5 / 85)


def test_a_held_reading_still_counts_but_is_not_coverage() -> None:
    formula = Formula("f", "F", 75, (part("a", 1, 0, 1, Missing.HOLD), part("b", 1, 0, 1)))
    readings = {"a": Reading(0.5, NOON - timedelta(days=9)), "b": Reading(1, NOON)}

    found = composite(formula, readings, now=NOON)

    assert (found.score, found.coverage) == (75.0, 0.5)


def test_nothing_measured_is_not_a_score() -> None:
    with pytest.raises(NoComponents):
        composite(CLAIMS, {}, now=NOON)


def test_segments_come_worst_first_and_silent_ones_are_left_out() -> None:
    found = segments(CLAIMS, {"motor": read({"latency": 2}), "property": read({"latency": 5}), "x": {}}, now=NOON)

    assert list(found) == ["property", "motor"]


@given(st.dictionaries(st.sampled_from(sorted(VALUES)), st.floats(-10, 10), min_size=1))
def test_the_points_lost_sum_to_what_is_missing(values: dict[str, float]) -> None:
    found = composite(CLAIMS, read(values), now=NOON)

    assert 0 <= found.score <= 100
    assert rounded(sum(p.lost for p in found.parts)) == rounded(100 - found.score)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_formula_is_sound(path: Path) -> None:
    formula = parse(path.read_text())

    assert formula.name == path.stem
    assert sum(one.weight for one in formula.components) == 100


def test_three_formulas_are_shipped() -> None:
    assert [path.stem for path in SHIPPED] == ["classic-ml", "rag-llm", "recommender"]


GOOD = SHIPPED[0].read_text()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("redline: 75", "redline: 175", "line 3, column 10 (redline): must be points"),
        ("redline: 75\n", "", "`redline` is missing"),
        ("redline: 75", 'redline: "75"', "without quotes"),
        ("redline: 75", "redline: .nan", "plain finite number"),
        ("weight: 20", "weight: 0", "must be a weight above 0"),
        ("weight: 20", "wieght: 20", "unknown key"),
        ("zero_at: 0.6", "zero_at: 0.95", "must differ"),
        ("missing: hold", "missing: maybe", "must be hold or quiet"),
        ("max_age: 7d", "max_age: 7", "must be a duration"),
        ("key: discrimination", "key: accuracy", "occurs twice"),
        ("formula: classic-ml", "formula: &x classic-ml", "line 1"),
    ],
)
def test_an_error_in_a_formula_names_its_place(before: str, after: str, message: str) -> None:
    with pytest.raises(FormulaInvalid) as refusal:
        parse(GOOD.replace(before, after, 1))

    assert message in str(refusal.value)
    assert str(refusal.value).startswith("line ")
