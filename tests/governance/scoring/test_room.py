"""Room: the smaller of two distances, and the smallest change that leaves the red."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.risks.method import Factor, model_score
from governance.scoring.room import Room, room, way_out
from governance.vocabulary import RiskCategory, rounded

LINE = {"tolerance": 59.0, "health_redline": 75.0}


@pytest.mark.parametrize(
    ("risk", "health", "points", "in_the_red", "past"),
    [
        (40.0, 90.0, 15.0, False, 0.0),
        (55.0, 90.0, 4.0, False, 0.0),
        (59.0, 75.0, 0.0, False, 0.0),
        (59.1, 90.0, -0.1, True, 0.1),
        (40.0, 52.0, -23.0, True, 23.0),
        (None, 90.0, 15.0, False, 0.0),
        (80.0, None, -21.0, True, 21.0),
        (None, None, None, False, 0.0),
    ],
)
def test_room_is_the_smaller_of_the_two_distances(
    risk: float | None, health: float | None, points: float | None, in_the_red: bool, past: float
) -> None:
    found = room(risk_score=risk, health=health, **LINE)

    assert (found.points, found.in_the_red, found.past) == (points, in_the_red, past)


def test_nothing_measured_is_not_room() -> None:
    assert room(risk_score=None, health=None, **LINE) == Room(None, None, None)


def test_the_way_out_of_a_risk_names_the_factor_and_the_score_it_needs() -> None:
    factors = [Factor(RiskCategory.DATA_INTEGRITY, 70), Factor(RiskCategory.COST, 8)]

    (found,) = way_out(factors=factors, health=90.0, **LINE)

    assert found.sentence == ("Lower Data integrity from 70 to 58.5 (High), and the risk score fits 59.")


def test_the_way_out_of_poor_health_names_the_points_to_win_back() -> None:
    lost = [("latency", 8.0), ("precision", 21.0), ("relevance", 9.0)]

    (found,) = way_out(factors=[], health=52.0, points_lost=lost, **LINE)

    assert found.points == 23
    assert found.sentence == (
        "Win back 21 of the 21 points precision took and 2 of the 9 points relevance took, and health reaches 75."
    )


def test_a_model_with_room_needs_no_way_out() -> None:
    assert way_out(factors=[Factor(RiskCategory.COST, 20)], health=80.0, **LINE) == ()


@given(
    st.lists(st.floats(0, 100), max_size=5),
    st.floats(0, 100),
    st.sampled_from([39.0, 59.0, 74.0]),
)
def test_there_is_a_way_out_exactly_when_in_the_red(scores: list[float], health: float, tolerance: float) -> None:
    factors = [Factor(RiskCategory.COST, score) for score in scores]
    score = rounded(model_score(factors))

    ways = way_out(factors=factors, tolerance=tolerance, health=health, health_redline=75.0)

    found = room(risk_score=score, tolerance=tolerance, health=health, health_redline=75.0)
    assert bool(ways) is found.in_the_red
    assert not ways or max(way.points for way in ways) == found.past
