"""What the clock does for gates: walk the trail."""

from datetime import datetime

from governance.gates import trail


def tick(at: datetime) -> int:
    """Hash the next entries of the trail and return how many were found altered."""
    return trail.walk(at=at)
