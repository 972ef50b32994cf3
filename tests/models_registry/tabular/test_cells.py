"""Cells: nothing that a spreadsheet computes, numbers that stay numbers, and nothing lost on the way back."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from models_registry.tabular.cells import bare, csv_cell, guarded, json_value, sheet_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@cmd", "'=1", "''@x"])
def test_a_text_that_begins_like_a_formula_is_told_from_one_and_comes_back(text: str) -> None:
    assert (csv_cell(text), sheet_cell(text)) == (f"'{text}", f"'{text}")
    assert bare(guarded(text)) == text


@pytest.mark.parametrize("text", ["\t=x", "\r=x", " =x", "\x00=x"])
def test_what_hides_a_formula_is_taken_away_first(text: str) -> None:
    assert csv_cell(text) == "'=x"


@pytest.mark.parametrize("text", ["plain", "'quoted'", "a=b", "7-8"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert csv_cell(text) == bare(csv_cell(text)) == text


@pytest.mark.parametrize("number", [-3.5, 0, -7, Decimal("-1.25")])
def test_a_number_stays_a_number_also_below_nothing(number: object) -> None:
    assert (csv_cell(number), sheet_cell(number)) == (str(number), number)


def test_values_are_told_as_people_and_programs_read_them() -> None:
    told = [None, True, ["a", "b"], {"a": [1]}, date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC), float("nan")]

    assert [csv_cell(one) for one in told] == [
        "", "yes", "a; b", '{"a": [1]}', "2026-01-02", "2026-01-02T00:00:00+00:00", "nan"
    ]  # fmt: skip
    assert sheet_cell(float("-inf")) == "'-inf"
    assert [json_value(one) for one in (float("nan"), True, ["a"], Decimal("1.5"))] == [None, True, ["a"], "1.5"]
