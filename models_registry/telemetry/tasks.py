"""What the clock does for telemetry: begin sweeps, notice silence and new fields, make partitions in time."""

import datetime as dt

from models_registry.telemetry import actions, asking_again, compacting, partitions, sweeping, tallies, watching

QUIET_CHECK_S = 30
FIELD_CHECK_S = 5
PARTITION_CHECK_S = 3_600
HISTORY_AT_S = 1_800
"""Past the full hour, when partitions were made."""


def tick(at: dt.datetime) -> int:
    """Do what is due in this second and return how much was done."""
    second = int(at.timestamp())
    done = tallies.fold()
    if second % FIELD_CHECK_S == 0:
        done += asking_again.ask_again(at=at)
    done += sweeping.begin_due(at=at)
    if second % QUIET_CHECK_S == 0:
        done += actions.find_quiet_sources(at=at)
    if second % FIELD_CHECK_S == 0:
        done += watching.look(at=at)
    if second % PARTITION_CHECK_S == 0:
        done += partitions.ensure_partitions(at)
    if second % PARTITION_CHECK_S == HISTORY_AT_S:
        done += compacting.drop_old(at=at)
    return done
