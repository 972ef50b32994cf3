"""Large inventories: a step asks the database the same, however many rows it takes."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from models_registry.catalog.models import RegisteredModel
from models_registry.intake import actions, working
from models_registry.intake.models import Intake, IntakeItem, IntakeState, ItemState
from models_registry.intake.planning import Plan
from tests.journeys.builders import people
from tests.models_registry.intake.world import AT, a_sheet, applied, checked, done, olive, outcomes, uploaded

pytestmark = pytest.mark.django_db

HEAD = ["Model name", "Owner", "Unit", "Tier", "Type", "Version", "Aliases", "Name in monitoring"]


def a_large_one(count: int, name: str) -> Intake:
    """Return a workbook of so many new models, mapped and ready to be checked."""
    rows = [[f"{name} {n}", "olive", "Claims", 1, "LLM", 1, "blue", f"arize:{name}-{n}"] for n in range(count)]
    intake = uploaded(a_sheet([HEAD, *rows]), name=f"{name}.xlsx")
    mapping = {int(place): field for place, field in intake.mapping.items()}
    return actions.map_columns(by=olive(), at=AT, intake=intake, mapping=mapping, usual={})


def asked(intake: Intake) -> int:
    """Return how many statements the work that waits takes."""
    with CaptureQueriesContext(connection) as seen:
        done(intake)
    intake.refresh_from_db()
    return len(seen)


def test_checking_and_applying_new_models_ask_the_same_for_three_times_the_rows() -> None:
    people()
    few, many = a_large_one(30, "few"), a_large_one(90, "many")

    assert asked(few) >= asked(many)
    for intake in (few, many):
        actions.apply(by=olive(), at=AT, intake=intake)
    assert asked(few) >= asked(many)

    assert RegisteredModel.objects.count() == 120
    assert set(many.items.values_list("state", flat=True)) == {ItemState.DONE}


def test_one_model_that_is_taken_meanwhile_is_left_and_the_others_go_in(monkeypatch: pytest.MonkeyPatch) -> None:
    people()
    monkeypatch.setattr(working.applying, "register_all", _too_late)

    intake = applied("name,owner\nFirst,olive\nSecond,olive\n")

    assert outcomes(intake) == [("first", "CREATE"), ("second", "CREATE")]
    assert intake.counts["done"] == 2


def test_two_rows_about_one_model_do_not_keep_the_good_rows_out() -> None:
    people()
    rows = "slug,name,owner\nclaims-x,Claims X,olive\n,Claims X,olive\nother,Other,olive\n"

    intake = applied(rows, good_rows_only=True)

    assert outcomes(intake) == [("claims-x", "CREATE"), ("claims-x", "WRONG"), ("other", "CREATE")]
    assert (intake.trouble, intake.counts["done"]) == ("", 2)


def test_what_was_done_before_work_stopped_is_kept_and_can_be_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    people()
    monkeypatch.setattr(working, "WRITING_STEP", 1)
    intake = checked("name,owner\nFirst,olive\nSecond,olive\n")
    actions.apply(by=olive(), at=AT, intake=intake)
    found_all = working.applying.found_all

    def breaks(*, pairs: list[tuple[IntakeItem, Plan]], **more: Any) -> bool:
        if pairs[0][0].slug == "second":
            raise RuntimeError
        return found_all(pairs=pairs, **more)

    monkeypatch.setattr(working.applying, "found_all", breaks)
    stopped = done(intake)
    assert (stopped.state, stopped.trouble[:18]) == (IntakeState.CHECKED, "Work stopped after")
    monkeypatch.setattr(working.applying, "found_all", found_all)
    actions.apply(by=olive(), at=AT, intake=stopped)
    intake = done(stopped)
    assert (intake.state, intake.counts["done"], intake.trouble) == (IntakeState.APPLIED, 2, "")

    actions.undo(by=olive(), at=AT, intake=intake, reason="Wrong list.")

    assert done(intake).counts["undone"] == 2
    assert not RegisteredModel.objects.active().exists()


def _too_late(**_: object) -> None:
    raise working.applying.catalog.NameTaken("A model is already called so.")
