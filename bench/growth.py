"""G9: how cost grows with history: the slope of log time over log rows, for pages, gate and rules.

With the measurements grow the events, the trail, the moves of postures and risks, health scores, windows and alerts.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.lib.company import Company
from bench.lib.growing import YARDSTICK, growth, pages
from bench.lib.instance import Instance
from bench.lib.rounds import FULL, Report
from bench.lists import browser
from bench.rules import over_all

SIZES = (100_000, 1_000_000, 10_000_000) if FULL else (100_000, 1_000_000)
if asked := os.environ.get("SIZES"):
    SIZES = tuple(int(size) for size in asked.split(","))
MODELS = 1_000
PER_MOVE = 100
"""Measurements of a model between two moves of its posture; one score and ten windows go with each move."""
PER_ALERT = 1_000


def main() -> None:
    """Measure at every size and tell the slopes."""
    report = Report("growth")
    with Instance() as instance:
        from django.conf import settings

        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        company = Company(instance, models=MODELS)
        company.rules(20)

        def grow(size: int) -> None:
            company.measure(size)
            company.remember(size // MODELS // PER_MOVE)
            company.alert(size // PER_ALERT)

        growth(report, things(company), sizes=SIZES, grow=grow, noun="measurements", most=limit)


def limit(name: str) -> float:
    """Return the largest exponent that goal G9 allows."""
    return 0.1 if "sweep" in name else 0.05


def things(company: Company) -> dict[str, Callable[[], Any]]:
    """Return what is timed, by name."""
    from governance.gates.actions import ask
    from governance.risks.models import Risk
    from governance.rules.parsing import parse
    from models_registry.catalog.models import ModelVersion
    from models_registry.telemetry import queries

    page, token = pages(browser(company.board)), {"authorization": f"Bearer {company.token()}"}
    version = ModelVersion.objects.select_related("model").get(model=company.models[1])
    rule = parse(company.rule_text(0))
    risk = Risk.objects.filter(model=version.model).earliest("pk")
    week_ago = (company.at - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")

    return {
        YARDSTICK: page("/readyz"),
        "page: red board": page("/"),
        "page: red board of a week ago": page(f"/?as_of={week_ago}"),
        "page: models": page("/models/"),
        "page: one model": page("/models/model-1/"),
        "page: register": page("/risks/"),
        "page: one risk": page(f"/risks/R-{risk.pk}/"),
        "page: inbox": page("/inbox/"),
        "page: alerts": page("/alerts/"),
        "page: audit log": page("/audit/"),
        "page: sources": page("/sources/"),
        "page: one source": page(f"/sources/{company.source().slug}/"),
        "list: models": page("/api/v1/models/?limit=25"),
        "list: risks": page("/api/v1/risks/?limit=25"),
        "list: alerts": page("/api/v1/alerts/?limit=25"),
        "list: sources": page("/api/v1/sources/"),
        "gate: runtime": page("/api/v1/gates/runtime/model-1/", **token),
        "gate: promotion": lambda: ask(by=company.machine, at=datetime.now(UTC), version=version, target="production"),
        "rule: one series": lambda: over_all(rule, model=version.model_id),
        "rule: full sweep": lambda: over_all(rule),
        "books of every source": queries.books,
    }


if __name__ == "__main__":
    main()
