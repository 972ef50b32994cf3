"""Many uses of one approval at once, and a change between: one door, once, and none after the change."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from governance.gates import actions
from models_registry.catalog import actions as catalog
from models_registry.catalog import clearance_actions as clearances
from models_registry.catalog.models import Clearance, ModelVersion, Stage
from tests.governance.gates.world import AT, a_clean_version, otto

REFUSED = (actions.DecisionUsed, clearances.ClearanceMissing, catalog.StageNotReachable)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("changed", [False, True])
def test_one_approval_used_by_many_at_once_moves_once(changed: bool) -> None:
    version, pipeline = a_clean_version(), otto()
    decision = actions.ask(by=pipeline, at=AT, version=version, target="production")

    def compete(number: int) -> str:
        try:
            if changed and number == 0:
                catalog.bump_epoch(model_ids=[version.model_id])
                return "changed"
            actions.promote(by=pipeline, at=AT, decision=decision)
        except REFUSED:
            return "refused"
        finally:
            connection.close()
        return "moved"

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(compete, range(6)))

    moved = outcomes.count("moved")
    assert moved <= 1 if changed else moved == 1
    assert (ModelVersion.objects.get().stage == Stage.PRODUCTION) == (moved == 1)
    assert Clearance.objects.count() == moved
