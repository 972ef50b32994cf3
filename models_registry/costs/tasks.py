"""What the clock does for costs: take in new amounts and look at the budgets, and once a night look far back."""

import datetime as dt

from models_registry.costs.watching import watch

EVERY_S = 600
NIGHT_S = 3 * 3_600
LATE_DAYS = 92
"""How far back the night looks for telemetry that came late."""


def tick(at: dt.datetime) -> int:
    """Do what is due in this second and return how much was done."""
    second = int(at.timestamp())
    if second % EVERY_S:
        return 0
    return watch(at=at, days=LATE_DAYS) if second % 86_400 == NIGHT_S else watch(at=at)
