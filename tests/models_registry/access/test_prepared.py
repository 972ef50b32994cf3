"""A prepared statement answers as a cursor would, keeps to its transaction, and outlives a connection."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from models_registry.access.prepared import fetch_one

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("value", [1, 2**40, "Zoë", "", b"\x00\xff", True, None, MOMENT, MOMENT.date(), ["a", "b"]])
@pytest.mark.django_db
def test_values_come_back_as_from_a_cursor(value: Any) -> None:
    with connection.cursor() as cursor:
        expected = cursor.execute("SELECT %s", [value]).fetchone()

    assert fetch_one("SELECT %(value)s", {"value": value, "unused": object()}) == expected


@pytest.mark.django_db
def test_a_name_may_come_twice_a_percent_sign_is_doubled_and_no_row_is_none() -> None:
    assert fetch_one("SELECT %(b)s::int, %(a)s::int, %(b)s::int, 7 %% 4", {"a": 1, "b": 2}) == (2, 1, 2, 3)
    assert fetch_one("SELECT 1 WHERE %(no)s", {"no": False}) is None


@pytest.mark.django_db
def test_one_text_takes_values_of_different_sizes() -> None:
    found = [fetch_one("SELECT %(n)s + 1", {"n": n}) for n in (1, 2**20, 2**40, 2)]

    assert found == [(2,), (2**20 + 1,), (2**40 + 1,), (3,)]


@pytest.mark.django_db
def test_what_the_database_refuses_is_djangos_error() -> None:
    with pytest.raises(DataError), transaction.atomic():
        fetch_one("SELECT 1 / %(n)s::int", {"n": 0})
    with pytest.raises(IntegrityError), transaction.atomic():
        fetch_one("INSERT INTO access_token (digest) VALUES (%(raw)s) RETURNING id", {"raw": b"x"})
    with pytest.raises(DataError), transaction.atomic():
        fetch_one("SELECT %(text)s::text", {"text": "a\x00b"})

    assert fetch_one("SELECT 1", {}) == (1,)


@pytest.mark.django_db(transaction=True)
def test_it_belongs_to_the_transaction_it_is_sent_in_even_as_its_first_statement() -> None:
    def begun() -> Any:
        return fetch_one("SELECT pg_current_xact_id()::text", {})

    with transaction.atomic():
        first, second = begun(), begun()
    assert first == second, "one transaction"
    assert begun() != begun(), "each by itself"


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_ended_is_replaced_outside_a_transaction_alone() -> None:
    def end() -> None:
        pid = connection.connection.info.backend_pid
        with connection.copy().cursor() as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])

    assert fetch_one("SELECT %(n)s::int", {"n": 1}) == (1,)
    end()
    assert fetch_one("SELECT %(n)s::int", {"n": 2}) == (2,)

    @transaction.atomic
    def cut_off_in_the_middle() -> None:
        fetch_one("SELECT 1", {})
        end()
        fetch_one("SELECT 1", {})

    with pytest.raises(OperationalError):
        cut_off_in_the_middle()
