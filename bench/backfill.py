"""Files of history: rows read, checked, kept as events, measured and merged, beside COPY of the same rows."""

import hashlib
import io
import itertools
import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.bulk import COPY
from bench.lib.company import METRICS, Company
from bench.lib.instance import Instance
from bench.lib.rounds import Report, Series, interleave

ROWS = int(os.environ.get("ROWS", "20000"))
MODELS = 200
_turns = itertools.count(1)
HEADER = ("model", "metric", "value", "observed_at")
type Row = tuple[str, str, float, str]


def main() -> None:
    """Measure and tell."""
    report = Report("backfill")
    with Instance() as instance:
        from models_registry.telemetry.models import Measurement
        from models_registry.telemetry.source_actions import create_source

        company = Company(instance, models=MODELS)
        source, _ = create_source(by=company.by, at=company.at, name="History", kind="backfill")
        found = interleave(
            {
                "copy": lambda: copied(fresh_rows()),
                "read": lambda: brought_in(source, text_of(fresh_rows()), measured=False),
                "csv": lambda: brought_in(source, text_of(fresh_rows()), measured=True),
                "parquet": lambda: brought_in(source, parquet_of(fresh_rows()), measured=True),
            }
        )
        rows = {name: Series(tuple(ROWS / seconds for seconds in each)) for name, each in found.items()}
        for name, what in WHAT.items():
            report.line(what, rows[name], "rows/s")
        report.line("brought in from CSV / COPY", rows["csv"].over(rows["copy"]), "ratio")
        report.line("brought in from Parquet / COPY", rows["parquet"].over(rows["copy"]), "ratio")
        twice = Measurement.objects.count() - len(set(Measurement.objects.values_list("event_id", "ordinal")))
        report.goal("G2", "rows of history that count twice", Series((float(twice),)), most=0)


WHAT = {
    "copy": "COPY of the rows, already parsed",
    "read": "CSV read, checked and kept as events",
    "csv": "CSV brought in: read, checked, kept, measured and merged into windows",
    "parquet": "Parquet brought in likewise",
}


def fresh_rows() -> list[Row]:
    """Return hourly rows of all models that nobody brought in yet."""
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=700)
    begins += timedelta(seconds=next(_turns))
    return [
        (
            f"model-{number % MODELS}",
            METRICS[number % len(METRICS)],
            (number * 31) % 1000 / 1000,
            (begins + timedelta(hours=number // MODELS)).isoformat(),
        )
        for number in range(ROWS)
    ]


def text_of(rows: list[Row]) -> bytes:
    """Return the rows as CSV."""
    return "\n".join([",".join(HEADER), *(f"{a},{b},{c},{d}" for a, b, c, d in rows)]).encode()


def parquet_of(rows: list[Row]) -> bytes:
    """Return the rows as Parquet, with moments as such files have them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    models, metrics, values, moments = zip(*rows, strict=True)
    table = {"model": models, "metric": metrics, "value": values}
    at = pa.array([datetime.fromisoformat(each) for each in moments], pa.timestamp("us", "UTC"))
    out = io.BytesIO()
    pq.write_table(pa.table({**table, "observed_at": at}), out)
    return out.getvalue()


def brought_in(source: Any, content: bytes, *, measured: bool) -> float:
    """Return the seconds from the start of an uploaded file to its last row, or to its last merged window."""
    from governance.scoring import pipeline
    from models_registry.audit.actor import System
    from models_registry.backfills import actions, columns, uploading, working

    by, at = System("bench"), datetime.now(UTC)
    digest = hashlib.sha256(content).hexdigest()
    made, _ = uploading.begin_upload(by=by, at=at, source=source, file_name="bench", size=len(content), digest=digest)
    for begin in range(0, len(content), uploading.LARGEST_PIECE):
        piece = content[begin : begin + uploading.LARGEST_PIECE]
        made = uploading.append(by=by, backfill=made, offset=begin, content=piece)
    made = uploading.finish_upload(by=by, at=at, backfill=made)
    actions.start(by=by, at=at, backfill=made, plan=columns.Plan(columns={name: name for name in HEADER}))
    waiting = working.WAITING
    setattr(working, "WAITING", waiting if measured else ROWS)  # noqa: B010 - a constant elsewhere
    began = time.perf_counter()
    while working.advance(backfill_id=made.pk, at=at) | bool(measured and pipeline.process_history(limit=4, at=at)):
        pass
    seconds = time.perf_counter() - began
    setattr(working, "WAITING", waiting)  # noqa: B010
    while pipeline.process_history(limit=50, at=at):
        pass
    return seconds


def copied(rows: list[Row]) -> float:
    """Return the seconds that the same rows take by COPY, 5,000 in a transaction."""
    from django.db import connection, transaction

    from models_registry.catalog.models import RegisteredModel

    models = dict(RegisteredModel.objects.values_list("slug", "pk"))
    event = -next(_turns) - 2_000_000
    texts = [
        "".join(f"{event}\t{place}\t{models[a]}\t{b}\t{c}\tproduction\t{d}\t{d}\n" for place, (a, b, c, d) in part)
        for part in itertools.batched(enumerate(rows), 5_000)
    ]
    began = time.perf_counter()
    for text in texts:
        with transaction.atomic(), connection.cursor() as cursor, cursor.copy(COPY) as copy:
            copy.write(text)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
