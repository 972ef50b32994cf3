"""Shells that the scheduler and the doorbell call: each runs one action and is safe to run twice."""

import time
from datetime import UTC, datetime

from celery import shared_task

from governance.scoring import pipeline
from models_registry.backfills import late, working

BATCH = 200
ROUND_SECONDS = 0.7
"""How long one round may go on taking batches, before the stations after this one have their turn."""
SPARE_SECONDS = 0.2
"""How long one round may work on history where no worker does."""
SHIFT_SECONDS = 50
IDLE_SECONDS = 0.5


def tick(at: datetime) -> int:
    """Measure and score waiting events, batch after batch, for most of a second; return how many were taken.

    What was claimed by a process that died comes back one by one: a single batch a round would take minutes.
    """
    ends, taken = time.monotonic() + ROUND_SECONDS, 0
    while batch := pipeline.process(limit=BATCH, at=at):
        taken += batch
        if time.monotonic() >= ends:
            break
    return taken


def tick_sweep(at: datetime) -> int:
    """Re-judge models for which time alone may have changed something; return how many."""
    return pipeline.sweep(at=at)


def tick_history(at: datetime) -> int:
    """See to it that files of history are worked off; return how much was done here.

    The worker does it, in time that live events do not need. While no worker answers, a little is done in each
    second's round, so that it also gets done without one.
    """
    if not working.is_waiting(at=at) or late.is_worked_on(at=at):
        return 0
    return _work_off(seconds=SPARE_SECONDS)


@shared_task(name="scoring.work_history")
def work_history(**_: object) -> int:
    """Work off files of history for most of a minute, and ring again while there is more. The clock rings it too."""
    if late.is_worked_on(at=datetime.now(UTC)):
        return 0
    done = _work_off(seconds=SHIFT_SECONDS, is_worker=True)
    if done and working.is_waiting(at=datetime.now(UTC)):
        work_history.apply_async()
    return done


def _work_off(*, seconds: float, is_worker: bool = False) -> int:
    """Read, measure and judge history, each in small transactions, for so long."""
    ends, done = time.monotonic() + seconds, 0
    while True:
        at = datetime.now(UTC)
        if is_worker:
            late.beat(at=at)
        did = pipeline.process_history(limit=1, at=at) + pipeline.catch_up(at=at)
        for pk in working.due():
            did += working.advance(backfill_id=pk, at=at)
            did += pipeline.process_history(limit=1, at=at)
        done += did
        if time.monotonic() >= ends:
            return done
        if not did:
            if not is_worker or not working.is_waiting(at=at):
                return done
            time.sleep(IDLE_SECONDS)  # others hold what is left, or it is not to be judged yet


@shared_task(name="scoring.run_line")
def run_line(**_: object) -> int:
    """Take the next batch because the doorbell rang."""
    return tick(datetime.now(UTC))
