"""Predictions become costs: what they say they cost, by version and day, where telemetry says nothing."""

import pytest

from models_registry.costs.ledger import derive
from models_registry.costs.models import CostOrigin, DailyCost
from models_registry.lineage.daily_use import daily_use
from tests.journeys.builders import NOON, a_model
from tests.models_registry.lineage.traces import a_prediction

pytestmark = pytest.mark.django_db


def test_what_predictions_cost_is_an_amount_of_their_day() -> None:
    model = a_model("copilot")
    for cost in (1_500, 700):
        a_prediction("copilot", at=NOON, cost_micros=cost, currency="USD", input_tokens=10, output_tokens=5)
    day = NOON.date()

    used = list(daily_use(day, day))
    derive(since=day, until=day)

    assert [(one.model_id, one.cost_micros, one.tokens_in) for one in used] == [(model.pk, 2_200, 20)]
    amounts = DailyCost.objects.filter(origin=CostOrigin.TRACED).values_list("reporting_micros", "tokens_out")
    assert list(amounts) == [(2_200, 10)]
