"""Shells of the line's last station."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from alerts.delivery import tallies
from alerts.delivery.actions import attempt_due

BATCH = 20
"""Messages tried in one turn; pages come first, so a slow provider of posts does not hold them."""


def tick(at: datetime) -> int:
    """Send what is due and fold the books; return how many messages were tried."""
    tried = attempt_due(limit=BATCH, at=at)
    tallies.fold()
    return tried


@shared_task(name="alerts.delivery.run", queue="line")
def run(**_: object) -> int:
    """Answer the doorbell."""
    return tick(timezone.now())
