"""G2: bodies of 1,000 measurements received and measured, beside COPY of the same rows into the same table."""

import itertools
import json
import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.lib.company import METRICS, Company
from bench.lib.instance import Instance
from bench.lib.rounds import Report, Series, interleave

BODIES = int(os.environ.get("BODIES", "20"))
EACH = 1_000
_turns = itertools.count(1)


def main() -> None:
    """Measure and tell."""
    report = Report("bulk")
    with Instance() as instance:
        from models_registry.telemetry.models import Measurement

        company = Company(instance, models=1_000)
        found = interleave(
            {
                "copy": lambda: copied(fresh_bodies()),
                "fresh": lambda: sent_and_measured(company, fresh_bodies()),
                "door": lambda: received(company, fresh_bodies())[0],
                "again": lambda: sent_again(company, fresh_bodies()),
            }
        )
        rows = {name: Series(tuple(BODIES * EACH / seconds for seconds in each)) for name, each in found.items()}
        for name, what in WHAT.items():
            report.line(what, rows[name], "rows/s")
        report.goal("G2", "received and measured / COPY", rows["fresh"].over(rows["copy"]), least=0.6)
        report.goal("G2", "received / COPY", rows["door"].over(rows["copy"]), least=0.6)
        report.goal("G2", "sent again / fresh, at the door", rows["again"].over(rows["door"]), least=0.8)
        twice = Measurement.objects.count() - len(set(Measurement.objects.values_list("event_id", "ordinal")))
        report.goal("G2", "measurements that count twice", Series((float(twice),)), most=0)


WHAT = {
    "copy": "COPY of the rows, already parsed",
    "door": "bulk bodies kept, 202",
    "again": "the same bodies sent again, 202",
    "fresh": "kept, parsed, resolved, measured and merged into windows",
}


def fresh_bodies() -> list[bytes]:
    """Return bodies that nobody sent yet."""
    turn = next(_turns)
    return [body(turn, number) for number in range(BODIES)]


def body(turn: int, number: int) -> bytes:
    """Return a body of 1,000 measurements of all models."""
    start = datetime.now(UTC) - timedelta(minutes=turn)
    readings = [
        {
            "model": f"model-{place}",
            "metric": METRICS[place % len(METRICS)],
            "value": (place * 31 + number) % 1000 / 1000,
            "observed_at": (start + timedelta(microseconds=number * EACH + place)).isoformat(),
        }
        for place in range(EACH)
    ]
    return json.dumps({"measurements": readings}).encode()


def received(company: Company, bodies: list[bytes]) -> tuple[float, list[int]]:
    """Return the seconds that keeping the bodies takes, and the keys of the kept events."""
    began = time.perf_counter()
    kept = [company.send(one) for one in bodies]
    return time.perf_counter() - began, kept


def sent_and_measured(company: Company, bodies: list[bytes]) -> float:
    """Return the seconds from the first body to the last merged window."""
    from django.db import transaction

    from models_registry.telemetry.actions import measure_all
    from models_registry.telemetry.models import TelemetryEvent

    seconds, kept = received(company, bodies)
    began = time.perf_counter()
    with transaction.atomic():
        events = TelemetryEvent.objects.select_related("source").filter(pk__in=kept).order_by("pk")
        measure_all(events=list(events), at=datetime.now(UTC))
    return seconds + time.perf_counter() - began


def sent_again(company: Company, bodies: list[bytes]) -> float:
    """Return the seconds that the second delivery of bodies takes."""
    received(company, bodies)
    return received(company, bodies)[0]


def copied(bodies: list[bytes]) -> float:
    """Return the seconds that the rows of these bodies take by COPY, one transaction a body."""
    from django.db import connection, transaction

    from models_registry.catalog.models import RegisteredModel

    models = dict(RegisteredModel.objects.values_list("slug", "pk"))
    texts = [_lines(one, models) for one in bodies]
    began = time.perf_counter()
    for text in texts:
        with transaction.atomic(), connection.cursor() as cursor, cursor.copy(COPY) as copy:
            copy.write(text)
    return time.perf_counter() - began


COPY = (
    "copy telemetry_measurement (event_id, ordinal, model_id, metric, value, environment, observed_at, received_at)"
    " from stdin"
)


def _lines(one: bytes, models: dict[str, Any]) -> str:
    event = -next(_turns) - 1_000_000
    readings = json.loads(one)["measurements"]
    return "".join(
        f"{event}\t{place}\t{models[each['model']]}\t{each['metric']}\t{each['value']}\tproduction"
        f"\t{each['observed_at']}\t{each['observed_at']}\n"
        for place, each in enumerate(readings)
    )


if __name__ == "__main__":
    main()
