"""What backfill tests need: a source for files, files, and a line that works them off."""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from models_registry.backfills import actions, columns, uploading, working
from models_registry.backfills.columns import Plan
from models_registry.backfills.models import Backfill, BackfillState
from models_registry.backfills.pieces import PieceStream
from models_registry.backfills.tables import Shape, open_table, sample
from models_registry.telemetry import actions as telemetry
from models_registry.telemetry.models import Source, TelemetryEvent
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.world import AT, OPERATOR

BEGIN = AT - timedelta(days=400)


def source(**facts: Any) -> Source:
    """A source for files of history."""
    return world.source("backfill", **facts)


def rows(
    count: int, *, model: str = "claims-triage", metric: str = "accuracy", begin: datetime = BEGIN
) -> list[list[Any]]:
    """So many hourly rows: model, metric, value, observed_at."""
    return [
        [model, metric, (number * 37 % 1000) / 1000, (begin + timedelta(hours=number)).isoformat()]
        for number in range(count)
    ]


HEADER = ("model", "metric", "value", "observed_at")


def csv_file(body: Iterable[Sequence[Any]], *, header: Sequence[str] = HEADER, **dialect: Any) -> bytes:
    """A CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, **dialect)
    writer.writerow(header)
    writer.writerows(body)
    return text.getvalue().encode()


def parquet_file(columns: dict[str, Any], **options: Any) -> bytes:
    """A Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **options)
    return out.getvalue()


def uploaded(content: bytes, *, to: Source | None = None, name: str = "history.csv", piece: int = 65_536) -> Backfill:
    """A backfill whose file is whole."""
    digest = hashlib.sha256(content).hexdigest()
    made, _ = uploading.begin_upload(
        by=OPERATOR, at=AT, source=to or source(), file_name=name, size=len(content), digest=digest
    )
    for offset in range(0, len(content), piece):
        made = uploading.append(by=OPERATOR, backfill=made, offset=offset, content=content[offset : offset + piece])
    return uploading.finish_upload(by=OPERATOR, at=AT, backfill=made)


def guessed(backfill: Backfill) -> Plan:
    """The plan that the house itself proposes."""
    shape = Shape(**{name: backfill.shape[name] for name in ("form", "packed", "encoding", "delimiter")})
    table = open_table(PieceStream(backfill), shape, size=backfill.size)
    return columns.guess(table.header, sample(table))[0]


def started(content: bytes, *, plan: Plan | None = None, **facts: Any) -> Backfill:
    """A backfill that runs."""
    made = uploaded(content, **facts)
    return actions.start(by=OPERATOR, at=AT, backfill=made, plan=plan or guessed(made))


def measure_waiting(at: datetime = AT) -> int:
    """Measure what waits of history, as the line does, without judging it."""
    count = 0
    while claimed := telemetry.claim_history(limit=4, at=at):
        with transaction.atomic():
            events = TelemetryEvent.objects.select_for_update().select_related("source").filter(pk__in=claimed)
            telemetry.measure_all(events=list(events.order_by("pk")), at=at)
        count += len(claimed)
    return count


def work_off(backfill: Backfill, at: datetime = AT) -> Backfill:
    """Work until nothing more happens."""
    while working.advance(backfill_id=backfill.pk, at=at) or measure_waiting(at):
        pass
    backfill.refresh_from_db()
    return backfill


def brought_in(content: bytes, **facts: Any) -> Backfill:
    """A backfill that is done."""
    done = work_off(started(content, **facts))
    assert done.state == BackfillState.DONE, (done.state, done.note)
    return done


def rejected(backfill: Backfill) -> list[tuple[int, str, str]]:
    """Row, column and code of everything that was rejected."""
    return [
        (each.row, each.column, each.code)
        for batch in backfill.batches.exclude(rejected=None).order_by("first_row")
        for each in working.unpacked(bytes(batch.rejected or b""))
    ]


def packed(content: bytes) -> bytes:
    """The file as gzip has it."""
    return gzip.compress(content)
