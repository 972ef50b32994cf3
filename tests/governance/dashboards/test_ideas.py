"""Pure parts of the dashboards: cells, sentences, lines, the matrix."""

import pytest

from governance.dashboards.board import carried
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
