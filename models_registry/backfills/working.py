"""The worker's part: the next rows of a file become one event of its source, and the backfill moves on with it.

Event, rejected rows and the place in the file commit together. A worker that dies in between leaves nothing behind,
and whoever comes next reads the same rows into the same event.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

import msgspec
from django.db import connection, transaction
from django.db.models import Q

from models_registry.backfills import actions, columns, tables
from models_registry.backfills.models import Backfill, BackfillState, Batch, Finding, LateEvidence
from models_registry.backfills.pieces import PieceStream
from models_registry.backfills.rows import NAMES_KEPT, Judge, LeftOut, Names, Rejected, Sound, Verdict
from models_registry.backfills.tables import FileUnfit, Table, zstd
from models_registry.telemetry import actions as telemetry
from models_registry.telemetry import measuring
from models_registry.telemetry.models import EventState, Source, SourceKind, TelemetryEvent
from models_registry.telemetry.readings import Problem
from models_registry.telemetry.sql import ENSURE_PARTITION

MOST: Final = 5_000
"""Measurements of one event at most, so that live events wait for no more than this many."""
MOST_BYTES: Final = 900_000
"""Bytes of their body at most; an event's body may have 1 MiB."""
MOST_ROWS: Final = 50_000
"""Rows that are read for one event at most, where most of them give nothing."""
WAITING: Final = 4
"""Events of one backfill that may wait for the line before no more are made."""
SUBJECTS_KEPT: Final = 500
"""Reasons and unknown models that are told apart; the rest are counted together."""
THE_REST: Final = "(further ones)"
FILES_OPEN: Final = 4

_ADD: Final = """
INSERT INTO backfills_finding AS held (backfill_id, code, subject, count, first_row) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (backfill_id, code, subject) DO UPDATE SET count = held.count + excluded.count
"""


@dataclass(slots=True)
class _Reading:
    """A file that this process reads, and up to which row."""

    table: Table
    rows: tables.Rows
    judge: Judge
    row: int
    taken: set[Names] = field(default_factory=set)
    """Combinations of names that the line takes."""


_open: dict[int, _Reading] = {}
"""The files that this process reads, by backfill: going on needs no second reading of what was read."""


_made: set[date] = set()
"""Months whose partitions this process made or found made."""


@dataclass(slots=True)
class _Batch:
    """What the next rows gave."""

    sound: list[Sound] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    left_out: int = 0
    size: int = 0
    last_row: int = 0
    is_last: bool = False
    unfit: str = ""
    """Why the file cannot be read any further."""

    def add(self, verdict: Verdict) -> None:
        """Put a verdict where it belongs."""
        match verdict:
            case Sound():
                self.sound.append(verdict)
                self.size += 110 + sum(map(len, verdict.names))
            case Rejected():
                self.rejected.append(verdict)
            case LeftOut():
                self.left_out += 1

    @property
    def is_full(self) -> bool:
        """Whether no further row belongs to it."""
        return len(self.sound) >= MOST or self.size >= MOST_BYTES or len(self.rejected) >= MOST


def due() -> list[int]:
    """Return the running backfills, the one first that was worked on least, so that they take turns."""
    rows = Backfill.objects.filter(state=BackfillState.RUNNING).order_by("worked_s", "pk")
    return list(rows.values_list("pk", flat=True))


def is_waiting(*, at: datetime) -> bool:
    """Return whether there is history to read, to measure or to judge."""
    if Backfill.objects.filter(state=BackfillState.RUNNING).exists() or LateEvidence.objects.exists():
        return True
    waiting = TelemetryEvent.objects.filter(state=EventState.NEW, source__kind=SourceKind.BACKFILL)
    return waiting.filter(Q(not_before__isnull=True) | Q(not_before__lte=at)).exists()


def advance(*, backfill_id: int, at: datetime) -> bool:
    """Read the next rows of a running backfill into one event; return whether anything was done.

    Nothing is done while another worker holds it, or while enough of its events wait for the line.
    """
    began = time.perf_counter()
    try:
        with transaction.atomic():
            rows = Backfill.objects.select_for_update(skip_locked=True, of=("self",)).select_related("source")
            found = rows.filter(pk=backfill_id, state=BackfillState.RUNNING).first()
            if found is None:
                _open.pop(backfill_id, None)
                return False
            did, months = _step(found, at)
            found.worked_s += time.perf_counter() - began
            found.save()
    except BaseException:
        _open.pop(backfill_id, None)  # what was read in it was rolled back
        raise
    if found.state != BackfillState.RUNNING:
        _open.pop(backfill_id, None)
    _make_room(months)
    return did


def _make_room(months: Collection[date]) -> None:
    """Make the partitions of these months, each by itself: the line waits for a moment only, and not in our batch."""
    with connection.cursor() as cursor:
        for month in sorted(set(months) - _made):
            cursor.execute(ENSURE_PARTITION, [month])
            _made.add(month)


def _step(found: Backfill, at: datetime) -> tuple[bool, set[date]]:
    if found.row_count is not None and found.row >= found.row_count:
        return _end(found, at), set()
    if _waiting(found, WAITING) >= WAITING:
        return False, set()
    try:
        reading = _reading(found, at)
    except FileUnfit as unfit:
        actions.ended(at=at, found=found, state=BackfillState.FAILED, why=str(unfit))
        return True, set()
    batch = _next(found, reading)
    found.consumed = reading.table.consumed()
    batch.sound, refused = probe(source=found.source, sound=batch.sound, taken=reading.taken, at=at)
    batch.rejected = sorted([*batch.rejected, *refused], key=lambda each: each.row)
    if batch.rejected and found.plan and found.plan["stops"]:
        _cut(batch)
        _open.pop(found.pk, None)
        first = batch.rejected[0]
        where = f", column {first.column}" if first.column else ""
        actions.stopped(at=at, found=found, why=f"Stopped at row {first.row:,}{where}: {first.message}.")
    if batch.last_row > found.row:
        _keep(found, batch, at)
    if batch.unfit:
        actions.ended(at=at, found=found, state=BackfillState.FAILED, why=batch.unfit)
    if batch.is_last:
        found.row_count = found.row
    reading.row = found.row
    return True, {each.observed_at.date().replace(day=1) for each in batch.sound}


def _end(found: Backfill, at: datetime) -> bool:
    """End a backfill whose rows are all read and measured."""
    if _waiting(found, 1):
        return False
    actions.ended(at=at, found=found, state=BackfillState.DONE)
    return True


def _waiting(found: Backfill, limit: int) -> int:
    rows = Batch.objects.filter(backfill=found, event__state=EventState.NEW)
    return rows.order_by("-first_row").values("pk")[:limit].count()


def _reading(found: Backfill, at: datetime) -> _Reading:
    known = _open.get(found.pk)
    if known is not None and known.row == found.row:
        known.judge.as_of(at)
        return known
    while len(_open) >= FILES_OPEN:
        _open.pop(next(iter(_open)))
    shape = tables.Shape(**{name: found.shape[name] for name in ("form", "packed", "encoding", "delimiter")})
    plan = columns.from_document(found.plan or {})
    table = tables.open_table(PieceStream(found), shape, size=found.size, columns=plan.used)
    judge = Judge(plan, table.header, environment=found.source.environment, now=at)
    known = _open[found.pk] = _Reading(table, table.rows(after=found.row), judge, found.row)
    return known


def _next(found: Backfill, reading: _Reading) -> _Batch:
    batch = _Batch(last_row=found.row)
    while not batch.is_full and batch.last_row - found.row < MOST_ROWS:
        try:
            row, cells = next(reading.rows)
        except StopIteration:
            batch.is_last = True
            batch.last_row = max(batch.last_row, reading.table.row_count or 0)
            break
        except FileUnfit as unfit:
            batch.unfit = str(unfit)
            break
        for verdict in reading.judge.judge(row, cells):
            batch.add(verdict)
        batch.last_row = row
    return batch


def probe(
    *, source: Source, sound: Sequence[Sound], taken: set[Names], at: datetime
) -> tuple[list[Sound], list[Rejected]]:
    """Return what the line takes, and what it would not: unknown models, units that do not fit, too many series.

    Each combination of names that is not in ``taken`` goes through the line's own reader once, as an event of one
    measurement, and is added there when it passes.
    """
    if len(taken) > NAMES_KEPT:
        taken.clear()
    fresh = {each.names: each for each in sound if each.names not in taken}
    probes = [
        TelemetryEvent(source=source, raw=_body([each], {}), headers={}, received_at=at) for each in fresh.values()
    ]
    refused: dict[Names, Problem] = {}
    for names, read in zip(fresh, measuring.read_events(probes), strict=True):
        if read.problems:
            refused[names] = read.problems[0]
        else:
            taken.add(names)
    if not refused:
        return list(sound), []
    return (
        [each for each in sound if each.names not in refused],
        [_refused(each, refused[each.names]) for each in sound if each.names in refused],
    )


def _refused(one: Sound, problem: Problem) -> Rejected:
    text = one.names.model if problem.code == "E_UNKNOWN_MODEL" else ", ".join(filter(None, one.names))
    return Rejected(one.row, _COLUMN_OF.get(problem.code, ""), problem.code, problem.message, text)


_COLUMN_OF: Final = {"E_UNKNOWN_MODEL": "model", "E_UNIT": "unit", "E_SEGMENTS": "segment"}


def _cut(batch: _Batch) -> None:
    """Keep what comes before the first bad row, and that row."""
    first = batch.rejected[0].row
    batch.rejected = [each for each in batch.rejected if each.row == first]
    batch.sound = [each for each in batch.sound if each.row <= first]
    batch.last_row, batch.is_last = first, False


def _keep(found: Backfill, batch: _Batch, at: datetime) -> None:
    first, event_pk, known = found.row + 1, None, 0
    if batch.sound:
        origin = {
            "file": found.file_name,
            "digest": f"sha256:{found.digest}",
            "plan": f"sha256:{found.plan_digest}",
            "first_row": first,
            "last_row": batch.last_row,
        }
        name = f"backfill-{found.digest[:24]}-{found.plan_digest[:16]}-{first}"
        headers = {"webhook-id": name, "content-type": "application/json"}
        receipt = telemetry.receive(source=found.source, body=_body(batch.sound, origin), headers=headers, at=at)
        event_pk, known = receipt.event_pk, len(batch.sound) if receipt.duplicate else 0
    Batch.objects.create(
        backfill=found,
        event_id=event_pk,
        first_row=first,
        last_row=batch.last_row,
        kept_count=len(batch.sound) - known,
        rejected_count=len(batch.rejected),
        rejected=_packed(batch.rejected) if batch.rejected else None,
    )
    _count(found, batch.rejected)
    found.row = batch.last_row
    found.kept_count += len(batch.sound) - known
    found.known_count += known
    found.rejected_count += len(batch.rejected)
    found.left_out_count += batch.left_out


def _body(sound: Sequence[Sound], origin: dict[str, Any]) -> bytes:
    """Return a body of the measurements' own shape; the same rows give the same bytes."""
    rows = []
    for row, names, value, observed_at in sound:
        said: dict[str, Any] = {name: text for name, text in zip(names._fields, names, strict=True) if text}
        rows.append(said | {"value": value, "observed_at": observed_at.astimezone(UTC).isoformat(), "row": row})
    return msgspec.json.encode({"backfill": origin, "measurements": rows} if origin else {"measurements": rows})


def _packed(rejected: Iterable[Rejected]) -> bytes:
    return zstd.compress(b"\n".join(msgspec.json.encode(each.document()) for each in rejected))


def unpacked(content: bytes) -> list[Rejected]:
    """Return the rejected rows that a batch holds."""
    return [Rejected(*msgspec.json.decode(line)) for line in zstd.decompress(content).split(b"\n")]


def _count(found: Backfill, rejected: Sequence[Rejected]) -> None:
    """Add to the counts of reasons and of unknown models."""
    if not rejected:
        return
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], int] = {}
    known = set(Finding.objects.filter(backfill=found).values_list("code", "subject"))
    for each in rejected:
        subject = each.text[:200] if each.code == "E_UNKNOWN_MODEL" else each.column[:200]
        key = (each.code, subject)
        if key not in known and key not in counts and len(known) + len(counts) >= SUBJECTS_KEPT:
            key = (each.code, THE_REST)
        counts[key] += 1
        first.setdefault(key, each.row)
    with connection.cursor() as cursor:
        cursor.executemany(_ADD, [(found.pk, *key, count, first[key]) for key, count in sorted(counts.items())])
