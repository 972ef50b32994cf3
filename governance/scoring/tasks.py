"""Shells that the scheduler and the doorbell call: each runs one action and is safe to run twice."""

import time
from datetime import UTC, datetime

from celery import shared_task

from governance.scoring import pipeline

BATCH = 200
ROUND_SECONDS = 0.7
"""How long one round may go on taking batches, before the stations after this one have their turn."""


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


@shared_task(name="scoring.run_line")
def run_line(**_: object) -> int:
    """Take the next batch because the doorbell rang."""
    return tick(datetime.now(UTC))
