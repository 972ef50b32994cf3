"""Predictions: a body of 10,000 through the door, and one explained, found and listed among 10,000 and 1,000,000.

The sizes cannot take turns, because predictions only come. So each time is divided by that of a page that reads
none of them and is measured in the same round (as in `growth`).
"""

import json
import math
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.lib.company import Company
from bench.lib.growing import YARDSTICK, pages
from bench.lib.instance import Instance
from bench.lib.rounds import ROUNDS, Report, Series, percentile, timed
from bench.lists import browser

SMALL, LARGE = 10_000, int(os.environ.get("PREDICTIONS", "1000000"))
BODY = 10_000
MODELS, MONTHS_DAYS = 50, 170
ASKS = 20
"""Requests of each page in a round; a round's figure is their p95."""


def main() -> None:
    """Measure at both sizes and tell how much more the larger costs."""
    report = Report("predictions")
    with Instance() as instance:
        from django.conf import settings

        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        company = Company(instance, models=MODELS)
        versions = register(company)
        taken: dict[int, dict[str, list[float]]] = {}
        rates: list[float] = []
        held = 0
        for size in (SMALL, LARGE):
            for first in range(held, size, BODY):
                seconds = timed(lambda first=first: send(company, versions, first))  # type: ignore[misc]
                rates.append(BODY / seconds)
            held = size
            with instance.connect() as admin:
                admin.execute("vacuum analyze lineage_prediction")
            taken[size] = measured(things(company))
    report.line(f"kept through the action, bodies of {BODY:,}", Series(tuple(rates[-5:])), "predictions/s")
    for name in taken[SMALL]:
        small, large = (Series(tuple(taken[size][name])) for size in (SMALL, LARGE))
        report.line(f"{name}, {SMALL:,} predictions: p95", small, "yardsticks")
        report.line(f"{name}, {LARGE:,} predictions: p95", large, "yardsticks")
        grown = large.over(small)
        slope = math.log(grown.median) / math.log(LARGE / SMALL)
        report.goal("predictions", f"{name}: {LARGE:,} / {SMALL:,}", grown, most=2.0)
        report.line(f"{name}: growth exponent", Series((slope,)), "")


def measured(works: dict[str, Callable[[], Any]]) -> dict[str, list[float]]:
    """Return the p95 of each page in yardsticks, a figure a round."""
    for work in works.values():
        work()
    found: dict[str, list[float]] = {name: [] for name in works if name != YARDSTICK}
    for _ in range(ROUNDS):
        for name in found:
            stick = timed(works[YARDSTICK], times=ASKS)
            found[name].append(percentile([timed(works[name]) for _ in range(ASKS)], 0.95) / stick)
    return found


def register(company: Company) -> list[Any]:
    """Give each model a version, and one of them all that an explanation tells."""
    from models_registry.catalog.actions import register_version
    from models_registry.lineage.actions import record_lineage
    from models_registry.lineage.statement import Member, Stated, Statement

    at = datetime.now(UTC) - timedelta(days=MONTHS_DAYS)
    versions = [register_version(by=company.machine, at=at, model=model) for model in company.models]
    members = (
        Member("p", Stated("PROMPT_TEMPLATE", "bench/system", "v1", content="Answer.\n" * 40), "PROMPTS_WITH"),
        Member("c", Stated("CODE", "git.example/bench", digest="git:" + "4f" * 20), "BUILT_BY"),
        Member("d", Stated("DATASET", "bench-data", "v1", "sha256:" + "0" * 64), "TRAINED_ON"),
    )
    record_lineage(by=company.machine, at=at, version=versions[0], statement=Statement(members))
    return versions


def send(company: Company, versions: list[Any], first: int) -> None:
    """Let a source send one body; the predictions spread over the months before now."""
    from models_registry.lineage.prediction_actions import receive

    body = json.dumps({"predictions": list(told(versions, first))}).encode()
    receipt = receive(source=company.source(), body=body, at=datetime.now(UTC))
    assert receipt.kept == BODY


def told(versions: list[Any], first: int) -> Iterator[dict[str, Any]]:
    """Yield one body's predictions."""
    now = datetime.now(UTC)
    for number in range(first, first + BODY):
        ago = timedelta(seconds=(number * 7919) % (MONTHS_DAYS * 86_400))
        yield {
            "prediction_id": f"p-{number}", "trace_id": f"t-{number}", "model": versions[number % MODELS].model.slug,
            "version": 1, "observed_at": (now - ago).isoformat(),
            "prompt": {"name": "bench/system", "version": "v1"}, "documents": ["a#1", "b#2", "c#3"],
            "input_tokens": 800, "output_tokens": 120, "latency_ms": 400.0, "cost_micros": 900, "currency": "EUR",
            "outcome": "ok" if number % 50 else "blocked", "subject": f"person-{number % 5000}",
            "input": f"question {number}", "output": f"answer {number}",
        }  # fmt: skip


def things(company: Company) -> dict[str, Callable[[], Any]]:
    """Return what is timed, by name."""
    from models_registry.lineage.prediction_models import Prediction

    page = pages(browser(company.board))
    one = Prediction.objects.get(prediction_id="p-0")

    after = Prediction.objects.order_by("observed_at", "-pk")[1_000].pk
    slug = company.models[3].slug
    return {
        YARDSTICK: page("/readyz"),
        "one explained": page(f"/predictions/{one.pk}/"),
        "one explained to a program": page(f"/api/v1/predictions/{one.pk}/explanation/"),
        "found by its id": page("/predictions/?id=p-0"),
        "the newest hundred": page("/predictions/"),
        "a hundred far down": page(f"/predictions/?after={after}"),
        "the newest of a model": page(f"/predictions/?model={slug}"),
        "the newest of a model and version": page(f"/predictions/?model={slug}&version=1"),
    }


if __name__ == "__main__":
    main()
