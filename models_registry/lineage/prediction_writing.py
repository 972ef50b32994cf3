"""Predictions into the database: each once, by COPY, with what is personal replaced before it leaves this process."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from models_registry.lineage import pseudonyms
from models_registry.lineage.prediction_models import Subject
from models_registry.lineage.prediction_reading import Trace
from models_registry.lineage.prediction_sql import COPY, COPY_TYPES, COUNT, ENSURE_PARTITION, HOLD_SOURCE, KNOWN
from models_registry.lineage.resolution import Found
from models_registry.telemetry.models import Source
from models_registry.telemetry.partitions import months_around

type Row = tuple[Any, ...]
type SubjectKey = tuple[int, bytes]
"""A subject's row and its key, unwrapped."""


def ensure_months(moments: Iterable[datetime]) -> int:
    """Create the partitions that these moments fall into and that are missing; return how many were."""
    created = 0
    with connection.cursor() as cursor:
        for month in sorted({_month(one) for one in moments}):
            cursor.execute(ENSURE_PARTITION, [month])
            row = cursor.fetchone()
            created += bool(row and row[0])
    return created


def ensure_months_ahead(at: datetime) -> int:
    """Create this month's partition and those of the next two where they are missing; return how many were."""
    return ensure_months(datetime(day.year, day.month, 1, tzinfo=UTC) for day in months_around(at=at, back=0))


def unknown_only(traces: Sequence[Trace], *, source_id: int) -> list[Trace]:
    """Return the predictions that are not on record, the first of each id. Holds the source until the commit."""
    first: dict[str, Trace] = {}
    for trace in traces:
        first.setdefault(trace.prediction_id, trace)
    with connection.cursor() as cursor:
        cursor.execute(HOLD_SOURCE, [source_id % 2**31])
        cursor.execute(KNOWN, [source_id, list(first)])
        known = {one for (one,) in cursor.fetchall()}
    return [trace for name, trace in first.items() if name not in known]


def subjects_of(
    traces: Iterable[Trace], *, source_id: int, keys: pseudonyms.Keys, at: datetime
) -> Mapping[str, SubjectKey]:
    """Return the subject of each reference in this generation with its key; those who are new get one."""
    references = {trace.subject for trace in traces if trace.subject}
    names = {keys.pseudonym(source_id=source_id, reference=one): one for one in references}
    if not names:
        return {}
    rows = Subject.objects.filter(source_id=source_id, generation=keys.generation, pseudonym__in=names)
    found: dict[str, SubjectKey] = {}
    while len(found) < len(names):  # a second time only where somebody was erased in between
        known = {bytes(one or b"") for one in rows.values_list("pseudonym", flat=True)}
        fresh = [_new_subject(name, source_id, keys, at) for name in sorted(names.keys() - known)]
        Subject.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=2_000)
        for row in rows.order_by("pk").select_for_update():
            pseudonym = bytes(row.pseudonym or b"")
            found[names[pseudonym]] = row.pk, keys.unwrap(bytes(row.wrapped_key or b""), pseudonym=pseudonym)
    return found


def _new_subject(pseudonym: bytes, source_id: int, keys: pseudonyms.Keys, at: datetime) -> Subject:
    wrapped = keys.wrap(pseudonyms.fresh_key(), pseudonym=pseudonym)
    return Subject(
        source_id=source_id, generation=keys.generation, pseudonym=pseudonym, wrapped_key=wrapped, created_at=at
    )


def rows_of(
    traces: Iterable[Trace],
    *,
    source: Source,
    found: Found,
    subjects: Mapping[str, SubjectKey],
    keys: pseudonyms.Keys,
    keeps_text: bool,
    at: datetime,
) -> Iterator[Row]:
    """Yield the rows as they are written: no reference and no text in the clear."""
    for trace in traces:
        model_id, version_id = found.of(trace)
        subject_id, key = subjects.get(trace.subject or "", (None, keys.texts))
        yield (
            source.pk, trace.prediction_id, trace.trace_id, trace.model, trace.version, trace.alias, model_id,
            version_id, trace.environment, trace.segment, trace.observed_at, at, trace.prompt_name,
            trace.prompt_label, trace.prompt_digest, list(trace.documents), trace.input_tokens, trace.output_tokens,
            trace.latency_ms, trace.cost_micros, trace.currency, trace.outcome, trace.outcome_code, subject_id,
            *(None if one is None else pseudonyms.hashed(one, key=key) for one in (trace.input, trace.output)),
            *(
                pseudonyms.sealed(one, key=key) if keeps_text and one is not None else None
                for one in (trace.input, trace.output)
            ),
        )  # fmt: skip


def copy_rows(rows: Iterable[Row]) -> None:
    """Append the rows by COPY, in the caller's transaction."""
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        copy.set_types(COPY_TYPES)
        for row in rows:
            copy.write_row(row)


def count(*, source_id: int, at: datetime, kept: int, duplicate: int, refused: int) -> None:
    """Add to the source's tally of the day (UTC)."""
    day = at.astimezone(UTC).date()
    numbers: dict[str, Any] = {
        "source": source_id,
        "day": day,
        "kept": kept,
        "duplicate": duplicate,
        "refused": refused,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, numbers)


def _month(at: datetime) -> date:
    return at.astimezone(UTC).date().replace(day=1)
