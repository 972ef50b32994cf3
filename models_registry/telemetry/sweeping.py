"""Sweeps: claim a source that is due, ask its platform page by page, keep each page with the place where it goes on.

A page is one transaction: its events go through the inbox as deliveries do, and the cursor moves with them. So a
process that dies between two pages loses nothing and doubles nothing, and one that was overtaken keeps nothing.
"""

import datetime as dt
import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from models_registry.audit.actions import record
from models_registry.audit.actor import TELEMETRY
from models_registry.outbound.policy import policy
from models_registry.telemetry import inbox_sql, poll_actions, sightings, withholding
from models_registry.telemetry.actions import LARGE_KINDS, MAX_BODY_BYTES, MAX_EXPORT_BYTES
from models_registry.telemetry.asking import Asker
from models_registry.telemetry.poll_models import Polling, PollSweep, Remembered, SweepOutcome
from models_registry.telemetry.pollers import POLLERS
from models_registry.telemetry.pollers.shapes import (
    BudgetSpent,
    Found,
    Page,
    Poller,
    Scheme,
    SpareSpent,
    Stopped,
    Throttled,
)

log = structlog.get_logger(__name__)

LEASE: Final = dt.timedelta(seconds=120)
"""For how long a claimed source is left alone after its latest request; a request may take 30 seconds."""
LONGEST_WAIT: Final = dt.timedelta(hours=6)
FAILING_FROM: Final = 3
"""After so many failed sweeps in a row people are told."""
AT_ONCE: Final = 2
"""Sweeps of one process at the same time, of different sources."""
SWEEPS_KEPT: Final = 500
SEEN_TO_WITHIN: Final = dt.timedelta(days=1)
"""How exactly it is kept when a sweep last came across a thing."""

_CLAIM: Final = """
WITH due AS (
    SELECT polling.source_id FROM telemetry_polling AS polling JOIN telemetry_source AS source
        ON source.id = polling.source_id
    WHERE polling.paused_at IS NULL AND source.disabled_at IS NULL AND polling.next_at <= %(at)s
      AND (polling.claimed_until IS NULL OR polling.claimed_until <= %(at)s)
    ORDER BY polling.next_at, polling.source_id LIMIT 1
    FOR UPDATE OF polling SKIP LOCKED
)
UPDATE telemetry_polling AS polling SET turn = turn + 1, claimed_until = %(until)s
FROM due WHERE polling.source_id = due.source_id
RETURNING polling.source_id, polling.turn
"""

_COUNT: Final = """
UPDATE telemetry_polling
SET requests_today = CASE WHEN day = %(day)s THEN requests_today + 1 ELSE 1 END, day = %(day)s,
    claimed_until = %(until)s
WHERE source_id = %(source)s AND turn = %(turn)s AND paused_at IS NULL
  AND (day <> %(day)s OR requests_today < day_budget)
"""

_REMEMBER: Final = """
INSERT INTO telemetry_remembered AS held (source_id, thing, state, seen_at)
SELECT %(source)s, told.thing, told.state::jsonb, %(at)s
FROM unnest(%(things)s::text[], %(states)s::text[]) AS told (thing, state)
ON CONFLICT (source_id, thing) DO UPDATE SET state = excluded.state, seen_at = excluded.seen_at
WHERE held.state IS DISTINCT FROM excluded.state
"""


class TurnLost(Stopped):
    """Another process took over this source, or it was paused or switched off."""


class DayBudgetSpent(BudgetSpent):
    """The requests of this day are used up. The next sweep goes on after midnight UTC."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A source that this process may sweep now."""

    source_id: int
    turn: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What one page came to."""

    found: int = 0
    fresh: int = 0
    missed: int = 0
    too_large: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """How a sweep ends, and when the next one begins."""

    outcome: SweepOutcome
    told: str = ""
    next_at: dt.datetime | None = None
    held_until: dt.datetime | None = None


def claim(*, at: dt.datetime) -> Claim | None:
    """Take the source that is due longest, and close the books of a sweep of it that never ended."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"at": at, "until": at + LEASE})
        row = cursor.fetchone()
        if row is None:
            return None
        taken = Claim(*row)
        died = "The process ended in the middle. What it had kept stays; this sweep goes on from there."
        PollSweep.objects.filter(source_id=taken.source_id, outcome=SweepOutcome.RUNNING).update(
            outcome=SweepOutcome.DIED, ended_at=at, told=died
        )
        PollSweep.objects.create(source_id=taken.source_id, turn=taken.turn, began_at=at)
    return taken


def sweep(*, taken: Claim, now: Callable[[], dt.datetime] = timezone.now) -> PollSweep:
    """Ask the platform until it has nothing further, or until something ends the sweep; return its line."""
    at = now()
    polling = Polling.objects.select_related("source").get(pk=taken.source_id)
    poller = POLLERS[polling.source.kind]
    asker = Asker(
        address=polling.config.get("address", ""),
        scheme=Scheme(polling.scheme),
        credential=poll_actions.credential_of(polling),
        policy=policy(),
        left=polling.sweep_budget,
        count=lambda: _count(taken, now()),
        now=now,
        spare=lambda asked: spare_of(Polling.objects.get(pk=taken.source_id), asked=asked, at=now()),
    )
    try:
        pages = poller.pages(
            asker,
            config=polling.config,
            cursor={**polling.cursor, "begun_at": polling.begun_at.isoformat()},
            at=at,
            recall=lambda things: recall(source_id=taken.source_id, things=things, at=now()),
        )
        for page in pages:
            keep_page(taken=taken, page=page, requests=asker.asked, at=now())
        end = End(SweepOutcome.DONE)
    except SpareSpent as spent:
        end = End(SweepOutcome.DONE, str(spent))
    except Stopped as stopped:
        end = _end_of(stopped, polling, poller, now())
    except Exception:
        log.exception("a sweep failed", source=polling.source.slug)
        end = End(SweepOutcome.FAILED, "The platform's answer is not as its interface describes it.")
    return finish(taken=taken, end=end, requests=asker.asked, at=now())


@transaction.atomic
def keep_page(*, taken: Claim, page: Page, requests: int, at: dt.datetime) -> Kept:
    """Keep what is new on a page, what it remembers, and where to go on: all of it or nothing. Raises TurnLost."""
    polling = sightings.lock(taken.source_id)
    if polling is None or polling.turn != taken.turn or polling.paused_at is not None:
        raise TurnLost
    fit = [one for one in page.found if len(one.body) <= _largest(polling.source.kind)]
    fresh = _fresh(taken.source_id, polling.source.kind, fit, at)
    kept = Kept(
        found=len(fit),
        fresh=len(fresh),
        missed=sum(bool(one.change) for one in fresh),
        too_large=len(page.found) - len(fit),
    )
    _remember(taken.source_id, page.seen, at)
    polling.cursor = {name: value for name, value in page.cursor.items() if name != "begun_at"}
    polling.save(update_fields=["cursor"])
    line = PollSweep.objects.select_for_update().get(source_id=taken.source_id, turn=taken.turn)
    line.requests = requests
    for name in ("found", "fresh", "missed", "too_large"):
        setattr(line, name, getattr(line, name) + getattr(kept, name))
    line.save(update_fields=["requests", "found", "fresh", "missed", "too_large"])
    return kept


@transaction.atomic
def finish(*, taken: Claim, end: End, requests: int, at: dt.datetime) -> PollSweep:
    """Write how the sweep ended and when the next one begins; whoever was overtaken changes nothing."""
    polling = sightings.lock(taken.source_id)
    line = PollSweep.objects.select_for_update().get(source_id=taken.source_id, turn=taken.turn)
    if polling is None or polling.turn != taken.turn:
        return line
    failures = polling.failure_count + 1 if end.outcome == SweepOutcome.FAILED else 0
    wait = dt.timedelta(seconds=polling.interval_s)
    if failures:
        wait = backoff(interval=wait, failures=failures, key=f"{taken.source_id}:{taken.turn}")
    due = end.next_at or at + wait
    before, polling.failure_count = polling.failure_count, failures
    polling.last_error = end.told if failures else ""
    polling.next_at = max(due, end.held_until) if end.held_until else due
    polling.held_until, polling.claimed_until = end.held_until, None
    if end.outcome == SweepOutcome.DONE:
        polling.done_at = at
    fields = ["failure_count", "last_error", "next_at", "held_until", "claimed_until", "done_at"]
    polling.save(update_fields=fields)
    line.outcome, line.told, line.ended_at, line.requests = end.outcome, end.told, at, requests
    line.save(update_fields=["outcome", "told", "ended_at", "requests"])
    _tell(polling, before, at)
    PollSweep.objects.filter(source_id=taken.source_id, turn__lte=taken.turn - SWEEPS_KEPT).delete()
    return line


def recall(*, source_id: int, things: Iterable[str], at: dt.datetime) -> Mapping[str, Any]:
    """Return what was last said of these things, and note once a day that they are still come across."""
    rows = Remembered.objects.filter(source_id=source_id, thing__in=list(things))
    told = list(rows.values_list("thing", "state", "seen_at"))
    stale = [thing for thing, _, seen_at in told if seen_at < at - SEEN_TO_WITHIN]
    if stale:
        rows.filter(thing__in=stale).update(seen_at=at)
    return {thing: state for thing, state, _ in told}


def spare_of(polling: Polling, *, asked: int, at: dt.datetime) -> int:
    """Return how many requests the day has to spare when each sweep that follows sends as many as this one did."""
    today = at.astimezone(dt.UTC).date()
    midnight = dt.datetime.combine(today + dt.timedelta(days=1), dt.time(), dt.UTC)
    used = polling.requests_today if polling.day == today else 0
    to_come = int((midnight - at).total_seconds() // polling.interval_s)
    return polling.day_budget - used - asked * to_come


def backoff(*, interval: dt.timedelta, failures: int, key: str) -> dt.timedelta:
    """Return how long to wait after so many failures in a row: doubled each time, at most six hours.

    Between 85 % and 115 % of that, by the key, so that sources that failed together do not come back together.
    """
    plain = min(interval * 2 ** min(failures, 16), max(LONGEST_WAIT, interval))
    share = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) / 2**32
    waits: dt.timedelta = plain * (0.85 + 0.3 * share)
    return waits


def sweep_due(*, at: dt.datetime) -> int:
    """Sweep everything that is due, one after the other, and return how many sweeps there were."""
    done = 0
    while (taken := claim(at=at)) is not None:
        sweep(taken=taken)
        done += 1
    return done


_running = threading.Semaphore(AT_ONCE)


def begin_due(*, at: dt.datetime) -> int:
    """Begin the sweeps that are due beside the line, which never waits for a platform; return how many began.

    A process that is asked to end waits for them. One that dies in the middle of one loses nothing: the lease runs
    out, and the next sweep goes on.
    """
    begun = 0
    while _running.acquire(blocking=False):
        taken = claim(at=at)
        if taken is None:
            _running.release()
            break
        threading.Thread(target=_beside, args=[taken], name=f"sweep-{taken.source_id}").start()
        begun += 1
    return begun


def _beside(taken: Claim) -> None:
    try:
        sweep(taken=taken)
    except Exception:
        log.exception("a sweep broke off", source=taken.source_id)
    finally:
        close_old_connections()
        connection.close()
        _running.release()


def _end_of(stopped: Stopped, polling: Polling, poller: Poller, at: dt.datetime) -> End:
    told = (str(stopped) or type(stopped).__doc__ or "")[:300]
    match stopped:
        case DayBudgetSpent():
            midnight = dt.datetime.combine(at.astimezone(dt.UTC).date() + dt.timedelta(days=1), dt.time(), dt.UTC)
            return End(SweepOutcome.PART, told, next_at=midnight)
        case BudgetSpent():
            soon = min(poller.min_interval_s, polling.interval_s)
            return End(SweepOutcome.PART, told, next_at=at + dt.timedelta(seconds=soon))
        case TurnLost():
            return End(SweepOutcome.PART, told)
        case Throttled(retry_after_s=float() | int() as wait):
            return End(SweepOutcome.FAILED, told, held_until=at + dt.timedelta(seconds=wait))
    return End(SweepOutcome.FAILED, told)


def _fresh(source_id: int, kind: str, found: Iterable[Found], at: dt.datetime) -> list[Found]:
    """Keep what is news and return it."""
    ids = {sightings.finding_id(one): one for one in found}
    news = {
        name: one
        for name, one in ids.items()
        if not one.change or not sightings.is_known(source_id=source_id, found=one, at=at)
    }
    if not news:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            inbox_sql.KEEP_ALL,
            {
                "source": source_id,
                "at": at,
                "ids": list(news),
                "bodies": [withholding.without_judgements(kind, one.body) for one in news.values()],
                "headers": [json.dumps(dict(one.headers)) for one in news.values()],
            },
        )
        kept = dict(cursor.fetchall())
    for name, pk in kept.items():
        if news[name].change:
            sightings.found_first(source_id=source_id, found=news[name], event_pk=pk, at=at)
    return [news[name] for name in kept]


def _remember(source_id: int, seen: Mapping[str, Any], at: dt.datetime) -> None:
    gone = [thing for thing, state in seen.items() if state is None]
    if gone:
        Remembered.objects.filter(source_id=source_id, thing__in=gone).delete()
    told = {thing: json.dumps(state) for thing, state in seen.items() if state is not None}
    if told:
        with connection.cursor() as cursor:
            values: dict[str, Any] = {
                "source": source_id,
                "at": at,
                "things": list(told),
                "states": list(told.values()),
            }
            cursor.execute(_REMEMBER, values)


def _count(taken: Claim, at: dt.datetime) -> None:
    day = at.astimezone(dt.UTC).date()
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"source": taken.source_id, "turn": taken.turn, "day": day, "until": at + LEASE}
        cursor.execute(_COUNT, values)
        if cursor.rowcount:
            return
    polling = Polling.objects.get(pk=taken.source_id)
    if polling.turn == taken.turn and polling.paused_at is None:
        raise DayBudgetSpent(f"The {polling.day_budget} requests of a day are used up; it goes on after midnight UTC.")
    raise TurnLost


def _tell(polling: Polling, before: int, at: dt.datetime) -> None:
    source, failures = polling.source, polling.failure_count
    if failures == FAILING_FROM:
        body = {**source.named(), "at": at, "failures": failures, "error": polling.last_error}
        record(by=TELEMETRY, action="polling.failing", on=source, body=body)
    elif before >= FAILING_FROM and not failures:
        record(by=TELEMETRY, action="polling.recovered", on=source, body={**source.named(), "at": at})


def _largest(kind: str) -> int:
    return MAX_EXPORT_BYTES if kind in LARGE_KINDS else MAX_BODY_BYTES
