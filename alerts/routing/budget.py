"""The storm guarantee: how many messages one person or channel may get in an hour."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from governance.vocabulary import Tier

type Party = tuple[str, int]
"""("person", account) or ("channel", channel): who is disturbed."""

PER_HOUR = {Tier.PAGE: 10, Tier.POST: 30}
"""Messages of each tier to one party within 60 minutes; beyond them one summary is sent."""

STALE_AFTER_MINUTES = 30
"""Older entries are told in the summary: a page about the past wakes people for nothing."""


@dataclass
class Budget:
    """What each party may still get. `spent` counts the messages of the last hour by party and tier."""

    spent: Mapping[tuple[Party, Tier], int]
    _now: dict[tuple[Party, Tier], int] = field(default_factory=dict)

    def spend(self, *, party: Party, tier: Tier) -> bool:
        """Take one message out of the party's hour; False when nothing is left."""
        key = (party, tier)
        used = self.spent.get(key, 0) + self._now.get(key, 0)
        if used >= PER_HOUR.get(tier, used + 1):
            return False
        self._now[key] = self._now.get(key, 0) + 1
        return True
