"""Shells of the registry's webhooks: the trail is followed in line, receivers are waited for aside."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from celery import shared_task
from django.db import close_old_connections, connection
from django.utils import timezone

from alerts.registryhooks import telling

log = structlog.get_logger(__name__)

BATCH = 500
"""Entries of the trail followed in one turn."""
SENDERS = 4
"""Messages under way at once; a slow receiver holds at most two of them."""
TURN = timedelta(seconds=5)
"""For how long a sender begins new messages before it is asked for anew."""
MOST = 500

_pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="registry-webhooks")
_busy: set[Future[None]] = set()


def tick(at: datetime) -> int:
    """Follow the trail, and let senders begin where something is due; return how many entries were followed.

    Receivers are waited for in threads, so that scoring and alerts, which share this process, never wait for them.
    """
    followed = telling.follow(limit=BATCH, at=at)
    _busy.difference_update({one for one in _busy if one.done()})
    idle = SENDERS - len(_busy)
    for _ in range(telling.due(at=at, most=idle) if idle else 0):
        _busy.add(_pool.submit(_send))
    return followed


def _send() -> None:
    close_old_connections()
    try:
        telling.deliver(limit=MOST, at=timezone.now(), for_at_most=TURN)
    except Exception:
        log.exception("registry_webhooks.failed")
    finally:
        connection.close()


@shared_task(name="alerts.registryhooks.run", queue="line")
def run(**_: object) -> int:
    """Answer the doorbell."""
    at = timezone.now()
    telling.follow(limit=BATCH, at=at)
    return telling.deliver(limit=MOST, at=at, for_at_most=TURN)
