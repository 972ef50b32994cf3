"""Pure parts of the dashboards: cells, sentences, lines, the matrix."""

import pytest

from governance.dashboards.board import carried
from governance.dashboards.happenings import sentence
from governance.risks.method import placed
from models_registry.access.downloads import harmless


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@cmd", "\tx", "\rx"])
def test_a_cell_that_begins_like_a_formula_becomes_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_numbers_stay_numbers_and_nothing_is_empty() -> None:
    assert [harmless(value) for value in (-3.5, 0, None, "plain")] == ["-3.5", "0", "", "plain"]


def test_live_evidence_moves_a_risk_up_in_likelihood_first_then_in_impact() -> None:
    assert placed(0, likelihood=2, impact=3) == (2, 3)
    assert placed(40, likelihood=1, impact=2) == (5, 2)
    assert placed(80, likelihood=1, impact=1) == (5, 4)
    assert placed(100, likelihood=1, impact=1) == (5, 5)


def test_a_score_holds_until_the_next_and_there_is_none_before_the_first() -> None:
    line = carried({2: 80.0, 5: None, 6: 50.0})

    assert line[:8] == [None, None, 80.0, 80.0, 80.0, None, 50.0, 50.0]


def test_entries_are_told_as_sentences_and_unknown_ones_are_named() -> None:
    body = {"category": "DATA_INTEGRITY", "from_level": "LOW", "to_level": "HIGH"}

    assert sentence("risk.level_raised", body) == "Raised Data integrity from Low to High."
    assert sentence("thing.was_done", {}) == "Thing was done."
    assert sentence("alias.moved", {"name": "champion"}) == "Moved the alias champion to v–."
