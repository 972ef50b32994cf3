"""What is answered while the database is away: come again; and what only an error of ours is answered."""

import json

import psycopg
import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from governance.config.refusals import server_error


def answered(path: str, error: Exception, cause: Exception | None = None) -> HttpResponse:
    """The answer to a request in whose handling this was raised."""
    try:
        raise error from cause
    except Exception:
        return server_error(RequestFactory().get(path))


@pytest.mark.parametrize("cause", [psycopg.OperationalError("refused"), psycopg.errors.AdminShutdown("57P01")])
def test_programs_are_told_to_come_again_while_the_database_is_away(cause: Exception) -> None:
    answer = answered("/api/v1/models/", OperationalError("gone"), cause)

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["detail"] == "The database does not answer. Send the request again."


def test_people_are_told_what_is_away_and_that_nothing_changed() -> None:
    answer = answered("/models/", OperationalError("gone"), psycopg.OperationalError("refused"))

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "The database does not answer." in answer.content.decode()
    assert "Nothing was changed." in answer.content.decode()


def test_clients_of_mlflow_are_told_in_the_words_that_they_show() -> None:
    path = "/api/2.0/mlflow/registered-models/search"
    away = answered(path, OperationalError("gone"), psycopg.OperationalError("refused"))
    failed = answered(path, ValueError("ours"))

    assert (away.status_code, away["Retry-After"], failed.status_code) == (503, "5", 500)
    assert [json.loads(one.content)["error_code"] for one in (away, failed)] == [
        "TEMPORARILY_UNAVAILABLE", "INTERNAL_ERROR"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (OperationalError("deadlock"), psycopg.errors.DeadlockDetected("40P01")),
        (OperationalError("too slow"), psycopg.errors.QueryCanceled("57014")),
        (ValueError("ours"), None),
    ],
)
def test_an_error_of_ours_stays_one(error: Exception, cause: Exception | None) -> None:
    answer = answered("/models/", error, cause)

    assert answer.status_code == 500
    assert "Retry-After" not in answer
