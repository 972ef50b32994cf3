"""Shells that the scheduler and the doorbell call: each runs one action and is safe to run twice."""

from datetime import UTC, datetime

from celery import shared_task

from governance.scoring import pipeline

BATCH = 200


def tick(at: datetime) -> int:
    """Measure and score one batch of waiting events; return how many were taken."""
    return pipeline.process(limit=BATCH, at=at)


def tick_sweep(at: datetime) -> int:
    """Re-judge models for which time alone may have changed something; return how many."""
    return pipeline.sweep(at=at)


@shared_task(name="scoring.run_line")
def run_line(**_: object) -> int:
    """Take the next batch because the doorbell rang."""
    return tick(datetime.now(UTC))
