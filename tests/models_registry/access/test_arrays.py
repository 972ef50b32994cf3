"""Whatever a column holds, the database reads from its array what was written into it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models_registry.access.arrays import literal, literals

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
MOMENTS = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC))
COLUMNS = {
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "float8": st.floats(allow_nan=False, allow_infinity=False),
    "numeric": st.decimals(allow_nan=False, allow_infinity=False, places=20),
    "text": TEXTS,
    "timestamptz": MOMENTS,
    "boolean": st.booleans(),
}
ODD = [None, "", "NULL", "null", '"', "\\", '\\"', "{}", "a,b", "line\nnext", "tab\t", "\x01", "ü 🜂", " ", "%s"]


def read_back(column: list[Any], kind: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select one from unnest(%s::{kind}[]) with ordinality as u(one, place) order by place", [literal(column)]
        )
        return [one for (one,) in cursor.fetchall()]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", COLUMNS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_column_reads_back_as_it_was(kind: str, data: st.DataObject) -> None:
    column = data.draw(st.lists(st.none() | COLUMNS[kind], max_size=8))

    assert read_back(column, kind) == column


@pytest.mark.django_db
@pytest.mark.parametrize("text", ODD)
def test_a_text_with_odd_signs_reads_back_as_it_was(text: str | None) -> None:
    assert read_back(["before", text, "after"], "text") == ["before", text, "after"]


def test_rows_become_columns_and_no_rows_empty_ones() -> None:
    assert literals([(1, "a"), (2, "b")], count=2) == ["{1,2}", '{"a","b"}']
    assert literals([], count=2) == ["{}", "{}"]
    assert literal([Decimal("0.10")]) == '{"0.10"}'
