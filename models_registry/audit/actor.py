"""Who acts, as the trail sees it: an account, or a part of Redline itself."""

from dataclasses import dataclass
from typing import Protocol


class Actor(Protocol):
    """Anything the trail can name: ``access.models.Account`` and ``System`` both can be."""

    @property
    def trail_kind(self) -> str: ...

    @property
    def trail_id(self) -> str: ...

    @property
    def trail_name(self) -> str: ...


@dataclass(frozen=True)
class System:
    """A part of Redline that acts by itself, such as the scoring loop."""

    trail_name: str
    trail_kind: str = "SYSTEM"

    @property
    def trail_id(self) -> str:
        """Parts of the house are known by name."""
        return self.trail_name


SCORING = System("scoring")
TELEMETRY = System("telemetry")
ROUTING = System("routing")
DELIVERY = System("delivery")
CLOCK = System("clock")
HISTORY = System("history")
"""Moves what is known of a model because files of long past measurements came in."""
