"""Shells of the line's last station."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from alerts.delivery.actions import attempt_due

BATCH = 20
"""Messages tried in one turn; pages come first, so a slow provider of posts does not hold them."""


def tick(at: datetime) -> int:
    """Send what is due; return how many messages were tried."""
    return attempt_due(limit=BATCH, at=at)


@shared_task(name="alerts.delivery.run", queue="line")
def run(**_: object) -> int:
    """Answer the doorbell."""
    return tick(timezone.now())
