"""Months of the measurement table are made by the application, which does not own it."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
from django.db import connection

from models_registry.lineage.prediction_writing import ensure_months_ahead
from models_registry.telemetry import partitions
from models_registry.telemetry.models import Measurement
from models_registry.telemetry.partitions import ensure_partitions, months_around
from models_registry.telemetry.sql import ENSURE_PARTITION
from tests.models_registry.telemetry.world import AT

FAR = AT.replace(year=2033)
"""A year of which no other test leaves months behind: a partition outlives the transaction of its test."""


def test_months_are_counted_across_the_turn_of_the_year() -> None:
    found = months_around(at=dt.datetime(2026, 1, 31, tzinfo=dt.UTC), back=1, ahead=1)

    assert found == [dt.date(2025, 12, 1), dt.date(2026, 1, 1), dt.date(2026, 2, 1)]


@pytest.mark.django_db
def test_a_month_made_late_takes_its_rows_with_it_and_is_made_once() -> None:
    _measured_at(FAR)

    made, again = ensure_partitions(FAR), ensure_partitions(FAR)

    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM telemetry_measurement")
        places = [place for (place,) in cursor.fetchall()]
    assert (made, again) == (7, 0)
    assert places == ["telemetry_measurement_2033_11"]
    assert Measurement.objects.get().value == 0.9


@pytest.mark.django_db
def test_rows_of_a_backfill_leave_the_default_partition_for_months_of_their_own() -> None:
    long_ago = AT.replace(year=2024, month=3)
    ensure_partitions(AT)
    _measured_at(long_ago)
    waiting = {one.table: one.in_default for one in partitions.standing()}

    made = ensure_partitions(AT)

    found = {one.table: one for one in partitions.standing()}["telemetry_measurement"]
    assert waiting["telemetry_measurement"] == 1
    assert (made, found.in_default) == (1, 0)
    assert found.months[0].month == dt.date(2024, 3, 1)
    assert found.ahead(at=AT) == 2


@pytest.mark.django_db
def test_every_partitioned_table_without_its_next_month_is_told() -> None:
    bare = partitions.wanting(at=FAR)
    ensure_partitions(FAR)
    ensure_months_ahead(FAR)

    assert bare == [
        "lineage_prediction has no partition for 2033-11",
        "telemetry_measurement has no partition for 2033-11",
    ]
    assert partitions.wanting(at=FAR) == []
    assert partitions.wanting(at=FAR.replace(year=2034, month=1)) == [
        "lineage_prediction has no partition for 2034-02",
        "telemetry_measurement has no partition for 2034-02",
    ]


@pytest.mark.django_db
def test_rows_of_this_month_without_a_partition_are_told_and_older_ones_are_not() -> None:
    ensure_months_ahead(FAR)
    _measured_at(AT.replace(year=2024))
    _measured_at(FAR)

    assert partitions.wanting(at=FAR) == [
        "telemetry_measurement has no partition for 2033-11",
        "1 measurements of this month lie in the default partition",
    ]


@pytest.mark.django_db
def test_the_months_of_a_table_count_as_one_table() -> None:
    ensure_partitions(AT)

    sizes = dict(partitions.table_sizes())

    months = {one.table: one.months for one in partitions.standing()}["telemetry_measurement"]
    assert sizes["telemetry_measurement"] >= sum(one.size for one in months) > 0
    assert not any("2026" in table for table in sizes)


def _measured_at(moment: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO telemetry_measurement (event_id, ordinal, model_id, metric, value, environment, observed_at,"
            " received_at) VALUES (1, 0, 1, 'accuracy', 0.9, 'production', %s, %s)",
            [moment, moment],
        )


@pytest.mark.django_db(transaction=True)
def test_two_first_measurements_of_a_month_at_once_make_it_once(database_admin_url: str) -> None:
    month = dt.date(2031, 5, 1)
    held = connection.copy()
    with ThreadPoolExecutor(1) as beside, held.cursor() as first:
        first.execute("BEGIN")
        first.execute(ENSURE_PARTITION, [month])
        second = beside.submit(_made_elsewhere, month)
        with pytest.raises(TimeoutError):
            second.result(0.3)  # it waits for the first one to commit
        first.execute("COMMIT")

        assert second.result(10) is False
    held.close()
    with psycopg.connect(database_admin_url, dbname=connection.settings_dict["NAME"]) as admin:
        admin.execute("DROP TABLE telemetry_measurement_2031_05")


def _made_elsewhere(month: dt.date) -> bool:
    """Look the partition up and make it, on a connection of its own that has missed it before."""
    mine = connection.copy()
    with closing(mine), mine.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.telemetry_measurement_2031_05')")
        cursor.execute(ENSURE_PARTITION, [month])
        return bool(cursor.fetchone()[0])
