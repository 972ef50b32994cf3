"""What the clock does for telemetry: begin sweeps, read names again, notice silence and new fields, make partitions."""

import datetime as dt
import logging
import threading
from functools import partial

from django.db import connection

from models_registry.telemetry import (
    actions,
    asking_again,
    compacting,
    forgetting,
    partitions,
    rereading,
    sweeping,
    tallies,
    watching,
)

log = logging.getLogger(__name__)

QUIET_CHECK_S = 30
FIELD_CHECK_S = 5
PARTITION_CHECK_S = 3_600
HISTORY_AT_S = 1_800
"""Past the full hour, when partitions were made."""

_dropping: list[threading.Thread] = []


def tick(at: dt.datetime) -> int:
    """Do what is due in this second and return how much was done."""
    second = int(at.timestamp())
    done = tallies.fold()
    if second % FIELD_CHECK_S == 0:
        done += asking_again.ask_again(at=at)
    done += sweeping.begin_due(at=at)
    done += rereading.work(at=at)
    if second % QUIET_CHECK_S == 0:
        done += actions.find_quiet_sources(at=at)
    if second % FIELD_CHECK_S == 0:
        done += watching.look(at=at)
    if second % PARTITION_CHECK_S == 0:
        done += partitions.ensure_partitions(at)
    if second % PARTITION_CHECK_S == HISTORY_AT_S:
        drop_beside(at)
    return done


def drop_beside(at: dt.datetime) -> threading.Thread:
    """Drop what is old in a thread of its own, one at a time: a month may take minutes, and no station waits for it."""
    if not _dropping or not _dropping[-1].is_alive():
        _dropping[:] = [threading.Thread(target=_drop, args=[at], name="history", daemon=True)]
        _dropping[-1].start()
    return _dropping[-1]


def _drop(at: dt.datetime) -> None:
    try:
        for work in (partial(compacting.drop_old, at=at), forgetting.let_go):
            try:
                work()
            except Exception:
                log.exception("what is old could not be dropped")
    finally:
        connection.close()
