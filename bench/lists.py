"""G8: lists of 25 of 10,000 with row permissions and filters, the red board, and the board of the past."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench.lib.company import MODELS, Company
from bench.lib.instance import Instance
from bench.lib.rounds import ROUNDS, Report, Series, interleave, percentile

CISO_P95_MS = 521.0
"""Recorded: CISO Assistant, list of 25 of 10,000 objects, p95, 2 cores. It is not installed here."""
MOVES = 30
"""How often every model and every risk moved within 90 days, for the board of the past."""
ASKS = 10
"""Requests of each page in a round; a round's figure is their p95."""


def main() -> None:
    """Measure and tell."""
    report = Report("lists")
    with Instance() as instance:
        from django.conf import settings

        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        company = Company(instance)
        company.remember(MOVES)
        past = (company.at - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
        wide, narrow = browser(company.board), browser(company.people[0])
        pages: dict[str, tuple[Any, str]] = {
            "25 models, all of them": (wide, "/api/v1/models/?limit=25"),
            "25 models, row permissions": (narrow, "/api/v1/models/?limit=25"),
            "25 risks, row permissions and filters": (narrow, "/api/v1/risks/?limit=25&level=HIGH"),
            "page of 100 models": (wide, "/models/"),
            "page of 100 models, row permissions and filters": (narrow, "/models/?kind=classifier&q=model-1"),
            "red board": (wide, "/"),
            "red board, row permissions": (narrow, "/"),
            "red board of a week ago": (wide, f"/?as_of={past}"),
            "risk register": (wide, "/risks/"),
            "risk register, row permissions": (narrow, "/risks/"),
            "alerts": (wide, "/alerts/"),
            "sources": (wide, "/sources/"),
        }
        found = interleave({name: asked(client, path) for name, (client, path) in pages.items()}, rounds=ROUNDS)
        queries = {name: counted(client, path) for name, (client, path) in pages.items()}
    p95 = {name: Series(tuple(values)) for name, values in found.items()}
    for name, series in p95.items():
        report.line(f"{name}, of {MODELS:,}: p95", series, "ms", queries=queries[name])
    filtered, board = p95["25 risks, row permissions and filters"], p95["red board"]
    recorded = Series((CISO_P95_MS,) * len(filtered.values))
    report.goal("G8", "list of 25 / CISO Assistant's (recorded)", filtered.over(recorded), most=0.08)
    report.goal("G8", "list of 25 with row permissions, p95 ms", filtered, most=40.0)
    rights = p95["25 models, row permissions"].over(p95["25 models, all of them"])
    report.goal("G8", "list with row permissions / without", rights, most=3.0)
    report.goal("G8", f"red board of {MODELS:,}, p95 ms", board, most=150.0)
    report.goal("G8", "red board of a week ago, p95 ms", p95["red board of a week ago"], most=1000.0)
    report.goal("G8", "most queries of a page", Series((float(max(queries.values())),)), most=12.0)


def browser(account: Any) -> Any:
    """Return a client that is signed in."""
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def asked(client: Any, path: str) -> Callable[[], float]:
    """Return what asks for a page ten times and returns the p95 in ms."""

    def ask() -> float:
        taken = []
        for _ in range(ASKS):
            began = time.perf_counter()
            response = client.get(path)
            taken.append((time.perf_counter() - began) * 1e3)
            if response.status_code != 200:
                raise RuntimeError(f"{path} answers {response.status_code}")
        return percentile(taken, 0.95)

    return ask


def counted(client: Any, path: str) -> int:
    """Return how many statements a page sends."""
    from django.db import connection

    asked_sql: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        asked_sql.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        client.get(path)
    return len(asked_sql)


if __name__ == "__main__":
    main()
