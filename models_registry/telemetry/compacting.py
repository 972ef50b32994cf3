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
from models_registry.telemetry import history_actions, history_queries, history_sql
from models_registry.telemetry.history_models import STATES, WIDTHS, Drop, DropPart, KeepingTerms, KeepingWalk, Sort
from models_registry.telemetry.needs import Needs, first_kept, held_by_law, needs, span

NEWEST_KEPT: Final = 100
"""So many windows of every series are kept whatever their age: rules whose gaps hold look that far over a gap."""
BODIES_AT_ONCE: Final = 20_000
EFFECT_AFTER: Final = dt.timedelta(days=1)
"""Between the second person's word and the first drop."""
ROUND_EVERY: Final = dt.timedelta(hours=20)

type Step = Callable[[], int]

log = logging.getLogger(__name__)


class HoldPlaced(Exception):
    """A legal hold was placed on this month while it was being dropped; nothing of it went."""


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
    except (Error, HoldPlaced) as error:
        log.error("history of one month could not be dropped: %s", error)
        return 0


def _measurements(terms: KeepingTerms, at: dt.datetime) -> Iterator[Step]:
    if terms.measurements_days is None:
        return
    before = first_kept(days=terms.measurements_days, at=at)
    for month in history_queries.measured_months():
        if month < before:
            yield partial(_made, compact, month=month, terms=terms, at=at)


def _made(drop: Callable[..., Drop | None], **given: Any) -> int:
    return drop(known=needs(), **given) is not None


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
    for sort, widths in WIDTHS.items():
        if (days := terms.days(sort)) is None:
            continue
        for month in history_queries.window_months(widths=widths, before=first_kept(days=days, at=at)):
            yield partial(_made, thin, month=month, sort=sort, widths=widths, terms=terms, at=at)


@transaction.atomic
def thin(
    *, month: dt.date, sort: Sort, widths: Sequence[int], terms: KeepingTerms, known: Needs, at: dt.datetime
) -> Drop | None:
    """Drop the windows of these widths of a month, where nothing needs them and no single measurement is left.

    Raises HoldPlaced.
    """
    since, until = span(month)
    given: dict[str, Any] = {"since": since, "until": until, "newest": NEWEST_KEPT}
    measured = set(history_queries.measured_models(month=month))
    parts, freed = [], 0
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_timeout = 0")
        for model_id in history_queries.windowed_models(month=month, widths=widths):
            if model_id in measured or known.of(model_id, month):
                continue
            for width in widths:
                cursor.execute(history_sql.THIN, given | {"model": model_id, "width": width})
                count, readings, total, size, digest = cursor.fetchone()
                if count:
                    parts.append(_Part(model_id, width, count, readings, total, digest))
                    freed += size
    _let_holds_come_first(month, known)
    return _recorded(sort, month, parts, freed=freed, terms=terms, at=at)


def _bodies(terms: KeepingTerms, walk: KeepingWalk, at: dt.datetime) -> Iterator[Step]:
    for sort, states in STATES.items():
        floor = f"{sort.lower()}_from"
        if (days := terms.days(sort)) is None:
            continue
        begin = getattr(walk, floor) or history_queries.first_received()
        before, settled = first_kept(days=days, at=at), True
        for month in history_queries.months_from(begin, before=before):
            yield partial(_emptied, month=month, sort=sort, states=states, terms=terms, at=at)
            settled = settled and not history_queries.has_bodies(month=month, states=states)
            if settled:
                KeepingWalk.objects.update(**{floor: span(month)[1].date()})


def _emptied(**given: Any) -> int:
    made, (after, upto) = 0, history_queries.events_of(month=given["month"])
    while True:
        drop, after = empty(after=after, upto=upto, known=needs(), **given)
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
    upto: int,
    terms: KeepingTerms,
    known: Needs,
    at: dt.datetime,
) -> tuple[Drop | None, int]:
    """Empty the bodies of events received in a month, at most 20,000 between these numbers; digest and length stay.

    Where measurements that are needed now had gone before, bodies stay of which none is left: they may be theirs.
    The events, their counts and what was measured from them stay as they are. Returns the drop, None when there
    was nothing, and the highest number that was emptied. Raises HoldPlaced.
    """
    if known.of_all(month):
        return None, after
    since, until = span(month)
    spans = known.spans(at=at)
    given: dict[str, Any] = {
        "since": since, "until": until, "after": after, "upto": upto, "states": list(states), "limit": BODIES_AT_ONCE,
        "measured_only": sort == Sort.BODIES and history_queries.rows_went(known=known),
        "models": [one[0] for one in spans], "from": [one[1] for one in spans], "to": [one[2] for one in spans],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_timeout = 0")
        cursor.execute(history_sql.EMPTY_BODIES, given)
        count, size, first, last, digest = cursor.fetchone()
    if not count:
        return None, after
    _let_holds_come_first(month, known)
    drop = Drop.objects.create(
        sort=sort, month=month, count=count, freed=size, digest=f"sha256:{digest}", terms=terms, dropped_at=at
    )
    _record(drop, first_event=first, last_event=last)
    return drop, last


def _let_holds_come_first(month: dt.date, known: Needs) -> None:
    """Look at the holds once more, in turn with whoever places one. The database itself does it for measurements."""
    history_actions.take_turn()
    if any(need.covers(month) and need not in known.by_model.get(need.model_id, ()) for need in held_by_law()):
        raise HoldPlaced(HoldPlaced.__doc__)


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
