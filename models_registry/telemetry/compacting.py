"""Dropping what is older than its term, a month at a time: proven, recorded with its digest, and never in doubt."""

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final

from django.db import Error, connection, transaction

from models_registry.audit.actions import record
from models_registry.audit.actor import TELEMETRY
from models_registry.telemetry import history_queries, history_sql
from models_registry.telemetry.history_models import Drop, DropPart, KeepingTerms, KeepingWalk, Sort
from models_registry.telemetry.needs import Needs, first_kept, needs, span

NEWEST_KEPT: Final = 100
"""So many windows of every series are kept whatever their age: rules whose gaps hold look that far over a gap."""
BODIES_AT_ONCE: Final = 20_000
EFFECT_AFTER: Final = dt.timedelta(days=1)
"""Between the second person's word and the first drop."""
ROUND_EVERY: Final = dt.timedelta(hours=20)
FINE_S: Final = (300,)
COARSE_S: Final = (3_600, 86_400)

type Step = Callable[[], int]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Part:
    """What of a drop was of one model."""

    model_id: int
    width_s: int
    count: int
    readings: int
    total: Decimal
    digest: str


def drop_old(*, at: dt.datetime) -> int:
    """Drop what the terms in force no longer keep and nothing needs; return how many drops were made.

    One round a day, and none in the first day after terms were agreed on, so that people can still place a hold.
    Each month of a sort is one transaction with its entry in the trail. A month that cannot be locked or proven
    is left as it is, and logged; the next round tries again.
    """
    terms = history_queries.in_force()
    if terms is None or terms.agreed_at is None or at < terms.agreed_at + EFFECT_AFTER:
        return 0
    walk, made = KeepingWalk.objects.get_or_create(pk=KeepingWalk.ONLY, defaults={"walked_at": at})
    if not made and terms.agreed_at + EFFECT_AFTER <= walk.walked_at > at - ROUND_EVERY:
        return 0
    KeepingWalk.objects.update(walked_at=at)
    return sum(_tried(step) for step in _steps(terms, walk, at))


def _steps(terms: KeepingTerms, walk: KeepingWalk, at: dt.datetime) -> Iterator[Step]:
    """Yield what may be dropped, the measurements of a month before its windows. Each step asks anew what is needed."""
    yield from _measurements(terms, at)
    yield from _windows(terms, at)
    yield from _bodies(terms, walk, at)


def _tried(step: Step) -> int:
    try:
        return step()
    except Error as error:
        log.error("history of one month could not be dropped: %s", error)
        return 0


def _measurements(terms: KeepingTerms, at: dt.datetime) -> Iterator[Step]:
    if terms.measurements_days is None:
        return
    before = first_kept(days=terms.measurements_days, at=at)
    for month in history_queries.measured_months():
        if month < before:
            yield partial(_compacted, month=month, terms=terms, at=at)


def _compacted(**given: Any) -> int:
    return compact(known=needs(), **given) is not None


@transaction.atomic
def compact(*, month: dt.date, terms: KeepingTerms, known: Needs, at: dt.datetime) -> Drop | None:
    """Drop the single measurements of a month but for those that are needed; None when all of them are.

    The database proves first that the windows hold them all. Raises IntegrityError when they do not.
    """
    models = history_queries.measured_models(month=month)
    keep = [pk for pk in models if known.of(pk, month)]
    if len(keep) == len(models):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_timeout = 0; SET LOCAL lock_timeout = '2s'")  # others queue behind us
        cursor.execute(history_sql.COMPACT, [month, keep])
        *rows, (_, _, _, _, freed) = cursor.fetchall() or [(None, None, None, None, 0)]
    parts = [_Part(pk, 0, count, count, total, digest) for pk, count, total, digest, _ in rows]
    return _recorded(Sort.MEASUREMENTS, month, parts, freed=freed, terms=terms, at=at)


def _windows(terms: KeepingTerms, at: dt.datetime) -> Iterator[Step]:
    for sort, widths, days in ((Sort.FINE, FINE_S, terms.fine_days), (Sort.COARSE, COARSE_S, terms.coarse_days)):
        if days is None:
            continue
        for month in history_queries.window_months(widths=widths, before=first_kept(days=days, at=at)):
            yield partial(_thinned, month=month, sort=sort, widths=widths, terms=terms, at=at)


def _thinned(**given: Any) -> int:
    return thin(known=needs(), **given) is not None


@transaction.atomic
def thin(
    *, month: dt.date, sort: Sort, widths: Sequence[int], terms: KeepingTerms, known: Needs, at: dt.datetime
) -> Drop | None:
    """Drop the windows of these widths of a month, where nothing needs them and no single measurement is left."""
    since, until = span(month)
    measured = set(history_queries.measured_models(month=month))
    parts, freed = [], 0
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_timeout = 0")
        for model_id in history_queries.windowed_models(month=month, widths=widths):
            if model_id in measured or known.of(model_id, month):
                continue
            for width in widths:
                given: dict[str, Any] = {
                    "model": model_id,
                    "width": width,
                    "since": since,
                    "until": until,
                    "newest": NEWEST_KEPT,
                }
                cursor.execute(history_sql.THIN, given)
                count, readings, total, size, digest = cursor.fetchone()
                if count:
                    parts.append(_Part(model_id, width, count, readings, total, digest))
                    freed += size
    return _recorded(sort, month, parts, freed=freed, terms=terms, at=at)


def _bodies(terms: KeepingTerms, walk: KeepingWalk, at: dt.datetime) -> Iterator[Step]:
    for sort, states, days, floor in (
        (Sort.BODIES, history_queries.MEASURED, terms.bodies_days, "bodies_from"),
        (Sort.HELD, history_queries.HELD, terms.held_days, "held_from"),
    ):
        if days is None:
            continue
        begin = getattr(walk, floor) or history_queries.first_received()
        before, settled = first_kept(days=days, at=at), True
        for month in history_queries.months_from(begin, before=before):
            yield partial(_emptied, month=month, sort=sort, states=states, terms=terms, at=at)
            settled = settled and not history_queries.has_bodies(month=month, states=states)
            if settled:
                KeepingWalk.objects.update(**{floor: span(month)[1].date()})


def _emptied(**given: Any) -> int:
    made, after = 0, 0
    while True:
        drop, after = empty(after=after, known=needs(), **given)
        if drop is None:
            return made
        made += 1


@transaction.atomic
def empty(
    *,
    month: dt.date,
    sort: Sort,
    states: Sequence[str],
    after: int,
    terms: KeepingTerms,
    known: Needs,
    at: dt.datetime,
) -> tuple[Drop | None, int]:
    """Empty the bodies of events received in a month, at most 20,000 after this number; digest and length stay.

    The events, their counts and what was measured from them stay as they are. Returns the drop, None when there
    was nothing, and the highest number that was emptied.
    """
    if known.of_all(month):
        return None, after
    since, until = span(month)
    spans = known.spans(at=at)
    given: dict[str, Any] = {
        "since": since, "until": until, "after": after, "states": list(states), "limit": BODIES_AT_ONCE,
        "models": [one[0] for one in spans], "from": [one[1] for one in spans], "to": [one[2] for one in spans],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_timeout = 0")
        cursor.execute(history_sql.EMPTY_BODIES, given)
        count, size, first, last, digest = cursor.fetchone()
    if not count:
        return None, after
    drop = Drop.objects.create(
        sort=sort, month=month, count=count, freed=size, digest=f"sha256:{digest}", terms=terms, dropped_at=at
    )
    _record(drop, first_event=first, last_event=last)
    return drop, last


def _recorded(
    sort: Sort, month: dt.date, parts: Sequence[_Part], *, freed: int, terms: KeepingTerms, at: dt.datetime
) -> Drop | None:
    if not parts:
        return None
    drop = Drop.objects.create(
        sort=sort, month=month, count=sum(part.count for part in parts), freed=freed,
        digest=history_queries.digest_of((part.model_id, part.width_s, part.digest) for part in parts),
        terms=terms, dropped_at=at,
    )  # fmt: skip
    DropPart.objects.bulk_create(
        DropPart(
            drop=drop, model_id=part.model_id, month=month, width_s=part.width_s, count=part.count,
            readings=part.readings, total=part.total,
        )
        for part in parts
    )  # fmt: skip
    _record(drop, models=len({part.model_id for part in parts}))
    return drop


def _record(drop: Drop, **more: object) -> None:
    record(
        by=TELEMETRY,
        action="history.dropped",
        on=("history", f"{drop.sort.lower()}:{drop.month:%Y-%m}"),
        body={
            "at": drop.dropped_at,
            "sort": drop.get_sort_display().lower(),
            "month": f"{drop.month:%Y-%m}",
            "count": drop.count,
            "freed_bytes": drop.freed,
            "digest": drop.digest,
            "terms": drop.terms.number,
            **more,
        },
    )
