"""What the clock does for imports: a part of a second of the work that waits, so that the line stays free."""

import datetime as dt

from models_registry.intake.working import work

SECONDS = 0.6


def tick(at: dt.datetime) -> int:
    """Work for a moment on the imports that wait and return how many steps were done."""
    return work(at=at, seconds=SECONDS)
