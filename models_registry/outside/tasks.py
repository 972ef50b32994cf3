"""What the clock does for registries elsewhere: end violations that a decision covers, tie placements to new models."""

import datetime as dt

from models_registry.outside import actions

SETTLE_EVERY_S = 2
SETTLE_ALL_EVERY_S = 60
TIE_EVERY_S = 30


def tick(at: dt.datetime) -> int:
    """Do what is due in this second and return how much was done."""
    second = int(at.timestamp())
    done = 0
    if second % SETTLE_EVERY_S == 0:
        done += actions.settle(at=at, everything=second % SETTLE_ALL_EVERY_S == 0)
    if second % TIE_EVERY_S == 0:
        done += actions.tie(at=at)
    return done
