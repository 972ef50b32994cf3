"""Pure parts of the dashboards: cells, sentences, lines, the matrix."""

import pytest

from governance.dashboards.model_health import segments
from governance.dashboards.timechart import with_unit
from governance.health.models import HealthScore
from governance.risks.method import placed


def test_live_evidence_moves_a_risk_up_in_likelihood_first_then_in_impact() -> None:
    assert placed(0, likelihood=2, impact=3) == (2, 3)
    assert placed(40, likelihood=1, impact=2) == (5, 2)
    assert placed(80, likelihood=1, impact=1) == (5, 4)
    assert placed(100, likelihood=1, impact=1) == (5, 5)


def test_the_segments_show_the_components_that_any_of_them_measures_worst_first() -> None:
    parts = [{"name": name} for name in ("grounded", "hallucination", "cost")]
    fr = {"name": "lang=fr", "score": 71.0, "parts": {"hallucination": 71.0, "cost": None}}
    de = {"name": "lang=de", "score": 53.0, "parts": {"hallucination": 53.0}}

    shown = segments(HealthScore(components=parts, segments=[fr, de]))

    assert shown is not None
    assert shown["columns"] == ["All", "Hallucination"]
    assert [(row["name"], [cell["value"] for cell in row["cells"]]) for row in shown["rows"]] == [
        ("lang=de", [53.0, 53.0]),
        ("lang=fr", [71.0, 71.0]),
    ]


@pytest.mark.parametrize(("value", "unit", "said"), [(0.0634, "ratio", "0.063"), (812.0, "ms", "812\u00a0ms")])
def test_shares_are_written_without_a_unit_and_measures_with_theirs(value: float, unit: str, said: str) -> None:
    assert with_unit(value, unit) == said
