"""The application's role uses tables that it does not own."""

import psycopg
import pytest
from django.db import ProgrammingError, connection


def _run(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.django_db
def test_tests_connect_as_the_application():
    assert _run("SELECT current_user") == [("redline_app",)]


@pytest.mark.django_db
def test_every_table_belongs_to_the_owner():
    owners = _run("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")

    assert owners == [("redline_owner",)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TEMPORARY TABLE access_account (id int)",
        "CREATE TABLE shadow (id int)",
        "TRUNCATE access_account CASCADE",
        "ALTER TABLE access_account DISABLE TRIGGER ALL",
        "DROP TABLE access_account",
        "SET session_replication_role = replica",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())",
    ],
)
def test_the_application_is_refused_what_only_the_owner_may(statement):
    with pytest.raises(ProgrammingError) as refused:
        _run(statement)

    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


@pytest.mark.django_db(transaction=True)
def test_a_transactional_test_may_write_and_leaves_rows():
    _run("INSERT INTO access_unit (slug, name) VALUES ('lending', 'Lending')")

    assert _run("SELECT count(*) FROM access_unit") == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_the_next_transactional_test_finds_none():
    assert _run("SELECT count(*) FROM access_unit") == [(0,)]
