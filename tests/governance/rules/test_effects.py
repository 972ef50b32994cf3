"""What a firing rule contributes, and which models it is for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules.applies import ModelFacts, applies
from governance.rules.definition import (
    Consequence,
    Definition,
    Floor,
    Points,
    Scale,
    Scope,
    Side,
    Test,
    Threshold,
    Width,
)
from governance.rules.effects import contribution
from governance.vocabulary import Materiality, RiskCategory, RiskLevel

DRIFT = Scale(((0.15, 20.0), (0.30, 40.0), (0.60, 75.0)))
PRECISION = Scale(((0.40, 75.0), (0.80, 20.0)))


@pytest.mark.parametrize(
    ("level", "points"),
    [
        (RiskLevel.LOW, 0),
        (RiskLevel.MEDIUM, 20),
        (RiskLevel.HIGH, 40),
        (RiskLevel.CRITICAL, 75),
    ],
)
def test_a_floor_gives_the_entry_of_its_band(level: RiskLevel, points: float) -> None:
    assert contribution(Floor(level), value=123.0) == points
    assert RiskLevel.of_points(points) is level


def test_points_give_themselves() -> None:
    assert contribution(Points(30), value=None) == 30


@pytest.mark.parametrize(
    ("value", "points"),
    [(0.1, 20), (0.15, 20), (0.225, 30), (0.30, 40), (0.45, 57.5), (0.6, 75), (9, 75), (None, 20)],
)
def test_a_scale_is_linear_between_steps_and_flat_beyond(value: float | None, points: float) -> None:
    assert contribution(DRIFT, value=value) == pytest.approx(points)


def test_a_falling_scale_grows_downwards() -> None:
    assert contribution(PRECISION, value=0.605) == pytest.approx(46.8125)
    assert contribution(PRECISION, value=0.1) == 75
    assert contribution(PRECISION, value=None) == 20


@given(st.floats(-10, 10), st.floats(0, 10))
def test_a_worse_value_never_contributes_less(value: float, worse: float) -> None:
    slack = 1e-9
    assert contribution(DRIFT, value=value + worse) >= contribution(DRIFT, value=value) - slack
    assert 20 <= contribution(DRIFT, value=value) <= 75


FACTS = ModelFacts(
    kind="rag_application",
    environment="production",
    materiality=Materiality.HIGH,
    regulatory_class="high-risk",
    business_unit="Claims",
    tags=frozenset({"customer-facing", "eu"}),
)


@pytest.mark.parametrize(
    ("scope", "answer"),
    [
        (Scope(), True),
        (Scope(kind=("rag_application", "classifier")), True),
        (Scope(kind=("classifier",)), False),
        (Scope(environment=("staging",)), False),
        (Scope(materiality=(Materiality.HIGH,)), True),
        (Scope(materiality=(Materiality.LOW, Materiality.MEDIUM)), False),
        (Scope(regulatory_class=("minimal",)), False),
        (Scope(business_unit=("Claims",)), True),
        (Scope(tags=("eu", "us")), True),
        (Scope(tags=("us",)), False),
        (Scope(kind=("rag_application",), environment=("staging",)), False),
    ],
)
def test_a_rule_is_for_models_that_match_every_named_fact(scope: Scope, answer: bool) -> None:
    when = Test("psi", Side.ABOVE, Threshold.uniform(1), Width.DAY)
    then = Consequence(RiskCategory.COST, Points(1))
    definition = Definition("r", "R", "Because.", when, then, applies_to=scope)

    assert applies(definition, FACTS) is answer
