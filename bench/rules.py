"""G4: what a rule costs: one windowed rule over 10,000 series, and ten rules on one event."""

import os
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from bench.lib.company import Company
from bench.lib.instance import Instance
from bench.lib.rounds import Report, Series, interleave, timed

SERIES = int(os.environ.get("MODELS", "10000"))
PROMETHEUS_MS = 85.0
"""Recorded: Prometheus 2.42, `min_over_time` of one rule over 10,000 series, 2 cores. It is no Python package."""


def main() -> None:
    """Measure and tell."""
    report = Report("rules")
    with Instance() as instance:
        from governance.rules.parsing import parse

        company = Company(instance, models=SERIES)
        company.measure(SERIES)
        version = company.rules(1)[0]
        stand(company, version)
        ten = [parse(company.rule_text(number)) for number in range(0, 50, 5)]
        found = interleave(
            {
                "standing": lambda: timed(lambda: standing(version)) * 1e3,
                "sweep": lambda: timed(lambda: over_all(ten[0])) * 1e3,
                "ten": lambda: ten_rules(ten),
            }
        )
    standing_ms, sweep_ms, ten_us = (Series(tuple(found[name])) for name in ("standing", "sweep", "ten"))
    report.line(f"which of {SERIES:,} series does the rule fire on", standing_ms, "ms")
    report.line(f"the rule judged anew on {SERIES:,} series, from windows", sweep_ms, "ms")
    report.line("ten rules on one event's windows", ten_us, "µs CPU")
    recorded = Series((PROMETHEUS_MS,) * len(standing_ms.values))
    report.goal("G4", "standing answer / Prometheus' window rule (recorded)", standing_ms.over(recorded), most=0.25)
    report.goal("G4", "ten rules on one event, µs CPU", ten_us, most=25.0)


def stand(company: Company, version: object) -> None:
    """Give every series the state that a judgement leaves."""
    from governance.rules.models import SeriesState

    SeriesState.objects.bulk_create(
        SeriesState(
            rule_version=version, model=model, environment="production", segment="", holds=number % 2 == 0,
            firing=number % 2 == 0, value=0.5, evaluated_at=company.at,
        )
        for number, model in enumerate(company.models)
    )  # fmt: skip


def standing(version: object) -> int:
    """Return on how many series the rule fires, from the state that events left."""
    from governance.rules.models import SeriesState

    return len(SeriesState.objects.filter(rule_version=version, firing=True).values_list("model_id", "segment"))


def over_all(definition: object, **narrowed: object) -> int:
    """Judge the rule on every series, or those of some models, from stored windows; return how many it holds for."""
    from governance.rules.conditions import evaluate
    from governance.rules.windows import SeriesKey, Window
    from governance.vocabulary import Materiality
    from models_registry.telemetry.models import Rollup

    now = datetime.now(UTC)
    test = definition.when
    rows = Rollup.objects.filter(
        metric=test.metric, width_s=3600, environment="production", starts_at__gte=now - timedelta(hours=8), **narrowed
    ).values_list("model_id", "segment", "starts_at", "count", "sum", "min", "max", "first", "last")
    series: dict[int, dict[SeriesKey, list[Window]]] = defaultdict(lambda: defaultdict(list))
    for model, segment, start, count, total, *rest in rows:
        window = Window(int(start.timestamp()) // 3600, start, count, float(total), *rest)
        series[model][SeriesKey(test.metric, segment, test.over)].append(window)
    return sum(
        any(one.holds for one in evaluate(definition, series=each, now=now, materiality=Materiality.MEDIUM))
        for each in series.values()
    )


def ten_rules(definitions: list[object]) -> float:
    """Return the CPU µs of judging ten rules on the windows of one event's series."""
    from governance.rules.conditions import evaluate, indexed
    from governance.rules.windows import SeriesKey, Window
    from governance.vocabulary import Materiality

    now = datetime.now(UTC)
    hour = int(now.timestamp()) // 3600
    windows = [
        Window(index, datetime.fromtimestamp(index * 3600, UTC), 1, 0.5, 0.5, 0.5, 0.5, 0.5)
        for index in range(hour - 4, hour)
    ]
    metric = definitions[0].when.metric
    series = {SeriesKey(metric, "", definitions[0].when.over): windows}
    times = 300
    began = time.process_time()
    for _ in range(times):
        shared = indexed(series)
        for definition in definitions:
            evaluate(definition, series=shared, now=now, materiality=Materiality.MEDIUM)
    return (time.process_time() - began) / times * 1e6


if __name__ == "__main__":
    main()
