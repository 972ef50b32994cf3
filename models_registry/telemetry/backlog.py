"""Whether a source may send more: its waiting events, counted at most once a second per process."""

import time
from dataclasses import dataclass

from models_registry.telemetry import queries

FRESH_S = 1.0
FULL_FOR_S = 0.1


@dataclass(slots=True)
class _Seen:
    """How many waited when they were counted, when that was, and how many this process took since."""

    waiting: int
    counted_at: float
    taken: int = 0


_seen: dict[int, _Seen] = {}


def is_full(*, source_id: int, limit: int) -> bool:
    """Return whether at least ``limit`` events of the source wait.

    Exact when it says yes. Several processes together may overshoot by what they take within a second.
    """
    now = time.monotonic()
    seen = _seen.get(source_id)
    if seen is not None and _still_good(seen, now, limit):
        seen.taken += 1
        return seen.waiting >= limit
    seen = _seen[source_id] = _Seen(queries.waiting_count(source_id=source_id, limit=limit), now, taken=1)
    return seen.waiting >= limit


def _still_good(seen: _Seen, now: float, limit: int) -> bool:
    age = now - seen.counted_at
    if seen.waiting >= limit:
        return age < FULL_FOR_S
    return age < FRESH_S and seen.waiting + seen.taken < limit
